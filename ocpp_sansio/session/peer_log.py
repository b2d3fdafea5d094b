"""`PeerLog`: the records of `logging` about one peer, safe to read and limited in number.

All records of the library that a peer can cause go through a `PeerLog`: one for each session, and one for
what comes to a server before it has a session. It adds who it was, escapes and cuts what may be the peer's
own text (exceptions included: they quote what they could not use), and folds floods: beyond so many records
a second they are counted, and the next record that passes, or the last one, has the count.

No loop and no clock: whoever logs says what time it is, in seconds of any clock that does not go back.
"""

import logging
from math import ceil
from types import TracebackType
from typing import Any, TypeAlias

from ocpp_sansio.core import LIMIT, OcppError, RemoteProtocolError, plain, quote

__all__ = ["LONGEST_LINE", "RECORDS_PER_SECOND", "PeerLog"]

logger = logging.getLogger("ocpp_sansio")

RECORDS_PER_SECOND = 10
"""Records about one peer in any second, unless told otherwise; what is more is counted."""

TRACEBACK_INTERVAL = 3600.0
"""Seconds in which an exception out of the same place is logged with its traceback only once."""

LONGEST_LINE = 300
"""Characters in a record's text, and in each line of its traceback that is not code."""

_OWN_LIMIT = (
    240  # characters of a text that our own exceptions make up, in which a peer's is cut already
)
_MAX_PLACES = 16  # places whose tracebacks are remembered
_PLACE_DEPTH = 4  # frames that make up a place: a parser that two handlers call is two places
_MAX_CHAINED = 8  # exceptions of one chain or group
_MAX_STEPS = 20  # frames of one traceback
_MAX_NOTES = 3
_MAX_KINDS = 3  # kinds that a count is broken down into
_KIND_LIMIT = 40  # characters of each

Place: TypeAlias = tuple[object, ...]


class PeerLog:
    """The records about one peer. Made with the first of them, so that a quiet peer costs nothing."""

    __slots__ = (
        "_first_folded",
        "_folded",
        "_last_folded",
        "_level",
        "_limit",
        "_places",
        "_times",
        "identity",
    )

    def __init__(self, identity: str | None = None, *, limit: int = RECORDS_PER_SECOND) -> None:
        """Make one for a peer, of this identity if it has said so; `limit` is in records a second."""
        self.identity = identity
        self._limit = limit
        self._times: list[float] = []  # of the last `limit` records
        self._folded: dict[str, int] = {}  # by kind
        self._first_folded = self._last_folded = 0.0
        self._level = logging.NOTSET  # the highest of what was folded
        self._places: dict[Place, float] = {}  # when each had its traceback

    def info(self, now: float, text: str, *args: object, **about: Any) -> None:
        """Log what is as it should be, or is nobody's fault; see `warning`."""
        self._log(logging.INFO, now, text, args, **about)

    def warning(self, now: float, text: str, *args: object, **about: Any) -> None:
        """Log what the peer did wrong, or cannot do.

        `text` has a "%s" for each of `args`; those that are texts or exceptions are escaped and cut. `about`
        goes into the record as attributes; but `exc_info` is an exception to log, and `kind` what to
        count the record as if it is folded, by default its text.
        """
        self._log(logging.WARNING, now, text, args, **about)

    def error(self, now: float, text: str, *args: object, **about: Any) -> None:
        """Log what we, or the application, did wrong; see `warning`."""
        self._log(logging.ERROR, now, text, args, **about)

    def violation(self, now: float, error: RemoteProtocolError) -> None:
        """Log which rule the peer broke."""
        text, message_id = "the peer broke a rule: %s", error.message_id
        kind = error.rule.value
        self._log(logging.WARNING, now, text, (error,), kind=kind, message_id=message_id)

    def close(self) -> None:
        """Log the count of what was folded since the last record, if there is any: none will come."""
        if self._folded:
            self._write(self._level, "closed", (), None, {})

    def _log(
        self,
        level: int,
        now: float,
        text: str,
        args: tuple[object, ...],
        *,
        exc_info: BaseException | None = None,
        kind: str = "",
        **about: Any,
    ) -> None:
        if not logger.isEnabledFor(level):
            return
        times = self._times
        if len(times) >= self._limit:
            if now - times[0] < 1.0:
                self._fold(level, now, kind or text.replace("%s", "…"))
                return
            del times[0]
        times.append(now)
        if exc_info and self._has_logged(exc_info, now):
            text, args = f"{text} (%s: %s)", (*args, type(exc_info).__name__, exc_info)
            exc_info = None
        self._write(level, text, args, exc_info, about)

    def _fold(self, level: int, now: float, kind: str) -> None:
        if not self._folded:
            self._first_folded, self._level = now, level
        self._last_folded = now
        self._level = max(level, self._level)
        self._folded[kind] = self._folded.get(kind, 0) + 1

    def _has_logged(self, error: BaseException, now: float) -> bool:
        """Whether the log has had the traceback of this place a short while ago; if not, it gets it now."""
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
        level: int,
        text: str,
        args: tuple[object, ...],
        error: BaseException | None,
        about: dict[str, Any],
    ) -> None:
        extra = {name: _attribute(value) for name, value in about.items()}
        identity = extra.setdefault("identity", _attribute(self.identity))
        count = ""
        if self._folded:
            count, extra["folded"] = self._count()
        args = tuple(map(_shown, args))
        if identity is not None:
            text, args = f"%s: {text}", (quote(identity), *args)
        if len(text % args) + len(count) > LONGEST_LINE:
            text, args = "%s", (plain(text % args, LONGEST_LINE - len(count)),)
        if count:
            text, args = f"{text}%s", (*args, count)
        exc_info = None
        if error:  # its own class, by which filters choose
            copy = _SafeCopy().of(error)
            exc_info = type(error), copy, copy.__traceback__
        logger.log(level, text, *args, exc_info=exc_info, extra=extra, stacklevel=4)

    def _count(self) -> tuple[str, int]:
        """Return what was folded, in words and as a number, and begin anew."""
        folded, self._folded = self._folded, {}
        most = sorted(folded.items(), key=lambda item: -item[1])
        kinds = [f"{count:,} {plain(kind, _KIND_LIMIT)}" for kind, count in most[:_MAX_KINDS]]
        rest = sum(count for _, count in most[_MAX_KINDS:])
        if rest:
            kinds.append(f"{rest:,} others")
        total = sum(folded.values())
        seconds = max(ceil(self._last_folded - self._first_folded), 1)
        return f" … and {total:,} more in {seconds:,} s ({', '.join(kinds)})", total


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
