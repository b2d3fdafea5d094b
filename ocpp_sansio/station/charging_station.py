"""`ChargingStation`: a `Station` with its parts joined, which says in either generation what goes on at it.

It answers for its configuration and to triggers, tells the status of its connectors, has its meters read on
time, and makes the messages of a charge. What is left is yours: who may charge, the contactor, the meter.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import partial
from math import inf
from typing import Any, TypedDict, cast

from ocpp_sansio.core import (
    Call,
    CallAborted,
    CallOutcome,
    CallReceived,
    CallResultReceived,
    CallTimedOut,
    Config,
    JsonObject,
    LateResponseReceived,
    LocalProtocolError,
    Version,
    member,
    quote,
    require_whole,
)
from ocpp_sansio.registration import TRIGGERS
from ocpp_sansio.station.charge_messages import ChargeMessages, Message
from ocpp_sansio.station.configuration import ConfigurationStore
from ocpp_sansio.station.events import (
    ClockSet,
    RemoteStart,
    RemoteStop,
    StatusScope,
    Triggered,
)
from ocpp_sansio.station.meter_schedule import (
    MeterPlan,
    MeterReading,
    MeterSchedule,
    ReadingContext,
)
from ocpp_sansio.station.meters import Meters, ReadMeter
from ocpp_sansio.station.outbox import OutboxFull
from ocpp_sansio.station.payloads import (
    ENERGY,
    ConnectorStatus,
    IdToken,
    Sample,
    StopReason,
    is_among,
    meter_value_2x,
    meter_value_16,
    status_2x,
    status_16,
)
from ocpp_sansio.station.records import OpenTransaction, Record, Restored
from ocpp_sansio.station.security_events import SecurityEvent
from ocpp_sansio.station.settings import BootReason, StationSettings
from ocpp_sansio.station.station import Boot, Station
from ocpp_sansio.station.status_board import StatusBoard, StatusReport
from ocpp_sansio.station.triggers import TriggeredMessage, TriggerRouter

__all__ = ["ChargingStation"]

_DEFAULT_CONFIG = Config()
_DEFAULT_SETTINGS = StationSettings()
_STEP_WORTH_TELLING = 20.0
"""TimeAdjustmentReportingThreshold: the step of a clock, in seconds, that is a security event (K-4)."""
_MOST_TRIGGERED = 64
"""Messages that were asked for and wait for their turn; further triggers are rejected."""
_MOST_VALUES = 100
"""Readings for the message that ends a transaction, where StopTransactionMaxMeterValues does not say."""
_CONNECTION_TIMEOUT = 60
"""Seconds for which a remote start holds its connector, where ConnectionTimeOut does not say."""
_ROUTED = {
    Version.OCPP16: frozenset({"StatusNotification", "MeterValues"}),
    Version.OCPP201: frozenset({"StatusNotification", "MeterValues", "TransactionEvent"}),
    Version.OCPP21: frozenset({"StatusNotification", "MeterValues", "TransactionEvent"}),
}


class _Facts(TypedDict):
    """What each message of a running transaction has in it."""

    utc: datetime
    seq_no: int
    status: ConnectorStatus


class ChargingStation(Station):
    """A whole station of connectors numbered from 1, each an EVSE of its own in 2.x.

    Where a message goes by the version, it is the connection's; without one, `latest_version`. A transaction
    keeps the version that it was started with.
    """

    __slots__ = (
        "_board",
        "_charges",
        "_connectors",
        "_errors",
        "_has_own_plan",
        "_has_stepped",
        "_is_configured",
        "_meters",
        "_own_calls",
        "_plan",
        "_promised",
        "_reports",
        "_schedule",
        "_serves_remote",
        "_since",
        "_statuses",
        "_triggered",
        "_triggers",
        "_unanswered",
        "configuration",
    )

    def __init__(
        self,
        boot: Boot,
        *,
        random: Callable[[], float],
        read_meter: ReadMeter,
        connectors: int = 1,
        configuration: ConfigurationStore | None = None,
        plan: MeterPlan | None = None,
        triggers: Collection[str] = (),
        serves_remote: bool = True,
        version: Version | None = None,
        reason: BootReason = BootReason.POWER_UP,
        restored: Restored | None = None,
        settings: StationSettings = _DEFAULT_SETTINGS,
        config: Config = _DEFAULT_CONFIG,
    ) -> None:
        """Begin a boot, as `Station` does, with so many `connectors`, all of them Available.

        `configuration` is what a CSMS of 1.6 may read and change; what it says about the station counts.
        `plan` says what is measured when: None, what `configuration` says. `triggers` are the messages that
        you make yourself when the CSMS wants them, such as "FirmwareStatusNotification": see `Triggered`.
        `version` is what a station speaks that was never connected, so that it can charge all the same.
        With `serves_remote`, remote starts and stops are answered, and told of: `RemoteStart`, `RemoteStop`.
        """
        require_whole("connectors", connectors, 1)
        self.configuration = configuration
        """The keys of 1.6; None if there are none. What you `set` is obeyed and kept at the next input."""
        if configuration:
            settings = configuration.station_settings(settings)
        super().__init__(
            boot, random=random, reason=reason, restored=restored, settings=settings, config=config
        )
        self._latest_version = self._latest_version or version
        self._meters = Meters(read_meter)
        self._connectors = range(1, connectors + 1)
        self._has_own_plan = plan is not None
        self._plan = plan or _plan_of(configuration)
        self._schedule = MeterSchedule(self._plan, self._connectors)
        self._triggers = frozenset(triggers)
        self._serves_remote = serves_remote
        self._board = StatusBoard(minimum_duration=self._minimum_duration)
        self._statuses = dict.fromkeys((0, *self._connectors), ConnectorStatus.AVAILABLE)
        self._errors = dict.fromkeys(self._statuses, "NoError")
        self._since: dict[int, float] = {}
        self._charges: dict[str, ChargeMessages] = {}
        self._reports: deque[StatusReport] = deque()
        self._triggered: deque[TriggeredMessage] = deque()
        self._own_calls: dict[str, StatusReport | None] = {}
        self._unanswered: dict[int, tuple[Call, StatusReport]] = {}
        self._promised: dict[int, float] = {}  # until when, to a remote start
        self._has_stepped = False
        self._is_configured = True

    # --- what goes on at the station -------------------------------------------------------------------

    def set_status(
        self, connector: int, status: ConnectorStatus | str, *, now: float, error: str = "NoError"
    ) -> None:
        """Note what a connector is doing, 0 the station as a whole; the CSMS is told when it may be.

        `error` is the errorCode of 1.6. In 2.x a transaction's chargingState follows. Raises ValueError for a
        connector that there is not, or a status that is none.
        """
        if connector not in self._statuses:
            raise ValueError(f"there is no connector {quote(str(connector))}")
        status = ConnectorStatus(status)
        self._pass_time(now)
        if (status, error) != (self._statuses[connector], self._errors[connector]):
            self._statuses[connector], self._errors[connector] = status, error
            self._since[connector] = self._now
        if self.version:
            self._put_on_board(connector, self.version)
        charge = self._charge_at(connector)
        if charge:
            self._post_quietly(charge.changed(**self._facts(charge)), charge)
        self._settle()

    def status(self, connector: int) -> ConnectorStatus:
        """Return what a connector is doing; raises KeyError for one that there is not."""
        return self._statuses[connector]

    def start(
        self,
        key: str,
        connector: int,
        id_token: IdToken | str,
        *,
        now: float,
        remote_start_id: int | None = None,
    ) -> Record:
        """Post the start of a transaction, connected or not: close the contactor once it is stored.

        `key` names it, such as a UUID, never used before (T-20, T-26). Raises LocalProtocolError for a
        connector that there is not or that is in use, and for a station that knows of no version yet,
        OutboxFull, and what reading the meter raises; nothing has changed then.
        """
        if connector not in self._connectors:
            raise LocalProtocolError(f"there is no connector {quote(str(connector))}")
        if self._charge_at(connector):
            raise LocalProtocolError(f"a transaction runs at connector {connector} already")
        version = self._version_now
        self._pass_time(now)
        charge = ChargeMessages(key, connector, version, most_values=self._most_values)
        register = self._meters.register(connector)
        samples = (
            self._meters.with_register(connector, self._plan.started, register)
            if version is not Version.OCPP16
            else ()
        )
        utc, status = self.clock.utc(now=self._now), self._statuses[connector]
        message = charge.started(
            id_token, register, samples, utc=utc, status=status, remote_start_id=remote_start_id
        )
        record = self._post(message, version, key)
        self._charges[key] = charge
        self._promised.pop(connector, None)
        begin = self._schedule.started(connector, key, now=self._now)
        self._keep(charge, begin, self._meters.samples(connector, begin.keep))
        self._settle()
        return record

    def decline(self, connector: int, *, now: float) -> None:
        """Give up what a `RemoteStart` wanted at a connector, so that another may be accepted there.

        Without it the connector is held until you `start` there, or ConnectionTimeOut is over. Raises
        ValueError for a connector that there is not.
        """
        if connector not in self._connectors:
            raise ValueError(f"there is no connector {quote(str(connector))}")
        self._pass_time(now)
        self._promised.pop(connector, None)
        self._settle()

    def stop(
        self,
        key: str,
        reason: StopReason | str = StopReason.LOCAL,
        *,
        now: float,
        id_token: IdToken | str | None = None,
    ) -> Record:
        """Post the end of a transaction, also of one that an earlier boot has left open: see `interrupted`.

        `id_token` is what it was stopped with, if anything. Raises LocalProtocolError for a transaction that
        does not run, ValueError for a reason that is none, and what reading the meter raises if it was never
        read before.
        """
        reason = StopReason(reason)
        known = self._open(key)
        self._pass_time(now)
        charge = self._charges.get(key) or self._charge_of(known)
        register = self._meters.last_register(charge.connector)
        samples = self._meters.with_register(charge.connector, self._plan.end_sampled, register)
        if charge.version is Version.OCPP16:
            samples = tuple(each for each in samples if is_among(each, self._plan.end_sampled))
        end = partial(
            charge.ended,
            reason,
            register,
            samples,
            utc=self.clock.utc(now=self._now),
            utc_of=lambda at: self.clock.utc(now=at),
            seq_no=self.next_seq_no(key),
            id_token=id_token,
        )
        try:
            record = self._post(end(), charge.version, key)
        except LocalProtocolError as error:  # over a value that is none, a charge is to be billed
            record = self._post(end(has_data=False), charge.version, key)
            self._meters.failed(charge.connector, error)
        if self._charges.pop(key, None):
            self._schedule.ended(charge.connector)
        self._settle()
        return record

    @property
    def interrupted(self) -> tuple[OpenTransaction, ...]:
        """The transactions that an earlier boot has left open: `stop` each of them, or `resume` it (T-28)."""
        return tuple(
            each
            for each in self.open_transactions
            if not each.is_ended and each.key not in self._charges
        )

    def resume(self, key: str, *, now: float) -> Record | None:
        """Go on with a transaction that an earlier boot has left open; what 2.1 wants to be told is posted.

        Return that, None where a version has no word for it. Raises LocalProtocolError for one that is not
        open, or goes on already, or whose connector is in use (T-28).
        """
        known = self._open(key)
        charge = self._charge_of(known)
        if key in self._charges or self._charge_at(charge.connector):
            raise LocalProtocolError(f"the transaction {quote(key)} cannot go on: one runs there")
        self._pass_time(now)
        message = charge.resumed(**self._facts(charge))
        record = self._post(message, charge.version, key) if message else None
        self._charges[key] = charge
        self._schedule.started(charge.connector, key, now=self._now)
        self._settle()
        return record

    def report_security(self, event: SecurityEvent, *, now: float, info: str = "") -> Record | None:
        """Post a security event if it is a critical one; None: it is for the station's own log only (T-3).

        `info` is its techInfo. Raises LocalProtocolError for a station that was never connected, OutboxFull.
        """
        version = self._version_now
        if not event.is_critical(version):
            return None
        self._pass_time(now)
        record = self._post(self._security_event(event, version, info), version, None)
        self._settle()
        return record

    # --- inputs and outputs of a connection, with what the parts make of them ---------------------------

    def connected(self, version: Version | str, *, now: float) -> None:
        """Note that a connection is open; see `Station.connected`."""
        self._pass_time(now)
        agreed = Version.parse(version)
        for connector in self._statuses:
            self._put_on_board(connector, agreed)
        super().connected(version, now=now)

    def disconnected(self, *, now: float) -> None:
        """Note that the connection is gone; see `Station.disconnected`."""
        for report in self._reports:
            self._board.undelivered(report)
        self._reports.clear()
        self._tell_again()
        self._triggered.clear()
        super().disconnected(now=now)

    def next_timeout(self) -> float | None:
        """Return the moment by which `handle_timeout` wants to be called; see `Station.next_timeout`."""
        times = [super().next_timeout(), self._next_reading()]
        if self._gate.is_open and self._has_room():
            times.append(self._board.next_timeout())
        return min((time for time in times if time is not None), default=None)

    # --- what follows from an input or an action -------------------------------------------------------

    def _settle(self) -> None:
        super()._settle()
        if self._now == -inf:
            return
        if self.configuration and not (self._is_configured and self.configuration.is_settled):
            self._is_configured = True
            self._go_by_configuration(self.configuration)
        for reading in self._schedule.take(now=self._now, utc=self.clock.seconds(now=self._now)):
            self._send_reading(reading)
        if self._has_stepped:
            self._has_stepped = False
            event = SecurityEvent.SETTING_SYSTEM_TIME
            self._post_quietly(self._security_event(event, self._version_now), None)
        self._raised += self._meters.failures()
        self._show()

    def _act(self) -> bool:
        if self._wants_heartbeat and super()._act():  # the time, before what happened at it (T-37)
            return True
        return self._tell() or super()._act()

    def _tell(self) -> bool:
        """Tell the next thing about the connectors; return whether there was one (T-37)."""
        if not self._has_room():
            return False
        if self._triggered:
            self._send_triggered(self._triggered.popleft())
            return True
        if not self._gate.is_open:
            return False
        if not self._reports:
            self._reports.extend(self._board.take(now=self._now))
        if self._reports:
            self._send_status(self._reports.popleft())
        return bool(self._reports)

    def _takes_outcome(self, event: CallOutcome) -> bool:
        takes = super()._takes_outcome(event)
        if event.call.message_id not in self._own_calls:
            return takes
        report = self._own_calls.pop(event.call.message_id)
        if isinstance(event, CallTimedOut):
            self._late.append(event.call)
        if report is None:
            return True
        connector = cast("int", report.connector)
        if isinstance(event, CallAborted):
            self._board.undelivered(report)
        elif isinstance(event, CallTimedOut):
            self._unanswered[connector] = event.call, report
        else:
            self._unanswered.pop(connector, None)
        return True

    def _takes(self, event: Any) -> bool:
        if isinstance(event, LateResponseReceived):
            for connector, (call, _) in [*self._unanswered.items()]:
                if call is event.call:
                    del self._unanswered[connector]
        return super()._takes(event)

    def _note_heartbeat(self, event: CallOutcome) -> None:
        super()._note_heartbeat(event)
        if isinstance(event, CallResultReceived) and event.call.action == "Heartbeat":
            self._tell_again()

    def _tell_again(self) -> None:
        """Have the board tell what nobody has answered.

        Not sooner than the next heartbeat or connection: it would go before all that is queued, each time.
        """
        for _, report in self._unanswered.values():
            self._board.undelivered(report)
        self._unanswered.clear()

    def _note_boot(self, event: CallOutcome) -> None:
        super()._note_boot(event)
        self._is_configured = False  # the interval of the heartbeat is another, perhaps (B-34)

    def _want_status(self, scope: StatusScope, offline_for: float) -> None:
        self._board.want(scope)
        super()._want_status(scope, offline_for)

    def _take_time(self, utc: Any, source: str, *, sent_at: float | None) -> None:
        before = len(self._raised)
        super()._take_time(utc, source, sent_at=sent_at)
        for event in self._raised[before:]:
            if isinstance(event, ClockSet) and not event.was_provisional:
                is_wanted = self.latest_version not in {None, Version.OCPP16}
                self._has_stepped |= is_wanted and abs(event.step) > _STEP_WORTH_TELLING  # K-4

    # --- calls of the CSMS that are answered here --------------------------------------------------------

    def _serves(self, event: CallReceived) -> bool:
        if super()._serves(event):
            return True
        action, payload = event.action, event.payload
        if self.configuration and self.version is Version.OCPP16:
            if action == "GetConfiguration":
                self._answer(event, self.configuration.answer_get(payload))
                return True
            if action == "ChangeConfiguration":
                self._answer(event, self.configuration.answer_change(payload))
                return True
        if action in TRIGGERS:
            self._route(event)
            return True
        if not self._serves_remote:
            return False
        if action in {"RemoteStartTransaction", "RequestStartTransaction"}:
            self._serve_start(event)
            return True
        if action in {"RemoteStopTransaction", "RequestStopTransaction"}:
            self._serve_stop(event)
            return True
        return False

    def _go_by_configuration(self, configuration: ConfigurationStore) -> None:
        self._raised += configuration.settle(self, now=self._now)
        self._board.configure(minimum_duration=self._minimum_duration)
        if not self._has_own_plan:
            self._plan = _plan_of(configuration)
            self._schedule.configure(self._plan, now=self._now)

    def _route(self, event: CallReceived) -> None:
        version = self._version_now
        router = TriggerRouter(
            _ROUTED[version] | self._triggers, evses=dict.fromkeys(self._connectors, 1)
        )
        running = {charge.connector for charge in self._charges.values()}
        route = router.route(version, event.action, event.payload, running=running)
        if len(self._triggered) + len(route.messages) > _MOST_TRIGGERED + len(self._connectors):
            self._answer(event, {"status": "Rejected"})
            return
        self._answer(event, route.answer)  # first, and then the messages
        for message in route.messages:
            if message.action in _ROUTED[version]:
                self._triggered.append(message)
            else:
                self._raised.append(Triggered(message))

    def _serve_start(self, event: CallReceived) -> None:
        payload = event.payload
        if self.version is Version.OCPP16:
            wanted, text, kind = member(payload, "connectorId"), member(payload, "idTag"), ""
        else:
            id_token = member(payload, "idToken")
            wanted, text = member(payload, "evseId"), member(id_token, "idToken")
            kind = str(member(id_token, "type"))
        free = [each for each in self._connectors if self._is_free(each) and wanted in {None, each}]
        if not free or not isinstance(text, str):
            self._answer(event, {"status": "Rejected"})
            return
        self._answer(event, {"status": "Accepted"})
        token = IdToken(text, kind) if kind else IdToken(text)
        remote_start_id = member(payload, "remoteStartId")
        timeout = self._configured("ConnectionTimeOut", _CONNECTION_TIMEOUT)
        self._promised[free[0]] = self._now + timeout
        self._raised.append(RemoteStart(free[0], token, remote_start_id, payload))

    def _serve_stop(self, event: CallReceived) -> None:
        named = member(event.payload, "transactionId")
        key = self.transaction_of(named) if self.version is Version.OCPP16 else named
        charge = self._charges.get(key or "")
        if charge is None:
            self._answer(event, {"status": "Rejected"})
            return
        self._answer(event, {"status": "Accepted"})
        self._raised.append(RemoteStop(charge.key, charge.connector))

    # --- what is told --------------------------------------------------------------------------------------

    def _put_on_board(self, connector: int, version: Version) -> None:
        """Note a status in the words of a version, so that what is the same in it is not told again."""
        status, error = self._statuses[connector], self._errors[connector]
        shown = (status, error) if version is Version.OCPP16 else status.in_2x
        self._board.set(connector, shown, now=self._since.setdefault(connector, self._now))

    def _send_status(self, report: StatusReport, *, is_triggered: bool = False) -> None:
        connector = cast("int", report.connector)
        status = self._statuses[connector]
        at = self.clock.utc(now=self._now if is_triggered else report.since)
        if self.version is Version.OCPP16:
            self._call(
                "StatusNotification",
                status_16(connector, status, self._errors[connector], at),
                report,
            )
        elif connector:
            self._call("StatusNotification", status_2x(connector, status, at), report)

    def _send_triggered(self, message: TriggeredMessage) -> None:
        """Send what was asked for, with what is so now: it is called, never queued (T-1)."""
        connector = message.connector if self.version is Version.OCPP16 else message.evse
        if connector is None or not self._gate.may_call(message.action, None, now=self._now):
            return
        if message.action == "StatusNotification":
            for report in self._board.current(connector):
                self._send_status(report, is_triggered=True)
            return
        charge = self._charge_at(connector)
        samples = self._meters.samples(connector, self._triggered_measurands)
        told = tuple(each for each in samples if is_among(each, self._triggered_measurands))
        if message.action == "TransactionEvent" and charge:
            message_of_it = charge.read(told, ReadingContext.TRIGGER, **self._facts(charge))
            self._post_quietly(message_of_it, charge)
        elif told:
            self._call_with_values(connector, told, ReadingContext.TRIGGER, charge)

    def _send_reading(self, reading: MeterReading) -> None:
        connector = reading.connector
        samples = self._meters.samples(connector, (*reading.send, *reading.keep))
        charge = self._charges.get(reading.transaction or "")
        self._keep(charge, reading, samples)
        told = tuple(each for each in samples if is_among(each, reading.send))
        version = charge.version if charge else self.latest_version
        if not told or version is None:
            return
        if charge:
            self._post_quietly(charge.read(told, reading.context, **self._facts(charge)), charge)
        elif version is Version.OCPP16:
            value = meter_value_16(told, reading.context, self.clock.utc(now=self._now))
            body = {"connectorId": connector, "meterValue": [value]}
            self._post_quietly(("MeterValues", body), None, connector)
        elif self._gate.is_open and self._has_room():  # of an idle EVSE, it may be lost (T-1)
            self._call_with_values(connector, told, reading.context, None)

    def _keep(
        self, charge: ChargeMessages | None, reading: MeterReading, samples: Iterable[Sample]
    ) -> None:
        """Keep a reading for the message that ends its transaction."""
        if charge:
            kept = [each for each in samples if is_among(each, reading.keep)]
            charge.keep(kept, reading.context, now=self._now)

    def _call_with_values(
        self,
        connector: int,
        samples: Iterable[Sample],
        context: ReadingContext,
        charge: ChargeMessages | None,
    ) -> None:
        utc = self.clock.utc(now=self._now)
        if self.version is Version.OCPP16:
            value = meter_value_16(samples, context, utc)
            body: JsonObject = {"connectorId": connector, "meterValue": [value]}
            known = self.transaction_id(charge.key) if charge else None
            body |= {} if known is None else {"transactionId": known}
        else:
            body = {"evseId": connector, "meterValue": [meter_value_2x(samples, context, utc)]}
        try:
            self._call("MeterValues", body, None)
        except LocalProtocolError as error:  # a value that is none
            self._meters.failed(connector, error)

    def _facts(self, charge: ChargeMessages) -> _Facts:
        """Return what each message of a running transaction has in it."""
        return {
            "utc": self.clock.utc(now=self._now),
            "seq_no": self.next_seq_no(charge.key),
            "status": self._statuses[charge.connector],
        }

    def _security_event(self, event: SecurityEvent, version: Version, info: str = "") -> Message:
        body = {"type": event.as_wire(version), "timestamp": self.clock.utc(now=self._now)}
        return "SecurityEventNotification", body | ({"techInfo": info} if info else {})

    def _call(self, action: str, payload: JsonObject, report: StatusReport | None) -> None:
        call = self._send_own(action, payload)
        self._own_calls[call.message_id] = report

    def _post(self, message: Message, version: Version, transaction: str | None) -> Record:
        return self.post(
            *message,
            version=version,
            transaction=transaction,
            is_provisional=True,  # the clock says whether it is (K-6)
            now=self._now,
        )

    def _post_quietly(
        self, message: Message | None, charge: ChargeMessages | None, connector: int = 0
    ) -> None:
        """Post what nobody waits for, if there is anything; where there is no room for it, it is missing."""
        if message is None:
            return
        version = charge.version if charge else self._version_now
        try:
            self._post(message, version, charge.key if charge else None)
        except OutboxFull:
            return  # `OutboxLow` has told of it
        except LocalProtocolError as error:  # a value that is none
            self._meters.failed(charge.connector if charge else connector, error)

    def _next_reading(self) -> float | None:
        if self._now == -inf:
            return None
        return self._schedule.next_timeout(now=self._now, utc=self.clock.seconds(now=self._now))

    # --- what is so -----------------------------------------------------------------------------------

    def _charge_at(self, connector: int) -> ChargeMessages | None:
        charges = (each for each in self._charges.values() if each.connector == connector)
        return next(charges, None)

    def _is_free(self, connector: int) -> bool:
        can_charge = self._statuses[connector] not in {
            ConnectorStatus.FAULTED,
            ConnectorStatus.UNAVAILABLE,
        }
        is_promised = self._promised.get(connector, -inf) > self._now
        return can_charge and not is_promised and self._charge_at(connector) is None

    def _charge_of(self, known: OpenTransaction) -> ChargeMessages:
        connector = known.connector or 1
        return ChargeMessages(known.key, connector, known.version, most_values=self._most_values)

    def _open(self, key: str) -> OpenTransaction:
        for transaction in self.open_transactions:
            if transaction.key == key and not transaction.is_ended:
                return transaction
        raise LocalProtocolError(f"no transaction {quote(key)} runs")

    @property
    def _version_now(self) -> Version:
        return self.latest_version or self._newest_version()

    @property
    def _triggered_measurands(self) -> tuple[str, ...]:
        return tuple(self._plan.sampled or self._plan.aligned) or (ENERGY,)

    @property
    def _minimum_duration(self) -> float:
        return self._configured("MinimumStatusDuration", 0)

    @property
    def _most_values(self) -> int:
        return max(2, self._configured("StopTransactionMaxMeterValues", _MOST_VALUES))

    def _configured(self, key: str, default: int) -> int:
        if self.configuration and key in self.configuration:
            return self.configuration.integer(key)
        return default


def _plan_of(configuration: ConfigurationStore | None) -> MeterPlan:
    return MeterPlan.from_configuration(configuration) if configuration else MeterPlan()
