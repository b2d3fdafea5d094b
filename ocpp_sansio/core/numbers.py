"""The numbers of JSON, whatever an application has done to decimal's context; every limit on them is here.

The fast path reads a fraction with `read_exactly`, which raises for what is beyond the limits. The slow path
reads it with `read_number`, which gives `BEYOND` for such a number, so that the rest of the message stays
readable and the number is refused where it stands.
"""

import sys
from collections.abc import Callable
from decimal import (
    Context,
    Decimal,
    DecimalException,
    InvalidOperation,
    Overflow,
    Rounded,
    Subnormal,
)
from typing import Any, Final, TypeAlias

from ocpp_sansio.core.errors import Rule

__all__ = [
    "BEYOND",
    "BEYOND_FAULT",
    "MAX_NUMBER_DIGITS",
    "Fault",
    "fault_of_number",
    "is_beyond",
    "read_exactly",
    "read_number",
    "spell_number",
]

MAX_NUMBER_DIGITS = 400
"""Significant digits of a number. The longest integer that a double can hold has 309; 17 tell a double."""

LOWEST_EXPONENT, HIGHEST_EXPONENT = -324, 308
"""What an IEEE 754 double can hold. A bound is needed: int(Decimal("1e999999999")) would eat all memory."""

_HOLDABLE = f"within the range of a double and of at most {MAX_NUMBER_DIGITS} digits"

LARGEST: Final = int(sys.float_info.max)

BEYOND: Final = Decimal((0, (1,), HIGHEST_EXPONENT + 1))
"""Stands for each number that cannot be held; it is out of range itself, and cheap."""

# A context of our own: with the application's, `Decimal("1e1000000000000000000")` may be NaN. The traps are
# the limits. A zero has no range to leave: decimal moves its exponent into this one.
_LIMITS = Context(
    prec=MAX_NUMBER_DIGITS,
    Emin=LOWEST_EXPONENT,
    Emax=HIGHEST_EXPONENT,
    capitals=1,
    clamp=0,
    traps=[InvalidOperation, Overflow, Subnormal, Rounded],
)

read_exactly: Callable[[str], Decimal] = _LIMITS.create_decimal
"""Return the value of a JSON number, exactly; raises decimal.DecimalException for one beyond the limits."""

spell_number: Callable[[Decimal], str] = _LIMITS.to_sci_string
"""Return a number's digits; `str` asks the application's context how to."""

Fault: TypeAlias = tuple[Rule, str]
"""A broken rule and what would be right."""

BEYOND_FAULT: Final[Fault] = (Rule.NUMBER_RANGE, f"numbers {_HOLDABLE}")
"""What is wrong where a number is beyond the limits."""


def read_number(text: str) -> Decimal:
    """Return the value of a JSON number, exactly, or `BEYOND`."""
    try:
        return read_exactly(text)
    except DecimalException:
        return BEYOND


def is_beyond(value: Any) -> bool:
    """Whether a JSON value is a number that no double can hold."""
    if value.__class__ is int:
        return not -LARGEST <= value <= LARGEST
    if value.__class__ is not Decimal or LOWEST_EXPONENT <= value.adjusted() < HIGHEST_EXPONENT:
        return False
    # Comparisons of Decimals are exact, unlike their arithmetic.
    too_small = value.adjusted() < LOWEST_EXPONENT and bool(value)
    return too_small or not -LARGEST <= value <= LARGEST


def fault_of_number(value: Decimal, kind: Any) -> Fault | None:
    """Return what is wrong with a number of a kind such as `messages.Tenths`."""
    if not LOWEST_EXPONENT <= value.adjusted() < HIGHEST_EXPONENT and is_beyond(value):
        return Rule.NUMBER_RANGE, f"a number {_HOLDABLE}"
    if kind.minimum is not None and value < kind.minimum:
        return Rule.MINIMUM, f"at least {kind.minimum}"
    if kind.maximum is not None and value > kind.maximum:
        return Rule.MAXIMUM, f"at most {kind.maximum}"
    if kind.decimals is not None and _decimals(value) > kind.decimals:
        return Rule.MULTIPLE_OF, f"a multiple of {Decimal((0, (1,), -kind.decimals))}"
    return None


def _decimals(value: Decimal) -> int:
    # Digits, not arithmetic: a remainder of Decimals is rounded to the caller's context.
    _, digits, exponent = value.as_tuple()
    zeros = next((count for count, digit in enumerate(reversed(digits)) if digit), len(digits))
    return max(-int(exponent) - zeros, 0) if zeros < len(digits) else 0
