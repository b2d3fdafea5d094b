"""`ForeignCall`: somebody else's CALL, read once for all who look at it on its way to the peer."""

from typing import TypeAlias

import msgspec
from msgspec import Struct

from ocpp_sansio.core.codec import UNREADABLE, InCall, read_json, to_bytes
from ocpp_sansio.core.errors import LocalProtocolError
from ocpp_sansio.core.frames import JsonObject
from ocpp_sansio.core.texts import plain, quote

__all__ = ["ForeignCall", "ForeignFrame"]


class ForeignCall(Struct, frozen=True, gc=False):
    """A CALL that is to be sent on: `Connection.forward_call` takes it in the place of its bytes."""

    message_id: str
    """Theirs: it is sent on under another."""
    action: str
    payload: JsonObject
    text: bytes
    """The payload as it came."""
    data: bytes
    """The whole message as it came."""

    @classmethod
    def of(cls, frame: "ForeignFrame") -> "ForeignCall":
        """Read one; return one that was read as it is.

        Raises LocalProtocolError for what is none, TypeError for what is no message at all.
        """
        if isinstance(frame, ForeignCall):
            return frame
        data = to_bytes(frame)
        try:
            call = _read_call(data)
            payload = read_json(call.payload)
        except UNREADABLE as error:
            raise LocalProtocolError(f"no CALL to send on: {plain(str(error))}") from None
        if not isinstance(payload, dict):
            raise LocalProtocolError(f"no CALL to send on: {quote(data)}")
        return cls(call.message_id, call.action, payload, bytes(call.payload), data)


ForeignFrame: TypeAlias = bytes | bytearray | memoryview | str | ForeignCall
"""Somebody else's CALL, read or not."""

_read_call = msgspec.json.Decoder(InCall).decode
