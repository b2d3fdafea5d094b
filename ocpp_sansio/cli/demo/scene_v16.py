"""The charge in OCPP 1.6, from both sides."""

import asyncio
from datetime import UTC, datetime, timedelta

from ocpp_sansio import v16
from ocpp_sansio.asyncio import Session
from ocpp_sansio.session import Handlers, IncomingCall

__all__ = ["Station", "csms_handlers"]

CONNECTOR = 1
CARD = "CARD-4711"
TRANSACTION = 1
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""When the story begins. Its clock is made up, so that it reads the same every time."""
METER = (120_500, 124_200, 128_000)
"""Wh on the meter: at the start, half an hour later, and when the CSMS has seen enough."""
ENOUGH = METER[-1]
ACCEPTED = v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED)


def csms_handlers() -> Handlers:
    """Return a management system that knows one card, and ends a charge that has got enough."""
    handlers = Handlers()

    @handlers.on(v16.BootNotificationRequest)
    def boot(_: v16.BootNotificationRequest) -> v16.BootNotificationResponse:
        return v16.BootNotificationResponse(
            status=v16.RegistrationStatus.ACCEPTED, current_time=NOON, interval=300
        )

    @handlers.on(v16.StatusNotificationRequest)
    def status(_: v16.StatusNotificationRequest) -> v16.StatusNotificationResponse:
        return v16.StatusNotificationResponse()

    @handlers.on(v16.AuthorizeRequest)
    def authorize(request: v16.AuthorizeRequest) -> v16.AuthorizeResponse:
        known = request.id_tag == CARD
        refusal = v16.IdTagInfo(status=v16.AuthorizationStatus.INVALID)
        return v16.AuthorizeResponse(id_tag_info=ACCEPTED if known else refusal)

    @handlers.on(v16.StartTransactionRequest)
    def start(_: v16.StartTransactionRequest) -> v16.StartTransactionResponse:
        return v16.StartTransactionResponse(id_tag_info=ACCEPTED, transaction_id=TRANSACTION)

    @handlers.on(v16.MeterValuesRequest)
    def meter(_: v16.MeterValuesRequest) -> v16.MeterValuesResponse:
        return v16.MeterValuesResponse()

    @handlers.after(v16.MeterValuesRequest)
    async def stop_if_enough(request: v16.MeterValuesRequest, call: IncomingCall) -> None:
        if int(request.meter_value[0].sampled_value[0].value) >= ENOUGH:
            await call.session.call(v16.RemoteStopTransactionRequest(transaction_id=TRANSACTION))

    @handlers.on(v16.StopTransactionRequest)
    def stop(_: v16.StopTransactionRequest) -> v16.StopTransactionResponse:
        return v16.StopTransactionResponse(id_tag_info=ACCEPTED)

    return handlers


class Station:
    """A charging station with one connector, and a car that takes what it gets."""

    def __init__(self) -> None:
        self._told_to_stop = asyncio.Event()
        self.handlers = Handlers()
        self.handlers.on(v16.RemoteStopTransactionRequest)(self._accept_stop)
        self.handlers.after(v16.RemoteStopTransactionRequest)(self._stop)

    async def charge(self, session: Session) -> None:
        """Boot, charge until told to stop, and tell the CSMS all of it."""
        await session.call(
            v16.BootNotificationRequest(
                charge_point_vendor="Example", charge_point_model="Demo One"
            )
        )
        await self._report(session, v16.ChargePointStatus.AVAILABLE)
        await session.call(v16.AuthorizeRequest(id_tag=CARD))
        started = await session.call(
            v16.StartTransactionRequest(
                connector_id=CONNECTOR, id_tag=CARD, meter_start=METER[0], timestamp=NOON
            )
        )
        await self._report(session, v16.ChargePointStatus.CHARGING)
        for reading, wh in enumerate(METER[1:], start=1):
            await session.call(
                v16.MeterValuesRequest(
                    connector_id=CONNECTOR,
                    transaction_id=started.transaction_id,
                    meter_value=[_meter_value(wh, NOON + reading * timedelta(minutes=30))],
                )
            )
        await self._told_to_stop.wait()
        await session.call(
            v16.StopTransactionRequest(
                transaction_id=started.transaction_id,
                meter_stop=METER[-1],
                timestamp=NOON + timedelta(hours=1),
                reason=v16.Reason.REMOTE,
            )
        )
        await self._report(session, v16.ChargePointStatus.AVAILABLE)

    async def _report(self, session: Session, status: v16.ChargePointStatus) -> None:
        await session.call(
            v16.StatusNotificationRequest(
                connector_id=CONNECTOR, error_code=v16.ChargePointErrorCode.NO_ERROR, status=status
            )
        )

    def _accept_stop(
        self, request: v16.RemoteStopTransactionRequest
    ) -> v16.RemoteStopTransactionResponse:
        known = request.transaction_id == TRANSACTION
        status = v16.RemoteStartStopStatus
        return v16.RemoteStopTransactionResponse(
            status=status.ACCEPTED if known else status.REJECTED
        )

    def _stop(self, _: v16.RemoteStopTransactionRequest) -> None:
        self._told_to_stop.set()


def _meter_value(wh: int, timestamp: datetime) -> v16.MeterValue:
    """Return one reading of the energy meter."""
    reading = v16.SampledValue(value=str(wh), unit=v16.UnitOfMeasure.WH)
    return v16.MeterValue(timestamp=timestamp, sampled_value=[reading])
