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
from ocpp_sansio.core.validation import Inspection, all_optional
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

DECLARED_DEPTH = 16
"""Levels of nesting that a message may have of its own, around its free JSON; the deepest has 8."""

Reading: TypeAlias = tuple[Any, tuple[Violation, ...]]
"""A payload, typed or a JSON object, and what is wrong with it; None for one that is to be refused."""


def judge_action(
    codec: Codec, role: Role, config: Config, name: str, kind: Kind
) -> tuple[Action | None, Violation | None]:
    """Return the catalogue's row of an incoming action, if it has one, and what speaks against it."""
    action = codec.actions.get(name)
    if action is None:
        if config.serves_vendor_action(name):
            return None, None
        return None, Violation("$", Rule.UNKNOWN_ACTION, f"an action of {codec.version.value}")
    if action.kind is not kind:
        return action, Violation("$", Rule.WRONG_KIND, f"{name} as {action.kind}")
    if action.direction not in role.receives:
        return action, Violation("$", Rule.WRONG_DIRECTION, f"an action that a {role} receives")
    return action, None


def read_payload(
    codec: Codec, config: Config, name: str, payload_type: type[Payload] | None, data: Any
) -> Reading:
    """Return the payload of an action; without `payload_type` it is free JSON. Never raises."""
    if payload_type is not None:
        try:
            return codec.readers[payload_type](data), ()
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
        value, flaws = _read_flawed(config.validation_of(name), bytes(data), within)
        if not flaws:
            expected = fault_of_json(bytes(data), error, within) or "JSON in UTF-8"
            return _refused(Rule.PAYLOAD_NOT_OBJECT, expected)
    payload, violations = _read_value(codec, config, name, payload_type, value)
    if flaws and payload is not None and config.validation_of(name) is Validation.LENIENT:
        violations = (*(Violation("$", Rule.NOT_JSON, flaw) for flaw in flaws), *violations)
    return payload, violations


def _read_flawed(mode: Validation, data: bytes, within: str) -> tuple[Any, tuple[str, ...]]:
    """Return a JSON value whose strings have flaws, and these; none where that is not to pass."""
    if mode is Validation.STRICT:
        return None, ()
    mended, flaws = mend_strings(data, within)
    try:
        return read_json(mended), flaws
    except UNREADABLE:
        return None, ()


def _read_value(
    codec: Codec, config: Config, name: str, payload_type: type[Payload] | None, value: Any
) -> Reading:
    if value is None and (payload_type is None or all_optional(payload_type)):
        empty: Any = payload_type() if payload_type else {}
        return empty, (Violation("$", Rule.NULL_PAYLOAD, "{}"),)
    if not isinstance(value, dict):
        return _refused(Rule.PAYLOAD_NOT_OBJECT, "a JSON object")
    if payload_type is not None:
        return _inspect(codec, config, name, payload_type, value)
    fault = fault_of_free_json(value, codec.max_depth)
    return _refused(*fault) if fault else (value, ())


def _inspect(
    codec: Codec, config: Config, name: str, payload_type: type[Payload], value: dict[str, Any]
) -> Reading:
    mode = config.validation_of(name)
    is_strict = mode is Validation.STRICT
    found = Inspection(value, payload_type, codec, config, wants_payload=not is_strict)
    violations = tuple(found.violations)
    if not violations:
        return found.payload, ()  # such as a string that Config.field_lengths allows (C-13)
    if is_strict or _is_too_deep(codec, value):
        return None, violations
    if mode is Validation.OFF:
        return value, ()
    return (value if found.payload is None else found.payload), violations


def _is_too_deep(codec: Codec, value: dict[str, Any]) -> bool:
    # A cap holds in every mode, and for members that no walk over the declared ones looks into.
    return fault_of_free_json(value, codec.max_depth + DECLARED_DEPTH) is not None


def _refused(rule: Rule, expected: str) -> Reading:
    return None, (Violation("$", rule, expected),)


# --- what is wrong with an envelope -----------------------------------------------------------------

FRAME = Violation("$", Rule.FRAME, "the elements of its message type")
"""Too few, too many or the wrong elements (F-2 to F-6, F-12)."""


def fault_of_frame(codec: Codec, data: bytes, error: Exception) -> Violation:
    """Return what is wrong with a message that `Codec.read_frame` has refused with an error."""
    loose = read_loosely(data)
    if not loose.elements:
        return Violation("$", Rule.NOT_JSON, fault_of_message(data, error))
    if loose.message_type not in codec.rules.message_types:
        return fault_of_type(codec)
    if loose.message_type in {ERROR, RESULT_ERROR}:
        return fault_of_error(loose, codec)
    return (fault_of_call(loose) if loose.message_type != RESULT else None) or FRAME


def fault_of_type(codec: Codec) -> Violation:
    """Return the violation of a message type that the version does not know (F-9)."""
    types = ", ".join(map(str, sorted(codec.rules.message_types)))
    return Violation("$[0]", Rule.MESSAGE_TYPE, f"a message type out of {types}")


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
    if loose.message_id is None:
        return Violation("$[1]", Rule.UNREADABLE_ID, "a message id, a string")
    if len(loose.message_id) > MESSAGE_ID_MAX_LENGTH:
        return Violation("$[1]", Rule.ID_TOO_LONG, f"at most {MESSAGE_ID_MAX_LENGTH} characters")
    return FRAME
