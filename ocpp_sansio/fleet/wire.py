"""What travels between the processes of a fleet: tokens, subjects, and one line of words before a frame.

Pure. Everything here that reads raises ValueError for what it cannot read, and nothing else; what it says of
that is fit for a log. A reader answers `Refused` for a head that it does not know (FL-20), so the words can
grow within a wire version, and each process says why it cannot do what one of a newer release asks.
"""

import re
from typing import TypeAlias

from msgspec import Struct

from ocpp_sansio.core import Version, quote

__all__ = [
    "WIRE_VERSION",
    "Answered",
    "Ask",
    "Expired",
    "Greeting",
    "Hello",
    "Lost",
    "NotConnectedThere",
    "NotMine",
    "OtherVersion",
    "Probe",
    "Record",
    "Refused",
    "Taken",
    "TimedOut",
    "Told",
    "TooLarge",
    "Verdict",
    "Withdraw",
    "event_subject",
    "identity_of",
    "read_event_subject",
    "read_question",
    "read_record",
    "read_taken",
    "read_told",
    "read_verdict",
    "station_subject",
    "token_of",
    "write_question",
    "write_record",
    "write_taken",
    "write_told",
    "write_verdict",
]

WIRE_VERSION = "1"
"""The version of all this, in the prefix of every subject."""

MAX_TOKEN = 3 * 255
"""Characters: an identity has 255 bytes at most here, each of which becomes three characters at most."""

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_SPELLED = {byte: chr(byte) if byte in _PLAIN else f"={byte:02X}" for byte in range(256)}
_PLAIN_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,255}")
"""Spelled as the identity itself: nearly every one is."""
_SPELLING = "(?:[A-Za-z0-9_-]++|=[0-9A-F]{2})++"
_TOKEN = re.compile(_SPELLING)
_ESCAPE = re.compile(rb"=([0-9A-F]{2})")


# --- tokens and subjects ----------------------------------------------------------------------------------


def token_of(identity: str) -> str:
    """Return an identity as one token of a subject (FL-3).

    Raises ValueError for what cannot be one: nothing, a lone surrogate, more than 255 bytes of UTF-8.
    """
    if _PLAIN_TOKEN.fullmatch(identity):
        return identity
    try:
        data = identity.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{quote(identity)} cannot be written in UTF-8") from error
    if not 0 < len(data) <= MAX_TOKEN // 3:
        raise ValueError(f"an identity has 1 to {MAX_TOKEN // 3} bytes, not {len(data)}")
    return "".join([_SPELLED[byte] for byte in data])


def identity_of(token: str) -> str:
    """Return the identity that a token stands for; raises ValueError for any other spelling of one."""
    if _PLAIN_TOKEN.fullmatch(token):
        return token
    if len(token) <= MAX_TOKEN and _TOKEN.fullmatch(token):
        data = _ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), token.encode())
        try:
            identity = data.decode()
        except UnicodeDecodeError:
            pass
        else:
            if token_of(identity) == token:
                return identity
    raise ValueError(f"{quote(token)} is no token of an identity")


def station_subject(token: str, gateway: str | None = None) -> str:
    """Return where a station is asked: where it is, or at the gateway that it is said to be at."""
    return f"at.{gateway}.{token}" if gateway else f"call.{token}"


def event_subject(action: str, token: str, *, durable: bool = False) -> str:
    """Return where an event is published; "*" for any token."""
    kind = "durable" if durable else "event"
    return f"{kind}.{action if action == '*' else token_of(action)}.{token}"


# --- questions to the owner of a station ------------------------------------------------------------------


class Ask(Struct, frozen=True):
    """Please make this call."""

    call_id: str
    version: Version
    """What the frame is written in."""
    timeout: float
    """Seconds that it has, from when it is read until it is answered."""
    caller: str
    """Who asks: a token."""
    made_at: float
    """When it left, in seconds of the caller's own clock, which is no other's."""
    frame: bytes
    """The CALL; its message id means nothing."""


class Greeting(Struct, frozen=True):
    """Please say which version the station speaks, and learn how my clock goes."""

    caller: str
    made_at: float


class Probe(Struct, frozen=True):
    """Please say what has become of it."""

    call_id: str


class Withdraw(Struct, frozen=True):
    """Please do not make it any more."""

    call_id: str


Question: TypeAlias = Ask | Greeting | Probe | Withdraw
"""What the owner of a station can be asked."""


def write_question(question: Question) -> bytes:
    """Return a question as it travels."""
    if isinstance(question, Ask):  # in one go: there is one for each call
        call_id, caller, spoken = question.call_id, question.caller, question.version.value
        head = f"call {call_id} {spoken} {question.timeout:.3f} {caller} {question.made_at:.3f}\n"
        return head.encode() + question.frame
    match question:
        case Greeting(caller, made_at):
            return f"hello {caller} {made_at:.3f}".encode()
        case Probe(call_id):
            return f"probe {call_id}".encode()
        case Withdraw(call_id):
            return f"withdraw {call_id}".encode()


def read_question(data: bytes) -> Question:
    """Return a question; raises ValueError for what is none, or is of a newer release."""
    ask = _ASK.match(data)
    if ask:  # in one go: there is one for each call
        call_id, version, timeout, caller, made_at = ask[0].decode()[5:-1].split(" ")
        if max(len(call_id), len(caller)) <= MAX_TOKEN:
            spoken = _VERSIONS.get(version) or Version.parse(version)
            body = data[ask.end() :]
            return Ask(call_id, spoken, float(timeout), caller, float(made_at), body)
    words, _ = _split(data)
    match words:
        case ["hello", caller, made_at]:
            return Greeting(_word(caller), _seconds(made_at))
        case ["probe", call_id]:
            return Probe(_word(call_id))
        case ["withdraw", call_id]:
            return Withdraw(_word(call_id))
    raise ValueError(f"no question begins with {quote(words[0])} and {len(words) - 1} words")


# --- what is answered -------------------------------------------------------------------------------------


class Answered(Struct, frozen=True):
    """The station has answered; this is its CALLRESULT or CALLERROR."""

    frame: bytes


class TimedOut(Struct, frozen=True):
    """The call left, and the station has not answered in time."""


class Expired(Struct, frozen=True):
    """The call did not leave in time, and never will."""


class Lost(Struct, frozen=True):
    """The connection to the station went, or the call was let go."""

    was_sent: bool


class NotConnectedThere(Struct, frozen=True):
    """The station is not connected; who says so is its owner."""


class NotMine(Struct, frozen=True):
    """Another gateway owns the station: read its claim anew. Only where calls are routed by gateway."""


class OtherVersion(Struct, frozen=True):
    """The station speaks this version; nothing was sent. Also the answer to a greeting."""

    version: Version


class Hello(Struct, frozen=True):
    """The owner does not know how the caller's clock goes: greet it, and ask again. Nothing was sent."""


class TooLarge(Struct, frozen=True):
    """The station has answered, with more than the broker lets through."""


class Refused(Struct, frozen=True):
    """Nothing was sent; this is why."""

    reason: str


Verdict: TypeAlias = (
    Answered
    | TimedOut
    | Expired
    | Lost
    | NotConnectedThere
    | NotMine
    | OtherVersion
    | Hello
    | TooLarge
    | Refused
)
"""What it can say to an `Ask`."""

_ONE_WORD: dict[type[Verdict], str] = {
    TimedOut: "timeout",
    Expired: "expired",
    NotConnectedThere: "notconnected",
    NotMine: "notmine",
    Hello: "hello",
    TooLarge: "toolarge",
}
_BY_WORD: dict[str, Verdict] = {
    _ONE_WORD[type(verdict)]: verdict
    for verdict in (TimedOut(), Expired(), NotConnectedThere(), NotMine(), Hello(), TooLarge())
}


def write_verdict(verdict: Verdict) -> bytes:
    """Return a verdict as it travels: a frame as it is, which begins with a bracket, or words."""
    match verdict:
        case Answered(frame):
            return frame
        case Lost(was_sent):
            return b"lost 1" if was_sent else b"lost 0"
        case OtherVersion(version):
            return f"version {version.value}".encode()
        case Refused(reason):
            return f"refused {reason}".encode()
        case _:
            return _ONE_WORD[type(verdict)].encode()


def read_verdict(data: bytes) -> Verdict:
    """Return a verdict; raises ValueError for what is none."""
    if data.lstrip()[:1] == b"[":
        return Answered(data)
    words, _ = _split(data)
    match words:
        case ["lost", "0" | "1" as was_sent]:
            return Lost(was_sent == "1")
        case ["version", version]:
            return OtherVersion(Version.parse(version))
        case ["refused", *reason]:
            return Refused(" ".join(reason))
        case [word] if word in _BY_WORD:
            return _BY_WORD[word]
    raise ValueError(f"no verdict begins with {quote(words[0])}")


# --- events -------------------------------------------------------------------------------------------------


class Told(Struct, frozen=True):
    """A CALL of a station's, for a worker to answer."""

    version: Version
    is_duplicate: bool
    frame: bytes
    """As it came."""


def write_told(told: Told) -> bytes:
    """Return an event as it travels."""
    return _TOLD_HEADS[told.version, told.is_duplicate] + b"\n" + told.frame


def read_told(data: bytes) -> Told:
    """Return an event; raises ValueError for what is none."""
    head, _, body = data.partition(b"\n")
    told = _TOLD_BY_HEAD.get(head)
    if told:
        return Told(*told, body)
    words, _ = _split(data)
    raise ValueError(f"no event begins with {quote(words[0])} and {len(words) - 1} words")


def read_event_subject(subject: str) -> tuple[str, str]:
    """Return the action and the identity that a subject of `event_subject` is about."""
    _, action, token = subject.split(".")
    return identity_of(action), identity_of(token)


_TOLD_HEADS = {
    (version, word == "again"): f"event {version.value} {word}".encode()
    for version in Version
    for word in ("first", "again")
}
_TOLD_BY_HEAD = {head: told for told, head in _TOLD_HEADS.items()}


# --- claims -----------------------------------------------------------------------------------------------


class Record(Struct, frozen=True, gc=False):
    """The value of a claim: who owns a station, and what is known of it."""

    gateway: str
    """A token."""
    before: tuple[str, ...]
    """Gateways that owned it before, the last one first: they may not know that they do no more (FL-4)."""
    version: Version
    since: float
    """When it connected, in seconds since 1970."""
    seen: float
    """When it was last there for certain, likewise."""
    is_up: bool
    """Whether it was connected when this was written."""


MAX_BEFORE = 3
"""Former owners that are remembered."""


def write_record(record: Record) -> bytes:
    """Return the value of a claim."""
    state, before = "up" if record.is_up else "down", ",".join(record.before[:MAX_BEFORE]) or "-"
    times = f"{record.since:.3f} {record.seen:.3f}"
    return f"{state} {record.gateway} {before} {record.version.value} {times}".encode()


def read_record(value: bytes) -> Record:
    """Return what the value of a claim says; raises ValueError for what is none."""
    words, _ = _split(value)
    match words:
        case ["up" | "down" as state, gateway, before, version, since, seen]:
            names = () if before == "-" else tuple(_word(name) for name in before.split(","))
            spoken = Version.parse(version)
            times = _seconds(since), _seconds(seen)
            return Record(_word(gateway), names[:MAX_BEFORE], spoken, *times, state == "up")
    raise ValueError(f"no claim reads {quote(value)}")


class Taken(Struct, frozen=True):
    """Told to the former owner of a station: it is another's."""

    token: str
    revision: int


def write_taken(taken: Taken) -> bytes:
    """Return the word to a former owner."""
    return f"taken {taken.token} {taken.revision}".encode()


def read_taken(data: bytes) -> Taken:
    """Return the word to a former owner; raises ValueError for what is none."""
    words, _ = _split(data)
    match words:
        case ["taken", token, revision] if re.fullmatch("[0-9]{1,18}", revision):
            return Taken(_word(token), int(revision))
    raise ValueError(f"no word to a gateway begins with {quote(words[0])}")


# --- words ------------------------------------------------------------------------------------------------

MAX_HEAD = 4096
"""Bytes of the line before a frame."""

_VERSIONS = {version.value: version for version in Version}
_NUMBER = r"[0-9]{1,15}\.[0-9]{3}"
_SECONDS = re.compile(_NUMBER)
_ASK = re.compile(
    f"call ({_SPELLING}) ([a-z0-9.]{{1,20}}) ({_NUMBER}) ({_SPELLING}) ({_NUMBER})\n".encode()
)


def _split(data: bytes) -> tuple[list[str], bytes]:
    """Return the words of the first line, of which there is at least one, maybe empty, and the rest."""
    head, _, body = data.partition(b"\n")
    if len(head) > MAX_HEAD:
        raise ValueError(f"a head has at most {MAX_HEAD} bytes, not {len(head)}")
    try:
        return head.decode().split(" "), body
    except UnicodeDecodeError as error:
        raise ValueError(f"a head is UTF-8, not {quote(head)}") from error


def _word(text: str) -> str:
    if len(text) <= MAX_TOKEN and _TOKEN.fullmatch(text):
        return text
    raise ValueError(f"{quote(text)} is no word of the wire")


def _seconds(text: str) -> float:
    if _SECONDS.fullmatch(text):
        return float(text)
    raise ValueError(f"{quote(text)} is no number of seconds")
