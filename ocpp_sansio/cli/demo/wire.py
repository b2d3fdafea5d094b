"""What crosses the wire between the demo's two sides, and the two ways of writing it down."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from statistics import median
from time import perf_counter
from typing import IO, Any

import attrs
import msgspec

from ocpp_sansio.cli.demo.glosses import gloss_of
from ocpp_sansio.core import Call, JsonObject, Role, Version
from ocpp_sansio.session import HookInfo, Hooks

__all__ = ["Crossing", "JsonLines", "Table", "Wire", "summary"]

KINDS: Mapping[int, str] = {2: "CALL", 3: "RESULT", 4: "ERROR"}
"""What the demo calls the message types that it uses (F-2, F-3, F-4)."""


@attrs.frozen(kw_only=True)
class Crossing:
    """One message that has crossed."""

    version: Version
    sender: Role
    kind: str
    message_id: str
    action: str
    at: float
    """When it arrived, in seconds since the connection opened."""
    latency: float | None
    """Seconds from a call's leaving to the arrival of its answer; None for the call itself."""
    words: str
    """What it says, in plain words."""
    data: bytes
    """The message itself."""


@attrs.frozen
class _Asked:
    """A call that is on its way, or waits for its answer."""

    left_at: float
    action: str
    payload: JsonObject


@attrs.frozen
class _Sighting:
    """A message that a hook has seen arrive."""

    sender: Role
    at: float
    data: bytes


class Wire:
    """Watches one connection through the hooks of both its sides."""

    def __init__(self, version: Version) -> None:
        """Begin to watch."""
        self._version = version
        self._opened_at = perf_counter()
        self._asked: dict[str, _Asked] = {}
        self._seen: asyncio.Queue[_Sighting | None] = asyncio.Queue()

    def hooks(self, role: Role) -> Hooks:
        """Return the hooks for the session on the side of `role`.

        They only take notes: a session goes on when a hook fails, and what fails here must not go unseen.
        """
        hooks = Hooks()
        other = role.other

        @hooks.before("send_ws_msg")
        def note_departure(info: HookInfo) -> None:
            if isinstance(info.message, Call):
                payload = msgspec.json.decode(info.data)[3]
                asked = _Asked(perf_counter(), info.message.action, payload)
                self._asked[info.message.message_id] = asked

        @hooks.before("message_received")
        def note_arrival(info: HookInfo) -> None:
            data = info.data.encode() if isinstance(info.data, str) else bytes(info.data)
            self._seen.put_nowait(_Sighting(other, perf_counter(), data))

        return hooks

    def close(self) -> None:
        """End what `crossings` yields: the connection has closed."""
        self._seen.put_nowait(None)

    async def crossings(self) -> AsyncIterator[Crossing]:
        """Yield each message as it crosses, until `close`."""
        while seen := await self._seen.get():
            yield self._read(seen)

    def _read(self, seen: _Sighting) -> Crossing:
        number, message_id, *rest = msgspec.json.decode(seen.data)
        kind, asked = KINDS[number], self._asked[message_id]
        return Crossing(
            version=self._version,
            sender=seen.sender,
            kind=kind,
            message_id=message_id,
            action=asked.action,
            at=seen.at - self._opened_at,
            latency=None if kind == "CALL" else seen.at - asked.left_at,
            words=self._say(kind, asked, rest),
            data=seen.data,
        )

    def _say(self, kind: str, asked: _Asked, rest: list[Any]) -> str:
        gloss = gloss_of(self._version, asked.action, asked.payload)
        match kind:
            case "CALL":
                return gloss.request.format_map(asked.payload)
            case "RESULT":
                return gloss.answer.format_map(rest[0])
        code, description, *_ = rest
        return f"{code}. {description}"


class JsonLines:
    """Writes one JSON object per message."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def open(self, version: Version, url: str) -> None:
        """Write nothing: each message tells its version itself."""

    def write(self, crossing: Crossing) -> None:
        """Write one line; `frame` is the very message, byte for byte."""
        latency = crossing.latency
        line = {
            "version": crossing.version.subprotocol,
            "direction": "station->csms" if crossing.sender is Role.STATION else "csms->station",
            "time": round(crossing.at, 6),
            "latency": None if latency is None else round(latency, 6),
            "action": crossing.action,
            "frame": msgspec.Raw(crossing.data),
        }
        print(msgspec.json.encode(line).decode(), file=self._out, flush=True)


class Table:
    """Writes one aligned line per message, for people who have never seen OCPP."""

    LEGEND = (
        "Each line is one message: a CALL asks, the RESULT with the same id answers it.\n"
        '"at" is when it arrived, "took" the time from question to answer, both in milliseconds.'
    )
    HEADER = f"{'at':>6}  {'direction':<16}  {'kind':<6}  {'id':<6}  {'action':<22}  {'took':>5}  it says"

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._colours = _wants_colours(out)
        print(self.LEGEND, file=out)

    def open(self, version: Version, url: str) -> None:
        """Write the heading of a connection."""
        print(file=self._out)
        print(self._paint(f"{version.subprotocol} on {url}", "1"), file=self._out)
        print(self._paint(self.HEADER, "2"), file=self._out)

    def write(self, crossing: Crossing) -> None:
        """Write one line."""
        if crossing.sender is Role.STATION:
            direction = self._paint("station --> CSMS", "36")
        else:
            direction = self._paint("station <-- CSMS", "33")
        kind = f"{crossing.kind:<6}"
        if crossing.kind == "ERROR":
            kind = self._paint(kind, "31")
        took = "" if crossing.latency is None else f"{crossing.latency * 1000:.1f}"
        print(
            f"{crossing.at * 1000:6.1f}  {direction}  {kind}  {crossing.message_id[:6]}  "
            f"{crossing.action:<22}  {took:>5}  {crossing.words}",
            file=self._out,
            flush=True,
        )

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colours else text


def _wants_colours(out: IO[str]) -> bool:
    """Whether `out` is a terminal that shows colours, and nobody has asked it not to."""
    return out.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def summary(crossings: list[Crossing], seconds: float) -> str:
    """Return one line about all that has crossed."""
    versions = dict.fromkeys(crossing.version.subprotocol for crossing in crossings)
    latencies = [crossing.latency for crossing in crossings if crossing.latency is not None]
    refused = sum(crossing.kind == "ERROR" for crossing in crossings)
    return (
        f"Charged a car in each of {', '.join(versions)}: {len(crossings)} messages, "
        f"{len(crossings) - len(latencies)} calls, {len(latencies)} answered, {refused} refused; "
        f"median round trip {median(latencies) * 1000:.1f} ms, {seconds:.2f} s in all."
    )
