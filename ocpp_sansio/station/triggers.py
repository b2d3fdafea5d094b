"""`TriggerRouter`: what a TriggerMessage is answered, and which messages follow it (C16 5.17, F06)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from ocpp_sansio.core import JsonObject, Version, member
from ocpp_sansio.registration import licensed_by

__all__ = ["TriggerRoute", "TriggerRouter", "TriggeredMessage"]

_CUSTOM = "CustomTrigger"


class TriggeredMessage(Struct, frozen=True):
    """A message to send, with what is so now: never from a queue, and never late (F06.FR.09)."""

    action: str
    """Its action; for a CustomTrigger of 2.1 that word, and `custom` says which."""
    evse: int | None = None
    """The EVSE in 2.x, None in 1.6 and where it does not matter; 0 is the whole station."""
    connector: int | None = None
    """The connector; in 1.6, 0 is the whole station."""
    custom: str = ""
    """The name of a CustomTrigger."""


class TriggerRoute(Struct, frozen=True):
    """What to do about a trigger: answer first, then send the messages, in this order (A-15)."""

    answer: JsonObject
    messages: tuple[TriggeredMessage, ...] = ()


class TriggerRouter:
    """What a station can be asked for, and about which connectors.

    What is accepted must be sent, so a TransactionEvent where no transaction runs is rejected (F06.FR.10). A
    connector that has nothing to do with the message is not looked at (F06.FR.03), and where none is named,
    all are meant (F06.FR.11).
    """

    __slots__ = ("_custom", "_evses", "_has_main_meter", "_sends")

    def __init__(
        self,
        sends: Collection[str],
        *,
        evses: Mapping[int, int],
        has_main_meter: bool = False,
        custom: Collection[str] = (),
    ) -> None:
        """Begin with what can be asked for, as `requestedMessage` names it.

        `evses` has the number of connectors of each EVSE by its id; for 1.6, where connectors are
        numbered through, `{1: 1, 2: 1}` is a station with two. `custom` are the CustomTriggers of 2.1.
        Raises ValueError for ids that are not numbered from 1, which every version asks for.
        """
        if sorted(evses) != list(range(1, len(evses) + 1)) or any(n < 1 for n in evses.values()):
            raise ValueError(
                "EVSEs are numbered from 1 without a gap, and have a connector at least"
            )
        self._sends = frozenset(sends)
        self._evses = dict(sorted(evses.items()))
        self._has_main_meter = has_main_meter
        self._custom = frozenset(custom)

    def route(
        self, version: Version, action: str, payload: Any, *, running: Collection[int] = ()
    ) -> TriggerRoute:
        """Return what a TriggerMessage or ExtendedTriggerMessage is answered, and what to send then.

        `running` are the EVSEs, in 1.6 the connectors, that have a transaction.
        """
        wanted = member(payload, "requestedMessage")
        name = str(wanted) if isinstance(wanted, str) else ""
        if name == _CUSTOM:
            return self._custom_route(member(payload, "customTrigger"))
        sent = licensed_by(action, payload)
        if name not in self._sends or sent is None:
            return _refused("NotImplemented")
        if sent not in _ABOUT_CONNECTORS:  # F06.FR.03
            return _accepted([TriggeredMessage(sent)])
        at = payload if version is Version.OCPP16 else member(payload, "evse")
        connector, evse = member(at, "connectorId"), member(at, "id")
        if not (_is_number_or_absent(connector) and _is_number_or_absent(evse)):
            return _refused("Rejected")
        if version is Version.OCPP16:
            return self._route_16(sent, connector)
        return self._route_2x(sent, evse, connector, running)

    def _custom_route(self, custom: Any) -> TriggerRoute:
        if not isinstance(custom, str) or custom not in self._custom:
            return _refused("NotImplemented")
        return _accepted([TriggeredMessage(_CUSTOM, custom=custom)])

    def _route_16(self, sent: str, connector: int | None) -> TriggerRoute:
        everywhere = range(1, sum(self._evses.values()) + 1)
        allowed = list(everywhere)
        if sent == "StatusNotification" or self._has_main_meter:
            allowed.insert(0, 0)
        if connector is None:
            return _accepted(TriggeredMessage(sent, connector=each) for each in allowed)
        if connector not in allowed:
            return _refused("Rejected")
        return _accepted([TriggeredMessage(sent, connector=connector)])

    def _route_2x(
        self, sent: str, evse: int | None, connector: int | None, running: Collection[int]
    ) -> TriggerRoute:
        is_known = (
            evse is None or evse in self._evses or (evse == 0 and sent != "StatusNotification")
        )
        if not is_known or (connector is not None and not self._has(evse, connector)):
            return _refused("Rejected")
        everywhere = evse is None or (evse == 0 and sent == "TransactionEvent")
        evses = list(self._evses) if evse is None or everywhere else [evse]
        if sent == "StatusNotification":
            return _accepted(self._statuses(evses, connector))
        if sent == "TransactionEvent":
            evses = [each for each in evses if each in running]
        elif everywhere and self._has_main_meter:
            evses.insert(0, 0)
        elif 0 in evses and not self._has_main_meter:
            return _refused("Rejected")
        if not evses:  # F06.FR.10
            return _refused("Rejected")
        return _accepted(TriggeredMessage(sent, evse=each) for each in evses)

    def _has(self, evse: int | None, connector: int) -> bool:
        return evse is not None and connector in range(1, self._evses.get(evse, 0) + 1)

    def _statuses(self, evses: list[int], connector: int | None) -> Iterator[TriggeredMessage]:
        for evse in evses:
            for each in range(1, self._evses[evse] + 1):
                if connector in {None, each}:
                    yield TriggeredMessage("StatusNotification", evse, each)


_ABOUT_CONNECTORS = frozenset({"StatusNotification", "MeterValues", "TransactionEvent"})


def _accepted(messages: Iterable[TriggeredMessage]) -> TriggerRoute:
    return TriggerRoute({"status": "Accepted"}, tuple(messages))


def _refused(status: str) -> TriggerRoute:
    return TriggerRoute({"status": status})


def _is_number_or_absent(value: Any) -> bool:
    """Whether an id can be looked up: with validation off, it may be anything."""
    return value is None or (isinstance(value, int) and not isinstance(value, bool))
