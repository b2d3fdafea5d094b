"""What is wrong in a trace: one `Finding` for each fault, of a message or of a story."""

from msgspec import Struct

__all__ = ["Finding"]


class Finding(Struct, frozen=True):
    """One thing that is wrong, or looks as if it were."""

    line: int
    """Of the message that shows it."""
    rule: str
    """Which: a `Rule`, "error_code", "description_length", or one of a story's such as "late_answer"."""
    path: str
    """In the payload, or in the frame for the rules of frames, as `Violation.path`."""
    expected: str
    """What would be right."""
    is_fault: bool = True
    """Whether a rule forbids it. If not, it may be right, and is worth a look: a log does not tell all."""
    station: str | None = None
    when: float | None = None
    """Seconds, as the trace has them."""
    got: str = ""
    """What came, printable and cut."""
    code: str = ""
    """The error code that answers it, as the version spells it; empty for a story's."""
    message: str = ""
    """The beginning of the message, printable."""

    @property
    def said(self) -> str:
        """What is wrong, in words: where, what came if anything did, and what would be right."""
        if not self.got:
            return f"{self.path}: expected {self.expected}"
        return f"{self.path}: {self.got} instead of {self.expected}"
