"""What a `Connection` can be told before it starts: its role and its configuration."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any
from uuid import uuid4

import attrs

from ocpp_sansio.errors import DEFAULT_ERROR_CODES, ErrorCode, Rule
from ocpp_sansio.messages import Direction
from ocpp_sansio.versions import Version

__all__ = ["Config", "Role", "Validation", "new_message_id"]


class Role(StrEnum):
    """Which side of the connection we are."""

    STATION = "station"
    """The charging station: the WebSocket client."""
    CSMS = "csms"
    """The management system: the WebSocket server."""

    @property
    def sends(self) -> frozenset[Direction]:
        """The directions in which this role may send requests (A-4)."""
        return _SENDS[self]

    @property
    def receives(self) -> frozenset[Direction]:
        """The directions from which this role may get requests (A-4)."""
        return _SENDS[Role.CSMS if self is Role.STATION else Role.STATION]


_SENDS = {
    Role.STATION: frozenset({Direction.STATION_TO_CSMS, Direction.BOTH}),
    Role.CSMS: frozenset({Direction.CSMS_TO_STATION, Direction.BOTH}),
}


class Validation(StrEnum):
    """What becomes of a payload that breaks the rules of its message."""

    STRICT = "strict"
    """It is refused: a CALL gets a CALLERROR, a CALLRESULT ends its call as `CallResultRejected`."""
    LENIENT = "lenient"
    """It is delivered, with its `violations` listed: typed where it can be, else as a JSON object."""
    OFF = "off"
    """It is delivered, typed where it is valid, else as a JSON object; and yours is sent unchecked."""


def new_message_id() -> str:
    """Return a random UUID's text: 36 characters, unique across connections and reboots (I-1, I-2)."""
    return str(uuid4())


def _positive(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError(f"{attribute.name} must be a number above 0, not {value!r}")


def _whole(minimum: int) -> Callable[[Any, "attrs.Attribute[Any]", Any], None]:
    def check(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
            raise ValueError(
                f"{attribute.name} must be an integer from {minimum} up, not {value!r}"
            )

    return check


def _names(value: Iterable[str]) -> frozenset[str]:
    if isinstance(value, str):  # it would become a set of letters
        raise TypeError(f"vendor_actions must be a set of action names, not the string {value!r}")
    return frozenset(value)


def _modes(value: Validation | str | Mapping[str, Validation | str]) -> Any:
    if isinstance(value, str):
        return Validation(value)
    return {action: Validation(mode) for action, mode in value.items()}


@attrs.frozen(kw_only=True)
class Config:
    """The settings of a `Connection`; frozen, so that many connections can share one.

    Raises ValueError or TypeError for a setting that cannot be.
    """

    call_timeout: float = attrs.field(default=30.0, validator=_positive)
    """Seconds from a CALL's leaving until it counts as unanswered; 2.x advises 30 to start with (S-9)."""
    validation: Validation | Mapping[str, Validation] = attrs.field(
        default=Validation.STRICT, converter=_modes
    )
    """For all actions, or by action; an action that the mapping does not name is STRICT."""
    error_codes: Mapping[Version, Mapping[Rule, ErrorCode]] = attrs.field(factory=dict)
    """Rows that replace those of `DEFAULT_ERROR_CODES`, by version."""
    field_lengths: Mapping[str, int] = attrs.field(factory=dict)
    """Longer limits than the schema's, in characters: {"Get15118EVCertificateResponse.exiResponse": 7500}.

    The key is the message's class name and the member's wire path without indexes (C-13).
    """
    vendor_actions: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    """Actions outside the catalogue that the application serves; "*" stands for any. Others are refused."""
    allow_extra_elements: bool = False
    """Whether a frame may have more elements than its type has; they are dropped (F-12)."""
    new_message_id: Callable[[], str] = new_message_id
    """Makes the id of each CALL and SEND: up to 36 characters, never used before (I-1, I-2)."""
    max_message_size: int = attrs.field(default=1024 * 1024, validator=_whole(64))
    """Bytes in one message, checked before it is parsed. The longest string of any schema has 32,768."""
    max_depth: int = attrs.field(default=32, validator=_whole(1))
    """Levels of nesting in free JSON: custom data, DataTransfer, vendor actions, error details."""
    max_queued_calls: int = attrs.field(default=1024, validator=_whole(0))
    """CALLs that wait for the slot (S-1); `send_call` raises beyond that."""
    max_unanswered_calls: int = attrs.field(default=16, validator=_whole(1))
    """The peer's CALLs that wait for an answer. A rule-abiding peer has one (S-5); 1 refuses overlap."""
    max_late_calls: int = attrs.field(default=16, validator=_whole(0))
    """Timed-out calls whose late response is still recognised (S-7)."""
    max_answered_ids: int = attrs.field(default=4, validator=_whole(0))
    """Answered ids by which a retry is recognised (I-7); a peer retries its last call, if any."""
    max_refusable_results: int = attrs.field(default=4, validator=_whole(0))
    """Results that `send_call_result_error` can still refuse (2.1, F-5)."""
    max_undrained: int = attrs.field(default=65536, validator=_whole(1))
    """Events, or frames, that you have not taken yet.

    Beyond that `received`, `send_call` and `send_unconfirmed` raise LocalProtocolError.
    """

    def validation_of(self, action: str) -> Validation:
        """Return the mode for one action."""
        if isinstance(self.validation, Validation):
            return self.validation
        return self.validation.get(action, Validation.STRICT)

    def error_code(self, version: Version, rule: Rule) -> ErrorCode:
        """Return the code that answers a broken rule in `version`."""
        code = self.error_codes.get(version, {}).get(rule)
        return code or DEFAULT_ERROR_CODES[version][rule]

    def serves_vendor_action(self, action: str) -> bool:
        """Whether an action outside the catalogue is to be delivered."""
        return action in self.vendor_actions or "*" in self.vendor_actions
