"""`Station`: a `Connection` that boots, keeps time, beats, and loses nothing that was posted.

It is a `Connection` with the same inputs, actions and outputs, and takes its place wherever one is wanted.
Whatever happens ends in `_settle`: gate, clock and outbox see each event once, and send what is theirs.
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from math import inf
from typing import Any, cast, overload

from msgspec import Struct
from msgspec.structs import replace

from ocpp_sansio.core import (
    UNREADABLE,
    Call,
    CallAborted,
    CallError,
    CallErrorReceived,
    CallOutcome,
    CallReceived,
    CallResult,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Config,
    Connection,
    ErrorCode,
    Event,
    Frame,
    JsonObject,
    LateResponseReceived,
    LocalProtocolError,
    Request,
    Response,
    Role,
    Unconfirmed,
    Version,
    member,
    plain,
    read_json,
    write_request,
)
from ocpp_sansio.registration import TRIGGERS, Registration, licensed_by
from ocpp_sansio.station.bodies import newest_time
from ocpp_sansio.station.clock import HEARTBEAT, StationClock
from ocpp_sansio.station.events import (
    ClockSet,
    Registered,
    StationEvent,
    StatusScope,
    StatusWanted,
    StoreDamaged,
)
from ocpp_sansio.station.gate import Service, StationGate
from ocpp_sansio.station.heartbeat import IdleTimer
from ocpp_sansio.station.outbox import Outbox, Posted
from ocpp_sansio.station.postings import read_posting
from ocpp_sansio.station.records import OpenTransaction, Record, Restored, StoreRequest
from ocpp_sansio.station.settings import BootReason, RetryId, StationSettings

__all__ = ["Boot", "NotRegistered", "Station"]

Boot = Callable[[Version, BootReason], Request[Any] | JsonObject]
"""Makes a BootNotification for a version: your station's make and model. In 2.x the reason is put in."""

_DEFAULT_CONFIG = Config()
_DEFAULT_SETTINGS = StationSettings()
_BOOT = "BootNotification"
_HEARTBEAT = "Heartbeat"
_OUTCOMES = (
    CallResultReceived,
    CallErrorReceived,
    CallResultRejected,
    CallTimedOut,
    CallAborted,
)


class NotRegistered(LocalProtocolError):  # noqa: N818 - it is what it is
    """This call may not leave before the CSMS has accepted the boot (B-22, B-30). Nothing has changed."""


class Station(Connection):
    """The protocol machine of one charging station, from its boot on, over any number of connections.

    Beside what a `Connection` asks for: take `store_requests` after each input and action, and say with
    `stored` or `store_failed` what became of them; a message that was posted leaves when it is stored.
    """

    __slots__ = (
        "_admitted",
        "_boot",
        "_boot_call",
        "_connections",
        "_frames_seen",
        "_gate",
        "_heard_at",
        "_heartbeat_call",
        "_idle",
        "_in_flight",
        "_late",
        "_latest_version",
        "_left_at",
        "_lost_at",
        "_outbox",
        "_raised",
        "_seen",
        "_settings",
        "_wants_heartbeat",
        "clock",
    )

    def __init__(
        self,
        boot: Boot,
        *,
        random: Callable[[], float],
        reason: BootReason = BootReason.POWER_UP,
        restored: Restored | None = None,
        settings: StationSettings = _DEFAULT_SETTINGS,
        config: Config = _DEFAULT_CONFIG,
    ) -> None:
        """Begin a boot (B-21).

        `boot` makes the BootNotification; `random` is like `random.random`; `restored` is what the store has
        kept, `reason` why the station boots. Raises ValueError for a reason that is none.
        """
        super().__init__(Role.STATION, config=config)
        restored = restored or Restored()
        self.clock = StationClock(
            floor=_floor_of(restored),
            sources=settings.time_sources,
            max_round_trip=settings.max_round_trip,
            patience=settings.clock_interval,
        )
        """What time it is; ask it for `utc(now=…)` (K-1)."""
        self._boot = boot
        self._settings = settings
        self._gate = StationGate(settings, random, reason)
        self._idle = IdleTimer(settings.heartbeat_interval, settings.clock_interval)
        self._outbox = Outbox(settings, restored)
        self._admitted: tuple[Service, Version | None] = (Service.ALL, None)
        self._boot_call: Call | None = None
        self._heartbeat_call: Call | None = None
        self._wants_heartbeat = False
        self._late: deque[Call] = deque(maxlen=config.max_late_calls)
        self._in_flight: Call | None = None
        self._left_at = -inf
        self._heard_at = -inf
        self._lost_at: float | None = None
        self._connections = 0
        self._latest_version = _newest_in(restored)
        self._seen = 0  # events at the head of the list that have been looked at
        self._frames_seen = 0
        self._raised: list[StationEvent] = []
        if restored.damage:
            self._raised.append(StoreDamaged(restored.damage.kept_as, restored.damage.reason))

    # --- inputs: what the world did -------------------------------------------------------------------

    def connected(self, version: Version | str, *, now: float) -> None:
        """Note that a connection is open; see `Connection.connected`. What is due leaves (B-21, T-8)."""
        super().connected(version, now=now)
        agreed = cast("Version", self.version)
        self._frames_seen = 0
        self._connections += 1
        self._latest_version = agreed
        self._heard_at = self._now
        self._gate.connected(agreed, now=self._now)
        self._outbox.connected(agreed, number=self._connections, now=self._now)
        if self._gate.registration is Registration.ACCEPTED:  # T-36
            away = self._now - self._lost_at if self._lost_at is not None else 0.0
            is_long = agreed is not Version.OCPP16 and away > self._settings.offline_threshold
            scope = StatusScope.ALL if is_long else StatusScope.CHANGED
            self._want_status(scope, away)
            is_unset = not self.clock.is_set and self._heartbeat_call is None
            self._wants_heartbeat = is_unset or self._wants_heartbeat  # T-37
        self._settle()

    def received(self, data: bytes | bytearray | memoryview | str, *, now: float) -> None:
        """Take one whole message from the peer; see `Connection.received`."""
        self._note_heard(now)
        super().received(data, now=now)
        self._settle()

    def handle_timeout(self, *, now: float) -> None:
        """Note that time has passed. Early, late or repeated: harmless. May add events and frames."""
        super().handle_timeout(now=now)
        self._settle()

    def disconnected(self, *, now: float) -> None:
        """Note that the connection is gone; see `Connection.disconnected`. Posted messages stay (T-12)."""
        was_connected = self.is_connected
        super().disconnected(now=now)
        if was_connected:
            self._lost_at = self._now
        self._gate.disconnected()
        self._outbox.disconnected()
        self._settle()

    def heard(self, *, now: float) -> None:
        """Note that anything at all came from the CSMS at `now`, which may be a while ago (T-14).

        Messages count anyway. A link and a session that has one tell of the last byte before a timeout is
        judged, so that a pong counts too; with a WebSocket of your own, tell it yourself.
        """
        self._note_heard(now)
        self._pass_time(now)
        self._settle()

    def _note_heard(self, now: float) -> None:
        self._heard_at = max(self._heard_at, now)

    def stored(self, token: int, *, now: float) -> None:
        """Note that the store has all that was asked of it up to a token, for good (D-4)."""
        self._pass_time(now)
        self._outbox.stored(token)
        self._settle()

    def store_failed(self, token: int, error: object, *, now: float) -> None:
        """Note that the store could not write what was asked up to a token, and why (D-9).

        It is asked again, with what comes next or after a while.
        """
        self._pass_time(now)
        self._outbox.store_failed(token, plain(str(error)), now=self._now)
        self._settle()

    def wall_clock(self, utc: datetime, source: str, *, now: float) -> None:
        """Note what time it is, an aware date-time, and who says so: "NTP" (K-2)."""
        self._pass_time(now)
        self._take_time(utc, source, sent_at=None)
        self._settle()

    # --- actions: what you want ------------------------------------------------------------------------

    @overload
    def post(
        self,
        request: Request[Any],
        payload: None = None,
        *,
        now: float,
        transaction: str | None = None,
        version: None = None,
        is_provisional: bool = False,
    ) -> Record: ...

    @overload
    def post(
        self,
        request: str,
        payload: JsonObject,
        *,
        now: float,
        transaction: str | None = None,
        version: Version | None = None,
        is_provisional: bool = False,
    ) -> Record: ...

    def post(
        self,
        request: Request[Any] | str,
        payload: JsonObject | None = None,
        *,
        now: float,
        transaction: str | None = None,
        version: Version | None = None,
        is_provisional: bool = False,
    ) -> Record:
        """Have a message delivered at least once, connected or not: it is stored first (T-2, D-1).

        `transaction` is, in 1.6, the key that you know the transaction by, such as a UUID, never used before;
        its transactionId is put in when the message leaves (T-20). In 2.x the message names it itself.
        `version` is that of a request by its name, by default the connection's. `is_provisional` says that
        its timestamps come from `clock.utc` before the clock was set: they are moved when it is (K-6).

        It is stored once `stored_token` has reached what `last_token` is now. Raises LocalProtocolError for a
        message that `send_call` would not take, for a transaction that was not begun, or was already, for a
        seqNo that is not the next one; and OutboxFull.
        """
        meant = self._version_of(request, version)
        action, body = write_request(meant, self._role, self._config, request, payload)
        posting = read_posting(meant, action, read_json(body), transaction)
        self._pass_time(now)
        record = self._outbox.post(
            meant,
            posting,
            body,
            now=self._now,
            utc=self.clock.seconds(now=self._now),
            is_provisional=is_provisional and not self.clock.is_set,
        )
        self._settle()
        return record

    def send_call(
        self,
        request: Request[Any] | str,
        payload: Any = None,
        *,
        now: float,
        timeout: float | None = None,
        message_id: str | None = None,
    ) -> Call:
        """Call the CSMS; see `Connection.send_call`. For what may be lost: all else is posted.

        Raises NotRegistered while the gate is closed to it (B-22, B-30), and what that raises.
        """
        action = request if isinstance(request, str) else getattr(request, "action", "")
        body = payload if isinstance(request, str) else request
        if self.is_connected:
            self._require_registered(action, body, max(now, self._now))
        call = super().send_call(
            cast("str", request), payload, now=now, timeout=timeout, message_id=message_id
        )
        self._gate.called(action, body)
        self._settle()
        return call

    def send_call_result(
        self, call: CallReceived, payload: Response | JsonObject, *, now: float
    ) -> CallResult:
        """Answer a call of the CSMS's; see `Connection.send_call_result`. It may license a call (B-30)."""
        answer = super().send_call_result(call, payload, now=now)
        self._gate.answered_csms(call.action, call.payload, payload, now=self._now)
        self._settle()
        return answer

    def forward_answer(
        self, call: CallReceived, frame: bytes | bytearray | memoryview | str, *, now: float
    ) -> CallResult | CallError:
        """Pass on somebody else's answer; see `Connection.forward_answer`. It may license a call (B-30)."""
        answer = super().forward_answer(call, frame, now=now)
        if isinstance(answer, CallResult):
            self._gate.answered_csms(call.action, call.payload, answer.payload, now=self._now)
        self._settle()
        return answer

    def send_call_error(
        self,
        call: CallReceived,
        code: ErrorCode,
        description: str = "",
        details: JsonObject | None = None,
        *,
        now: float,
    ) -> CallError:
        """Refuse a call of the CSMS's; see `Connection.send_call_error`."""
        error = super().send_call_error(call, code, description, details, now=now)
        self._settle()
        return error

    def send_call_result_error(
        self,
        result: CallResultReceived,
        code: ErrorCode,
        description: str = "",
        details: JsonObject | None = None,
        *,
        now: float,
    ) -> None:
        """Say that an answer is of no use; see `Connection.send_call_result_error`."""
        super().send_call_result_error(result, code, description, details, now=now)
        self._settle()

    def send_unconfirmed(
        self,
        message: Unconfirmed | str,
        payload: JsonObject | None = None,
        *,
        now: float,
        message_id: str | None = None,
    ) -> None:
        """Send a message that is never answered; see `Connection.send_unconfirmed`.

        Raises NotRegistered until the boot is accepted, and what that raises.
        """
        action = message if isinstance(message, str) else message.action
        if self.is_connected:
            self._require_registered(action, payload, max(now, self._now))
        super().send_unconfirmed(message, payload, now=now, message_id=message_id)
        self._settle()

    def withdraw(self, call: Call, *, now: float) -> bool:
        """Take back a call that has not left yet; see `Connection.withdraw`. Not one of the station's."""
        is_own = call is self._boot_call or call is self._heartbeat_call
        is_yours = not is_own and self._outbox.message_of(call) is None
        withdrawn = is_yours and super().withdraw(call, now=now)
        self._settle()
        return withdrawn

    def send_failed(self, call: Call, *, now: float) -> bool:
        """Say that a frame was not sent and never will be; see `Connection.send_failed`."""
        failed = super().send_failed(call, now=now)
        self._settle()
        return failed

    def close_transaction(self, key: str, *, now: float) -> None:
        """Say that no message will end a transaction: it is lost for good, or handed over.

        Raises LocalProtocolError if it was not begun, or its end is posted.
        """
        self._outbox.close_transaction(key)
        self._pass_time(now)
        self._settle()

    def discard(self, transaction: str | None = None, *, now: float) -> int:
        """Give up the messages that are queued: they are for another CSMS, say (T-38, D-2).

        Of one transaction, by its key, or all; the one in flight stays. Each is told as `GivenUp`.
        Transactions that run go on running: post their ends. Return how many messages there were.
        """
        self._pass_time(now)
        count = self._outbox.discard(transaction, now=self._now)
        self._settle()
        return count

    def keep(self, name: str, value: str | None, *, now: float) -> None:
        """Have a value written into the store under a name; None removes it. `Restored.values` has them."""
        self._pass_time(now)
        self._outbox.book.keep(name, value)
        self._settle()

    def flush_store(self, *, now: float) -> None:
        """Have written, with the next requests, what may wait otherwise; before you stop for good.

        Those are removals of what was delivered (D-8), and all that a store which has failed was asked for.
        """
        self._pass_time(now)
        self._outbox.book.flush()
        self._settle()

    def reregister(
        self, reason: BootReason | None = None, *, is_new_csms: bool = False, now: float
    ) -> None:
        """Boot anew, at once or with the next connection: what is told of the station has changed (B-36).

        With `is_new_csms` the CSMS is another one: nothing else leaves before it has accepted.
        """
        self._pass_time(now)
        self._gate.reregister(reason, is_new_csms=is_new_csms, now=self._now)
        if is_new_csms:
            self._abort_queued()  # B-38
        self._settle()

    def configure(self, config: Config | StationSettings, *, now: float) -> None:
        """Go on with other settings: those of the connection, or the station's own (T-17, K-12).

        Start from `station.config`, or from `station.settings`. Raises as `Connection.configure` does.
        """
        if isinstance(config, Config):
            super().configure(config, now=now)
            self._late = deque(self._late, maxlen=config.max_late_calls)
        else:
            self._pass_time(now)
            self._configure_station(config)
        self._settle()

    def _configure_station(self, settings: StationSettings) -> None:
        self._settings = settings
        self._gate.configure(settings)
        self._outbox.configure(settings)
        self._idle.interval = settings.heartbeat_interval
        self._idle.clock_interval = settings.clock_interval
        self.clock.configure(
            sources=settings.time_sources,
            max_round_trip=settings.max_round_trip,
            patience=settings.clock_interval,
        )

    # --- outputs ---------------------------------------------------------------------------------------

    def events(self) -> list[Event | StationEvent]:  # type: ignore[override]  # and more
        """Return what has happened since the last call, in order: `Event`s, and `StationEvent`s."""
        self._show()
        self._seen = 0
        return cast("list[Event | StationEvent]", super().events())

    def frames_to_send(self) -> list[Frame]:
        """Return what is to be sent since the last call, in order, each frame once."""
        self._frames_seen = 0
        return super().frames_to_send()

    def store_requests(self) -> list[StoreRequest]:
        """Return what the store is to do since the last call, in order (D-4).

        Any input or action may add some. Say `stored` or `store_failed` when it is done.
        """
        return self._outbox.store_requests()

    def next_timeout(self) -> float | None:
        """Return the moment by which `handle_timeout` wants to be called, on the caller's clock, or None.

        Ask without a connection, too. Any input or action may change it.
        """
        earliest = min(self._outbound.deadline, self._outbox.book.next_timeout)
        if self._has_room():
            earliest = min(earliest, self._next_sending())
        if not self.is_connected and self._gate.silent_until is not None:
            until = self._gate.silent_until
            earliest = min(earliest, until if until > self._now else inf)
        return None if earliest == inf else earliest

    @property
    def settings(self) -> StationSettings:
        """The settings as they are now, with the heartbeat interval that the CSMS has given."""
        return self._settings

    @property
    def latest_version(self) -> Version | None:
        """That of the connection, or of the last one, or of what the store has brought; None: none yet."""
        return self._latest_version

    @property
    def registration(self) -> Registration:
        """How far the station has come since its boot."""
        return self._gate.registration

    @property
    def silent_until(self) -> float | None:
        """With `hang_up_when_rejected`: hang up now, and do not dial before this moment (B-33). Else None."""
        return self._gate.silent_until

    @property
    def last_token(self) -> int:
        """The token of the newest request to the store."""
        return self._outbox.book.last_token

    @property
    def stored_token(self) -> int:
        """The token up to which the store has all."""
        return self._outbox.book.stored

    @property
    def settled_token(self) -> int:
        """The token up to which the store has all, or has failed: nothing waits for it any longer (D-9)."""
        return self._outbox.book.settled

    @property
    def open_transactions(self) -> tuple[OpenTransaction, ...]:
        """The transactions that were begun, in this boot or before, until their end is delivered (T-28)."""
        return self._outbox.transactions

    def queued_messages(self, transaction: str | None = None) -> int:
        """Return how many posted messages are not delivered, the one in flight included (T-9).

        Of one transaction, by its key, or all.
        """
        return self._outbox.queued(transaction)

    def next_seq_no(self, transaction: str) -> int:
        """Return the seqNo that the next event of a transaction of 2.x must have: 0 for a new one (T-26)."""
        known = self._outbox.transaction(transaction)
        return known.next_seq_no if known else 0

    def transaction_id(self, key: str) -> int | None:
        """Return the transactionId of 1.6 by your key; None: it is not known yet, or never will be (T-25).

        -1: the CSMS has never answered the start (T-21).
        """
        known = self._outbox.transaction(key)
        return known.transaction_id if known else None

    def transaction_of(self, transaction_id: int) -> str | None:
        """Return the key of the transaction that has this transactionId of 1.6; None: it is none of ours."""
        for transaction in self._outbox.transactions:
            if transaction.transaction_id == transaction_id:
                return transaction.key
        return None

    # --- what follows from an input or an action -------------------------------------------------------

    def _settle(self) -> None:
        """Let gate, clock and outbox see what has happened, and do what is due now."""
        self._look()
        self._outbox.book.handle_timeout(now=self._now)
        while self.is_connected and self._act():
            self._look()
        self._show()

    def _look(self) -> None:
        """Look at each new event once; keep those that are not ours."""
        while self._seen < len(self._events):
            event = self._events[self._seen]
            if self._takes(event):
                del self._events[self._seen]
            else:
                self._show()
                self._seen += 1
        self._show()
        self._note_frames()
        self._admit()

    def _show(self) -> None:
        """Put what we have noticed before the event that is looked at, so that the order is kept."""
        raised = [*self._raised, *self._outbox.events()]
        if not raised:
            return
        self._raised.clear()
        shown = cast("list[Event]", raised)
        self._events[self._seen : self._seen] = shown
        self._seen += len(shown)

    def _note_frames(self) -> None:
        """Note that something has left, for the heartbeat, and when our call in flight has."""
        if len(self._frames) > self._frames_seen:
            self._frames_seen = len(self._frames)
            self._idle.sent(now=self._now)
        call = self.outstanding_call
        if call is not None and call is not self._in_flight:
            self._left_at = self._now
            message = self._outbox.message_of(call)
            if message:
                message.sent_at = self._now
        self._in_flight = call

    def _admit(self) -> None:
        wanted = (self._gate.service, self.version)
        if wanted == self._admitted:
            return
        self._admitted = wanted
        if self._gate.service is Service.NONE:  # B-33
            self.admit((), silent=self.version is Version.OCPP16)
        else:
            self.admit(None)

    def _takes(self, event: Any) -> bool:
        """Look at an event; return whether it is no business of the application's."""
        if isinstance(event, CallReceived):
            return self._serves(event)
        if isinstance(event, _OUTCOMES):
            return self._takes_outcome(event)
        if isinstance(event, LateResponseReceived):
            message = self._outbox.message_of(event.call)
            if message:
                self._outbox.answered_late(message, event.data, now=self._now)
            return any(call is event.call for call in self._late)
        return False

    # --- calls of the CSMS that the station answers itself ------------------------------------------------

    def _serves(self, event: CallReceived) -> bool:
        if self._gate.refuses(event.action):
            self._answer(event, {"status": "Rejected"})  # B-29
            return True
        if event.action == "GetTransactionStatus" and self._settings.answer_status:
            self._answer(event, self._status_of(member(event.payload, "transactionId")))
            return True
        if event.action not in TRIGGERS:
            return False
        wanted = licensed_by(event.action, event.payload)
        if wanted == _BOOT:
            is_accepted = self._gate.triggered(now=self._now)  # B-28
            self._answer(event, {"status": "Accepted" if is_accepted else "Rejected"})
            return True
        if wanted == _HEARTBEAT:
            self._answer(event, {"status": "Accepted"})
            self._wants_heartbeat = True
            return True
        return False

    def _answer(self, event: CallReceived, payload: JsonObject) -> None:
        super().send_call_result(event, payload, now=self._now)
        self._gate.answered_csms(event.action, event.payload, payload, now=self._now)

    def _status_of(self, transaction: str | None) -> JsonObject:
        """Return what GetTransactionStatus is answered (T-9)."""
        if transaction is None:
            return {"messagesInQueue": self._outbox.has_queued_transactions}
        known = self._outbox.transaction(transaction)
        return {
            "ongoingIndicator": known is not None and not known.is_ended,
            "messagesInQueue": self._outbox.queued(transaction) > 0,
        }

    # --- outcomes ----------------------------------------------------------------------------------------

    def _takes_outcome(self, event: CallOutcome) -> bool:
        call = event.call
        message = self._outbox.message_of(call)
        if message is None and call is not self._boot_call and call is not self._heartbeat_call:
            self._note_heartbeat(event)
            self._fall_back(event)
            return False
        if isinstance(event, CallTimedOut):
            self._late.append(call)
        if call is self._boot_call:
            self._boot_call = None
            self._note_boot(event)
        elif call is self._heartbeat_call:
            self._heartbeat_call = None
            self._note_heartbeat(event)
            self._fall_back(event)
        elif message:
            self._note_delivery(message, event)
        return True

    def _note_boot(self, event: CallOutcome) -> None:
        self._idle.asked_for_time(now=self._now)
        status = member(event.payload, "status") if isinstance(event, CallResultReceived) else None
        if not isinstance(event, CallResultReceived) or status not in _ANSWERS:
            self._gate.unanswered(now=self._now)
            return
        before = self._gate.registration
        registration = _ANSWERS[status]
        interval = _seconds(member(event.payload, "interval"))
        self._gate.answered(registration, interval, now=self._now)
        current = _time_in(event)
        self._take_time(current, HEARTBEAT, sent_at=self._left_at)
        self._raised.append(Registered(registration, int(interval), current))
        if registration is Registration.ACCEPTED:
            if interval > 0:  # B-34
                self._settings = replace(self._settings, heartbeat_interval=interval)
                self._idle.interval = interval
            self._want_status(StatusScope.ALL, 0.0)  # B-35
            self._outbox.resume(now=self._now)
        elif before is not registration:
            self._abort_queued()

    def _note_heartbeat(self, event: CallOutcome) -> None:
        if isinstance(event, CallResultReceived) and event.call.action == _HEARTBEAT:
            self._take_time(_time_in(event), HEARTBEAT, sent_at=self._left_at)  # K-2
            self._idle.asked_for_time(now=self._now)

    def _note_delivery(self, message: Posted, event: CallOutcome) -> None:
        outbox, now = self._outbox, self._now
        if isinstance(event, CallResultReceived):
            outbox.answered(message, event.payload, event.violations, now=now)
        elif isinstance(event, CallResultRejected):
            outbox.rejected(message, event, now=now)
        elif isinstance(event, CallTimedOut):
            outbox.timed_out(message, event, heard_at=self._heard_at, now=now)
        elif isinstance(event, CallAborted):
            # Where the gate has closed it is we who took it back, and not the transport that refused it.
            outcome = event if self._gate.is_open or not self.is_connected else None
            outbox.aborted(message, outcome, was_sent=event.was_sent, now=now)
        elif self._is_stranger(event):  # T-13
            outbox.aborted(message, None, was_sent=False, now=now)
            self._abort_queued()
        else:
            outbox.failed(message, event, now=now)

    def _fall_back(self, event: CallOutcome) -> None:
        if isinstance(event, CallErrorReceived) and self._is_stranger(event):
            self._abort_queued()

    def _is_stranger(self, event: CallErrorReceived) -> bool:
        is_barred = event.code is ErrorCode.SECURITY_ERROR
        return is_barred and self._gate.refused_as_stranger(now=self._now)

    def _abort_queued(self) -> None:
        """Take back what has not left yet and may not any more: all but a boot (B-22, B-38)."""
        for call in self.queued_calls:
            if call is self._boot_call:
                continue
            super().withdraw(call, now=self._now)
            self._events.append(CallAborted(call, was_sent=False))
        # The answer that closed the gate has let the next call into the slot: its frame is still here.
        outstanding = self.outstanding_call
        if outstanding is None or outstanding is self._boot_call:
            return
        untaken = [frame for frame in self._frames if frame.message is not outstanding]
        if len(untaken) < len(self._frames):
            self._frames = untaken
            self._frames_seen = len(untaken)
            super().send_failed(outstanding, now=self._now)

    def _take_time(self, utc: Any, source: str, *, sent_at: float | None) -> None:
        noted = self.clock.sample(utc, source, now=self._now, sent_at=sent_at)
        if isinstance(noted, ClockSet) and noted.was_provisional:
            self._outbox.clock_set(noted.step)  # K-6
        if noted:
            self._raised.append(noted)

    # --- what is due -------------------------------------------------------------------------------------

    def _act(self) -> bool:
        """Send the next thing that is due; return whether there was one."""
        if not self._has_room():
            return False
        if self._gate.wants_boot and self._gate.due <= self._now and self._boot_call is None:
            self._send_boot()
            return True
        if self._heartbeat_is_due():
            self._send_heartbeat()
            return True
        if not self._gate.is_open:
            return False
        message = self._outbox.take_due(now=self._now)
        if message:
            self._send_posted(message)
        return message is not None

    def _has_room(self) -> bool:
        """Whether a call of ours could be queued: not before you have taken what waits for you."""
        most = self._config.max_undrained
        is_drained = len(self._events) < most and len(self._frames) < most
        has_place = not self._outbound.in_flight or (
            len(self._outbound) < self._config.max_queued_calls
        )
        return self.is_connected and is_drained and has_place

    def _next_sending(self) -> float:
        earliest = inf
        if self._gate.wants_boot and self._boot_call is None:
            earliest = self._gate.due
        if self._gate.is_open:
            earliest = min(earliest, self._outbox.due())
            if self._heartbeat_call is None:
                earliest = min(earliest, self._heartbeat_due())
        return earliest

    def _send_boot(self) -> None:
        version = cast("Version", self.version)
        reason = self._gate.reason
        self._gate.boot_sent()
        try:
            request: Any = self._boot(version, reason)
            if version is not Version.OCPP16:  # B-23
                request = _with_reason(request, reason)
            if isinstance(request, dict):
                self._boot_call = super().send_call(_BOOT, request, now=self._now)
            else:
                self._boot_call = super().send_call(request, now=self._now)
        except BaseException:
            # A mistake in `boot` is yours to see, and not endless.
            self._gate.unanswered(now=self._now)
            raise

    def _heartbeat_due(self) -> float:
        """Return when the next Heartbeat is due; one that only says that we are there waits for the slot."""
        due = self._idle.idle_due if self.outstanding_call is None else inf
        if self.clock.listens_to(HEARTBEAT, now=self._now):  # K-9
            due = min(due, self._idle.clock_due)
        return due

    def _heartbeat_is_due(self) -> bool:
        if self._heartbeat_call is not None:  # K-11: one at a time
            return False
        if self._wants_heartbeat:
            return self._gate.may_call(_HEARTBEAT, None, now=self._now)
        return self._gate.is_open and self._heartbeat_due() <= self._now

    def _send_heartbeat(self) -> None:
        self._wants_heartbeat = False
        self._idle.asked_for_time(now=self._now)
        self._heartbeat_call = self._send_own(_HEARTBEAT, {})

    def _send_own(self, action: str, payload: JsonObject) -> Call:
        """Send a call of the station's own: no gate is asked any more."""
        return super().send_call(action, payload, now=self._now)

    def _want_status(self, scope: StatusScope, offline_for: float) -> None:
        self._raised.append(StatusWanted(scope, offline_for))

    def _send_posted(self, message: Posted) -> None:
        same = self._settings.retry_id is RetryId.SAME  # T-18
        message_id = message.calls[-1].message_id if same and message.calls else None
        try:
            body = self._outbox.body_of(message)
            call = super().send_call(
                message.record.action, body, now=self._now, message_id=message_id
            )
        except (LocalProtocolError, *UNREADABLE):
            self._outbox.unsendable(message, now=self._now)  # T-39
        else:
            self._outbox.sent(message, call, now=self._now)

    # --- what has to be so before anything changes ---------------------------------------------------------

    def _require_registered(self, action: str, body: Any, now: float) -> None:
        if action == _BOOT:
            raise LocalProtocolError(
                "the station sends its BootNotification by itself; reregister() has it sent anew"
            )
        if not self._gate.may_call(action, body, now=now):
            state = self._gate.registration.value
            raise NotRegistered(
                f"{plain(str(action))} may not leave: the boot is not accepted yet ({state})"
            )

    def _version_of(self, request: Any, version: Version | None) -> Version:
        if isinstance(request, Struct):
            return cast("Version", getattr(request, "version", None) or self._newest_version())
        return Version.parse(version) if version is not None else self._newest_version()

    def _newest_version(self) -> Version:
        if self.version is None:
            raise LocalProtocolError(
                "of which version is this? There was no connection: say version="
            )
        return self.version


_ANSWERS = {
    status.value: status
    for status in (Registration.ACCEPTED, Registration.PENDING, Registration.REJECTED)
}


def _floor_of(restored: Restored) -> float | None:
    """Return a time that has been; nothing is to seem earlier than what was noted without a clock (K-6)."""
    noted = (newest_time(record.body) for record in restored.records if record.posted_at is None)
    times = [time for time in (restored.utc_floor, *noted) if time is not None]
    return max(times, default=None)


def _newest_in(restored: Restored) -> Version | None:
    """Return the version that the station has spoken last, as far as its store tells."""
    if restored.records:
        return restored.records[-1].version
    return restored.transactions[-1].version if restored.transactions else None


def _with_reason(request: Any, reason: BootReason) -> Any:
    if isinstance(request, dict):
        return request | {"reason": reason.value}
    before = getattr(request, "reason", None)
    if before is None:
        return request  # no BootNotification of 2.x: what checks it says so
    return replace(request, reason=type(before)(reason.value))


def _time_in(event: CallResultReceived) -> datetime | None:
    """Return currentTime, unless something is wrong with it, such as no zone (K-5)."""
    current = member(event.payload, "currentTime")
    is_wrong = any(violation.path == "$.currentTime" for violation in event.violations)
    return current if isinstance(current, datetime) and not is_wrong else None


def _seconds(interval: Any) -> float:
    """Return an interval that counts: none below 0, which the schema of 1.6 allows (B-26)."""
    is_number = isinstance(interval, int) and not isinstance(interval, bool)
    return float(max(0, interval)) if is_number else 0.0
