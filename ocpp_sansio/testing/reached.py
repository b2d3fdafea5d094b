"""`Reached`: what the stories of a `PeersMachine` got to, and which handlers they never did."""

from collections import Counter
from typing import Final

import attrs

from ocpp_sansio.core import Role

__all__ = ["Reached"]

MOST_SHOWN: Final = 12
"""Suspicions that are shown, the most frequent."""


@attrs.define
class Reached:
    """Counts over all stories of one machine; `str()` is a table."""

    stories: int = 0
    """Stories that were told."""
    handlers: dict[tuple[Role, str], int] = attrs.field(factory=dict)
    """How often each handler ran, those with 0 included, by its side and its name in `handlers`."""
    actions: Counter[tuple[Role, str]] = attrs.field(factory=Counter)
    """Calls that were answered, by the side that answered and the action."""
    refusals: Counter[tuple[Role, str]] = attrs.field(factory=Counter)
    """Calls that were refused, likewise."""
    reconnects: int = 0
    """How often the line came back."""
    suspicions: Counter[str] = attrs.field(factory=Counter)
    """What no rule forbids, and yet looks wrong."""

    @property
    def unreached(self) -> list[tuple[Role, str]]:
        """The handlers that no story got to."""
        return [handler for handler, count in self.handlers.items() if not count]

    def __str__(self) -> str:
        calls = f"calls answered {self.actions.total()}, refused {self.refusals.total()}"
        lines = [f"stories {self.stories}, {calls}, reconnects {self.reconnects}"]
        for role, action in sorted(self.actions.keys() | self.refusals.keys()):
            answered, refused = self.actions[role, action], self.refusals[role, action]
            lines.append(f"  {role:<7} {action:<40} answered {answered:>6}  refused {refused:>6}")
        lines += [
            f"  note: no story reached the {role}'s handler {name!r}"
            for role, name in self.unreached
        ]
        for what, count in self.suspicions.most_common(MOST_SHOWN):
            lines.append(f"  suspicious, though no rule forbids it: {what} ({count} times)")
        return "\n".join(lines)
