"""`Scribe`: writes calls that somebody else carries, and reads what is answered, without a connection."""

from math import inf
from typing import Any

from msgspec import Struct

from ocpp_sansio.core.calls import Pending
from ocpp_sansio.core.codec import CALL, UNREADABLE, Codec, InResult, codec_for, write_call
from ocpp_sansio.core.config import Config, Role
from ocpp_sansio.core.events import (
    CallErrorReceived,
    CallResultReceived,
    CallResultRejected,
    Event,
)
from ocpp_sansio.core.frames import Call, JsonObject
from ocpp_sansio.core.incoming import read_payload
from ocpp_sansio.core.messages import Kind, Request, Response
from ocpp_sansio.core.outgoing import check_id, identify, write_checked
from ocpp_sansio.core.reception import Reception
from ocpp_sansio.core.versions import Version

__all__ = ["Scribe", "WrittenCall"]


class WrittenCall(Struct, eq=False, frozen=True):
    """A call as it travels, and what its answer is read by."""

    call: Call
    data: bytes
    """Its frame."""
    response_type: type[Response] | None
    """None for an action outside the catalogue."""
    codec: Codec


class Scribe:
    """Checks and reads as a `Connection` does, and keeps nothing: no slot, no line, no time."""

    def __init__(self, role: Role, config: Config) -> None:
        """Make one for a side, which goes by these settings."""
        self._role = role
        self._config = config

    def write(
        self,
        version: Version,
        request: Request[Any] | str,
        payload: Request[Any] | JsonObject | None = None,
        *,
        message_id: str,
    ) -> WrittenCall:
        """Return a call, with the id of whoever carries it.

        Raises LocalProtocolError, as `Connection.send_call` does, for what is invalid or not ours to send.
        """
        codec, config = codec_for(version, self._config.max_depth), self._config
        name, body, action = identify(codec, self._role, config, request, payload, kind=Kind.CALL)
        text = write_checked(codec, config, name, body, action.request if action else None)
        call = Call(check_id(message_id), name, body)
        data = write_call(CALL, message_id, name, text)
        return WrittenCall(call, data, action.response if action else None, codec)

    def read(
        self, written: WrittenCall, data: bytes
    ) -> CallResultReceived | CallErrorReceived | CallResultRejected | None:
        """Return what the answer to a call is; None if it is none to this one. Never raises."""
        if self._config.mend is None and len(data) <= self._config.max_message_size:
            result = self._read_result(written, data)
            if result:
                return result
        for event in _Reader(self._role, self._config).read(written, data):
            if isinstance(event, CallResultReceived | CallErrorReceived | CallResultRejected):
                return event
        return None

    def _read_result(self, written: WrittenCall, data: bytes) -> CallResultReceived | None:
        """Return a CALLRESULT that is as it should be; the rest is to be looked at closely."""
        codec, call = written.codec, written.call
        try:
            frame = codec.read_frame(data)
        except UNREADABLE:
            return None
        if not isinstance(frame, InResult) or frame.message_id != call.message_id:
            return None
        payload, violations = read_payload(
            codec, self._config, call.action, written.response_type, frame.payload
        )
        return None if violations else CallResultReceived(call, payload, (), data)


class _Reader(Reception):
    """The receiving half of a connection, in the moment before the answer comes."""

    __slots__ = ()

    def read(self, written: WrittenCall, data: bytes) -> list[Event]:
        """Return what comes of it."""
        self._outbound.add(Pending(written.call, written.data, inf, written.response_type))
        self._outbound.release(self._now)
        self._take(written.codec, data)
        return self._events
