"""What a CSMS can count, for Prometheus and for OpenTelemetry: a CSMS with its metrics at http://localhost:9100.

Each label has few values, whoever connects and whatever he sends, since every combination is a series:

    action    the actions of the three versions, and "other": at most some 120
    outcome   "ok", the error codes, "timeout", "invalid"
    rule      the rules that a message can break
    station   the identities that you name, and "other" for everybody else

Give only identities that you have issued: others are made up by whoever connects.
"""

import argparse
import asyncio
import signal
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from time import perf_counter
from typing import Protocol, TypeAlias
from weakref import WeakKeyDictionary

from opentelemetry.metrics import Meter
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from ocpp_sansio import Version, v16, v21, v201
from ocpp_sansio.asyncio import serve
from ocpp_sansio.events import (
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    ProtocolViolated,
    SendReceived,
)
from ocpp_sansio.frames import CallError
from ocpp_sansio.handlers import Handlers
from ocpp_sansio.hooks import HookInfo, Hooks, Report

OTHER = "other"
ACTIONS = {*v16.CATALOG, *v201.CATALOG, *v21.CATALOG}

Labels: TypeAlias = Mapping[str, str]


class Sink(Protocol):
    """Where the numbers go."""

    def connections(self, change: int) -> None:
        """Count one connection more, or less."""

    def message(self, labels: Labels, seconds: float | None) -> None:
        """Count a call that has come to its end, `seconds` after it began, if it was answered."""

    def violation(self, labels: Labels) -> None:
        """Count a rule that was broken."""


class PrometheusSink:
    """Counts for a scrape of Prometheus."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Make the metrics of this registry."""
        self._connections = Gauge("ocpp_connections", "Stations connected now", registry=registry)
        names = ("direction", "action", "outcome")
        self._messages = Counter("ocpp_calls", "Calls, ended", names, registry=registry)
        self._latency = Histogram(
            "ocpp_call_seconds", "From call to answer", names[:2], registry=registry
        )
        self._violations = Counter(
            "ocpp_violations", "Rules broken", ("station", "rule"), registry=registry
        )

    def connections(self, change: int) -> None:
        """See `Sink`."""
        self._connections.inc(change)

    def message(self, labels: Labels, seconds: float | None) -> None:
        """See `Sink`."""
        self._messages.labels(**labels).inc()
        if seconds is not None:
            self._latency.labels(labels["direction"], labels["action"]).observe(seconds)

    def violation(self, labels: Labels) -> None:
        """See `Sink`."""
        self._violations.labels(**labels).inc()


class OpenTelemetrySink:
    """Counts by way of OpenTelemetry."""

    def __init__(self, meter: Meter) -> None:
        """Make the instruments of this meter."""
        self._connections = meter.create_up_down_counter("ocpp.connections")
        self._messages = meter.create_counter("ocpp.calls")
        self._latency = meter.create_histogram("ocpp.call.duration", unit="s")
        self._violations = meter.create_counter("ocpp.violations")

    def connections(self, change: int) -> None:
        """See `Sink`."""
        self._connections.add(change)

    def message(self, labels: Labels, seconds: float | None) -> None:
        """See `Sink`."""
        self._messages.add(1, dict(labels))
        if seconds is not None:
            about = {name: labels[name] for name in ("direction", "action")}
            self._latency.record(seconds, about)

    def violation(self, labels: Labels) -> None:
        """See `Sink`."""
        self._violations.add(1, dict(labels))


class Metrics:
    """Finds out what there is to count: give `hooks` and `on_station` to `serve`."""

    def __init__(
        self,
        *sinks: Sink,
        stations: Collection[str] = (),
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        """Count into all of these sinks, and by name those of the `stations`."""
        self._sinks = sinks
        self._stations = stations
        self._clock = clock
        # One call of ours is in flight at a time, and one of a station's that keeps to the rules.
        self._ours: WeakKeyDictionary[object, tuple[str, float]] = WeakKeyDictionary()
        self._theirs: WeakKeyDictionary[object, tuple[str, float]] = WeakKeyDictionary()
        # The call that was refused last for a broken rule: id and action.
        self._refused: WeakKeyDictionary[object, tuple[str | None, str | None]] = (
            WeakKeyDictionary()
        )
        self.hooks = hooks = Hooks()
        hooks.before("execute_call_handler")(self._note_call)
        hooks.after("send_call_respond")(self._count_answer)
        hooks.after("send_call_error")(self._count_answer)
        hooks.before("send_call")(self._note_call_of_ours)
        hooks.after("message_received")(self._look_at_events)
        hooks.reports(self._count_report)

    async def on_station(self, session: "Waitable") -> None:
        """Count a connection for as long as it lasts."""
        self._count_connections(1)
        try:
            await session.wait_closed()
        finally:
            self._count_connections(-1)

    def _count_connections(self, change: int) -> None:
        for sink in self._sinks:
            sink.connections(change)

    def _note_call(self, info: HookInfo) -> None:
        self._theirs[info.session] = info.message_id or "", self._clock()

    def _note_call_of_ours(self, info: HookInfo) -> None:
        self._ours[info.session] = info.message_id or "", self._clock()

    def _count_answer(self, info: HookInfo, result: object) -> None:
        if not isinstance(result, Exception):
            outcome = info.message.code.value if isinstance(info.message, CallError) else "ok"
            seconds = self._seconds(self._theirs, info.session, info.message_id)
            message_id, action = self._refused.get(info.session, (None, None))
            is_refused = info.action is None and info.message_id == message_id
            self._count("in", action if is_refused else info.action, outcome, seconds)

    def _look_at_events(self, info: HookInfo, events: object) -> None:
        for event in events if isinstance(events, tuple) else ():
            match event:
                case CallResultReceived(call):
                    seconds = self._seconds(self._ours, info.session, call.message_id)
                    self._count("out", call.action, "ok", seconds)
                case CallErrorReceived(call, code):
                    seconds = self._seconds(self._ours, info.session, call.message_id)
                    self._count("out", call.action, code.value, seconds)
                case SendReceived(action):
                    self._count("in", action, "ok", None)
                case _:
                    pass
            if isinstance(event, CallReceived | SendReceived | CallResultReceived):
                for violation in event.violations:  # what lenient validation let pass
                    self._count_violation(info.session.identity, violation.rule.value)

    def _count_report(self, report: Report) -> None:
        match report.event:
            case ProtocolViolated(error):
                self._count_violation(report.session.identity, error.rule.value)
                self._refused[report.session] = error.message_id, report.action
            case CallTimedOut(call):
                self._count("out", call.action, "timeout", None)
            case CallResultRejected(call):
                self._count("out", call.action, "invalid", None)
            case _:
                pass

    def _seconds(
        self,
        begun: WeakKeyDictionary[object, tuple[str, float]],
        session: object,
        message_id: str | None,
    ) -> float | None:
        noted = begun.get(session)
        return self._clock() - noted[1] if noted and noted[0] == message_id else None

    def _count(
        self, direction: str, action: str | None, outcome: str, seconds: float | None
    ) -> None:
        name = action if action in ACTIONS else OTHER
        labels = {"direction": direction, "action": name or OTHER, "outcome": outcome}
        for sink in self._sinks:
            sink.message(labels, seconds)

    def _count_violation(self, identity: str | None, rule: str) -> None:
        station = identity if identity and identity in self._stations else OTHER
        for sink in self._sinks:
            sink.violation({"station": station, "rule": rule})


class Waitable(Protocol):
    """A session of `serve`."""

    async def wait_closed(self) -> None:
        """Wait for the end of its connection."""


handlers = Handlers({"StatusNotification": lambda _: {}, "MeterValues": lambda _: {}})


async def main(port: int, metrics_port: int, stations: list[str]) -> None:
    """Serve until interrupted or terminated."""
    stopping = asyncio.Event()
    with suppress(NotImplementedError):  # on Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    registry = CollectorRegistry()
    metrics = Metrics(PrometheusSink(registry), stations=stations)
    web, thread = start_http_server(metrics_port, "127.0.0.1", registry)
    try:
        async with serve(
            metrics.on_station,
            "127.0.0.1",
            port,
            versions=list(Version),
            handlers=handlers,
            hooks=metrics.hooks,
        ) as server:
            print(f"listening on ws://127.0.0.1:{server.port}", flush=True)
            print(f"metrics at http://127.0.0.1:{web.server_port}/metrics", flush=True)
            await stopping.wait()
    finally:
        web.shutdown()
        web.server_close()
        thread.join()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9000, help="0 takes any that is free")
    parser.add_argument("--metrics-port", type=int, default=9100, help="the same")
    parser.add_argument("--stations", nargs="*", default=[], help="the identities to count by name")
    with suppress(KeyboardInterrupt):
        asyncio.run(main(**vars(parser.parse_args())))
