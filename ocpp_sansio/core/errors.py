"""Error codes, broken rules, and the two families of error: yours (local) and the peer's (remote)."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from ocpp_sansio.core.versions import Version

__all__ = [
    "DEFAULT_ERROR_CODES",
    "DESCRIPTION_MAX_LENGTH",
    "ErrorCode",
    "LocalProtocolError",
    "OcppError",
    "RemoteProtocolError",
    "Rule",
    "Violation",
]

DESCRIPTION_MAX_LENGTH = 255
"""Characters in an errorDescription: 2.x says so, and 1.6 peers are spared longer ones too (E-5)."""


class ErrorCode(StrEnum):
    """The error codes of all versions in one enum; `as_wire` spells one for a version (RULES §4, E-1)."""

    NOT_IMPLEMENTED = "NotImplemented"
    """The receiver does not know the action."""
    NOT_SUPPORTED = "NotSupported"
    """The receiver knows the action and does not serve it."""
    INTERNAL_ERROR = "InternalError"
    """The receiver failed while it served the call."""
    PROTOCOL_ERROR = "ProtocolError"
    """The payload is incomplete, or not what the message is made of."""
    SECURITY_ERROR = "SecurityError"
    """The call is refused for security's sake, or before a boot was accepted."""
    FORMAT_VIOLATION = "FormatViolation"
    """The message is syntactically wrong; 1.6 spells it FormationViolation (E-2)."""
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    """A field has a value that is not allowed."""
    OCCURRENCE_CONSTRAINT_VIOLATION = "OccurrenceConstraintViolation"
    """A field or item occurs too seldom or too often; 1.6 spells it with one r (E-2)."""
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"
    """A field has the wrong JSON type."""
    GENERIC_ERROR = "GenericError"
    """Anything else; also what an unknown code of the peer's is read as (E-3)."""
    MESSAGE_TYPE_NOT_SUPPORTED = "MessageTypeNotSupported"
    """The message-type number is not known (2.x)."""
    RPC_FRAMEWORK_ERROR = "RpcFrameworkError"
    """The message is not a readable request (2.x)."""

    def as_wire(self, version: Version) -> str:
        """Return the code as `version` spells it; a 2.x-only code becomes GenericError in 1.6 (E-1, E-2)."""
        return version.rules.code_spellings.get(self.value, self.value)

    @classmethod
    def parse(cls, text: str) -> "ErrorCode":
        """Return the member for any version's spelling, and GENERIC_ERROR for an unknown one (E-3)."""
        return _PARSED.get(text, cls.GENERIC_ERROR)


_PARSED = {code.value: code for code in ErrorCode} | {
    "FormationViolation": ErrorCode.FORMAT_VIOLATION,
    "OccurenceConstraintViolation": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
}


class Rule(StrEnum):
    """What a message can break. Each has one error code per version: `DEFAULT_ERROR_CODES` (RULES §4.1)."""

    # the frame
    NOT_JSON = "not_json"
    """Not JSON in UTF-8, or not an array with something in it (F-1)."""
    MESSAGE_SIZE = "message_size"
    """More bytes than `Config.max_message_size`; it was not parsed (E-10)."""
    MESSAGE_TYPE = "message_type"
    """The message-type number is unknown to the version (F-9)."""
    UNREADABLE_ID = "unreadable_id"
    """The message id is missing or not a string (I-1, I-5)."""
    ID_TOO_LONG = "id_too_long"
    """The message id has more than 36 characters (I-1)."""
    FRAME = "frame"
    """Wrong number of elements, or an element of the wrong type (F-2 to F-6, F-12)."""
    # the call as a whole
    UNKNOWN_ACTION = "unknown_action"
    """The version has no such action, and the configuration names no such vendor action."""
    WRONG_DIRECTION = "wrong_direction"
    """The action exists, but only the other side may send it (A-4)."""
    WRONG_KIND = "wrong_kind"
    """A CALL for an action that only exists as SEND, or the reverse (F-6)."""
    DUPLICATE_ID = "duplicate_id"
    """The id of a call that is still being handled (I-7)."""
    TOO_MANY_CALLS = "too_many_calls"
    """More unanswered calls than `Config.max_unanswered_calls` (S-5)."""
    NOT_REGISTERED = "not_registered"
    """An action that `Connection.admit` does not admit: no boot was accepted yet (B-33, B-41)."""
    OVERLAPPING_CALL = "overlapping_call"
    """A call sent before the previous one was answered; served all the same (S-1, S-5)."""
    STRAY_RESPONSE = "stray_response"
    """A response to no call of ours, or to one long forgotten (S-8)."""
    # the payload
    PAYLOAD_NOT_OBJECT = "payload_not_object"
    """The payload is not a JSON object, or not readable as JSON (A-2)."""
    NULL_PAYLOAD = "null_payload"
    """`null` in the place of an empty object; accepted where no member is required (A-2)."""
    REQUIRED = "required"
    """A required member is missing."""
    UNKNOWN_MEMBER = "unknown_member"
    """A member that the message does not have (A-13)."""
    NULL = "null"
    """`null` stands for an absent member (A-3)."""
    TYPE = "type"
    """The wrong JSON type; a number in a string is one."""
    ENUM = "enum"
    """A string outside the list of allowed values."""
    MAX_LENGTH = "max_length"
    """A string longer than allowed, in characters."""
    MINIMUM = "minimum"
    """A number below the smallest allowed one."""
    MAXIMUM = "maximum"
    """A number above the largest allowed one."""
    MULTIPLE_OF = "multiple_of"
    """A number that is not a whole multiple of the step (A-10)."""
    NUMBER_RANGE = "number_range"
    """A number that no IEEE 754 double can hold, such as 1e400."""
    FORMAT = "format"
    """A date-time that is malformed or has no UTC offset (A-6, A-7)."""
    MIN_ITEMS = "min_items"
    """An array with too few items."""
    MAX_ITEMS = "max_items"
    """An array with too many items."""
    DEPTH = "depth"
    """Free JSON nested deeper than `Config.max_depth`."""


class Violation(Struct, frozen=True):
    """One broken rule: where, which, and what would be right. Holds at most a snippet of the peer's text."""

    path: str
    """Where, in wire names: "$.meterValue[0].timestamp"; "$" is the payload itself."""
    rule: Rule
    expected: str
    """What would be right, for people: "at most 20 characters"."""
    got: str = ""
    """What came, for people: "'Foo'", "1.5", "null", "an array of 3"; empty where nothing did.

    At most 40 characters, and all of them printable. "(secret)" stands for a password and its like.
    """

    def __str__(self) -> str:
        if not self.got:
            return self.demand
        return f"{self.path}: {self.got} instead of {self.expected} ({self.rule})"

    @property
    def demand(self) -> str:
        """The same without what came: the peer, who is told this, knows what it has sent (I-6)."""
        return f"{self.path}: expected {self.expected} ({self.rule})"


class OcppError(Exception):
    """The parent of every error of this library. Abstract: only its children are raised or reported."""

    def __init__(self, message: str) -> None:
        if type(self) is OcppError:
            raise TypeError(
                "OcppError is abstract; raise LocalProtocolError or use RemoteProtocolError"
            )
        super().__init__(message)


class LocalProtocolError(OcppError):
    """You asked for something the protocol does not allow. Nothing has changed; mend the call and go on."""

    def __init__(self, message: str, violations: tuple[Violation, ...] = ()) -> None:
        super().__init__(message)
        self.violations = violations
        """What is wrong with a payload of yours, if that was it; empty otherwise."""


class RemoteProtocolError(OcppError):
    """The peer broke a rule. Never raised by the core: `ProtocolViolated` carries it."""

    def __init__(
        self,
        message: str,
        *,
        rule: Rule,
        code: ErrorCode,
        message_id: str | None = None,
        violations: tuple[Violation, ...] = (),
    ) -> None:
        super().__init__(message)
        self.rule = rule
        """Which rule."""
        self.code = code
        """The error code that fits; what the peer was told, where it was told anything."""
        self.message_id = message_id
        """The id of the offending message, where it could be read."""
        self.violations = violations
        """What is wrong with the payload, where it was that; the first decides `code`."""


_ALL_VERSIONS = {
    Rule.MESSAGE_SIZE: ErrorCode.FORMAT_VIOLATION,
    Rule.UNKNOWN_ACTION: ErrorCode.NOT_IMPLEMENTED,
    Rule.WRONG_DIRECTION: ErrorCode.NOT_SUPPORTED,
    Rule.WRONG_KIND: ErrorCode.NOT_SUPPORTED,
    Rule.TOO_MANY_CALLS: ErrorCode.GENERIC_ERROR,
    Rule.NOT_REGISTERED: ErrorCode.SECURITY_ERROR,
    Rule.OVERLAPPING_CALL: ErrorCode.GENERIC_ERROR,
    Rule.STRAY_RESPONSE: ErrorCode.GENERIC_ERROR,
    Rule.NULL: ErrorCode.TYPE_CONSTRAINT_VIOLATION,
    Rule.TYPE: ErrorCode.TYPE_CONSTRAINT_VIOLATION,
    Rule.ENUM: ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    Rule.MAX_LENGTH: ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    Rule.MINIMUM: ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    Rule.MAXIMUM: ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    Rule.MULTIPLE_OF: ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    Rule.NUMBER_RANGE: ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    Rule.FORMAT: ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    Rule.MIN_ITEMS: ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    Rule.MAX_ITEMS: ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    Rule.PAYLOAD_NOT_OBJECT: ErrorCode.FORMAT_VIOLATION,
    Rule.NULL_PAYLOAD: ErrorCode.FORMAT_VIOLATION,
    Rule.DEPTH: ErrorCode.FORMAT_VIOLATION,
}
_IN_16 = _ALL_VERSIONS | {
    Rule.NOT_JSON: ErrorCode.FORMAT_VIOLATION,
    Rule.MESSAGE_TYPE: ErrorCode.FORMAT_VIOLATION,
    Rule.UNREADABLE_ID: ErrorCode.FORMAT_VIOLATION,
    Rule.ID_TOO_LONG: ErrorCode.FORMAT_VIOLATION,
    Rule.FRAME: ErrorCode.FORMAT_VIOLATION,
    Rule.DUPLICATE_ID: ErrorCode.GENERIC_ERROR,
    Rule.REQUIRED: ErrorCode.PROTOCOL_ERROR,
    Rule.UNKNOWN_MEMBER: ErrorCode.FORMAT_VIOLATION,
}
_IN_2X = _ALL_VERSIONS | {
    Rule.NOT_JSON: ErrorCode.RPC_FRAMEWORK_ERROR,
    Rule.MESSAGE_TYPE: ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED,
    Rule.UNREADABLE_ID: ErrorCode.RPC_FRAMEWORK_ERROR,
    Rule.ID_TOO_LONG: ErrorCode.RPC_FRAMEWORK_ERROR,
    Rule.FRAME: ErrorCode.RPC_FRAMEWORK_ERROR,
    Rule.DUPLICATE_ID: ErrorCode.RPC_FRAMEWORK_ERROR,
    Rule.REQUIRED: ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    Rule.UNKNOWN_MEMBER: ErrorCode.PROTOCOL_ERROR,
}

DEFAULT_ERROR_CODES: Mapping[Version, Mapping[Rule, ErrorCode]] = {
    Version.OCPP16: _IN_16,
    Version.OCPP201: _IN_2X,
    Version.OCPP21: _IN_2X,
}
"""RULES §4.1 as a table: which code answers which broken rule. `Config.error_codes` overrides rows."""
