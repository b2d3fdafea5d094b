"""Names of actions among the settings of a fleet: a slip is an error, not a setting without effect."""

from collections.abc import Collection

from ocpp_sansio.core import ACTIONS, Role, alike, unknown

__all__ = ["action_names"]


def action_names(option: str, actions: Collection[str], sender: Role) -> frozenset[str]:
    """Return a set of actions that `sender` sends; those that no version has may be a vendor's.

    Raises TypeError for a string, and ValueError for a slip, or for what only the other side sends.
    """
    if isinstance(actions, str):  # it would become a set of letters
        raise TypeError(f"{option} is several actions, not the string {actions!r}")
    for name in sorted(actions):
        direction = ACTIONS.get(name)
        meant = alike(name, ACTIONS) if direction is None else None
        if meant:
            text = unknown("no action", name, meant)
            raise ValueError(f"{text} (in {option})")
        if direction is not None and direction not in sender.sends:
            raise ValueError(f"{option} has {name}, which a {sender} does not send")
    return frozenset(actions)
