"""Whole stories of OCPP, as one side tells them: boot, authorise, start, meter, stop; and how they go awry.

    for step in draw_story(Dice(7), Version.OCPP16, Role.STATION, Domain()): ...

A story is a tuple of steps. What the other side gives on the way, such as a transaction's id, stands in it as
`Given`, and is filled in when the step is taken: so a story that loses a step is still a story.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, TypeAlias

import attrs

from ocpp_sansio.core import JsonObject, Role, Version, catalog, to_object
from ocpp_sansio.testing.chance import Chance, one_in, pick
from ocpp_sansio.testing.domain import NEVER_GIVEN, Domain, Seen, draw, moments
from ocpp_sansio.testing.names import COMPONENTS, STANDARD_KEYS
from ocpp_sansio.testing.scripts import CutStep
from ocpp_sansio.testing.shapes import minimal

__all__ = ["AskStep", "Counterpart", "Given", "ListenStep", "StoryStep", "draw_story", "filled_in"]

COMMON_KEYS: Final = (
    "HeartbeatInterval",
    "heartbeatInterval",
    "ConnectionTimeOut",
    "LocalPreAuthorize",
    "MeterValueSampleInterval",
    "NumberOfConnectors",
)
"""Keys that nearly every station has, one of them in other letters."""

MAX_STARTS: Final = 100
"""Starts among which one that is sent again is recognised, the latest."""

BOOT_INTERVAL: Final = 300
"""Seconds between heartbeats that a station is told."""


@attrs.frozen
class Given:
    """Stands for a value that the other side gives: the n-th of its kind in this story."""

    meaning: str
    """What it is: "transaction"."""
    index: int
    """From 0; negative from the latest."""
    otherwise: Any
    """What to say if it was never given."""


@attrs.frozen
class AskStep:
    """One call, and then its answer."""

    action: str
    payload: JsonObject
    """With `Given` in place of what is not known yet."""
    is_answer_lost: bool = False
    """Whether the line goes before the answer can come."""


@attrs.frozen
class ListenStep:
    """Wait a moment for the other side to call something by itself."""

    action: str


StoryStep: TypeAlias = AskStep | ListenStep | CutStep
"""What happens next; `CutStep` is a line that goes, and is back."""


def filled_in(payload: Any, seen: Seen) -> Any:
    """Return a payload with what was given in place of each `Given`."""
    if isinstance(payload, Given):
        given = seen.given(payload.meaning)
        index = payload.index
        return given[index] if -len(given) <= index < len(given) else payload.otherwise
    if isinstance(payload, dict):
        return {name: filled_in(value, seen) for name, value in payload.items()}
    return [filled_in(item, seen) for item in payload] if isinstance(payload, list) else payload


def draw_story(
    chance: Chance,
    version: Version,
    teller: Role,
    domain: Domain,
    actions: Sequence[str] | None = None,
) -> tuple[StoryStep, ...]:
    """Return a story as `teller` tells it, of these actions alone if any are named; it may be empty."""
    author = _Author(chance, version, teller, domain)
    plots = _PLOTS[teller, version is Version.OCPP16]
    steps = pick(chance, plots)(author)
    steps = pick(chance, _TWISTS)(author, steps)
    if actions is not None:
        steps = [step for step in steps if isinstance(step, CutStep) or step.action in actions]
    return tuple(steps)


@cache
def _plainest(version: Version, action: str) -> JsonObject:
    return to_object(minimal(catalog(version)[action].request))


class _Author:
    """Chooses the particulars of a story, and writes its steps down."""

    def __init__(self, chance: Chance, version: Version, teller: Role, domain: Domain) -> None:
        self.chance = chance
        self.version = version
        self.teller = teller
        self.domain = domain
        self.moment: datetime = pick(chance, moments(domain.now))
        self.transactions = 0
        """How many have begun so far."""

    def pick(self, *values: Any) -> Any:
        return pick(self.chance, values)

    def often(self) -> bool:
        return not one_in(self.chance, 3)

    def tag(self) -> str:
        tags = [*self.domain.id_tags, *(tag.swapcase() for tag in self.domain.id_tags)]
        return pick(self.chance, [*tags, *self.domain.blocked, "NOBODY", "x" * 20, "1"])

    def connector(self) -> int:
        last = self.domain.connectors
        return int(self.pick(1, 2, last, 0, last + 1))

    def later(self, minutes: int) -> str:
        self.moment += timedelta(minutes=minutes)
        return self.time()

    def time(self) -> str:
        return f"{self.moment:%Y-%m-%dT%H:%M:%S}Z"

    def ask(self, action: str, **members: Any) -> AskStep:
        return AskStep(action, _plainest(self.version, action) | members)

    def anything(self, action: str) -> AskStep:
        request = draw(self.chance, catalog(self.version)[action].request, self.domain)
        return AskStep(action, to_object(request))


class Counterpart:
    """Answers a peer's calls as a plain station or CSMS does: with ids of its own, and Accepted."""

    def __init__(self, version: Version) -> None:
        """Make one that has given no transaction id yet."""
        self._version = version
        self._starts: dict[int, JsonObject] = {}
        self._last = 0

    def answer(self, action: str, request: JsonObject) -> JsonObject | None:
        """Return the answer to a call as JSON; None if its kind is never answered, or is a vendor's."""
        known = catalog(self._version).get(action)
        if known is None or known.response is None:
            return None
        answer = to_object(minimal(known.response))
        if action == "StartTransaction":
            answer["transactionId"] = self._number_of(request)
        if "interval" in answer:
            answer["interval"] = BOOT_INTERVAL
        return answer

    def _number_of(self, start: JsonObject) -> int:
        """Return the transaction id of a start; one that is sent again is the same one."""
        for number, known in self._starts.items():
            if known == start:
                return number
        self._last += 1
        self._starts[self._last] = start
        self._starts.pop(self._last - MAX_STARTS, None)
        return self._last


Steps: TypeAlias = list[StoryStep]
Plot: TypeAlias = Callable[[_Author], Steps]


# --- a station of 1.6 -----------------------------------------------------------------------------


def _status16(author: _Author, connector: int, status: str) -> Steps:
    if not author.often():
        return []
    asked = author.ask(
        "StatusNotification", connectorId=connector, status=status, timestamp=author.time()
    )
    return [asked]


def _charge16(author: _Author, connector: int | None = None) -> Steps:
    connector = author.connector() if connector is None else connector
    tag = author.tag()
    transaction = Given("transaction", author.transactions, NEVER_GIVEN)
    author.transactions += 1
    start = author.pick(0, 1000, 2**31 - 1001)
    steps = _status16(author, connector, "Preparing")
    if author.often():
        steps.append(author.ask("Authorize", idTag=tag))
    more = {"reservationId": 1} if one_in(author.chance, 5) else {}
    steps.append(
        author.ask(
            "StartTransaction",
            connectorId=connector,
            idTag=tag,
            meterStart=start,
            timestamp=author.time(),
            **more,
        )
    )
    steps += _status16(author, connector, "Charging")
    meter = start
    for _ in range(author.pick(1, 0, 2)):
        meter += author.pick(500, 0, -1)
        value = {"timestamp": author.later(5), "sampledValue": [{"value": str(meter)}]}
        steps.append(
            author.ask(
                "MeterValues", connectorId=connector, transactionId=transaction, meterValue=[value]
            )
        )
    stop: JsonObject = {
        "transactionId": transaction,
        "meterStop": meter + author.pick(500, 0, -1, -meter),
        "timestamp": author.later(author.pick(5, 0, 1440)),
    }
    if author.often():
        stop["idTag"] = tag
    if author.often():
        reasons = ("Local", "Remote", "EVDisconnected", "PowerLoss", "Reboot", "DeAuthorized")
        stop["reason"] = author.pick(*reasons)
    steps.append(author.ask("StopTransaction", **stop))
    return steps + _status16(author, connector, "Available")


def _reset16(author: _Author) -> Steps:
    """Boot in the middle of a charge, as after a power cut."""
    steps = _charge16(author)
    middle = author.chance.below(len(steps))
    boot = author.ask("BootNotification")
    return [*steps[:middle], CutStep(60), boot, *steps[middle:]]


def _firmware16(author: _Author) -> Steps:
    stages = ("Downloading", "Downloaded", "Installing", "Installed")
    failed = ("Downloading", "DownloadFailed", "Idle")
    steps: Steps = [
        author.ask("FirmwareStatusNotification", status=status)
        for status in author.pick(stages, failed)
    ]
    steps.insert(-1, author.ask("BootNotification", firmwareVersion=author.pick("2.0", "")))
    return steps


def _reserved16(author: _Author) -> Steps:
    connector = author.connector()
    return _status16(author, connector, "Reserved") + _charge16(author, connector)


def _odds16(author: _Author) -> Steps:
    actions = ("Heartbeat", "DataTransfer", "DiagnosticsStatusNotification", "Authorize")
    return [author.anything(author.pick(*actions)) for _ in range(1 + author.chance.below(3))]


# --- a station of 2.x -----------------------------------------------------------------------------


def _charge2x(author: _Author, connector: int | None = None) -> Steps:
    evse = author.pick(1, 2, author.domain.evses) if connector is None else connector
    token = {"idToken": author.tag(), "type": author.pick("ISO14443", "Central", "eMAID")}
    number = author.transactions
    author.transactions += 1
    transaction = author.pick(f"tx-{number}", "X" * 36, "0", f"TX-{number}")
    steps: Steps = [author.ask("Authorize", idToken=token)] if author.often() else []
    events = ["Started", *["Updated"] * author.pick(1, 0, 2), "Ended"]
    if one_in(author.chance, 6):
        del events[0]  # it began while nobody listened
    reading = author.pick(0, 1000)
    for sequence, kind in enumerate(events):
        sampled = [{"value": reading, "measurand": "Energy.Active.Import.Register"}]
        members: JsonObject = {
            "eventType": kind,
            "timestamp": author.time(),
            "triggerReason": author.pick("Authorized", "MeterValuePeriodic", "EVDeparted"),
            "seqNo": sequence,
            "transactionInfo": {"transactionId": transaction},
        }
        if kind == "Started" or not author.often():
            members |= {"evse": {"id": evse, "connectorId": 1}, "idToken": token}
        if author.often():
            members["meterValue"] = [{"timestamp": author.time(), "sampledValue": sampled}]
        if one_in(author.chance, 4):
            members["offline"] = True
        steps.append(author.ask("TransactionEvent", **members))
        author.later(author.pick(5, 0, 1440))
        reading += author.pick(500, 0, -1)
    return steps


def _reset2x(author: _Author) -> Steps:
    steps = _charge2x(author)
    middle = author.chance.below(len(steps))
    return [*steps[:middle], CutStep(60), author.ask("BootNotification"), *steps[middle:]]


def _firmware2x(author: _Author) -> Steps:
    stages = author.pick(
        ("Downloading", "Downloaded", "Installing", "Installed"), ("Downloading", "DownloadFailed")
    )
    return [
        author.ask("FirmwareStatusNotification", status=status, requestId=1) for status in stages
    ]


def _reserved2x(author: _Author) -> Steps:
    update = author.ask(
        "ReservationStatusUpdate",
        reservationId=author.pick(1, NEVER_GIVEN),
        reservationUpdateStatus=author.pick("Expired", "Removed"),
    )
    return [update, *_charge2x(author)]


def _odds2x(author: _Author) -> Steps:
    actions = ("Heartbeat", "DataTransfer", "NotifyEvent", "Authorize", "StatusNotification")
    return [author.anything(author.pick(*actions)) for _ in range(1 + author.chance.below(3))]


# --- a CSMS of 1.6 --------------------------------------------------------------------------------


def _remote16(author: _Author) -> Steps:
    transaction = Given("transaction", -1, NEVER_GIVEN)
    wrong = author.pick(NEVER_GIVEN, 0, -1)
    start = author.ask("RemoteStartTransaction", idTag=author.tag(), connectorId=author.connector())
    stop = author.ask("RemoteStopTransaction", transactionId=transaction)
    steps: Steps = [start, ListenStep("StartTransaction")]
    if not author.often():
        steps.append(author.ask("RemoteStopTransaction", transactionId=wrong))
    if not author.often():
        steps.append(start)
    if not author.often():
        steps.append(author.ask("Reset", type=author.pick("Soft", "Hard")))
    steps += [stop, ListenStep("StopTransaction")]
    return [*steps, stop] if not author.often() else steps


def _reserve16(author: _Author) -> Steps:
    number = author.pick(1, 2, 0)
    reserve = author.ask(
        "ReserveNow",
        connectorId=author.connector(),
        idTag=author.tag(),
        reservationId=number,
        expiryDate=f"{author.domain.now + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}Z",
    )
    cancel = author.ask("CancelReservation", reservationId=number)
    unknown = author.ask("CancelReservation", reservationId=NEVER_GIVEN)
    return list(
        author.pick((reserve, cancel, cancel), (unknown,), (reserve, reserve, cancel), (cancel,))
    )


def _configure16(author: _Author) -> Steps:
    key = author.pick(*(COMMON_KEYS if author.often() else [*STANDARD_KEYS, "NoSuchKey"]))
    kind = STANDARD_KEYS.get(key, "string")
    right = {"integer": ("60", "0", "86400"), "boolean": ("true", "false")}.get(kind, ("", "SoC"))
    wrong = ("-1", "2147483648", "abc", "TRUE", "", "1.5", "x" * 500)
    value = author.pick(*(right if author.often() else wrong))
    read = author.ask("GetConfiguration", key=[author.pick(key, key.swapcase())])
    change = author.ask("ChangeConfiguration", key=key, value=value)
    return list(author.pick((change, read), (read, change, read), (change, read), (read,)))


def _list16(author: _Author) -> Steps:
    version = author.pick(1, 2, 7)
    entry = {"idTag": author.tag(), "idTagInfo": {"status": author.pick("Accepted", "Blocked")}}
    send = author.ask(
        "SendLocalList",
        listVersion=version,
        updateType=author.pick("Full", "Differential"),
        localAuthorizationList=[entry],
    )
    return [send, author.ask("GetLocalListVersion")]


def _profile(author: _Author) -> Steps:
    is_old = author.version is Version.OCPP16
    number = author.pick(1, 2)
    period: JsonObject = {"startPeriod": 0, "limit": author.pick(16, 0, 0, 6)}
    schedule: JsonObject = {"chargingRateUnit": "A", "chargingSchedulePeriod": [period]}
    if not is_old:
        schedule["id"] = 1
    purpose = author.pick("TxDefaultProfile", "TxDefaultProfile", "TxProfile")
    profile: JsonObject = {
        "stackLevel": author.pick(0, 1),
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": schedule if is_old else [schedule],
        "chargingProfileId" if is_old else "id": number,
    }
    if purpose == "TxProfile":
        profile["transactionId"] = author.pick(NEVER_GIVEN, 1) if is_old else "never-given"
    where = "connectorId" if is_old else "evseId"
    name = "csChargingProfiles" if is_old else "chargingProfile"
    set_it = author.ask("SetChargingProfile", **{where: author.pick(1, 2), name: profile})
    clear = author.ask("ClearChargingProfile", **{"id" if is_old else "chargingProfileId": number})
    return list(author.pick((set_it, clear, clear), (clear,), (set_it,)))


def _trigger16(author: _Author) -> Steps:
    message = author.pick("StatusNotification", "Heartbeat", "MeterValues", "BootNotification")
    connector = author.pick(1, 2, author.domain.connectors)
    asked = author.ask("TriggerMessage", requestedMessage=message, connectorId=connector)
    return [asked, ListenStep(message)]


def _availability16(author: _Author) -> Steps:
    connector = author.connector()
    steps: Steps = []
    for kind in author.pick(("Inoperative", "Operative"), ("Operative",)):
        steps.append(author.ask("ChangeAvailability", connectorId=connector, type=kind))
        steps.append(ListenStep("StatusNotification"))
    return steps


def _unlock16(author: _Author) -> Steps:
    return [author.ask("UnlockConnector", connectorId=author.pick(1, 2, author.connector()))]


def _odd_calls16(author: _Author) -> Steps:
    actions = ("ClearCache", "DataTransfer", "GetCompositeSchedule", "UpdateFirmware", "GetLog")
    return [author.anything(author.pick(*actions)) for _ in range(1 + author.chance.below(2))]


# --- a CSMS of 2.x --------------------------------------------------------------------------------


def _remote2x(author: _Author) -> Steps:
    transaction = Given("transaction", -1, "never-given")
    token = {"idToken": author.tag(), "type": "ISO14443"}
    start = author.ask(
        "RequestStartTransaction",
        idToken=token,
        remoteStartId=author.pick(1, 2),
        evseId=author.pick(1, 2, author.domain.evses),
    )
    stop = author.ask("RequestStopTransaction", transactionId=transaction)
    steps: Steps = [start, ListenStep("TransactionEvent")]
    if not author.often():
        steps.append(author.ask("RequestStopTransaction", transactionId="never-given"))
    if not author.often():
        steps.append(author.ask("GetTransactionStatus", transactionId=transaction))
    if not author.often():
        steps.append(author.ask("Reset", type=author.pick("Immediate", "OnIdle")))
    steps += [stop, ListenStep("TransactionEvent")]
    return [*steps, stop] if not author.often() else steps


def _reserve2x(author: _Author) -> Steps:
    number = author.pick(1, 2, 0)
    reserve = author.ask(
        "ReserveNow",
        id=number,
        idToken={"idToken": author.tag(), "type": "ISO14443"},
        evseId=author.pick(1, 2, author.domain.evses + 1),
        expiryDateTime=f"{author.domain.now + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}Z",
    )
    cancel = author.ask("CancelReservation", reservationId=number)
    unknown = author.ask("CancelReservation", reservationId=NEVER_GIVEN)
    return list(author.pick((reserve, cancel, cancel), (unknown,), (cancel,)))


def _configure2x(author: _Author) -> Steps:
    component = author.pick(*list(COMPONENTS))
    variable = author.pick(*COMPONENTS[component])
    about = {"component": {"name": component}, "variable": {"name": variable}}
    value = author.pick("60", "0", "true", "abc", "")
    read = author.ask("GetVariables", getVariableData=[about])
    change = author.ask("SetVariables", setVariableData=[about | {"attributeValue": value}])
    return list(author.pick((change, read), (read, change, read), (change, read), (read,)))


def _list2x(author: _Author) -> Steps:
    entry = {
        "idToken": {"idToken": author.tag(), "type": "ISO14443"},
        "idTokenInfo": {"status": author.pick("Accepted", "Blocked")},
    }
    send = author.ask(
        "SendLocalList",
        versionNumber=author.pick(1, 2, 7),
        updateType=author.pick("Full", "Differential"),
        localAuthorizationList=[entry],
    )
    return [send, author.ask("GetLocalListVersion")]


def _odd_calls2x(author: _Author) -> Steps:
    moving = ("ChangeAvailability", "UnlockConnector", "TriggerMessage", "GetBaseReport")
    asking = ("ClearCache", "DataTransfer", "GetReport", "GetCompositeSchedule", "GetLog")
    actions = moving + asking
    return [author.anything(author.pick(*actions)) for _ in range(1 + author.chance.below(2))]


_PLOTS: Final[Mapping[tuple[Role, bool], Sequence[Plot]]] = {
    (Role.STATION, True): (_charge16, _charge16, _reset16, _firmware16, _reserved16, _odds16),
    (Role.STATION, False): (_charge2x, _charge2x, _reset2x, _firmware2x, _reserved2x, _odds2x),
    (Role.CSMS, True): (
        _remote16,
        _remote16,
        _reserve16,
        _configure16,
        _configure16,
        _configure16,
        _list16,
        _profile,
        _profile,
        _trigger16,
        _availability16,
        _unlock16,
        _odd_calls16,
    ),
    (Role.CSMS, False): (
        _remote2x,
        _remote2x,
        _reserve2x,
        _configure2x,
        _configure2x,
        _list2x,
        _profile,
        _odd_calls2x,
    ),
}


# --- how a story goes awry ------------------------------------------------------------------------


def _as_planned(_: _Author, steps: Steps) -> Steps:
    return steps


def _twice(_: _Author, steps: Steps) -> Steps:
    return [*steps, *steps]


def _repeated(author: _Author, steps: Steps) -> Steps:
    at = author.chance.below(len(steps))
    return [*steps[: at + 1], *steps[at:]]


def _out_of_order(author: _Author, steps: Steps) -> Steps:
    one, other = author.chance.below(len(steps)), author.chance.below(len(steps))
    steps = [*steps]
    steps[one], steps[other] = steps[other], steps[one]
    return steps


def _incomplete(author: _Author, steps: Steps) -> Steps:
    at = author.chance.below(len(steps))
    return [*steps[:at], *steps[at + 1 :]]


def _interrupted(author: _Author, steps: Steps) -> Steps:
    at = author.chance.below(len(steps) + 1)
    return [*steps[:at], CutStep(author.pick(5, 60, 86_400)), *steps[at:]]


def _answer_lost(author: _Author, steps: Steps) -> Steps:
    """Lose the line before an answer, and ask again."""
    at = author.chance.below(len(steps))
    step = steps[at]
    if not isinstance(step, AskStep):
        return steps
    return [*steps[:at], attrs.evolve(step, is_answer_lost=True), *steps[at:]]


def _delivered_late(_: _Author, steps: Steps) -> Steps:
    """Spend a day without a line, then tell all at once, with the times at which it happened."""
    return [CutStep(86_400), *steps]


def _interleaved(author: _Author, steps: Steps) -> Steps:
    """Two stories at once, step by step in turn: of two connectors, if there are such."""
    others = steps
    if author.teller is Role.STATION:
        others = (_charge16 if author.version is Version.OCPP16 else _charge2x)(author, 2)
    length = max(len(steps), len(others))
    pairs = [[*steps[at : at + 1], *others[at : at + 1]] for at in range(length)]
    return [step for pair in pairs for step in pair]


_TWISTS: Final[Sequence[Callable[[_Author, Steps], Steps]]] = (
    _as_planned,
    _as_planned,
    _repeated,
    _twice,
    _incomplete,
    _out_of_order,
    _interrupted,
    _answer_lost,
    _delivered_late,
    _interleaved,
)
