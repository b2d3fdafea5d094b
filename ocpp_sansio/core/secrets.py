"""Which values are secrets, by the names beside them: no text for people ever shows one."""

import re
from collections.abc import Iterable
from typing import Any, Final

__all__ = ["SECRET_NAMES", "is_secret", "names_secret"]

SECRET_NAMES: Final = (
    "access token",
    "api key",
    "authorization key",
    "credential",
    "pass phrase",
    "pass wd",
    "pass word",
    "private key",
    "secret",
    "shared key",
    "sim pin",
    "vpn key",
)
"""What makes a name that of a secret, wherever it stands in it, in any case, any signs or none for a space.

They are looked for in the names of members, as in `basicAuthPassword` and `vpn.key`, and in the names of
configuration keys and variables: the value of AuthorizationKey is as secret as a password. Id tags and tokens
are none: whoever looks for why a card was refused needs them.
"""

_WHOLE_NAMES: Final = ("authorization", "pin", "pwd")
"""These are part of many a harmless name, and so have to be all of it, or of the last step of a path."""

_NAMING = re.compile(
    "|".join(name.replace(" ", r"[._\- ]*") for name in SECRET_NAMES)
    + rf"|(?:^|\.)(?:{'|'.join(_WHOLE_NAMES)})$",
    re.IGNORECASE,
)

_WITH_CREDENTIALS = re.compile(r"://[^/\s]*@")
_NAMING_MEMBERS = ("key", "name", "variable")
"""Members whose text says what their neighbours are: `{"key": "AuthorizationKey", "value": …}`."""


def names_secret(text: str) -> bool:
    """Whether a text is the name of a secret, or a path to one, or has such a name in it."""
    return _NAMING.search(text) is not None


def is_secret(root: Any, path: str, steps: Iterable[str | int], value: Any) -> bool:
    """Whether a value is a secret, by where it stands in `root`: its path in steps and as text."""
    if names_secret(path):
        return True
    if isinstance(value, str) and _WITH_CREDENTIALS.search(value):
        return True
    holder: Any = root
    for step in steps:
        if isinstance(holder, dict):
            if step not in _NAMING_MEMBERS and _holds_secret(holder):
                return True
            holder = holder.get(step)
        else:
            holder = holder[step]
    return False


def _holds_secret(holder: dict[str, Any]) -> bool:
    for member in _NAMING_MEMBERS:
        name = holder.get(member)
        if isinstance(name, dict):
            name = name.get("name")
        if isinstance(name, str) and names_secret(name):
            return True
    return False
