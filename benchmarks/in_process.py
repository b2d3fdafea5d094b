"""In process: one message in, its answer out, without a socket."""

# ruff: noqa: PLC0415 - a process imports what it measures, and nothing of the other contenders

from collections.abc import Iterator
from functools import partial
from itertools import repeat as again

import attrs

from benchmarks import timings, wire
from benchmarks.effort import Effort
from benchmarks.report import FLOOR, OCPP_DEFAULT, OCPP_FASTEST, OURS, Figure
from benchmarks.timings import Timer, Timing

GROUP = "in process"
UNIT = "µs"


@attrs.frozen
class _Case:
    """A CALL to a CSMS."""

    version: str
    """As PyPI ocpp names it; also the name of our package."""
    action: str
    payload: bytes
    floor: str
    """The function in `floors`."""


HEARTBEAT = "CSMS 1.6 Heartbeat"
METER_VALUES = "CSMS 1.6 MeterValues, 602 bytes"
GATED = "CSMS 1.6 Heartbeat, gated and accepted"
STATION = "station 1.6 Heartbeat, call to outcome"

_CASES = {
    HEARTBEAT: _Case("v16", "Heartbeat", wire.HEARTBEAT, "heartbeat"),
    METER_VALUES: _Case("v16", "MeterValues", wire.METER_VALUES, "meter_values"),
    "CSMS 1.6 StartTransaction": _Case(
        "v16", "StartTransaction", wire.START_TRANSACTION, "start_transaction"
    ),
    "CSMS 2.0.1 TransactionEvent, 885 bytes": _Case(
        "v201", "TransactionEvent", wire.TRANSACTION_EVENT, "transaction_event"
    ),
    "CSMS 2.1 TransactionEvent, 885 bytes": _Case(
        "v21", "TransactionEvent", wire.TRANSACTION_EVENT, "transaction_event"
    ),
}


def figures(effort: Effort) -> Iterator[Figure]:
    """Measure the group."""
    for (name, contender), values in timings.measure("in_process", effort).items():
        yield Figure(GROUP, name, contender, UNIT, values)


def timings_of(_: Effort) -> Iterator[Timing]:
    """Say what to time; each contender's modules are imported only where it is timed."""
    for name, case in _CASES.items():
        yield Timing(name, OURS, partial(_ours, case))
        yield Timing(name, FLOOR, partial(_floor, case))
        yield Timing(name, OCPP_FASTEST, partial(_peer, case, in_thread=False))
        yield Timing(name, OCPP_DEFAULT, partial(_peer, case, in_thread=True))
    yield Timing(GATED, OURS, _gated)
    yield Timing(STATION, OURS, _our_station)
    yield Timing(STATION, FLOOR, _floor_station)
    yield Timing(STATION, OCPP_FASTEST, partial(_peer_station, in_thread=False))
    yield Timing(STATION, OCPP_DEFAULT, partial(_peer_station, in_thread=True))


def _ours(case: _Case) -> Timer:
    from benchmarks import ours

    step = ours.csms(case.version, case.action)
    return timings.repeat(step, wire.calls(case.action, case.payload), wire.is_result)


def _gated() -> Timer:
    from benchmarks import ours

    step = ours.gated_csms("v16", "Heartbeat")
    return timings.repeat(step, wire.calls("Heartbeat", wire.HEARTBEAT), wire.is_result)


def _floor(case: _Case) -> Timer:
    from benchmarks import floors

    step = getattr(floors, case.floor)()
    return timings.repeat(step, wire.calls(case.action, case.payload), wire.is_result)


def _peer(case: _Case, *, in_thread: bool) -> Timer:
    from benchmarks import peers

    peers.set_validation(in_thread=in_thread)
    step = peers.csms(case.version)
    return timings.repeat_async(step, wire.calls(case.action, case.payload), wire.is_result)


def _our_station() -> Timer:
    from benchmarks import ours

    return timings.repeat(ours.station_heartbeat(), again(wire.HEARTBEAT_ANSWER), wire.is_call)


def _floor_station() -> Timer:
    from benchmarks import floors

    return timings.repeat(floors.station_heartbeat(), again(wire.HEARTBEAT_ANSWER), wire.is_call)


def _peer_station(*, in_thread: bool) -> Timer:
    from benchmarks import peers

    peers.set_validation(in_thread=in_thread)
    step = peers.station_heartbeat()
    return timings.repeat_async(step, again(wire.HEARTBEAT_ANSWER), wire.is_call)
