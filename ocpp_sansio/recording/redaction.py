"""`redacted`: the text of a message as it may be shown, without the secrets in it.

What stands in a secret's place is a `Veil`'s to say: a mask for people, or what is as long for a recording.

It works on the text, since a message that is no JSON, or only half of it, may hold a secret as well. Where it
is not clear whether something is one, it counts as one: what is shown is for people who look for a fault.

Secrets are

- what stands under a name such as "password", "simPin" or "basicAuthPassword", or under "key" in a VPN,
- the values of configuration keys and variables of such names, "AuthorizationKey" among them, whichever
  comes first: the name or the value (ChangeConfiguration, GetConfiguration, SetVariables, NotifyReport …),
- texts with a private key, or with JSON or a query in them that have such a name,
- user, password and query of a URL, as in the location of a firmware.
"""

import re
from collections.abc import Collection

from msgspec import Struct
from msgspec.json import decode

from ocpp_sansio.core import names_secret

__all__ = ["MASK", "Veil", "redacted"]

MASK = "***"
"""Stands for a secret."""

_VALUES = {
    "value",
    "attributevalue",
}  # of a configuration key or variable, which may be a secret one
_VPN = "vpn"
_CLIMB = 8  # objects and arrays around a value that are asked whether it is a secret
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[{}\[\],:]|[^"{}\[\],:\s]+', re.DOTALL)
_NAME = re.compile(r"[\w.\- ]{1,60}")
_URL = re.compile(r'(://)[^/@\s?#]*@|(\?)[^\s"]+')


class _Object(Struct, eq=False):
    """An object or array of the message, as far as it has been read."""

    above: "_Object | None"
    is_object: bool
    name: str
    """Of the member that it is the value of."""
    is_secret: bool
    """Whether all in it is secret, or the values in it, once `names_secret` is known."""
    names_secret: bool = False
    """Whether it says that its value is one of a secret key or variable."""
    is_open: bool = True
    member: str = ""
    """The name that was read last, until its value has been."""
    last: str = ""
    """The last value."""
    comes_value: bool = False


class _Value(Struct):
    """A text or a number that may turn out to be a secret."""

    start: int
    end: int
    place: _Object


class Veil:
    """What is to stand in the place of a secret: `MASK`, unless a subclass has it otherwise."""

    names: Collection[str] = ()
    """Members, in lower case, whose values are secret beside those that are so anyway."""

    def whole(self, word: str) -> str:  # noqa: ARG002 - for those who override it
        """Return what stands for a word of JSON: a text in its quotes, or a number."""
        return f'"{MASK}"'

    def named(self, word: str) -> str:
        """Return what stands for the value of one of `names`."""
        return self.whole(word)

    def part(self, piece: str) -> str:  # noqa: ARG002 - likewise
        """Return what stands for a piece of a text."""
        return MASK


_PLAIN_VEIL = Veil()


def redacted(text: str, veil: Veil = _PLAIN_VEIL) -> str:
    """Return the text of a message with `MASK`, or what else `veil` says, in the place of each secret."""
    return _Reader(text, veil).read()


class _Reader:
    """Reads a message token by token, and notes what is not to be shown of it."""

    def __init__(self, text: str, veil: Veil) -> None:
        self._text = text
        self._veil = veil
        self._place = _Object(None, is_object=False, name="", is_secret=False)
        self._masks: list[tuple[int, int, str]] = []  # from, to, and what is to stand there
        self._values: list[_Value] = []

    def read(self) -> str:
        for found in _TOKEN.finditer(self._text):
            self._take(found.group(), found.start(), found.end())
        for value in self._values:
            if _is_secret(value.place):
                self._mask(value.start, value.end)
        pieces, position = [], 0
        for start, end, instead in sorted(self._masks):
            pieces += [self._text[position:start], instead]
            position = end
        return "".join([*pieces, self._text[position:]])

    def _take(self, word: str, start: int, end: int) -> None:
        place = self._place
        match word:
            case "{" | "[":
                name = place.member or ("" if place.is_object else place.name)
                secret = place.is_secret or names_secret(name)
                self._place = _Object(place, word == "{", name, secret)
            case "}" | "]":
                place.is_open = False
                self._place = place.above or place
                _end_member(self._place)
            case ":":
                place.comes_value = True
                place.member = (
                    place.member or place.last
                )  # what lost its brace is read all the same
            case ",":
                _end_member(place)
            case _:
                self._take_scalar(place, word, start, end)

    def _take_scalar(self, place: _Object, word: str, start: int, end: int) -> None:
        said = _meaning(word)
        if place.is_object and not place.comes_value:
            place.member = said  # the name of a member
            return
        name, place.last = place.member, said
        if (
            place.is_secret
            or names_secret(name)
            or (name.lower() == "key" and place.name.lower() == _VPN)
        ):
            self._mask(start, end)
        elif name.lower() in self._veil.names:
            self._masks.append((start, end, self._veil.named(word)))
        elif name.lower() in _VALUES:
            self._values.append(_Value(start, end, place))
        elif names_secret(said):
            if _NAME.fullmatch(said) and "PRIVATE KEY" not in said:  # as above such a key
                _note_secret_name(place)
            else:
                self._mask(start, end)
        elif "://" in said:
            self._masks.append((start, end, _without_secrets(word, self._veil)))

    def _mask(self, start: int, end: int) -> None:
        self._masks.append((start, end, self._veil.whole(self._text[start:end])))


def _without_secrets(url: str, veil: Veil) -> str:
    """Return a text with URLs without users, passwords and queries, a text that has its end or not."""
    if url.startswith('"') and not (url.endswith('"') and len(url) > 1):
        before, mark, rest = url.partition("://")
        return before + mark + veil.part(rest)  # who knows whether a host was to come
    return _URL.sub(lambda found: _veiled_part(found, veil), url)


def _veiled_part(found: re.Match[str], veil: Veil) -> str:
    prefix, suffix = found[1] or found[2], "@" if found[1] else ""
    return prefix + veil.part(found[0][len(prefix) : len(found[0]) - len(suffix)]) + suffix


def _end_member(place: _Object) -> None:
    place.member, place.last, place.comes_value = "", "", False


def _note_secret_name(place: _Object) -> None:
    """Take note that a key or variable is a secret one: its value is beside its name, or one object above."""
    place.names_secret = True
    if place.above and place.above.is_object:
        place.above.names_secret = True


def _is_secret(place: _Object) -> bool:
    """Whether a value is that of a secret key or variable, or could be, since the rest did not come."""
    nearest, left = place, 2
    for _ in range(_CLIMB):
        if nearest.above is None:  # a piece without its beginning, if it is in no object
            return nearest is place
        if nearest.is_object:
            if nearest.names_secret or nearest.is_open:
                return True
            left -= 1
            if not left:
                return False
        nearest = nearest.above
    return True


def _meaning(token: str) -> str:
    """Return what a text in JSON says; half of one, or a word without quotes, as it is spelled."""
    if not token.startswith('"'):
        return token
    if "\\" in token:
        try:
            return str(decode(token))
        except ValueError:
            return token.strip('"')
    return token.strip('"')
