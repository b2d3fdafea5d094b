"""What came in, judged: whether an action may come from this peer, and what its payload is."""

from typing import Any, TypeAlias

from ocpp_sansio.core.codec import (
    ERROR,
    RESULT,
    RESULT_ERROR,
    UNREADABLE,
    Codec,
    LooseFrame,
    fault_of_free_json,
    read_json,
    read_loosely,
)
from ocpp_sansio.core.config import Config, Role, Validation
from ocpp_sansio.core.errors import Rule, Violation
from ocpp_sansio.core.json_faults import fault_of_json, fault_of_message, mend_strings
from ocpp_sansio.core.messages import Action, Kind, Payload
from ocpp_sansio.core.validation import Inspection, all_optional, spell
from ocpp_sansio.core.versions import MESSAGE_ID_MAX_LENGTH

__all__ = [
    "FRAME",
    "Reading",
    "fault_of_call",
    "fault_of_error",
    "fault_of_frame",
    "fault_of_type",
    "judge_action",
    "read_again",
    "read_payload",
]

Reading: TypeAlias = tuple[Any, tuple[Violation, ...]]
"""A payload, typed or a JSON object, and what is wrong with it; None for one that is to be refused.

With validation off, too, all that is wrong is listed: a JSON object may yet have to be refused for it.
"""


def judge_action(
    codec: Codec, role: Role, config: Config, name: str, kind: Kind
) -> tuple[Action | None, Violation | None]:
    """Return the catalogue's row of an incoming action, if it has one, and what speaks against it."""
    action = codec.actions.get(name)
    if action is None:
        if config.serves_vendor_action(name):
            return None, None
        expected = f"an action of {codec.version.value}"
        return None, Violation("$", Rule.UNKNOWN_ACTION, expected, spell(name))
    if action.kind is not kind:
        return action, Violation("$", Rule.WRONG_KIND, f"{name} as {action.kind}")
    if action.direction not in role.receives:
        return action, Violation("$", Rule.WRONG_DIRECTION, f"an action that a {role} receives")
    return action, None


def read_payload(
    codec: Codec, config: Config, name: str, payload_type: type[Payload] | None, data: Any
) -> Reading:
    """Return the payload of an action; without `payload_type` it is free JSON. Never raises."""
    try:
        if payload_type is not None:
            return codec.readers[payload_type](data), ()
        value = read_json(data)
        if value.__class__ is dict and not fault_of_free_json(value, codec.max_depth):
            return value, ()
    except UNREADABLE:
        pass
    return read_again(codec, config, name, payload_type, data)


def read_again(
    codec: Codec, config: Config, name: str, payload_type: type[Payload] | None, data: Any
) -> Reading:
    """Return what there is of a payload that its reader has refused, and why. Never raises."""
    flaws: tuple[str, ...] = ()
    try:
        value = read_json(data)
    except UNREADABLE as error:
        within = " of the payload"
        came, data = bytes(data), b""
        if config.validation_of(name) is not Validation.STRICT:
            data, flaws = mend_strings(came, within)
        try:
            value = read_json(data)
        except UNREADABLE:
            expected = fault_of_json(came, error, within) or "JSON in UTF-8"
            return _refused(Rule.PAYLOAD_NOT_OBJECT, expected)
    payload, violations = _read_value(codec, config, name, payload_type, value, data=data)
    if flaws and payload is not None and config.validation_of(name) is Validation.LENIENT:
        violations = (*(Violation("$", Rule.NOT_JSON, flaw) for flaw in flaws), *violations)
    return payload, violations


def _read_value(
    codec: Codec,
    config: Config,
    name: str,
    payload_type: type[Payload] | None,
    value: Any,
    *,
    data: Any,
) -> Reading:
    if value is None and (payload_type is None or all_optional(payload_type)):
        empty: Any = payload_type() if payload_type else {}
        return empty, (Violation("$", Rule.NULL_PAYLOAD, "{}", spell(value)),)
    if not isinstance(value, dict):
        return _refused(Rule.PAYLOAD_NOT_OBJECT, "a JSON object", spell(value))
    if payload_type is not None:
        is_strict = config.validation_of(name) is Validation.STRICT
        found = Inspection(
            value, payload_type, codec, config, wants_payload=not is_strict, text=data
        )
        return _judged(found, value)
    fault = fault_of_free_json(value, codec.max_depth)
    return _refused(*fault) if fault else (value, ())


def _judged(found: Inspection, value: dict[str, Any]) -> Reading:
    violations = tuple(found.violations)
    if not violations:
        return found.payload, ()  # such as a string that Config.field_lengths allows (C-13)
    if not found.wants_payload or found.breaks_cap:
        return None, violations
    return (value if found.payload is None else found.payload), violations


def _refused(rule: Rule, expected: str, got: str = "") -> Reading:
    return None, (Violation("$", rule, expected, got),)


# --- what is wrong with an envelope -----------------------------------------------------------------

FRAME = Violation("$", Rule.FRAME, "the elements of its message type")
"""Too few, too many or the wrong elements (F-2 to F-6, F-12)."""


def fault_of_frame(codec: Codec, data: bytes, error: Exception) -> Violation:
    """Return what is wrong with a message that `Codec.read_frame` has refused with an error."""
    loose = read_loosely(data)
    if not loose.elements:
        return Violation("$", Rule.NOT_JSON, fault_of_message(data, error))
    if loose.message_type not in codec.rules.message_types:
        return fault_of_type(codec, loose)
    if loose.message_type in {ERROR, RESULT_ERROR}:
        return fault_of_error(loose, codec)
    return (fault_of_call(loose) if loose.message_type != RESULT else None) or FRAME


def fault_of_type(codec: Codec, loose: LooseFrame) -> Violation:
    """Return the violation of a message type that the version does not know (F-9)."""
    types = ", ".join(map(str, sorted(codec.rules.message_types)))
    came = spell(loose.elements[0]) if loose.elements else str(loose.message_type)
    return Violation("$[0]", Rule.MESSAGE_TYPE, f"a message type out of {types}", came)


def fault_of_error(loose: LooseFrame, codec: Codec) -> Violation:
    """Return what is wrong with a CALLERROR or CALLRESULTERROR (F-4, F-5)."""
    match loose.elements:
        case [
            _,
            str(),
            str(),
            str(),
            dict(details),
        ]:  # so it is the details that are not taken (F-4)
            fault = fault_of_free_json(details, codec.max_depth)
            return Violation("$[4]", *fault) if fault else FRAME
    return FRAME


def fault_of_call(loose: LooseFrame) -> Violation | None:
    """Return what is wrong with a CALL or SEND; None where there are no elements to look at."""
    if loose.elements is None:
        return None
    came = spell(loose.elements[1]) if len(loose.elements) > 1 else ""
    if loose.message_id is None:
        return Violation("$[1]", Rule.UNREADABLE_ID, "a message id, a string", came)
    if len(loose.message_id) > MESSAGE_ID_MAX_LENGTH:
        limit = f"at most {MESSAGE_ID_MAX_LENGTH} characters"
        return Violation("$[1]", Rule.ID_TOO_LONG, limit, came)
    return FRAME
