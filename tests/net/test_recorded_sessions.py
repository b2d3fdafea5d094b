"""`record=` of `connect`, `serve` and `Session`: on each loop, and it changes nothing of what is said."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from net_worlds import World, in_every_world
from worlds import WORLDS, connected_pair, in_both_worlds
from worlds import World as Virtual

from ocpp_sansio import Role, Version
from ocpp_sansio.cli.check import check_lines
from ocpp_sansio.net import Admission
from ocpp_sansio.recording import replay_all
from ocpp_sansio.testing import Recorder
from ocpp_sansio.traces import Mark, TraceReader

BEAT = {"Heartbeat": lambda _: {"currentTime": "2026-01-01T00:00:00Z"}}


def proven(path: Path) -> tuple[int, int]:
    """Replay and check a recording; return how many connections and messages it has."""
    with path.open(encoding="utf-8") as lines:
        stories = replay_all(lines)
    for story in stories:
        story.verify()
    report = check_lines(path.read_bytes().split(b"\n"))
    assert (report.faults, report.suspicions) == (0, 0)
    return len(stories), report.messages


@in_every_world
def test_each_session_of_connect_and_serve_is_recorded(world: World, tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        own: list[str] = []

        def let_in(request: Any) -> bool | Admission[Any]:
            return request.identity != "own" or Admission(
                new_connection=partial(Recorder, write=own.append)
            )

        async with world.serve(
            None,
            "127.0.0.1",
            0,
            versions=["ocpp1.6", "ocpp2.0.1"],
            handlers=BEAT,
            authenticate=let_in,
            record=tmp_path / "csms",
        ) as server:
            url = f"ws://127.0.0.1:{server.port}"
            for identity, version in (
                ("A", "ocpp1.6"),
                ("B", "ocpp2.0.1"),
                ("A", "ocpp1.6"),
                ("own", "ocpp1.6"),
            ):
                async with world.connect(
                    url,
                    identity=identity,
                    versions=[version],
                    record=str(tmp_path / "stations.jsonl"),
                ) as station:
                    for _ in range(3):
                        await station.call("Heartbeat", {})
        assert own

    world.run(scenario)

    assert sorted(path.name for path in (tmp_path / "csms").iterdir()) == ["A.jsonl", "B.jsonl"]
    assert proven(tmp_path / "csms" / "A.jsonl") == (2, 12)
    assert proven(tmp_path / "csms" / "B.jsonl") == (1, 6)
    assert proven(tmp_path / "stations.jsonl") == (4, 24)
    lines = (tmp_path / "stations.jsonl").read_bytes().split(b"\n")
    entries = list(TraceReader().read_all(lines))
    assert {(e.station, e.version) for e in entries if isinstance(e, Mark) and e.is_connected} == {
        ("A", Version.OCPP16),
        ("B", Version.OCPP201),
        ("own", Version.OCPP16),
    }


@in_both_worlds
async def test_a_session_over_a_websocket_of_your_own_is_recorded(world: Virtual) -> None:
    lines: list[str] = []
    options = {"record": lines.append, "identity": "CP_1", "handlers": BEAT}
    async with connected_pair(world, csms=options) as (near, _):
        await near.call("Heartbeat", {})
    (story,) = replay_all(lines)
    story.verify()
    assert (story.identity, len(story.frames)) == ("CP_1", 1)


@in_both_worlds
async def test_one_connection_is_recorded_in_one_way(world: Virtual) -> None:
    both: Any = {"record": print, "new_connection": partial(Recorder, write=print)}
    with pytest.raises(ValueError, match="record= makes the connection"):
        world.session(Role.CSMS, sender=print, **both)
    with pytest.raises(TypeError, match="record= is a folder"):
        world.session(Role.CSMS, sender=print, record=7)


@pytest.mark.parametrize("world", WORLDS)
def test_what_is_not_recorded_is_one_record_in_the_log(
    world: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(line: str) -> None:
        raise LookupError(line)

    async def scenario(world: Virtual) -> None:
        options = {"record": fail, "identity": "CP_1", "handlers": BEAT}
        async with connected_pair(world, csms=options) as (near, _):
            for _ in range(3):
                await near.call("Heartbeat", {})
                await world.sleep(10)

    WORLDS[world](scenario)

    assert [record.getMessage() for record in caplog.records] == [
        "'CP_1' (ocpp1.6): not recorded any more, to 'the function': LookupError"
    ]
