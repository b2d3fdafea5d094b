"""`StoryJudge`: what only shows when the messages of a station are seen together.

Each watcher knows one subject, and sees every message once. What a rule forbids is a fault; what a log of
part of the time cannot prove, such as a transaction whose start is not in it, is told as a suspicion
(`Finding.is_fault` is False). A false alarm is worse than a miss: where the log leaves room, nothing is said.
"""

from typing import Any, Final

from ocpp_sansio.core import Version, plain, quote
from ocpp_sansio.traces.charging import Meters, TransactionEvents, Transactions
from ocpp_sansio.traces.dialog import Dialog
from ocpp_sansio.traces.findings import Finding
from ocpp_sansio.traces.records import UNREAD, Mark, Record
from ocpp_sansio.traces.watchers import (
    Answers,
    BootLoops,
    Clock,
    OfflineFlags,
    ReconnectLoops,
    Registration,
    Sighted,
    Watcher,
)

__all__ = ["StoryJudge"]


class StoryJudge:
    """Judges the story of one station; its memory is bounded, whatever the length of the trace."""

    def __init__(self, version: Version, *, timeout: float = 30.0) -> None:
        """Make one; `timeout` is in seconds: a later answer is late, and a call that has none is lost."""
        self._dialog = Dialog()
        self._answers = Answers(self._dialog, timeout)
        transactions = TransactionEvents() if version is not Version.OCPP16 else Transactions()
        self._watchers: Final[tuple[Watcher, ...]] = (
            self._answers,
            Registration(),
            transactions,
            Meters(),
            OfflineFlags(),
            Clock(),
            ReconnectLoops(),
            BootLoops(),
        )
        named = {action for watcher in self._watchers for action in watcher.actions or ()}
        self._for_all = self._looking_at("")
        self._by_action = {action: self._looking_at(action) for action in named}

    def _looking_at(self, action: str) -> tuple[Watcher, ...]:
        return tuple(
            each for each in self._watchers if each.actions is None or action in each.actions
        )

    def judge(self, entry: Record | Mark, value: Any = UNREAD) -> list[Finding]:
        """Return what the next entry of the trace shows. Never raises for what is in it.

        `value` is what a message says, where that has been decoded.
        """
        if isinstance(entry, Mark):
            told = [each for watcher in self._watchers for each in watcher.mark(entry)]
        else:
            message = self._dialog.read(entry, value)
            if message is None:
                return []
            watchers = self._by_action.get(message.action, self._for_all)
            told = [each for watcher in watchers for each in watcher.see(message)]
        return [_finding(each) for each in told]

    def finish(self) -> list[Finding]:
        """Return what the end of the trace shows: calls that should have had an answer by then."""
        return [_finding(each) for each in self._answers.finish()]


def _finding(told: Sighted) -> Finding:
    entry = told.entry
    message = plain(entry.data) if isinstance(entry, Record) else ""
    got = "" if told.got is None else quote(told.got, 40)
    return Finding(
        line=entry.line,
        rule=told.rule,
        path=told.path,
        expected=told.expected,
        is_fault=told.is_fault,
        station=entry.station,
        when=entry.when,
        got=got,
        message=message,
    )
