"""`Grammar`: the orders that a prompt or a script may give, written as they are typed: "plug in [N]"."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from math import isfinite
from typing import Any, Final

from msgspec import Struct

from ocpp_sansio.core import quote

__all__ = ["BadOrder", "CannotBe", "Grammar", "Order"]


class BadOrder(Exception):  # noqa: N818 - a typo of the user's
    """What was typed is no order; the text says what would be one."""


class CannotBe(Exception):  # noqa: N818 - it is the user's order that cannot be carried out
    """An order that means nothing now; the text says why."""


class Order(Struct, frozen=True):
    """One order: its words, such as "plug in", and what was said besides, by the name of its place."""

    words: str
    given: Mapping[str, Any]

    def get(self, place: str, default: Any = None) -> Any:
        """Return what was said in a place."""
        return self.given.get(place, default)


class Grammar:
    """A list of orders.

    Words in small letters are typed as they are. One in capitals is a place for something; in brackets it may
    be left out. N is a number from 1, SECONDS and WH are numbers from 0, any other place takes one word.
    """

    def __init__(self, orders: Mapping[str, str], aliases: Mapping[str, str]) -> None:
        """Begin with the usage of each order and what it does; `aliases` are other words for some."""
        self._forms = [_Form.of(usage, about) for usage, about in orders.items()]
        self._forms.sort(key=lambda form: -len(form.words))
        self._help = dict(orders)
        self._aliases = aliases

    @property
    def help(self) -> str:
        """All orders, one a line."""
        width = max(map(len, self._help))
        return "\n".join(f"  {usage:<{width}}  {about}" for usage, about in self._help.items())

    def read(self, text: str) -> Order | None:
        """Return the order of a line; None for an empty one or a comment. Raises BadOrder."""
        said = text.partition("#")[0].split()
        if not said:
            return None
        said = self._without_alias(said)
        low = [word.lower() for word in said]
        for form in self._forms:
            if tuple(low[: len(form.words)]) == form.words:
                return form.fill(said[len(form.words) :])
        raise BadOrder(self._unknown(text))

    def _without_alias(self, said: list[str]) -> list[str]:
        for count in (2, 1):
            meant = self._aliases.get(" ".join(said[:count]).lower())
            if meant is not None:
                return [*meant.split(), *said[count:]]
        return said

    def _unknown(self, text: str) -> str:
        by_name = {" ".join(form.words): form.usage for form in self._forms}
        words = text.lower().split()
        begun = [name for name in by_name if name.split()[0] == words[0]]
        slips = [get_close_matches(" ".join(words[:count]), by_name, 1) for count in (2, 1)]
        likely = next(iter([*slips[0], *slips[1], *begun]), None)
        perhaps = f"perhaps {quote(by_name[likely])}? " if likely else ""
        return f'there is no order {quote(text.strip())}; {perhaps}"help" lists them'


class _Form(Struct, frozen=True):
    usage: str
    words: tuple[str, ...]
    places: tuple[str, ...]
    needed: int

    @classmethod
    def of(cls, usage: str, _about: str) -> "_Form":
        parts = usage.split()
        words = tuple(part for part in parts if part.islower())
        places = [part for part in parts if not part.islower()]
        needed = sum(not place.startswith("[") for place in places)
        return cls(usage, words, tuple(place.strip("[]") for place in places), needed)

    def fill(self, said: list[str]) -> Order:
        name = " ".join(self.words)
        if len(said) < self.needed:
            missing = self.places[len(said)]
            raise BadOrder(f"{name} lacks its {missing}: it is written {quote(self.usage)}")
        if len(said) > len(self.places):
            extra = " ".join(said[len(self.places) :])
            raise BadOrder(
                f"{name} has no place for {quote(extra)}: it is written {quote(self.usage)}"
            )
        given = {}
        for place, word in zip(self.places, said, strict=False):
            kind, read = _KINDS.get(place, ("a word", str))
            try:
                given[place] = read(word)
            except ValueError:
                raise BadOrder(
                    f"{quote(word)} is not {kind}, as the {place} of {quote(self.usage)} is"
                ) from None
        return Order(name, given)


def _from_one(word: str) -> int:
    if not (word.isascii() and word.isdigit() and int(word)):
        raise ValueError
    return int(word)


def _from_zero(word: str) -> float:
    number = float(word)
    if not isfinite(number) or number < 0:
        raise ValueError
    return number


_KINDS: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "N": ("a number from 1", _from_one),
    "SECONDS": ("a number from 0", _from_zero),
    "WH": ("a number from 0", _from_zero),
}
