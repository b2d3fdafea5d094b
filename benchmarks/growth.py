"""Growth: what more connections, bigger messages, longer queues and hostile peers do to the cost."""

# ruff: noqa: PLC0415 - a process imports what it measures, and nothing of the other contenders

from collections.abc import Iterator
from functools import partial
from itertools import repeat as again

import attrs

from benchmarks import hostile, timings, wire
from benchmarks.effort import Effort
from benchmarks.report import FLOOR, OURS, Figure
from benchmarks.timings import Timer, Timing

GROUP = "growth"

_DISTINCT_LARGE = 8
"""Copies of a message, with ids of their own: enough for the ids, few enough for the memory."""


@attrs.frozen
class _Sized:
    """Messages of one action, up to a size."""

    action: str
    floor: str
    """The function in `floors`."""
    smallest: int


_TEXT = _Sized("DataTransfer", "data_transfer", 100)
_SAMPLES = _Sized("MeterValues", "meter_values", 1_000)


def connections(count: int) -> str:
    """Return the name of a figure."""
    return f"MeterValues, {count:,} connections in turn"


def queued(count: int) -> str:
    """Return the name of a figure."""
    return f"station's call to outcome, {count:,} calls queued"


def accepted(size_class: str) -> str:
    """Return the name of a figure."""
    return f"accepted, {size_class}"


def refused(size_class: str, fault: str) -> str:
    """Return the name of a figure."""
    return f"refused, {size_class}: {fault}"


def figures(effort: Effort) -> Iterator[Figure]:
    """Measure the group."""
    sizes = {name: len(message) for name, _, message in _sized_messages(effort)}
    for (name, contender), values in timings.measure("growth", effort).items():
        if name in sizes:
            per_byte = [1000 * value / sizes[name] for value in values]
            yield Figure(GROUP, name, contender, "ns/byte", per_byte)
        else:
            yield Figure(GROUP, name, contender, "µs", values)


def timings_of(effort: Effort) -> Iterator[Timing]:
    """Say what to time; each contender's modules are imported only where it is timed."""
    for count in effort.connections:
        yield Timing(connections(count), OURS, partial(_our_connections, count))
        yield Timing(connections(count), FLOOR, partial(_floor_connections, count))
    for name, sized, message in _sized_messages(effort):
        yield Timing(name, OURS, partial(_our_message, sized.action, message))
        yield Timing(name, FLOOR, partial(_floor_message, sized.floor, message))
    for count in (0, effort.queued_calls):
        yield Timing(queued(count), OURS, partial(_our_queue, count))
    for size_class, (action, message) in hostile.accepted().items():
        yield Timing(accepted(size_class), OURS, partial(_our_message, action, message))
    for (size_class, fault), message in hostile.refused().items():
        yield Timing(refused(size_class, fault), OURS, partial(_our_refusal, message))


def _sized_messages(effort: Effort) -> Iterator[tuple[str, _Sized, bytes]]:
    for sized in (_TEXT, _SAMPLES):
        for size in effort.message_sizes:
            if size >= sized.smallest:
                message = wire.call(sized.action, _PAYLOADS[sized.action](size))
                yield f"{sized.action}, {size:,} bytes", sized, message


def _text(size: int) -> bytes:
    empty = wire.call("DataTransfer", wire.data_transfer(0))
    return wire.data_transfer(size - len(empty))


def _samples(size: int) -> bytes:
    # All are as long as each other on average over 4.
    four, eight = (len(wire.meter_values(count)) for count in (4, 8))
    return wire.meter_values(4 + 4 * (size - four) // (eight - four))


_PAYLOADS = {"DataTransfer": _text, "MeterValues": _samples}


def _our_connections(count: int) -> Timer:
    from benchmarks import ours

    step = ours.csms("v16", "MeterValues", count)
    return timings.repeat(step, _meter_values(count), wire.is_result)


def _floor_connections(count: int) -> Timer:
    from benchmarks import floors

    return timings.repeat(floors.meter_values(), _meter_values(count), wire.is_result)


def _meter_values(count: int) -> Iterator[bytes]:
    return wire.calls("MeterValues", wire.METER_VALUES, max(count, wire.DISTINCT))


def _our_message(action: str, message: bytes) -> Timer:
    from benchmarks import ours

    step = ours.csms("v16", action)
    return timings.repeat(step, wire.with_other_ids(message, _DISTINCT_LARGE), wire.is_result)


def _floor_message(floor: str, message: bytes) -> Timer:
    from benchmarks import floors

    step = getattr(floors, floor)()
    return timings.repeat(step, wire.with_other_ids(message, _DISTINCT_LARGE), wire.is_result)


def _our_queue(count: int) -> Timer:
    from benchmarks import ours

    step = ours.station_heartbeat(queued=count)
    return timings.repeat(step, again(wire.HEARTBEAT_ANSWER), wire.is_call)


def _our_refusal(message: bytes) -> Timer:
    from benchmarks import ours

    return timings.repeat(ours.refusing_csms("v16"), again(message), wire.is_no_result)
