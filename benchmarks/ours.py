"""ocpp_sansio in process: a `Connection`, fed by hand."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle

from benchmarks import wire
from benchmarks.timings import Step
from ocpp_sansio import (
    CallReceived,
    CallResultReceived,
    Config,
    Connection,
    Response,
    Role,
    Version,
    v16,
    v21,
    v201,
)
from ocpp_sansio.registration import CsmsGate, Registration

Answer = Callable[[], Response]

NOW = 1.0

VERSIONS = {"v16": Version.OCPP16, "v201": Version.OCPP201, "v21": Version.OCPP21}

ANSWERS: dict[tuple[str, str], Answer] = {
    ("v16", "BootNotification"): lambda: v16.BootNotificationResponse(
        status=v16.RegistrationStatus.ACCEPTED, current_time=datetime.now(UTC), interval=1
    ),
    ("v16", "Heartbeat"): lambda: v16.HeartbeatResponse(current_time=datetime.now(UTC)),
    ("v16", "MeterValues"): v16.MeterValuesResponse,
    ("v16", "StartTransaction"): lambda: v16.StartTransactionResponse(
        id_tag_info=v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED), transaction_id=1234
    ),
    ("v16", "DataTransfer"): lambda: v16.DataTransferResponse(
        status=v16.DataTransferStatus.ACCEPTED
    ),
    ("v201", "TransactionEvent"): v201.TransactionEventResponse,
    ("v21", "TransactionEvent"): v21.TransactionEventResponse,
}


CONFIG = Config(max_message_size=2 * 1024 * 1024)
"""Growth is shown up to messages of 1 MB, which the default refuses."""


def connect(role: Role, version: str, config: Config = CONFIG) -> Connection:
    """Return a connected `Connection`."""
    connection = Connection(role, config=config)
    connection.connected(VERSIONS[version], now=NOW)
    return connection


def csms(version: str, action: str, connections: int = 1) -> Step:
    """Return CSMS connections that take a CALL by turns: bytes in, typed event, typed answer, bytes out."""
    turns = cycle([connect(Role.CSMS, version) for _ in range(connections)])
    make_answer = ANSWERS[version, action]

    def step(frame: bytes) -> bytes:
        connection = next(turns)
        connection.received(frame, now=NOW)
        for event in connection.events():
            connection.send_call_result(event, make_answer(), now=NOW)  # type: ignore[arg-type]
        return connection.frames_to_send()[0].data

    return step


def gated_csms(version: str, action: str) -> Step:
    """Return the same with its gate, whose station has booted and was accepted; as sessions go by it."""
    connection = connect(Role.CSMS, version)
    gate = CsmsGate(connection)
    connection.received(wire.BOOT_NOTIFICATION, now=NOW)
    for event in connection.events():
        gate.send_call_result(event, ANSWERS[version, "BootNotification"](), now=NOW)  # type: ignore[arg-type]
    connection.frames_to_send()
    assert gate.registration is Registration.ACCEPTED
    make_answer = ANSWERS[version, action]

    def step(frame: bytes) -> bytes:
        connection.received(frame, now=NOW)
        for event in connection.events():
            target = gate if event.action == "BootNotification" else connection  # type: ignore[union-attr]
            target.send_call_result(event, make_answer(), now=NOW)  # type: ignore[arg-type]
        return connection.frames_to_send()[0].data

    return step


def refusing_csms(version: str) -> Step:
    """Return a CSMS that is given what it must refuse, or ignore."""
    connection = connect(Role.CSMS, version)

    def step(frame: bytes) -> bytes:
        connection.received(frame, now=NOW)
        for event in connection.events():
            assert not isinstance(event, CallReceived), f"accepted: {frame[:200]!r}"
        return b"".join(frame.data for frame in connection.frames_to_send())

    return step


def station_heartbeat(queued: int = 0) -> Step:
    """Return a station with `queued` calls waiting: one call more, an answer in, its outcome out."""
    config = Config(max_queued_calls=queued + 1)
    connection = connect(Role.STATION, "v16", config)
    request = v16.HeartbeatRequest()
    for _ in range(queued + 1 if queued else 0):
        connection.send_call(request, now=NOW)
    in_flight = connection.frames_to_send()[0].data if queued else b""

    def step(payload: bytes) -> bytes:
        nonlocal in_flight
        connection.send_call(request, now=NOW)
        if not queued:
            in_flight = connection.frames_to_send()[0].data
        connection.received(b'[3,"%b",%b]' % (wire.id_in(in_flight), payload), now=NOW)
        (outcome,) = connection.events()
        assert isinstance(outcome, CallResultReceived)
        if queued:
            in_flight = connection.frames_to_send()[0].data
        return in_flight

    return step
