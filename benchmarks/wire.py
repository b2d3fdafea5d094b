"""The messages that are measured, as they travel. Every contender is given these very bytes."""

from collections.abc import Iterator
from itertools import cycle

HEARTBEAT = b"{}"
HEARTBEAT_ANSWER = b'{"currentTime":"2026-11-22T20:19:05Z"}'
BOOT_NOTIFICATION = (
    b'[2,"boot","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]'
)
"""The whole frame, which is sent once."""
START_TRANSACTION = (
    b'{"connectorId":1,"idTag":"04A1B2C3D4E5F6","meterStart":1234567,'
    b'"timestamp":"2026-11-22T20:19:05Z"}'
)

_MEASURANDS = [
    (b"Energy.Active.Import.Register", b"Wh"),
    (b"Power.Active.Import", b"W"),
    (b"Current.Import", b"A"),
    (b"Voltage", b"V"),
]


def meter_values(samples: int = 4) -> bytes:
    """Return a 1.6 MeterValues payload; with 4 samples its CALL has 602 bytes."""
    return (
        b'{"connectorId":1,"transactionId":1234,'
        b'"meterValue":[{"timestamp":"2026-11-22T20:19:05Z","sampledValue":[%b]}]}'
        % b",".join(_sample(*_MEASURANDS[number % len(_MEASURANDS)]) for number in range(samples))
    )


def _sample(measurand: bytes, unit: bytes) -> bytes:
    return (
        b'{"value":"293.6","context":"Sample.Periodic","measurand":"%b","location":"Outlet",'
        b'"unit":"%b"}' % (measurand, unit)
    )


METER_VALUES = meter_values()


def data_transfer(length: int) -> bytes:
    """Return a 1.6 DataTransfer payload with a text of that many bytes."""
    return b'{"vendorId":"V","data":"%b"}' % (b"x" * length)


TRANSACTION_EVENT = (
    b'{"eventType":"Updated","timestamp":"2026-11-22T20:19:05Z","triggerReason":"MeterValuePeriodic",'
    b'"seqNo":17,"transactionInfo":{"transactionId":"9f2c1c5e-6f0e-4b0a-9d53-2c0f7a6d1b11",'
    b'"chargingState":"Charging"},"evse":{"id":1,"connectorId":1},'
    b'"meterValue":[{"timestamp":"2026-11-22T20:19:05Z","sampledValue":[%b]}]}'
    % b",".join(
        b'{"value":2935.600,"context":"Sample.Periodic","measurand":"%b","location":"Outlet",'
        b'"unitOfMeasure":{"unit":"%b"}}' % row
        for row in _MEASURANDS
    )
)
"""Valid in 2.0.1 and in 2.1: 4 samples, whose values are JSON numbers."""

ID_LENGTH = 36
DISTINCT = 64
"""Frames with ids of their own that a contender is given in turn: no cache of recent ids may hit."""


def message_id(number: int) -> bytes:
    """Return an id like everybody's: a UUID's text."""
    return b"550e8400-e29b-41d4-a716-%012x" % number


def call(action: str, payload: bytes, number: int = 0) -> bytes:
    """Return a CALL."""
    return b'[2,"%b","%b",%b]' % (message_id(number), action.encode(), payload)


def id_in(frame: bytes) -> bytes:
    """Return the message id of a frame whose head is written without spaces, as all of ours are."""
    return frame[4 : 4 + ID_LENGTH]


def with_other_ids(frame: bytes, distinct: int) -> Iterator[bytes]:
    """Return copies of a CALL without end, `distinct` ids by turns."""
    head, tail = frame[:4], frame[4 + ID_LENGTH :]
    return cycle([head + message_id(number) + tail for number in range(distinct)])


def calls(action: str, payload: bytes, distinct: int = DISTINCT) -> Iterator[bytes]:
    """Return CALLs without end, `distinct` of them by turns."""
    return with_other_ids(call(action, payload), distinct)


def is_result(message: bytes, answer: bytes) -> bool:
    """Whether a CALL got its CALLRESULT."""
    return answer.startswith(b'[3,"%b",{' % id_in(message)) and answer.endswith(b"}]")


def is_call(_: bytes, call: bytes) -> bool:
    """Whether a station's Heartbeat looks like one."""
    return call == b'[2,"%b","Heartbeat",{}]' % id_in(call)


def is_no_result(_: bytes, answer: bytes) -> bool:
    """Whether a message was refused, or passed over in silence."""
    return not answer or answer.startswith(b"[4,")
