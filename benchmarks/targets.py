"""What this library promises of its figures; each is judged within one run, on one machine."""

from collections.abc import Callable

from benchmarks import fleet, growth, hostile, in_process, loopback, memory, start_up, storing
from benchmarks.effort import Effort
from benchmarks.loopback import CPU, RATE, Setting
from benchmarks.report import (
    FLOOR,
    OCPP_DEFAULT,
    OCPP_FASTEST,
    OCPP_RPC,
    OURS,
    OURS_RECORDED,
    Report,
    Target,
)

Measure = Callable[[Report], float]


def targets(effort: Effort) -> list[Target]:
    """Return all of them, for the sizes of a run."""
    return [
        *_in_process(),
        *_start_up(),
        *_growth(effort),
        *_memory(effort),
        *_storing(),
        *_loopback(effort),
        *_fleet(),
    ]


def _in_process() -> list[Target]:
    def over(name: str, peer: str) -> Measure:
        return lambda report: report.ratio(in_process.GROUP, name, peer, OURS)

    def over_floor(report: Report) -> float:
        return report.ratio(in_process.GROUP, in_process.METER_VALUES, OURS, FLOOR)

    def gated(report: Report) -> float:
        bare = report.value(in_process.GROUP, in_process.HEARTBEAT)
        return report.value(in_process.GROUP, in_process.GATED) / bare

    heartbeat, meter_values = in_process.HEARTBEAT, in_process.METER_VALUES
    return [
        _at_most("MeterValues in process, ours : floor (aim: 2)", 3, "x", over_floor),
        _at_least(
            "MeterValues in process, PyPI ocpp sync : ours",
            50,
            "x",
            over(meter_values, OCPP_FASTEST),
        ),
        _at_least(
            "MeterValues in process, PyPI ocpp : ours", 100, "x", over(meter_values, OCPP_DEFAULT)
        ),
        _at_least(
            "Heartbeat in process, PyPI ocpp sync : ours", 10, "x", over(heartbeat, OCPP_FASTEST)
        ),
        _at_most("Heartbeat in process, gated : not", 1.05, "x", gated),
        _at_least("Heartbeat in process, PyPI ocpp : ours", 60, "x", over(heartbeat, OCPP_DEFAULT)),
    ]


def _start_up() -> list[Target]:
    def imports(report: Report) -> float:
        return report.difference(start_up.GROUP, start_up.IMPORT)

    def first(report: Report) -> float:
        return report.value(start_up.GROUP, start_up.FIRST.format("ocpp2.1"))

    return [
        _at_most("import ocpp_sansio above attrs and msgspec", 10, "ms", imports),
        _at_most("first 2.1 connection, after the import", 60, "ms", first),
    ]


def _storing() -> list[Target]:
    def written(report: Report) -> float:
        return report.value(storing.GROUP, storing.BYTES)

    def in_its_life(report: Report) -> float:
        return report.value(storing.GROUP, storing.WRITTEN)

    def commits(report: Report) -> float:
        return report.value(storing.GROUP, storing.COMMITS)

    def flushes(report: Report) -> float:
        return report.value(storing.GROUP, storing.FLUSHES)

    return [
        _at_most("bytes written for a reading stored and removed", 4096, "B", written),
        _at_most("bytes for a reading posted, delivered and removed", 4096, "B", in_its_life),
        _at_most("commits for a reading posted, delivered and removed", 1.1, "", commits),
        _at_most("flushes for a reading posted, delivered and removed", 1.25, "", flushes),
    ]


def _growth(effort: Effort) -> list[Target]:
    def by_connections(report: Report) -> float:
        few, _, many = (growth.connections(count) for count in effort.connections)
        return report.value(growth.GROUP, many) / report.value(growth.GROUP, few)

    def by_queue(report: Report) -> float:
        empty, full = (growth.queued(count) for count in (0, effort.queued_calls))
        return report.value(growth.GROUP, full) / report.value(growth.GROUP, empty)

    def worst_refusal(report: Report) -> float:
        return max(
            report.value(growth.GROUP, growth.refused(size, fault))
            / report.value(growth.GROUP, growth.accepted(size))
            for size, fault in hostile.refused()
        )

    few, _, many = effort.connections
    queue = f"a station's call with {effort.queued_calls:,} queued : with none"
    return [
        _at_most(f"MeterValues at {many:,} connections : at {few:,}", 1.3, "x", by_connections),
        _at_most(queue, 1.3, "x", by_queue),
        _at_most("the worst refused message : an accepted one", 10, "x", worst_refusal),
    ]


def _memory(effort: Effort) -> list[Target]:
    def idle(report: Report) -> float:
        return report.difference(memory.GROUP, memory.idle_station(effort.idle_stations))

    def firmware(report: Report) -> float:
        return report.difference(memory.GROUP, memory.FIRMWARE) / memory.KIB

    def left(report: Report) -> float:
        return report.value(memory.GROUP, memory.BLOCKS_LEFT.format(effort.soak_messages))

    return [
        _at_most("an idle station above the echo server's", 4, "KiB", idle),
        _at_most("firmware loop above the bare interpreter, at the peak", 6, "MiB", firmware),
        # A few objects come and go with the moment; one per message would be as many as there were messages.
        _at_most(f"objects left by {effort.soak_messages:,} messages", 100, "", left),
    ]


def _loopback(effort: Effort) -> list[Target]:
    return [
        target
        for action, pypi in (("Heartbeat", 6), ("MeterValues", 18))
        for target in _loopback_of(Setting(loopback.FASTEST_LOOP, effort.stations[0], action), pypi)
    ]


def _loopback_of(setting: Setting, pypi: float) -> list[Target]:
    def over(other: str) -> Measure:
        return lambda report: report.ratio(loopback.GROUP, setting.name(RATE), OURS, other)

    def recorded(report: Report) -> float:
        return report.ratio(loopback.GROUP, setting.name(CPU), OURS_RECORDED, OURS)

    title = setting.name(RATE)
    return [
        _at_most(f"{setting.name(CPU)}, recorded : not (aim: 1.05)", 1.2, "x", recorded),
        _at_least(f"{title}, ours : floor", 0.6, "x", over(FLOOR)),
        _at_least(f"{title}, ours : npm ocpp-rpc strict", 1.5, "x", over(OCPP_RPC)),
        _at_least(f"{title}, ours : PyPI ocpp sync", pypi, "x", over(OCPP_FASTEST)),
    ]


def _fleet() -> list[Target]:
    def over_floor(name: str) -> Measure:
        return lambda report: report.ratio(fleet.GROUP, name, OURS, FLOOR)

    def above_floor(name: str) -> Measure:
        return lambda report: report.difference(fleet.GROUP, name)

    def value(name: str) -> Measure:
        return lambda report: report.value(fleet.GROUP, name)

    def claimed(report: Report) -> float:
        return 1e6 / report.value(fleet.GROUP, fleet.ARRIVAL)

    costs = [
        ("a call by NATS : session.call, CPU of the gateway", 1.3, fleet.CALL_GATEWAY),
        ("a call by NATS : session.call, CPU of all processes", 2.4, fleet.CALL_ALL),
        ("a call by NATS : session.call, one at a time, p50", 4, fleet.CALL_P50),
        ("a call by MemoryBus, local=gateway : session.call, CPU", 1.1, fleet.MEMORY_LOCAL),
        ("an event by NATS : a handler here, CPU of the gateway", 2.4, fleet.EVENT_GATEWAY),
        # 45 µs where a handler in the gateway took 28.
        ("an event by NATS, CPU of the worker : a handler here", 1.61, fleet.EVENT_WORKER),
    ]
    failures = [
        ("gateway killed amidst calls: the slowest outcome", 4, "s", fleet.DEAD_WAITING),
        ("gateway killed: a new call to its station ends after", 100, "ms", fleet.DEAD_NEW),
        ("broker killed amidst calls: all have ended after", 100, "ms", fleet.AWAY_WAITING),
        ("broker away: a new call ends after", 10, "ms", fleet.AWAY_NEW),
        ("broker back: first answer after", 2, "s", fleet.BACK),
        ("broker back: stations that connected anew", 0, "", fleet.RECONNECTED),
    ]
    of_stations = fleet.MEMORY_GATEWAY, fleet.MEMORY_BROKER, fleet.ARRIVAL
    gateway_memory, broker_memory, arrival = of_stations
    return [
        *(_at_most(name, limit, "x", over_floor(figure)) for name, limit, figure in costs),
        _at_most("an idle station of a fleet, gateway", 1.5, "KiB", above_floor(gateway_memory)),
        _at_most("an idle station of a fleet, broker", 2.2, "KiB", value(broker_memory)),
        _at_most("an arrival in a fleet, CPU of the gateway", 300, "µs", above_floor(arrival)),
        _at_least("stations claimed in a second of the gateway's CPU", 1500, "", claimed),
        *(_at_most(name, limit, unit, value(figure)) for name, limit, unit, figure in failures),
    ]


def _at_most(name: str, limit: float, unit: str, measure: Measure) -> Target:
    return Target(name, limit, is_lower_bound=False, unit=unit, measure=measure)


def _at_least(name: str, limit: float, unit: str, measure: Measure) -> Target:
    return Target(name, limit, is_lower_bound=True, unit=unit, measure=measure)
