"""Where choices come from: dice with a seed for `fuzz`, hypothesis for what is to shrink.

What is drawn with a `Chance` is written once and serves both: `domain` and `plots`.
"""

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

__all__ = ["Chance", "Dice", "one_in", "pick", "shuffled"]

ValueT = TypeVar("ValueT")


class Chance(Protocol):
    """A source of choices."""

    def below(self, limit: int, /) -> int:
        """Return a whole number from 0 to `limit - 1`; 0 stands for the plainest choice."""
        ...


class Dice:
    """Chance that the same seed repeats."""

    def __init__(self, seed: int | str) -> None:
        self._random = Random(seed)  # noqa: S311 - chance that can be repeated is the point

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to `limit - 1`."""
        return int(self._random.random() * limit)


def pick(chance: Chance, values: Sequence[ValueT]) -> ValueT:
    """Return one of the values; the first is the plainest."""
    return values[chance.below(len(values))] if len(values) > 1 else values[0]


def one_in(chance: Chance, limit: int) -> bool:
    """Whether that happened which happens once in `limit` times; the plain case is that it did not."""
    return limit < 2 or chance.below(limit) == limit - 1  # noqa: PLR2004 - always


def shuffled(chance: Chance, values: Sequence[ValueT]) -> list[ValueT]:
    """Return the values in a chance order; the plainest is their own."""
    rest = list(values)
    return [rest.pop(chance.below(len(rest))) for _ in range(len(rest))]
