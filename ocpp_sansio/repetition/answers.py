"""`Repetitions`: the answers that were given, so that a repetition gets the same (T-40)."""

from collections.abc import Callable, Hashable
from typing import Any, Protocol, TypeVar

from ocpp_sansio.core import Request, Response
from ocpp_sansio.repetition.keys import idempotency_key

__all__ = ["FirstAnswers", "Repetitions"]

ResponseT = TypeVar("ResponseT", bound=Response)


class FirstAnswers(Protocol):
    """What `Repetitions` needs of a mapping: a dict has it, and a table of a database."""

    def get(self, key: tuple[Hashable, ...], /) -> Any:
        """Return the first answer to a message with this `idempotency_key`, or None."""

    def __setitem__(self, key: tuple[Hashable, ...], answer: Any, /) -> None:
        """Keep the first answer."""


class Repetitions:
    """The first answers to the messages of one station.

    `answers` is a mapping of yours, which may live in a database: it then outlives a restart, as a station's
    queue does. Without one, the newest `max_answers` are kept in memory.
    """

    __slots__ = ("_answers", "_max_answers", "_own")

    def __init__(self, answers: FirstAnswers | None = None, *, max_answers: int = 1000) -> None:
        self._own: dict[tuple[Hashable, ...], Any] = {}
        self._answers: FirstAnswers = self._own if answers is None else answers
        self._max_answers = max_answers

    def answer(
        self,
        request: Request[ResponseT],
        first: Callable[[], ResponseT],
        *,
        again: Callable[[ResponseT], ResponseT] | None = None,
    ) -> ResponseT:
        """Return the answer to a message: `first()`, and for a repetition what that returned.

        `again` is given the first answer and may look anew at who charges, as the verdict may have changed:
        `lambda answer: replace(answer, id_tag_info=verdict(...))`. The transactionId stays.
        """
        key = idempotency_key(request)
        known = None if key is None else self._answers.get(key)
        if known is not None:
            return again(known) if again else known
        response = first()
        if key is not None:
            self._answers[key] = response
            if len(self._own) > self._max_answers:
                del self._own[next(iter(self._own))]
        return response
