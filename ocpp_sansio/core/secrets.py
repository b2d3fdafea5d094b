"""Which values are secrets, by the names beside them: no text for people ever shows one."""

import re
from collections.abc import Iterable
from typing import Any, Final

__all__ = ["SECRET_NAMES", "is_secret"]

SECRET_NAMES: Final = (
    "authorizationkey",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "sharedkey",
    "simpin",
    "vpnkey",
)
"""What makes a name that of a secret, wherever it stands in it, in any case, signs between words left out.

They are looked for in the names of members, as in `basicAuthPassword` and `vpn.key`, and in the names of
configuration keys and variables: the value of AuthorizationKey is as secret as a password. Id tags and tokens
are none: whoever looks for why a card was refused needs them.
"""

_WITH_CREDENTIALS = re.compile(r"://[^/\s]*@")
_NAMING_MEMBERS = ("key", "name", "variable")
"""Members whose text says what their neighbours are: `{"key": "AuthorizationKey", "value": …}`."""


def is_secret(root: Any, path: str, steps: Iterable[str | int], value: Any) -> bool:
    """Whether a value is a secret, by where it stands in `root`: its path in steps and as text."""
    if _names_secret(path):
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
        if isinstance(name, str) and _names_secret(name):
            return True
    return False


def _names_secret(name: str) -> bool:
    for sign in ".", "_", "-", " ":
        name = name.replace(sign, "")
    name = name.lower()
    return any(secret in name for secret in SECRET_NAMES)
