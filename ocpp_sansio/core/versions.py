"""The protocol versions, one frozen row each: what differs on the wire between 1.6, 2.0.1 and 2.1.

Nothing else in the core compares versions. A rule that differs between them is a column of `VersionRules`.
"""

from enum import Enum, StrEnum
from types import MappingProxyType

from msgspec import Struct

from ocpp_sansio.core.texts import quote

__all__ = ["MESSAGE_ID_MAX_LENGTH", "UnknownTypeReply", "Version", "VersionRules", "__version__"]

__version__ = "0.1.0"

MESSAGE_ID_MAX_LENGTH = 36
"""Characters in a message id, in every version: the length of a UUID's text (I-1)."""


class UnknownTypeReply(StrEnum):
    """What a version says to do with a message-type number that it does not know (F-9)."""

    IGNORE = "ignore"
    MESSAGE_TYPE_NOT_SUPPORTED = "MessageTypeNotSupported"


class VersionRules(Struct, frozen=True):
    """The wire rules in which the versions differ; see `Version.rules`."""

    message_types: frozenset[int]
    """Legal message-type numbers (F-7)."""
    unreadable_id: str | None
    """The id of a CALLERROR about a frame whose own id could not be read; None: say nothing (I-5)."""
    unknown_type_reply: UnknownTypeReply
    """The reaction to a message type outside `message_types` (F-9)."""
    integers_may_have_a_zero_fraction: bool
    """Whether `300.0` is an integer: yes since JSON schema draft 6, which 2.x uses (G-2)."""
    date_times_may_be_any_iso_8601: bool
    """Whether `20240506T1200Z` is a date-time: yes in 1.6, whose texts ask for no more (A-6, A-7)."""
    code_spellings: MappingProxyType[str, str]
    """`ErrorCode` values that this version spells its own way, or lacks: value → what to write (E-1, E-2)."""


_SPELLED_IN_16 = MappingProxyType(
    {
        "FormatViolation": "FormationViolation",  # E-2: misspelt in 1.6, and frozen so
        "OccurrenceConstraintViolation": "OccurenceConstraintViolation",  # E-2
        "MessageTypeNotSupported": "GenericError",  # 1.6 has neither of these two (E-1)
        "RpcFrameworkError": "GenericError",
    }
)
_SPELLED_AS_VALUE: MappingProxyType[str, str] = MappingProxyType({})


class Version(Enum):
    """An OCPP version; its value is the WebSocket subprotocol name (C-4)."""

    OCPP16 = "ocpp1.6"
    OCPP201 = "ocpp2.0.1"
    OCPP21 = "ocpp2.1"

    # Enum's own is written in Python, and a version is a key more than once for each message.
    __hash__ = object.__hash__

    @classmethod
    def parse(cls, label: "Version | str") -> "Version":
        """Return the version that a subprotocol name, or the seed's label such as "ocpp1.6j", stands for.

        Raises ValueError, naming the labels that would be right, for anything else.
        """
        if isinstance(label, Version):
            return label
        try:
            return _LABELS[label]
        except (KeyError, TypeError):
            raise ValueError(
                f"not an OCPP version: {quote(label)}; one of {', '.join(_LABELS)} is"
            ) from None

    @property
    def subprotocol(self) -> str:
        """The token for Sec-WebSocket-Protocol, such as "ocpp2.0.1" (C-4)."""
        return self.value

    @property
    def package(self) -> str:
        """The name of the package that holds this version's messages, such as "ocpp_sansio.v201"."""
        return "ocpp_sansio.v" + self.value.removeprefix("ocpp").replace(".", "")

    @property
    def rules(self) -> VersionRules:
        """The wire rules of this version."""
        return _RULES[self]


_LABELS = {version.value: version for version in Version} | {
    f"{version.value}j": version for version in Version
}

_RULES = {
    Version.OCPP16: VersionRules(
        message_types=frozenset({2, 3, 4}),
        unreadable_id=None,
        unknown_type_reply=UnknownTypeReply.IGNORE,
        integers_may_have_a_zero_fraction=False,
        date_times_may_be_any_iso_8601=True,
        code_spellings=_SPELLED_IN_16,
    ),
    Version.OCPP201: VersionRules(
        message_types=frozenset({2, 3, 4}),
        unreadable_id="-1",
        unknown_type_reply=UnknownTypeReply.MESSAGE_TYPE_NOT_SUPPORTED,
        integers_may_have_a_zero_fraction=True,
        date_times_may_be_any_iso_8601=False,
        code_spellings=_SPELLED_AS_VALUE,
    ),
    Version.OCPP21: VersionRules(
        message_types=frozenset({2, 3, 4, 5, 6}),
        unreadable_id="-1",
        unknown_type_reply=UnknownTypeReply.IGNORE,
        integers_may_have_a_zero_fraction=True,
        date_times_may_be_any_iso_8601=False,
        code_spellings=_SPELLED_AS_VALUE,
    ),
}
