"""The nearest name to one that nothing has: for a typo of the application's, never for a peer's text."""

# ruff: noqa: PLC0415 - difflib takes a quarter of a MiB, which a program without typos does without

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from ocpp_sansio.core.texts import quote

__all__ = ["alike", "nearest", "unknown"]

ALMOST: Final = 0.85
"""How alike a name must be to be taken for a slip: "Heartbeet" is, "GetVendorConfiguration" is not."""

WORTH_NAMING: Final = 0.6
"""How alike a name must be to be named as perhaps meant."""


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that is most like `name`, if one is like it at all."""
    return _nearest(name, tuple(names))


def alike(name: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that `name` is a slip of, if it is one: so near that nobody means another."""
    return _alike(name, tuple(names))


def unknown(what: str, name: str, found: str | None) -> str:
    """Return the words for a name that nothing has: "no action is called 'reset'; perhaps 'Reset'?"."""
    hint = f"; perhaps {quote(found)}?" if found else ""
    return f"{what} is called {quote(name)}{hint}"


@lru_cache(maxsize=256)
def _nearest(name: str, names: tuple[str, ...]) -> str | None:
    from difflib import get_close_matches

    by_bare = {_bare(candidate): candidate for candidate in names}
    found = get_close_matches(_bare(name), by_bare, n=1, cutoff=WORTH_NAMING)
    return by_bare[found[0]] if found else None


@lru_cache(maxsize=256)
def _alike(name: str, names: tuple[str, ...]) -> str | None:
    found = _nearest(name, names)
    if found is None:
        return None
    from difflib import SequenceMatcher

    pair = _bare(name), _bare(found)
    is_slip = pair[0] == pair[1] or SequenceMatcher(None, *pair).ratio() >= ALMOST
    return found if is_slip else None


def _bare(name: str) -> str:
    """Return a name as those remember it who slip: "reset", "boot_notification"."""
    return "".join(char for char in name.lower() if char.isalnum())
