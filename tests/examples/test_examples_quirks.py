"""examples/quirks.py: stations that strict turns away come in, and each is treated as its kind needs it."""

import asyncio
import json
from typing import Any

import pytest
from example_programs import LIMIT, ROOT, authorization, serving
from websockets.asyncio.client import connect as connect_websocket
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from examples import quirks
from ocpp_sansio.asyncio import NetSession, serve

# Path, subprotocols, user, vendor and model, and what becomes of it.
STATIONS: list[tuple[str, list[Subprotocol], bytes, str, str, str]] = [
    ("CP001/", [], b"", "Silent AG", "One", "never answers a ping"),
    (
        "CP002",
        [Subprotocol("ocpp1.6")],
        b"admin:1",
        "Hasty",
        "Home 2",
        "hangs up after 10 s of silence",
    ),
    ("CP003", [Subprotocol("ocpp1.6J")], b"", "Creative", "X", "makes up units and states"),
    ("CP004", [], b"", "Commas", "1.0", "writes [,{"),
    ("CP005", [], b"x:", "Twice", "2", "opens a second connection as a probe"),
    ("CP006", [Subprotocol("ocpp1.6")], b"CP006:1", "Good", "Z", "nothing special"),
]
METER_VALUES = (
    '[2,"2","MeterValues",{"connectorId":1,"meterValue":'
    '[%s{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":"1"%s}]}]}]'
)
COMMA, ODD_UNIT = METER_VALUES % (",", ""), METER_VALUES % ("", ',"unit":"kWhs"')
ANSWERED = {"CP003": {ODD_UNIT}, "CP004": {ODD_UNIT, COMMA}}


async def exchange(socket: Any, message: str) -> Any:
    await socket.send(message)
    return json.loads(await socket.recv())


def test_each_station_of_the_table_is_let_in_and_has_its_settings_from_its_boot_on() -> None:
    async def main() -> None:
        async with (
            asyncio.timeout(LIMIT),
            serve(
                None,
                "127.0.0.1",
                0,
                versions=["ocpp1.6"],
                handlers=quirks.handlers,
                authenticate=quirks.door,
            ) as server,
        ):
            base = f"ws://127.0.0.1:{server.port}"
            for path, offered, user, vendor, model, name in STATIONS:
                identity, url = path.strip("/"), f"{base}/{path}"
                headers = authorization(user) if user else {}
                options: dict[str, Any] = {"proxy": None, "additional_headers": headers}
                async with connect_websocket(
                    url, subprotocols=offered or None, **options
                ) as socket:
                    assert socket.subprotocol == (offered[0] if offered else None)
                    session: NetSession[quirks.Charger] = server.sessions[identity]
                    assert session.config.mend is quirks.mend  # whose boot is to be read
                    payload = {"chargePointVendor": vendor, "chargePointModel": model, "x": 1}
                    answer = await exchange(
                        socket, json.dumps([2, "1", "BootNotification", payload])
                    )
                    assert answer[2]["status"] == "Accepted"
                    quirk = session.context.quirk
                    assert (quirk.name, quirks.CHARGERS[identity].quirk) == (name, quirk)
                    assert session.websocket is quirk.websocket
                    for message in (ODD_UNIT, COMMA):
                        answer = await exchange(socket, message)
                        assert (answer[0] == 3) is (message in ANSWERED.get(identity, set()))
                async with connect_websocket(url, subprotocols=offered or None, **options):
                    session = server.sessions[identity]
                    assert (
                        session.config.validation is quirk.config.validation
                    )  # at the door already
                    assert session.config.mend is quirk.config.mend
            with pytest.raises(InvalidStatus) as refused:
                async with connect_websocket(f"{base}/CP0069", proxy=None):
                    raise AssertionError("it was let in")
            assert refused.value.response.status_code == 400

    try:
        asyncio.run(main())
    finally:
        for charger in quirks.CHARGERS.values():
            charger.quirk = quirks.UNKNOWN


def test_it_runs_as_a_program_and_says_what_it_has_found() -> None:
    async def boot(port: int) -> None:
        async with connect_websocket(f"ws://127.0.0.1:{port}/CP001", proxy=None) as socket:
            payload = {"chargePointVendor": "Silent AG", "chargePointModel": "One"}
            await exchange(socket, json.dumps([2, "1", "BootNotification", payload]))

    with serving("quirks.py") as csms:
        asyncio.run(boot(csms.port))
        assert csms.line() == "CP001: Silent AG/One, which never answers a ping"


def test_table_and_glue_have_less_than_sixty_lines() -> None:
    text = (ROOT / "examples" / "quirks.py").read_text()
    part = text[text.index("STRICT = ") : text.index("async def main")]
    assert len([line for line in part.splitlines() if line.strip()]) < 60
