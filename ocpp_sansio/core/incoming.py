"""What came in, judged: whether an action may come from this peer, and what its payload is."""

from typing import Any, TypeAlias

from ocpp_sansio.core.codec import UNREADABLE, Codec, fault_of_free_json, read_json
from ocpp_sansio.core.config import Config, Role, Validation
from ocpp_sansio.core.errors import Rule, Violation
from ocpp_sansio.core.messages import Action, Kind, Payload
from ocpp_sansio.core.validation import Inspection, all_optional, spell

__all__ = ["Reading", "judge_action", "read_again", "read_payload"]

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
    try:
        value = read_json(data)
    except UNREADABLE:
        return _refused(Rule.PAYLOAD_NOT_OBJECT, "JSON in UTF-8")
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
