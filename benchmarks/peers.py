"""PyPI ocpp in process: its `ChargePoint`, fed by hand, with a connection that keeps what it is sent."""

# mypy: disable-error-code="untyped-decorator"
# ruff: noqa: PLC0415 - a process imports what it measures, and nothing of the other contenders

import importlib
from datetime import UTC, datetime
from typing import Any

import ocpp.messages
from ocpp.routing import on

from benchmarks import wire
from benchmarks.timings import AsyncStep


class _Connection:
    """What `ChargePoint` wants of a WebSocket."""

    def __init__(self) -> None:
        self.sent = ""

    async def send(self, message: str) -> None:
        self.sent = message


def set_validation(*, in_thread: bool) -> None:
    """Choose how payloads are validated; in a thread is the default, and the slower one."""
    ocpp.messages.ASYNC_VALIDATION = in_thread


def make_csms(version: str) -> type[Any]:
    """Return a `ChargePoint` of ocpp.v16, v201 or v21 that answers what we measure."""
    package = importlib.import_module(f"ocpp.{version}")
    results = importlib.import_module(f"ocpp.{version}.call_result")

    class Csms(package.ChargePoint):  # type: ignore[name-defined,misc]  # a module found by name
        @on("Heartbeat")
        def on_heartbeat(self) -> Any:
            return results.Heartbeat(current_time=datetime.now(UTC).isoformat())

        @on("MeterValues")
        def on_meter_values(self, **_: Any) -> Any:
            return results.MeterValues()

        @on("StartTransaction")
        def on_start_transaction(self, **_: Any) -> Any:
            return results.StartTransaction(transaction_id=1234, id_tag_info={"status": "Accepted"})

        @on("TransactionEvent")
        def on_transaction_event(self, **_: Any) -> Any:
            return results.TransactionEvent()

    return Csms


def csms(version: str) -> AsyncStep:
    """Return a CSMS: a CALL's bytes in, the answer's out."""
    connection = _Connection()
    charge_point = make_csms(version)("CP001", connection)

    async def step(frame: bytes) -> bytes:
        await charge_point.route_message(frame)
        return connection.sent.encode()

    return step


def station_heartbeat() -> AsyncStep:
    """Return a station: `call()`, its CALL answered at once, its outcome returned."""
    from ocpp.v16 import ChargePoint, call

    class Answering(_Connection):
        payload = b""

        async def send(self, message: str) -> None:
            self.sent = message
            frame = message.encode()
            await charge_point.route_message(b'[3,"%b",%b]' % (wire.id_in(frame), self.payload))

    connection = Answering()
    charge_point = ChargePoint("CP001", connection)

    async def step(payload: bytes) -> bytes:
        connection.payload = payload
        outcome = await charge_point.call(call.Heartbeat())
        assert outcome is not None
        assert outcome.current_time
        return connection.sent.encode()

    return step
