"""What a `Connection` can be told before it starts: its role and its configuration."""

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from os import urandom
from typing import Any

from msgspec import Struct
from msgspec.structs import force_setattr

from ocpp_sansio.core.action_names import ACTIONS
from ocpp_sansio.core.errors import DEFAULT_ERROR_CODES, ErrorCode, Rule
from ocpp_sansio.core.limited_members import require_limited_member
from ocpp_sansio.core.messages import Direction
from ocpp_sansio.core.settings import require_seconds, require_whole
from ocpp_sansio.core.texts import quote
from ocpp_sansio.core.typos import nearest, unknown
from ocpp_sansio.core.versions import Version

__all__ = ["Config", "Role", "Validation", "new_message_id"]


class Role(StrEnum):
    """Which side of the connection we are."""

    STATION = "station"
    """The charging station: the WebSocket client."""
    CSMS = "csms"
    """The management system: the WebSocket server."""

    @property
    def other(self) -> "Role":
        """The role of the peer."""
        return Role.CSMS if self is Role.STATION else Role.STATION

    @property
    def sends(self) -> frozenset[Direction]:
        """The directions in which this role may send requests (A-4)."""
        return _SENDS[self]

    @property
    def receives(self) -> frozenset[Direction]:
        """The directions from which this role may get requests (A-4)."""
        return _SENDS[self.other]


_SENDS = {
    Role.STATION: frozenset({Direction.STATION_TO_CSMS, Direction.BOTH}),
    Role.CSMS: frozenset({Direction.CSMS_TO_STATION, Direction.BOTH}),
}


class Validation(StrEnum):
    """What becomes of a payload that breaks the rules of its message."""

    STRICT = "strict"
    """It is refused: a CALL gets a CALLERROR, a CALLRESULT ends its call as `CallResultRejected`."""
    LENIENT = "lenient"
    """It is delivered, with its `violations` listed: typed if all required members can be read.

    Otherwise it is delivered as a JSON object to whoever takes one, and refused to all others.
    """
    OFF = "off"
    """It is delivered likewise, its violations not listed; and yours is sent unchecked."""


def new_message_id() -> str:
    """Return a random UUID's text: 36 characters, unique across connections and reboots (I-1, I-2)."""
    # As `str(uuid4())`, which takes three times as long: a quarter of all that the core does for a call.
    digits = urandom(16).hex()
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


class Config(Struct, frozen=True, kw_only=True):
    """The settings of a `Connection`; frozen, so that many connections can share one.

    `msgspec.structs.replace(config, call_timeout=10.0)` returns a copy with a change. Raises ValueError or
    TypeError for a setting that cannot be.
    """

    call_timeout: float = 30.0
    """Seconds from a CALL's leaving until it counts as unanswered; 2.x advises 30 to start with (S-9)."""
    validation: Validation | Mapping[str, Validation] = Validation.STRICT
    """For all actions, or by action; an action that the mapping does not name is STRICT.

    It names actions of some version, or those in `vendor_actions`: ValueError for any other, which is a typo.
    A mode's value, "lenient", does as well as the mode: both become `Validation`s.
    """
    error_codes: Mapping[Version, Mapping[Rule, ErrorCode]] = {}
    """Rows that replace those of `DEFAULT_ERROR_CODES`, by version."""
    field_lengths: Mapping[str, int] = {}
    """Longer limits than the schema's, in characters: {"Get15118EVCertificateResponse.exiResponse": 7500}.

    The key is the message's class name and the member's wire path without indexes (C-13); ValueError for one
    that no version has.
    """
    vendor_actions: Collection[str] = frozenset()
    """Actions outside the catalogue that the application serves; "*" stands for any. Others are refused.

    Kept as a frozenset.
    """
    allow_extra_elements: bool = False
    """Whether a frame may have more elements than its type has; they are dropped (F-12)."""
    mend: Callable[[bytes], bytes] | None = None
    """What every message of the peer's goes through before it is read: for JSON that is none, say.

    What it returns counts as what came. If it raises, or returns anything else than bytes, the message counts
    as it came, and `MendingFailed` tells. It gets no message of more than `max_message_size`.
    """
    new_message_id: Callable[[], str] = new_message_id
    """Makes the id of each CALL and SEND: up to 36 characters, never used before (I-1, I-2)."""
    max_message_size: int = 256 * 1024
    """Bytes in one message, checked before it is parsed.

    The longest that the schemas bound, custom data aside, with strings of ASCII: 10 kB in 1.6
    (CertificateSigned; 40 kB if each character takes four bytes), 111 kB in 2.1 (ReportDERControl), and the
    charging profiles of 2.x: three schedules of 1,024 periods take 215 kB in 2.0.1 where each period has all
    its numbers, and megabytes with tariffs or with all that 2.1 lets a period say: raise it for those.
    13 messages of 1.6, 33 of 2.0.1 and 44 of 2.1 have lists or strings without a bound, such as MeterValues,
    NotifyReport, SendLocalList and GetConfiguration's answer; 2.x splits those by `tbc` and `seqNo`.
    """
    max_depth: int = 32
    """Levels of nesting in free JSON: custom data, DataTransfer, vendor actions, error details."""
    max_queued_calls: int = 1024
    """CALLs that wait for the slot (S-1); `send_call` raises beyond that."""
    max_unanswered_calls: int = 16
    """The peer's CALLs that wait for an answer. A rule-abiding peer has one (S-5); 1 refuses overlap."""
    max_running_handlers: int = 64
    """Handlers of a session that run as tasks: those of CALLs and SENDs, and what runs `after` them.

    While so many run, `Session.received` waits, and with it whoever reads from the peer; unless a call of
    ours is in flight, whose answer has to be read. What comes then is turned away: a CALL with the code of
    `Rule.TOO_MANY_CALLS`, a SEND without a word (E-8).
    """
    max_late_calls: int = 16
    """Timed-out calls whose late response is still recognised (S-7)."""
    max_answered_ids: int = 4
    """Answered ids by which a retry is recognised (I-7); a peer retries its last call, if any."""
    max_refusable_results: int = 4
    """Results that `send_call_result_error` can still refuse (2.1, F-5)."""
    max_undrained: int = 65536
    """Events, or frames, that you have not taken yet.

    Beyond that `received`, `send_call` and `send_unconfirmed` raise LocalProtocolError.
    """

    def __post_init__(self) -> None:
        require_seconds("call_timeout", self.call_timeout, above_zero=True)
        if self.mend is not None and not callable(self.mend):
            raise TypeError(f"mend must be a function of bytes, not {quote(self.mend)}")
        for name, minimum in _MINIMA.items():
            require_whole(name, getattr(self, name), minimum)
        force_setattr(self, "validation", _modes(self.validation))
        force_setattr(self, "vendor_actions", _names(self.vendor_actions))
        if not isinstance(self.validation, Validation) and "*" not in self.vendor_actions:
            _require_actions(self.validation.keys() - self.vendor_actions)
        for member in self.field_lengths:
            require_limited_member(member)

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


_MINIMA = {
    "max_message_size": 64,
    "max_depth": 1,
    "max_queued_calls": 0,
    "max_unanswered_calls": 1,
    "max_running_handlers": 1,
    "max_late_calls": 0,
    "max_answered_ids": 0,
    "max_refusable_results": 0,
    "max_undrained": 1,
}


def _modes(value: Validation | str | Mapping[str, Validation | str]) -> Any:
    if isinstance(value, str):
        return Validation(value)
    return {action: Validation(mode) for action, mode in value.items()}


def _require_actions(names: Iterable[str]) -> None:
    for name in sorted(names):
        if name not in ACTIONS:
            text = unknown("no action", name, nearest(name, ACTIONS))
            raise ValueError(f"{text} (in validation; vendor_actions is for those of a vendor)")


def _names(value: Collection[str]) -> frozenset[str]:
    if isinstance(value, str):  # it would become a set of letters
        raise TypeError(f"vendor_actions must be a set of action names, not the string {value!r}")
    return frozenset(value)
