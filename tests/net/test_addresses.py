"""`connect` with several addresses of CSMSs, in order of priority (R-5), and where it dials (C-2)."""

import logging
import re
import ssl
from typing import Any

import pytest
from net_worlds import World, in_every_world

from ocpp_sansio.backoff import Backoff, ResetOn
from ocpp_sansio.net import Dialling, Endpoint, HandshakeFailed, endpoints_of
from ocpp_sansio.websocket import StationWebSocket, passwords_match

NOW = {"currentTime": "2026-01-01T00:00:00Z"}
A, B = Endpoint("ws://a", attempts=2), Endpoint("ws://b", attempts=1)


def dialling(policy: Backoff | None) -> Dialling:
    return Dialling([A, B], policy, lambda: 0.0)


def course(dialling: Dialling, *attempts: set[ResetOn]) -> list[Any]:
    """Return the addresses that were dialled, and the wait after each, for what came of each."""
    found: list[Any] = []
    for successes in attempts:
        found.append(dialling.endpoint.url[-1])
        for success in successes:
            dialling.note(success)
        found.append(dialling.next_wait())
    return found


FAILED: set[ResetOn] = set()
OPENED, HEARD = {ResetOn.OPENED}, {ResetOn.OPENED, ResetOn.MESSAGE}
RISING = Backoff(1, 0, 3)


@pytest.mark.parametrize(
    ("policy", "attempts", "expected"),
    [
        (RISING, [FAILED] * 5, ["a", 1, "a", 2, "b", 4, "a", 8, "a", 8]),
        (RISING, [FAILED, OPENED, FAILED, FAILED], ["a", 1, "a", 1, "a", 2, "a", 4]),
        (RISING, [FAILED, FAILED, OPENED, FAILED], ["a", 1, "a", 2, "b", 1, "b", 2]),
        (Backoff(1, 0, 3, ResetOn.MESSAGE), [OPENED] * 3, ["a", 1, "a", 2, "b", 4]),
        (Backoff(1, 0, 3, ResetOn.MESSAGE), [HEARD] * 3, ["a", 1, "a", 1, "a", 1]),
        (None, [FAILED, FAILED], ["a", 0, "b", None]),
        (None, [FAILED, OPENED], ["a", 0, "b", None]),
        (None, [OPENED], ["a", None]),
    ],
)
def test_r5_each_address_has_its_attempts_and_one_that_has_worked_comes_first(
    policy: Backoff | None, attempts: list[set[ResetOn]], expected: list[Any]
) -> None:
    assert course(dialling(policy), *attempts) == expected


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ([], ValueError, "not an empty list"),
        ([b"ws://a"], TypeError, "a str or an Endpoint, not 'bytes'"),
        ([("ws://a", 3)], TypeError, "a str or an Endpoint, not 'tuple'"),
    ],
)
def test_what_is_no_address_is_told(given: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        endpoints_of(given)


def test_an_endpoint_has_an_attempt_and_shows_no_secret() -> None:
    with pytest.raises(ValueError, match="attempts must be an integer from 1 up"):
        Endpoint("ws://a", attempts=0)
    shown = repr(Endpoint("ws://a/?token=topsecret", password="topsecret"))
    assert shown == "Endpoint('ws://a/', attempts=3)"


@in_every_world
def test_r5_the_first_that_lets_us_in_is_taken_and_the_session_says_which(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def scenario(world: World) -> None:
        seen: list[Any] = []

        def server(**options: Any) -> Any:
            handlers = {"Heartbeat": lambda _: NOW}
            return world.serve(
                None, "127.0.0.1", 0, versions=["ocpp1.6"], handlers=handlers, **options
            )

        def judge(secret: bytes) -> Any:
            return lambda request: passwords_match(request.password, secret)

        async with server() as gone:
            nobody = f"ws://127.0.0.1:{gone.port}/nobody"
        async with (
            server(authenticate=lambda _: 404) as stranger,
            server(authenticate=judge(b"topsecret of b")) as b,
            server(authenticate=judge(b"topsecret of all")) as c,
        ):
            refusing = f"ws://127.0.0.1:{stranger.port}/stranger?token=topsecret"
            url_b = f"ws://127.0.0.1:{b.port}/b?token=topsecret"
            url_c = f"ws://127.0.0.1:{c.port}/c"
            addresses = [nobody, refusing, Endpoint(url_b, 1, "topsecret of b"), url_c]

            def connect(addresses: list[Any], **options: Any) -> Any:
                return world.connect(
                    addresses,
                    identity="CP001",
                    versions=["ocpp1.6"],
                    password="topsecret of all",
                    **options,
                )

            async with connect(addresses) as session:  # without `reconnect`, each once
                assert await session.call("Heartbeat", {}) == NOW
                assert session.url == url_b
                await world.until(lambda: b.sessions)
                assert b.sessions["CP001"].url is None
            assert session.url is None
            with pytest.raises(HandshakeFailed, match="404"):
                async with connect([nobody, refusing]):
                    raise AssertionError("it was let in")

            async def greet(session: Any) -> None:
                seen.append(session.url)

            policy = Backoff(0.001, 0, 0)
            options = {"reconnect": policy, "on_connected": greet}
            async with connect([Endpoint(refusing, 2), url_c, url_b], **options) as session:
                assert await session.call("Heartbeat", {}) == NOW
                c.sessions["CP001"].close()
                await world.until(lambda: len(seen) == 2)
            assert seen == [url_c, url_c]

    world.run(scenario)
    assert "topsecret" not in caplog.text
    told = re.findall(
        r"(no connection to|disconnected from|connected to) ws://\S+/(\w+)", caplog.text
    )
    assert told == [
        ("no connection to", "nobody"),
        ("no connection to", "stranger"),
        ("connected to", "b"),
        ("disconnected from", "b"),
        ("no connection to", "nobody"),
        ("no connection to", "stranger"),
        ("no connection to", "stranger"),
        ("no connection to", "stranger"),
        *[("connected to", "c"), ("disconnected from", "c")] * 2,
    ]


@in_every_world
def test_addresses_that_are_not_all_secured_alike_are_refused_at_once(world: World) -> None:
    async def scenario(world: World) -> None:
        for urls, options, text in [
            (["wss://a", "ws://b?token=topsecret"], {}, "'wss://a' is secured and 'ws://b' is not"),
            (["ws://b", "wss://a"], {}, "'wss://a' is secured and 'ws://b' is not"),
            (
                ["wss://a", "ws://b?x"],
                {"ssl": ssl.create_default_context()},
                "ssl= .* wss://.*, not for 'ws://b'",
            ),
            (["ws://a", "http://b"], {}, "http"),
            ([], {}, "empty list"),
        ]:
            with pytest.raises(ValueError, match=text) as caught:
                async with world.connect(urls, identity="CP1", versions=["ocpp1.6"], **options):
                    raise AssertionError("it began")
            assert "topsecret" not in str(caught.value)

    world.run(scenario)


# --- a URL that has the identity in it already ----------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("ws://h/ocpp/CP1", "CP1"),
        ("ws://h/CP1", "CP1"),
        ("ws://h/ocpp/CP1/", "CP1"),
        ("ws://h/ocpp/CP1//", "CP1"),
        ("ws://h/ocpp/%43P1?token=topsecret", "CP1"),
        ("ws://h/ocpp/CP%201", "CP 1"),
        ("ws://h/ocpp/A%2FB", "A/B"),
        ("ws://h/ocpp/A/B", "A/B"),
    ],
)
def test_c2_a_url_that_ends_in_the_identity_is_refused_unless_it_is_meant(
    url: str, identity: str
) -> None:
    def dial(*, append: bool | None) -> str:
        return StationWebSocket(
            url, identity=identity, versions=["ocpp1.6"], append_identity=append
        ).uri.path

    with pytest.raises(ValueError, match="ends in the identity") as caught:
        dial(append=None)
    told = str(caught.value)
    assert repr(url.partition("?")[0]) in told
    assert repr(identity) in told
    assert "topsecret" not in told
    as_it_is = url.partition("?")[0].removeprefix("ws://h")
    assert dial(append=False) == as_it_is
    assert dial(append=True).removesuffix("CP1").removesuffix("CP%201").removesuffix("A%2FB") == (
        as_it_is.removesuffix("/") + "/"
    )


@pytest.mark.parametrize("url", ["ws://CP1", "ws://h/CP1/ocpp", "ws://h/XCP1", "ws://h/cp1"])
def test_c2_other_urls_are_dialled_with_the_identity_behind_them(url: str) -> None:
    link = StationWebSocket(url, identity="CP1", versions=["ocpp1.6"])
    assert link.uri.path.endswith("/CP1")


@in_every_world
def test_connect_says_so_too_and_dials_it_if_told_to(world: World) -> None:
    async def scenario(world: World) -> None:
        paths: list[str] = []

        def check(request: Any) -> bool:
            paths.append(request.path)
            return True

        async with world.serve(
            None, "127.0.0.1", 0, versions=["ocpp1.6"], authenticate=check
        ) as server:
            url = f"ws://127.0.0.1:{server.port}/ocpp/CP1"
            options: dict[str, Any] = {"identity": "CP1", "versions": ["ocpp1.6"]}
            with pytest.raises(ValueError, match="ends in the identity 'CP1' already"):
                async with world.connect(["ws://other", url], **options):
                    raise AssertionError("it began")
            for append in (False, True):
                async with world.connect(url, append_identity=append, **options):
                    pass
        assert paths == ["/ocpp/CP1", "/ocpp/CP1/CP1"]

    world.run(scenario)
