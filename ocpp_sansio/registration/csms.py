"""`CsmsGate`: what a CSMS serves of a station, and may send it, by its registration (B-40 to B-47).

Not a kind of `Connection` but beside one: it tells it what to admit, and so a station that was accepted
costs nothing.
"""

from enum import StrEnum
from typing import Any

from ocpp_sansio.core import (
    Call,
    CallAborted,
    CallError,
    CallErrorReceived,
    CallReceived,
    CallResult,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Connection,
    ForeignCall,
    ForeignFrame,
    JsonObject,
    LocalProtocolError,
    Request,
    Response,
    Role,
    member,
    plain,
)
from ocpp_sansio.registration.licences import ANY_ACTION, REMOTE_CONTROL, TRIGGERS, licensed_by
from ocpp_sansio.registration.states import Registration

__all__ = ["CsmsGate", "NotAllowedYet", "Unknown"]

_NOTHING: frozenset[str] = frozenset()  # one for all: each takes up memory
_FAILURES = (CallErrorReceived, CallResultRejected, CallTimedOut, CallAborted)


class Unknown(StrEnum):
    """What becomes of the calls of a station that has not booted since this CSMS knows of it (B-42)."""

    SERVE = "serve"
    """They are served: a station does not boot again because it has connected again."""
    BAR = "bar"
    """They get SecurityError, which makes a station boot that knows of it."""


class NotAllowedYet(LocalProtocolError):  # noqa: N818 - it is what it says: not yet
    """This call may not be sent to a station that is not accepted (B-43). Nothing has changed."""


class CsmsGate:
    """The registration of one station, over one `Connection` of the CSMS.

    Send calls and answers through it, and show it each event. `registration` is yours to keep, under the
    station's identity: it outlives connections (B-40), and is given to the gate of the next one.
    """

    __slots__ = ("_asked", "_connection", "_granted", "_registration", "_remarks", "_unknown")

    def __init__(
        self,
        connection: Connection,
        *,
        registration: Registration = Registration.UNKNOWN,
        unknown: Unknown = Unknown.SERVE,
    ) -> None:
        """Guard a connection; raises ValueError for a station's, or for a word that is none of theirs."""
        if connection.role is not Role.CSMS:
            raise ValueError("the gate of a CSMS goes with the connection of one")
        self._connection = connection
        self._registration = Registration(registration)
        self._unknown = Unknown(unknown)
        self._asked: dict[str, str] = {}
        """By the id of our call without an answer, the action that it licenses: a station may be quick."""
        self._granted = _NOTHING
        self._remarks: tuple[str, ...] = ()
        self._admit()

    @property
    def registration(self) -> Registration:
        """How far the station has come; changed by our answer to its BootNotification only (B-40)."""
        return self._registration

    def send_call(
        self,
        request: Request[Any] | str,
        payload: JsonObject | None = None,
        *,
        now: float,
        timeout: float | None = None,
        message_id: str | None = None,
    ) -> Call:
        """Call the station as `Connection.send_call` does, and license what the call asks for (B-44).

        Raises NotAllowedYet for what its registration does not allow (B-43), and what that raises.
        """
        action = request if isinstance(request, str) else request.action
        body = payload if isinstance(request, str) else request
        licensed = licensed_by(action, body)
        self._require_allowed(action, licensed)
        call = (
            self._connection.send_call(
                request, payload, now=now, timeout=timeout, message_id=message_id
            )
            if isinstance(request, str)
            else self._connection.send_call(
                request, now=now, timeout=timeout, message_id=message_id
            )
        )
        self._note_asked(call, licensed)
        return call

    def forward_call(
        self,
        frame: ForeignFrame,
        *,
        now: float,
        timeout: float | None = None,
    ) -> Call:
        """Pass on a CALL of somebody else's as `Connection.forward_call` does; otherwise like `send_call`."""
        asked = ForeignCall.of(frame)
        licensed = licensed_by(asked.action, asked.payload)
        self._require_allowed(asked.action, licensed)
        call = self._connection.forward_call(asked, now=now, timeout=timeout)
        self._note_asked(call, licensed)
        return call

    def send_call_result(
        self, call: CallReceived, payload: Response | JsonObject, *, now: float
    ) -> CallResult:
        """Answer as `Connection.send_call_result` does; the answer to a BootNotification registers (B-40).

        One with a status that is none, which passes where answers are not checked, changes nothing.
        """
        answer = self._connection.send_call_result(call, payload, now=now)
        self._note_answered(call, answer)
        return answer

    def forward_answer(
        self, call: CallReceived, frame: bytes | bytearray | memoryview | str, *, now: float
    ) -> CallResult | CallError:
        """Pass on somebody else's answer as `Connection.forward_answer` does; it registers likewise."""
        answer = self._connection.forward_answer(call, frame, now=now)
        if isinstance(answer, CallResult):
            self._note_answered(call, answer)
        return answer

    def follow(self, registration: Registration) -> None:
        """Note what the same station was answered on another connection (B-40)."""
        if registration is not self._registration:
            self._register(Registration(registration))

    def observe(self, event: object) -> None:
        """Look at an event of the connection: what becomes of a call that licensed something (B-44)."""
        if isinstance(event, CallResultReceived):
            licensed = self._asked.pop(event.call.message_id, None)
            if licensed and member(event.payload, "status") == "Accepted":
                self._granted |= {licensed}
            elif licensed:
                self._admit()
        elif isinstance(event, _FAILURES) and event.call.message_id in self._asked:
            del self._asked[event.call.message_id]
            self._admit()

    def remarks(self) -> list[str]:
        """Return what is allowed and yet unwise, for a log, since the last call (B-45)."""
        remarks, self._remarks = self._remarks, ()
        return list(remarks)

    def _note_answered(self, call: CallReceived, answer: CallResult) -> None:
        if call.action == "BootNotification":
            status = member(answer.payload, "status")
            if isinstance(status, str) and status in _ANSWERS:
                self._register(Registration(str(status)))

    def _register(self, registration: Registration) -> None:
        if registration is not Registration.PENDING or self._registration in _ENDED:
            self._granted = _NOTHING
        if registration is Registration.REJECTED:
            self._asked.clear()  # B-41: nothing is licensed any more
        self._registration = registration
        self._admit()

    def _admit(self) -> None:
        state = self._registration
        licensed = self._granted.union(self._asked.values())
        is_served = state is Registration.ACCEPTED or (
            state is Registration.UNKNOWN and self._unknown is Unknown.SERVE
        )
        if is_served or ANY_ACTION in licensed:
            self._connection.admit(None)
        else:
            self._connection.admit({"BootNotification"} | licensed)

    def _require_allowed(self, action: str, licensed: str | None) -> None:
        state = self._registration
        is_boot_wanted = action in TRIGGERS and licensed == "BootNotification"
        if state is Registration.REJECTED and not is_boot_wanted:  # B-43
            raise NotAllowedYet(
                f"{plain(action)}: a rejected station may be sent nothing but a trigger of its "
                "BootNotification"
            )
        if state is Registration.PENDING and action in REMOTE_CONTROL:
            raise NotAllowedYet(f"{plain(action)}: the boot of this station is still pending")
        if state is Registration.ACCEPTED and is_boot_wanted and len(self._remarks) < MAX_REMARKS:
            self._remarks += (
                "a station that was accepted refuses to be triggered to boot until it boots again",
            )

    def _note_asked(self, call: Call, licensed: str | None) -> None:
        if licensed:
            self._asked[call.message_id] = licensed
            self._admit()


_ANSWERS = frozenset({"Accepted", "Pending", "Rejected"})
_ENDED = frozenset({Registration.ACCEPTED, Registration.REJECTED})

MAX_REMARKS = 16
"""Remarks that wait to be taken."""
