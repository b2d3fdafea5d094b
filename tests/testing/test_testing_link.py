"""`Link`: a line with a virtual clock, where everything that goes wrong does so by the seed."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from ocpp_sansio import (
    CallAborted,
    CallReceived,
    CallResultReceived,
    CallTimedOut,
    Config,
    Connection,
    Frame,
    ProtocolViolated,
    Role,
    Version,
    testing,
    v16,
)
from ocpp_sansio.testing import Faults, Link

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


def make_link(*, answers: bool = True, **options: Any) -> Link[Connection, Connection]:
    numbers = count(1)
    station = Connection(
        Role.STATION, config=Config(new_message_id=lambda: f"s{next(numbers)}", call_timeout=30)
    )
    csms = Connection(Role.CSMS, config=Config(new_message_id=lambda: f"c{next(numbers)}"))

    def answer(event: Any) -> None:
        if answers and isinstance(event, CallReceived):
            csms.send_call_result(event, v16.HeartbeatResponse(current_time=NOON), now=link.now)

    link = Link(station, csms, on_csms_event=answer, **options)
    link.connect("ocpp1.6")
    return link


def beat(link: Link[Connection, Any]) -> None:
    link.station.send_call(v16.HeartbeatRequest(), now=link.now)


def names(events: list[Any]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_a_message_takes_the_latency_each_way() -> None:
    link = make_link(faults=Faults(latency=0.25))
    beat(link)

    link.run_until_idle()

    assert names(link.events(Role.STATION)) == ["CallResultReceived"]
    assert link.now == 0.5


def test_faults_may_differ_by_sender() -> None:
    link = make_link(faults={Role.CSMS: Faults(latency=2.0)})
    beat(link)

    link.run_until_idle()

    assert link.now == 2.0


def test_jitter_varies_the_delay_and_keeps_the_order() -> None:
    arrivals: list[float] = []
    link = make_link(answers=False, faults=Faults(latency=0.1, jitter=0.5), seed=4)
    for _ in range(20):
        link.inject(Role.CSMS, b"[]")
    link.csms.send_call(v16.ClearCacheRequest(), now=link.now)

    while link.in_transit or not arrivals:
        link.advance(0.01)
        arrivals.extend(link.now for _ in link.events(Role.STATION))

    assert 0.1 <= arrivals[-1] <= 0.62
    assert arrivals == sorted(arrivals)


def test_a_deadline_falls_due_at_its_own_moment() -> None:
    link = make_link(faults=Faults(loss=1))
    beat(link)

    link.advance(29.9)
    assert link.events(Role.STATION) == []

    link.advance(0.1)
    assert names(link.events(Role.STATION)) == ["CallTimedOut"]
    assert link.now == 30


def test_a_doubled_message_arrives_twice() -> None:
    link = make_link(faults={Role.STATION: Faults(duplication=1)})
    beat(link)

    link.run_until_idle()

    # The first was answered at once, so the second is a retry and not a clash of ids (I-7).
    received = [e for e in link.events(Role.CSMS) if isinstance(e, CallReceived)]
    assert [event.is_duplicate for event in received] == [False, True]


def test_a_message_held_up_is_overtaken() -> None:
    link = make_link(answers=False)
    link.faults[Role.CSMS] = Faults(reordering=1, holdup=5)
    link.csms.send_call(v16.ClearCacheRequest(), now=link.now)
    link.advance(0)
    link.faults[Role.CSMS] = Faults()
    link.inject(Role.CSMS, b"{}")

    link.run_until_idle()

    assert names(link.events(Role.STATION)) == ["ProtocolViolated", "CallReceived"]


@pytest.mark.parametrize("fault", ["truncation", "corruption"])
def test_a_garbled_message_differs_from_what_was_sent(fault: str) -> None:
    received: list[bytes] = []

    class Ear(Connection):
        def received(self, data: Any, *, now: float) -> None:
            received.append(data)
            super().received(data, now=now)

    link = Link(Connection(Role.STATION), Ear(Role.CSMS), faults=Faults(**{fault: 1.0}), seed=2)
    link.connect("ocpp1.6")
    link.station.send_call(v16.HeartbeatRequest(), now=link.now, message_id="1")

    link.run_until_idle()

    sent = b'[2,"1","Heartbeat",{}]'
    assert len(received) == 1
    assert received[0] != sent
    assert len(received[0]) == len(sent) if fault == "corruption" else sent.startswith(received[0])


def test_a_cut_loses_what_is_on_its_way_and_ends_every_call() -> None:
    link = make_link(faults=Faults(latency=1))
    beat(link)
    beat(link)
    link.advance(0.5)

    link.cut()
    link.cut()  # idempotent
    link.advance(100)

    assert link.events(Role.CSMS) == []
    aborted = link.events(Role.STATION)
    assert [(type(e), e.was_sent) for e in aborted] == [(CallAborted, True), (CallAborted, False)]
    assert not link.station.is_connected


def test_a_restored_link_carries_the_same_version() -> None:
    link = make_link()
    link.cut()

    link.restore()
    beat(link)
    link.run_until_idle()

    assert link.station.version is Version.OCPP16
    assert names(link.events(Role.STATION)) == ["CallResultReceived"]


def test_a_side_that_has_not_noticed_the_cut_talks_to_nobody() -> None:
    link = make_link()
    link.cut(unnoticed_by=Role.STATION)

    beat(link)
    link.advance(30)

    assert link.station.is_connected
    assert not link.csms.is_connected
    assert names(link.events(Role.STATION)) == ["CallTimedOut"]

    beat(link)
    link.restore()
    assert names(link.events(Role.STATION)) == ["CallAborted"]


def test_what_is_injected_arrives_next_and_unharmed() -> None:
    link = make_link(faults=Faults(latency=1, loss=1))

    link.inject(Role.STATION, '[2,"x","Heartbeat",{}]')
    link.run_until_idle()

    assert names(link.events(Role.CSMS)) == ["CallReceived"]
    assert link.now == 0


def stories(seed: int) -> Iterator[str]:
    weather = Faults(
        latency=0.1,
        jitter=0.3,
        loss=0.2,
        duplication=0.2,
        reordering=0.2,
        truncation=0.2,
        corruption=0.2,
    )
    for _ in range(2):
        link = make_link(faults=weather, seed=seed)
        for _ in range(10):
            beat(link)
        link.advance(400)
        yield str(link.transcript)


def test_the_same_seed_gives_the_same_story() -> None:
    first, second = stories(seed=11)
    other, _ = stories(seed=12)

    assert first == second
    assert first != other


def test_the_transcript_is_a_sequence_diagram_below_the_failure() -> None:
    def fail_as_a_test_would() -> None:
        with make_link(faults=Faults(latency=0.05)) as link:
            beat(link)
            link.run_until_idle()
            link.cut()
            assert link.is_connected

    with pytest.raises(AssertionError) as failure:
        fail_as_a_test_would()

    lines = "\n".join(failure.value.__notes__).splitlines()
    assert any(
        "├─" in line and '[2,"s1","Heartbeat",{}]' in line and "▶│" in line for line in lines
    )
    assert any("│◀" in line and '[3,"s1",' in line and "─┤" in line for line in lines)
    assert any("CallResultReceived Heartbeat s1" in line for line in lines)
    assert any("═ cut ═" in line for line in lines)
    widths = {len(line) for line in lines[2:]}
    assert len(widths) == 1, "the lifelines are straight"


def test_a_peer_of_ones_own_needs_no_connection() -> None:
    class Echo:
        """Answers everything at once with the same CALLRESULT."""

        def __init__(self) -> None:
            self.said: list[Frame | bytes | str] = []

        def connected(self, version: Version | str, /, *, now: float) -> None: ...
        def handle_timeout(self, *, now: float) -> None: ...
        def disconnected(self, *, now: float) -> None: ...
        def events(self) -> list[Any]:
            return []

        def received(self, _: bytes, /, *, now: float) -> None:  # noqa: ARG002 - a name of the protocol
            self.said.append('[3,"1",{"currentTime":"2025-01-01T00:00:00Z"}]')

        def frames_to_send(self) -> list[Frame | bytes | str]:
            said, self.said = self.said, []
            return said

        def next_timeout(self) -> float | None:
            return None

    link = Link(Connection(Role.STATION), Echo())
    link.connect(Version.OCPP16)
    link.station.send_call(v16.HeartbeatRequest(), now=link.now, message_id="1")

    link.run_until_idle()

    (outcome,) = link.events(Role.STATION)
    assert isinstance(outcome, CallResultReceived)


def test_peers_that_never_stop_are_told_apart_from_a_slow_line() -> None:
    class Parrot(Connection):
        has_heard = False

        def received(self, data: Any, *, now: float) -> None:  # noqa: ARG002 - names of the parent
            self.has_heard = True

        def frames_to_send(self) -> Any:
            has_heard, self.has_heard = self.has_heard, False
            return [b"[]"] if has_heard else []

    link = Link(Parrot(Role.STATION), Parrot(Role.CSMS))
    link.connect("ocpp1.6")
    link.inject(Role.CSMS, b"[]")

    with pytest.raises(RuntimeError, match="there was no end"):
        link.run_until_idle()


@pytest.mark.parametrize(
    "nonsense", [{"loss": 1.5}, {"loss": -0.1}, {"latency": -1}, {"jitter": float("inf")}]
)
def test_faults_that_cannot_be_are_refused(nonsense: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(nonsense))):
        Faults(**nonsense)


def test_what_makes_no_sense_on_a_line_is_refused() -> None:
    link = Link(Connection(Role.STATION), Connection(Role.CSMS))

    with pytest.raises(ValueError, match="no line"):
        link.inject(Role.CSMS, b"x")
    with pytest.raises(ValueError, match="no version"):
        link.restore()
    with pytest.raises(ValueError, match="0 or more"):
        link.advance(-1)
    link.connect("ocpp1.6")
    with pytest.raises(ValueError, match="connected already"):
        link.connect("ocpp1.6")


def test_a_violation_is_told_with_its_rule() -> None:
    link = make_link()
    link.inject(Role.STATION, b"garb\xffage")
    link.run_until_idle()

    (event,) = link.events(Role.CSMS)
    assert isinstance(event, ProtocolViolated)
    assert "not_json" in str(link.transcript)


def test_a_timed_out_call_is_answered_late_when_the_line_is_slow() -> None:
    link = make_link(faults={Role.CSMS: Faults(latency=31)})
    beat(link)
    link.advance(40)

    first, second = link.events(Role.STATION)
    assert isinstance(first, CallTimedOut)
    assert type(second).__name__ == "LateResponseReceived"


def test_the_line_and_the_recorder_need_no_hypothesis() -> None:
    program = (
        "import sys, ocpp_sansio.testing as testing, ocpp_sansio.__main__\n"
        "testing.Link, testing.Recorder, testing.play, testing.every_near_miss\n"
        "assert not {'hypothesis', 'websockets'} & {*sys.modules}\n"
        "testing.PeersMachine, testing.payloads\n"
        "assert 'hypothesis' in sys.modules\n"
        "assert all(hasattr(testing, name) for name in testing.__all__)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_name_that_is_none_is_refused_as_any_module_does() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Links'"):
        _ = testing.Links
