"""`PeerLog`: the records of `logging` about one peer, safe to read and limited in number.

All records of the library that a peer can cause go through a `PeerLog`: one for each session, and one for
what comes to a server before it has a session. It says who it was, escapes and cuts what may be the peer's
own text (exceptions included: they quote what they could not use), and folds floods: beyond so many records
a second they are counted, and the next record that passes, or the last one, has the count.

There are three loggers, children of "ocpp_sansio": "session" for calls, handlers, hooks and broken rules,
"net" for connections and handshakes, and "wire" for frames, at level DEBUG (wire_log.py).

No loop and no clock: whoever logs says what time it is, in seconds of any clock that does not go back.
"""

import logging
from types import TracebackType
from typing import Any, Literal, TypeAlias

from ocpp_sansio.core import LIMIT, OcppError, RemoteProtocolError, plain, quote
from ocpp_sansio.session.folding import RECORDS_PER_SECOND, Folding

__all__ = ["ATTRIBUTES", "LONGEST_LINE", "Channel", "PeerLog"]

Channel: TypeAlias = Literal["session", "net", "wire"]
"""Which of the loggers a record goes to."""

LOGGERS: dict[Channel, logging.Logger] = {
    "session": logging.getLogger("ocpp_sansio.session"),
    "net": logging.getLogger("ocpp_sansio.net"),
    "wire": logging.getLogger("ocpp_sansio.wire"),
}

ATTRIBUTES = ("identity", "address", "version", "action", "message_id")
"""What each record has as an attribute, for formatters and filters; None where it is not known."""

TRACEBACK_INTERVAL = 3600.0
"""Seconds in which an exception out of the same place is logged with its traceback only once."""

LONGEST_LINE = 300
"""Characters in a record's text, and in each line of its traceback that is not code."""

FRAMES_PER_RECORD = 20
"""Frames that pass in a second for each record that does: whoever asks for frames wants to see them all, and
no station sends that many; but one that is mad is not to fill a disk either."""

_OWN_LIMIT = (
    240  # characters of a text that our own exceptions make up, in which a peer's is cut already
)
_IDENTITY_LIMIT = 60  # characters of it in a text; the attribute has `LIMIT`
_ID_LIMIT = 36  # of a message's id: those of a UUID
_ACTION_LIMIT = 30
_SHORTEST_TEXT = 60  # characters that are left to the text before it goes without what it is about
_MAX_PLACES = 16  # places whose tracebacks are remembered
_PLACE_DEPTH = 4  # frames that make up a place: a parser that two handlers call is two places
_MAX_CHAINED = 8  # exceptions of one chain or group
_MAX_STEPS = 20  # frames of one traceback
_MAX_NOTES = 3

Place: TypeAlias = tuple[object, ...]


class PeerLog:
    """The records about one peer. Made with the first of them, so that a quiet peer costs nothing."""

    __slots__ = ("_folding", "_frames", "_places", "_visits", "address", "identity", "version")

    def __init__(self, identity: str | None = None, *, limit: int = RECORDS_PER_SECOND) -> None:
        """Make one for a peer, of this identity if it has said so; `limit` is in records a second."""
        self.identity = identity
        self.address: str | None = None
        """Where it is: host and port."""
        self.version: str | None = None
        """The version that was agreed on with it last."""
        self._folding = Folding(limit)
        # Apart, so that a flood does not swallow how it came to its end.
        self._visits: Folding | None = None
        self._frames: Folding | None = None
        self._places: dict[Place, float] | None = None  # when each had its traceback

    def share(self, above: Folding) -> None:
        """Keep to this limit as well, for this peer and others together."""
        self._folding.above = above
        if self._visits:
            self._visits.above = above

    def info(self, now: float, text: str, *args: object, **about: Any) -> None:
        """Log what is as it should be, or is nobody's fault; see `warning`."""
        self._log(logging.INFO, now, text, args, about)

    def warning(self, now: float, text: str, *args: object, **about: Any) -> None:
        """Log what the peer did wrong, or cannot do.

        `text` has a "%s" for each of `args`; those that are texts or exceptions are escaped and cut. `about`
        goes into the record as attributes; but `to` says which logger it goes to if not "session",
        `exc_info` is an exception to log, and `kind` what to count the record as if it is folded, by
        default its text.
        """
        self._log(logging.WARNING, now, text, args, about)

    def error(self, now: float, text: str, *args: object, **about: Any) -> None:
        """Log what we, or the application, did wrong; see `warning`."""
        self._log(logging.ERROR, now, text, args, about)

    def violation(self, now: float, error: RemoteProtocolError, action: str | None = None) -> None:
        """Log which rule the peer broke, and in the call of which action, if known."""
        text, kind = "the peer broke a rule: %s", error.rule.value
        about = {"action": action, "message_id": error.message_id, "rule": kind, "kind": kind}
        self._log(logging.WARNING, now, text, (error,), about)

    def visit(
        self, now: float, text: str, *args: object, is_wrong: bool = False, **about: Any
    ) -> None:
        """Log that the peer has come or gone, as a warning if it has done wrong there.

        What was folded is told on that occasion.
        """
        level = logging.WARNING if is_wrong else logging.INFO
        if not LOGGERS["net"].isEnabledFor(level):
            return
        if self._visits is None:
            self._visits = Folding(self._folding.limit, above=self._folding.above)
        kind = text.partition(":")[0].replace("%s", "…")
        if self._visits.admits(level, now, kind):
            self._write("net", level, text, args, about, depth=3)

    @staticmethod
    def wants_visits() -> bool:
        """Whether comings are to be logged; a server keeps no log for a station for that alone."""
        return LOGGERS["net"].isEnabledFor(logging.INFO)

    @staticmethod
    def wants_frames() -> bool:
        """Whether frames are to be logged, which costs something."""
        return LOGGERS["wire"].isEnabledFor(logging.DEBUG)

    def frame(self, now: float, text: str, shown: str, after: str, **about: Any) -> None:
        """Log a frame, at level DEBUG; `shown` is printable, without secrets, and cut."""
        if self._frames is None:
            self._frames = Folding(self._folding.limit * FRAMES_PER_RECORD)
        if self._frames.admits(logging.DEBUG, now, "frames"):
            prefix, extra = self._whose(about)
            count, folded = self._frames.take_count()
            if folded:
                extra["folded"] = folded
            LOGGERS["wire"].debug(f"%s{text} %s%s%s", prefix, shown, after, count, extra=extra)

    def close(self, now: float | None = None) -> None:
        """Log the count of what was folded since the last record, if there is any: none will come.

        With a time, not where others that share a limit with us have reached it.
        """
        above = self._folding.above
        if now is not None and above and not above.passes(now):
            return
        if self._folding.folded or (self._visits and self._visits.folded):
            level = max(self._folding.level, self._visits.level if self._visits else 0)
            self._write("session", level, "closed", (), {}, depth=3)

    def _log(
        self,
        level: int,
        now: float,
        text: str,
        args: tuple[object, ...],
        about: dict[str, Any],
    ) -> None:
        to: Channel = about.pop("to", "session")
        error: BaseException | None = about.pop("exc_info", None)
        kind: str = about.pop("kind", "") or text.replace("%s", "…")
        if not LOGGERS[to].isEnabledFor(level):
            return
        if not self._folding.admits(level, now, kind):
            return
        if error and self._has_logged(error, now):
            text, args = f"{text} (%s: %s)", (*args, type(error).__name__, error)
            error = None
        self._write(to, level, text, args, about, depth=4, error=error)

    def _has_logged(self, error: BaseException, now: float) -> bool:
        """Whether the log has had the traceback of this place a short while ago; if not, it gets it now."""
        if self._places is None:
            self._places = {}
        place, places = _place_of(error), self._places
        logged = places.get(place)
        if logged is not None and now - logged < TRACEBACK_INTERVAL:
            return True
        places.pop(place, None)  # the newest comes last
        places[place] = now
        if len(places) > _MAX_PLACES:
            del places[next(iter(places))]
        return False

    def _write(
        self,
        to: Channel,
        level: int,
        text: str,
        args: tuple[object, ...],
        about: dict[str, Any],
        *,
        depth: int,
        error: BaseException | None = None,
    ) -> None:
        prefix, extra = self._whose(about)
        count = self._take_count(extra)
        args = tuple(map(_shown, args))
        suffix = _subject(extra, text % args)
        room = LONGEST_LINE - len(prefix) - len(count)
        if len(suffix) + _SHORTEST_TEXT > room:
            suffix = ""
        if len(text % args) > room - len(suffix):
            text, args = "%s", (plain(text % args, room - len(suffix)),)
        exc_info = None
        if error:  # its own class, by which filters choose
            copy = _SafeCopy().of(error)
            exc_info = type(error), copy, copy.__traceback__
        text, args = f"%s{text}%s%s", (prefix, *args, suffix, count)
        LOGGERS[to].log(level, text, *args, exc_info=exc_info, extra=extra, stacklevel=depth)

    def _whose(self, about: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return whom a record is about, in words, and all of its attributes."""
        extra: dict[str, Any] = dict.fromkeys(ATTRIBUTES)
        extra |= {"identity": self.identity, "address": self.address, "version": self.version}
        extra |= about
        extra = {name: _attribute(value) for name, value in extra.items()}
        identity, address, version = extra["identity"], extra["address"], extra["version"]
        where = ", ".join(filter(None, (address, version)))
        if identity is None:
            return f"{where}: " if where else "", extra
        who = quote(identity, _IDENTITY_LIMIT)
        return f"{who} ({where}): " if where else f"{who}: ", extra

    def _take_count(self, extra: dict[str, Any]) -> str:
        """Return in words what was folded, and begin anew."""
        count, folded = self._folding.take_count()
        if self._visits and self._visits.folded:
            more, others = self._visits.take_count()
            count, folded = f"{count}{more}", folded + others
        if folded:
            extra["folded"] = folded
        return count


def _subject(extra: dict[str, Any], text: str) -> str:
    """Return what a record is about, in words, unless its text has said so."""
    action, message_id = extra["action"], extra["message_id"]
    said = []
    if action is not None and action not in text:
        said.append(f"action {plain(action, _ACTION_LIMIT)}")
    if message_id is not None:
        said.append(f"message {plain(message_id, _ID_LIMIT)}")
    return f" [{', '.join(said)}]" if said else ""


def _attribute(value: Any) -> Any:
    """Return a value as an attribute of a record: a text escaped and cut, if need be."""
    return plain(value) if isinstance(value, str) else value


def _shown(value: object) -> object:
    """Return an argument of a record's text as it may stand there."""
    if isinstance(value, BaseException):
        return _text_of(value)
    return plain(value) if isinstance(value, str) else value


def _text_of(error: BaseException) -> str:
    """Return what an exception says, on one line and not whole: it may repeat what a peer has sent."""
    try:
        text = error.message if isinstance(error, BaseExceptionGroup) else str(error)
    except Exception:  # noqa: BLE001 - it is the application's, and may fail at anything
        return "it cannot say what happened"
    # Ours have cut the peer's text already, and say at length what would be right.
    return plain(text, _OWN_LIMIT if isinstance(error, OcppError) else LIMIT)


def _place_of(error: BaseException) -> Place:
    steps = _steps_of(error.__traceback__)[-_PLACE_DEPTH:]
    return type(error), *((step.tb_frame.f_code.co_filename, step.tb_lineno) for step in steps)


def _steps_of(traceback: TracebackType | None) -> list[TracebackType]:
    steps = []
    while traceback:
        steps.append(traceback)
        traceback = traceback.tb_next
    return steps


class _SafeCopy:
    """A copy of an exception for the log: same names, same places, but no text that is long or unprintable.

    The log gets an exception, not a text, since what formats and groups records (JSON, Sentry) looks at it.
    """

    def __init__(self) -> None:
        self._left = _MAX_CHAINED

    def of(self, error: BaseException) -> BaseException:
        self._left -= 1
        copy = self._stand_in(error)
        copy.__traceback__ = _shortened(error.__traceback__)
        notes = getattr(error, "__notes__", None)
        for note in notes[:_MAX_NOTES] if isinstance(notes, list) else ():
            copy.add_note(plain(note))
        if error.__cause__ and self._left:
            copy.__cause__ = self.of(error.__cause__)
        elif error.__context__ and not error.__suppress_context__ and self._left:
            copy.__context__ = self.of(error.__context__)
        return copy

    def _stand_in(self, error: BaseException) -> BaseException:
        text = _text_of(error)
        if isinstance(error, BaseExceptionGroup):
            parts = [self.of(part) for part in error.exceptions if self._left]
            if parts:
                return BaseExceptionGroup(text, parts)
        kind = type(error)
        if not _is_plain(kind):
            return _new(kind, Exception, text)
        try:
            return _new(kind, kind, text)  # so that it is still one of its kind, for who asks
        except Exception:  # noqa: BLE001 - the application's class may want anything
            return _new(kind, Exception, text)


def _is_plain(kind: type[BaseException]) -> bool:
    """Whether a class can be derived from without its noticing, and prints as others do."""
    if type(kind) is not type or issubclass(kind, SyntaxError | BaseExceptionGroup):
        return False
    return not any("__init_subclass__" in vars(base) for base in kind.__mro__ if base is not object)


def _new(kind: type[BaseException], base: type[BaseException], text: str) -> BaseException:
    """Return an exception of the name of `kind`, which derives from `base` and says `text`."""
    members = {
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__str__": lambda _: text,
        "__repr__": lambda _: f"<{kind.__qualname__}: {text}>",
    }
    named: type[BaseException] = type(kind.__name__, (base,), members)
    return base.__new__(named)


def _shortened(traceback: TracebackType | None) -> TracebackType | None:
    """Return a traceback of its first and last steps: an endless recursion has a thousand."""
    steps = _steps_of(traceback)
    if len(steps) <= _MAX_STEPS:
        return traceback
    shortened = None
    for step in reversed([*steps[: _MAX_STEPS // 4], *steps[-_MAX_STEPS * 3 // 4 :]]):
        shortened = TracebackType(shortened, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return shortened
