"""What stands in the place of a secret in a recording: as long as it, and as valid.

A recording is replayed bit for bit, so a message without its secrets has to be refused for what the message
with them was refused for, and to be written as it stands: each character gives way to one that takes as many
bytes. Whatever tells more than the length is gone.
"""

import re
from hashlib import blake2s
from secrets import token_bytes
from typing import Final

from ocpp_sansio.recording.redaction import Veil, redacted

__all__ = ["StandIns", "may_hold_secrets"]

_ID_TAGS: Final = ("idtag", "parentidtag", "idtoken", "groupidtoken", "additionalidtoken")
_MARKS: Final = (
    *(b"pass", b"secret", b"key", b"pin", b"pwd", b"credential", b"authorization", b"://"),
    *(b"access_token", b"accesstoken", b"\\u"),
)
"""One of these, in lower case, is in every text that `redacted` changes."""
_ID_TAG_MARKS: Final = (b"idtag", b"idtoken")

_LONGEST_INT: Final = "2147483647"
_PIECE = re.compile(
    r"(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?P<kept>\\u00[01][0-9a-fA-F]|\\[^u]|[\x00-\x1f])|(?P<escape>\\u[0-9a-fA-F]{4})"
    r"|(?P<ascii>[\x20-\x7f])|(?P<two>[\x80-\u07ff])|(?P<three>[\u0800-\uffff])|.",
    re.DOTALL,
)
_INSTEAD: Final = {
    "pair": "\\ud83d\\udd12", "escape": "\\u002a", "ascii": "*", "two": "§", "three": "※", None: "🔒",
}  # fmt: skip
_LITERALS: Final = ("true", "false", "null")


class StandIns(Veil):
    """Puts something as long in the place of a secret; an idTag becomes the same other one everywhere."""

    def __init__(self, *, id_tags: bool = False) -> None:
        self.names = _ID_TAGS if id_tags else ()
        self._key = token_bytes(16)  # nobody can try all cards to see which one it was

    def in_text(self, text: str) -> str:
        """Return the text of a message with all secrets replaced."""
        return redacted(text, self)

    def whole(self, word: str) -> str:
        """See `Veil.whole`."""
        if word in _LITERALS:
            return word
        if word.startswith('"'):
            return f'"{self.part(word[1:-1])}"' if _is_closed(word) else f'"{self.part(word[1:])}'
        if word.lstrip("-").isdigit():
            is_big = len(word) > len(_LONGEST_INT) or (
                len(word) == len(_LONGEST_INT) and word > _LONGEST_INT
            )
            return re.sub("[1-9]", "9" if is_big else "1", word)
        return re.sub("[2-9]", "1", word) if word[:1] in "-0123456789" else self.part(word)

    def named(self, word: str) -> str:
        """See `Veil.named`."""
        tag = word[1:-1]
        if not (_is_closed(word) and tag.isascii() and tag.isprintable() and "\\" not in tag):
            return self.whole(word)
        # The case of an idTag's letters does not matter (CiString).
        digest = blake2s(tag.lower().encode(), key=self._key).hexdigest().upper()
        return f'"{(digest * (len(tag) // len(digest) + 1))[: len(tag)]}"'

    def part(self, piece: str) -> str:
        """See `Veil.part`."""
        return _PIECE.sub(_instead, piece)


def _is_closed(word: str) -> bool:
    return len(word) > 1 and word.startswith('"') and word.endswith('"')


def _instead(found: re.Match[str]) -> str:
    return found[0] if found.lastgroup == "kept" else _INSTEAD[found.lastgroup]


def may_hold_secrets(data: bytes, stand_ins: StandIns) -> bool:
    """Whether a closer look at messages is worth it: cheap, and right where it says no."""
    lower = data.lower()
    marks = _MARKS + _ID_TAG_MARKS if stand_ins.names else _MARKS
    return any(mark in lower for mark in marks)
