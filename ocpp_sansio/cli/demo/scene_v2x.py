"""The charge in OCPP 2.0.1 and 2.1, from both sides.

What this charge says has the same names in both, so one scene serves both: `messages` is the package of the
version. That costs it the type checkers' help; scene_v16.py shows what it looks like with it.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

from ocpp_sansio.asyncio import Session
from ocpp_sansio.session import Handlers, IncomingCall

__all__ = ["Station", "csms_handlers"]

EVSE, CONNECTOR = 1, 1
CARD = "CARD-4711"
TRANSACTION = "T-1"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""When the story begins. Its clock is made up, so that it reads the same every time."""
METER = (Decimal(120_500), Decimal(124_200), Decimal(128_000))
"""Wh on the meter: at the start, half an hour later, and when the CSMS has seen enough."""
ENOUGH = METER[-1]


def csms_handlers(messages: ModuleType) -> Handlers:
    """Return a management system that knows one card, and ends a charge that has got enough."""
    handlers = Handlers()
    status = messages.AuthorizationStatusEnumType
    accepted = messages.IdTokenInfoType(status=status.ACCEPTED)

    @handlers.on("BootNotification")
    def boot(_: object) -> Any:
        return messages.BootNotificationResponse(
            status=messages.RegistrationStatusEnumType.ACCEPTED, current_time=NOON, interval=300
        )

    @handlers.on("StatusNotification")
    def take_status(_: object) -> Any:
        return messages.StatusNotificationResponse()

    @handlers.on("Authorize")
    def authorize(request: Any) -> Any:
        known = request.id_token.id_token == CARD
        refusal = messages.IdTokenInfoType(status=status.UNKNOWN)
        return messages.AuthorizeResponse(id_token_info=accepted if known else refusal)

    @handlers.on("TransactionEvent")
    def take_event(request: Any) -> Any:
        # The token is judged where one is named, which is when a transaction starts.
        return messages.TransactionEventResponse(
            id_token_info=accepted if request.id_token else None
        )

    @handlers.after("TransactionEvent")
    async def stop_if_enough(request: Any, call: IncomingCall) -> None:
        is_update = request.event_type is messages.TransactionEventEnumType.UPDATED
        if is_update and request.meter_value[0].sampled_value[0].value >= ENOUGH:
            transaction = request.transaction_info.transaction_id
            await call.session.call(
                messages.RequestStopTransactionRequest(transaction_id=transaction)
            )

    return handlers


class Station:
    """A charging station with one connector, and a car that takes what it gets."""

    def __init__(self, messages: ModuleType) -> None:
        self._messages = messages
        self._told_to_stop = asyncio.Event()
        self.handlers = Handlers()
        self.handlers.on("RequestStopTransaction")(self._accept_stop)
        self.handlers.after("RequestStopTransaction")(self._stop)

    async def charge(self, session: Session) -> None:
        """Boot, charge until told to stop, and tell the CSMS all of it."""
        m = self._messages
        kind, trigger = m.TransactionEventEnumType, m.TriggerReasonEnumType
        charging = {"charging_state": m.ChargingStateEnumType.CHARGING}
        card = m.IdTokenType(id_token=CARD, type="ISO14443")
        me = m.ChargingStationType(model="Demo One", vendor_name="Example")
        await session.call(
            m.BootNotificationRequest(charging_station=me, reason=m.BootReasonEnumType.POWER_UP)
        )
        await self._report(session, m.ConnectorStatusEnumType.AVAILABLE)
        await session.call(m.AuthorizeRequest(id_token=card))
        await session.call(
            self._event(
                0, kind.STARTED, trigger.AUTHORIZED, charging, id_token=card, evse=self._evse()
            )
        )
        await self._report(session, m.ConnectorStatusEnumType.OCCUPIED)
        for reading in range(1, len(METER)):
            await session.call(
                self._event(reading, kind.UPDATED, trigger.METER_VALUE_PERIODIC, charging)
            )
        await self._told_to_stop.wait()
        stopped = {"stopped_reason": m.ReasonEnumType.REMOTE}
        await session.call(self._event(len(METER), kind.ENDED, trigger.REMOTE_STOP, stopped))
        await self._report(session, m.ConnectorStatusEnumType.AVAILABLE)

    def _event(
        self, seq_no: int, kind: object, trigger: object, info: dict[str, Any], **more: object
    ) -> Any:
        """Return the transaction's event number `seq_no`, with what the meter reads then (Q-4)."""
        m = self._messages
        reading = min(seq_no, len(METER) - 1)
        timestamp = NOON + reading * timedelta(minutes=30)
        watt_hours = m.SampledValueType(
            value=METER[reading], unit_of_measure=m.UnitOfMeasureType(unit="Wh")
        )
        return m.TransactionEventRequest(
            event_type=kind,
            timestamp=timestamp,
            trigger_reason=trigger,
            seq_no=seq_no,
            transaction_info=m.TransactionType(transaction_id=TRANSACTION, **info),
            meter_value=[m.MeterValueType(timestamp=timestamp, sampled_value=[watt_hours])],
            **more,
        )

    def _evse(self) -> Any:
        return self._messages.EVSEType(id=EVSE, connector_id=CONNECTOR)

    async def _report(self, session: Session, status: object) -> None:
        await session.call(
            self._messages.StatusNotificationRequest(
                timestamp=NOON, connector_status=status, evse_id=EVSE, connector_id=CONNECTOR
            )
        )

    def _accept_stop(self, request: Any) -> Any:
        m = self._messages
        status = m.RequestStartStopStatusEnumType
        known = request.transaction_id == TRANSACTION
        return m.RequestStopTransactionResponse(
            status=status.ACCEPTED if known else status.REJECTED
        )

    def _stop(self, _: object) -> None:
        self._told_to_stop.set()
