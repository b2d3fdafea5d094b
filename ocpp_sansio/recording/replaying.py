"""`replay`: a recording told to a fresh `Connection`, which should say what it said then.

A recording holds the lives of one connection or of many, told apart by their `session`. One whose beginning
stands in a file that is not there is told from the next time that its connection opens: nothing of what a
`Connection` was before that is left in it then.
"""

from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from ocpp_sansio.core import (
    Call,
    CallReceived,
    CallResultReceived,
    Config,
    Connection,
    ErrorCode,
    Event,
    Frame,
    JsonObject,
    LocalProtocolError,
    Role,
    Version,
    plain,
    quote,
    write_json,
)
from ocpp_sansio.recording.configs import read_config
from ocpp_sansio.recording.recorder import describe
from ocpp_sansio.recording.stand_ins import StandIns

__all__ = ["Replay", "replay", "replay_all"]


class Replay(msgspec.Struct):
    """What came of telling a recording to a fresh `Connection`."""

    connection: Connection
    """As it stands at the end of the recording."""
    events: list[Event] = []
    """What it noticed."""
    frames: list[Frame] = []
    """What it sent."""
    recorded_events: list[JsonObject] = []
    """What was noticed then, as `describe` tells it, or the part of that which was recorded."""
    recorded_frames: list[bytes] = []
    """What was sent then."""
    identity: str | None = None
    """Whose connection it was, where the recording says so."""
    version: Version | None = None
    """What was spoken last."""
    begins_within: bool = False
    """Whether its first lines are missing: it was told from the next connection on, if there is one."""
    passed_over: int = 0
    """Lines that could not be told, since what they follow is missing."""
    problem: str = ""
    """What could not be told any more, since the connection is not as it was then; with the line."""
    event_lines: list[int] = []
    """The lines of `recorded_events`."""
    frame_lines: list[int] = []
    """The lines of `recorded_frames`."""

    def difference(self) -> str | None:
        """Return the first thing that did not come out as it did then, with its line; None if all did."""
        for what, then, now, lines in (
            ("event", self.recorded_events, self._events_now(), self.event_lines),
            ("frame", self.recorded_frames, self._frames_now(), self.frame_lines),
        ):
            told = _difference(what, then, now, lines)
            if told:
                return told
        return self.problem or None

    def verify(self) -> None:
        """Raise AssertionError, naming the first difference, unless all came out as it did then."""
        told = self.difference()
        if told:
            raise AssertionError(told)

    def _frames_now(self) -> list[bytes]:
        return [frame.data for frame in self.frames]

    def _events_now(self) -> list[JsonObject]:
        return [_plain(describe(event)) for event in self.events]


def replay(lines: Iterable[str], *, config: Config | None = None) -> Replay:
    """Tell a recording to a fresh `Connection`; of several, the last one is returned.

    `config` takes the place of the recorded settings, which know nothing of functions such as `Config.mend`.
    Raises ValueError, with the number of the line, for what is no recording, or cannot be told any more.
    """
    told = replay_all(lines, config=config)
    for each in told:
        if each.problem:
            raise ValueError(each.problem)
    return told[-1]


def replay_all(lines: Iterable[str], *, config: Config | None = None) -> list[Replay]:
    """Tell a recording to a `Connection` for each that there was then; return them in their order.

    Raises ValueError, with the number of the line, for what is no recording. What cannot be told any more,
    because something else happens than did then, is a `problem` of its `Replay`.
    """
    stage = _Stage(config)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            told = _read_line(line)
            stage.tell(number, told)
        except (KeyError, TypeError, ValueError) as error:
            text = f"line {number} is not a recording's: {error!r}"
            raise ValueError(text) from error
    if not stage.stories:
        raise ValueError("there is nothing in this recording")
    return stage.stories


class _Stage:
    """Tells each line to the connection that it belongs to."""

    def __init__(self, config: Config | None) -> None:
        self.stories: list[Replay] = []
        self._config = config
        self._tellers: dict[str | None, _Teller] = {}  # by session
        self._current: _Teller | None = None

    def tell(self, number: int, told: Mapping[str, Any]) -> None:
        session = told.get("session")
        match told["what"]:
            case "made":
                self._begin(told)
            case "session":
                self._current = self._tellers.get(session)
                if self._current is None:
                    self._begin(told, begins_within=True)
            case _ if self._current is None:
                raise ValueError('a recording begins with "made"')
            case _:
                self._current.tell(number, told)

    def _begin(self, told: Mapping[str, Any], *, begins_within: bool = False) -> None:
        config, ids = self._config or read_config(told.get("config") or {}), list[str]()
        story = Replay(
            Connection(Role(told["role"]), config=_with_ids(config, ids)),
            identity=told.get("identity"),
            begins_within=begins_within,
        )
        self.stories.append(story)
        self._current = self._tellers[told.get("session")] = _Teller(story, ids)


_NOTES: Final = {"clock", "stopped"}
"""Lines that tell a reader something, and a connection nothing."""
_FIRST: Final = {"asks", "configure", "admit"}
"""Lines that can be told without those before."""
_KNOWN: Final = {"call", "forward", "withdraw", "send_failed", "result", "error", "send"} | {
    "forward_answer", "result_error",
    "connected", "received", "handle_timeout", "disconnected", "configure", "admit", "event", "sent",
}  # fmt: skip


class _Teller:
    """Does to a `Connection` what each line says."""

    def __init__(self, story: Replay, ids: list[str]) -> None:
        self._story = story
        self._ids = ids  # that are made up next
        self._waits = story.begins_within
        self._calls: dict[str, Call] = {}
        self._received: dict[str, CallReceived] = {}
        self._results: dict[str, CallResultReceived] = {}
        self._may_take: dict[str, bool] = {}  # what `takes_object` said of an action

    def tell(self, number: int, told: Mapping[str, Any]) -> None:
        story = self._story
        if story.problem or told["what"] in _NOTES:
            return
        self._waits = self._waits and told["what"] != "connected"
        if self._waits and told["what"] not in _FIRST:
            story.passed_over += 1
            return
        try:
            self._tell(number, told)
        except (LocalProtocolError, KeyError) as error:
            if told["what"] not in _KNOWN:
                raise
            what = f"{told['what']} of {quote(told.get('id', '?'))}"
            story.problem = f"line {number}: {what} cannot be told any more: {plain(str(error))}"

    def _tell(self, number: int, told: Mapping[str, Any]) -> None:
        connection, now = self._story.connection, float(told.get("time", 0))
        match told["what"]:
            case "event":
                self._story.recorded_events.append(told["event"])
                self._story.event_lines.append(number)
            case "sent":
                if "did" in told or "message" in told:
                    self._act(_deed(told), now)
                    self._take_events()
                self._story.recorded_frames.append(_unpacked(told))
                self._story.frame_lines.append(number)
                # Taken when they were taken then: a frame that nobody took has not left (S-11).
                self._story.frames += connection.frames_to_send()
            case "connected":
                connection.connected(told["version"], now=now)
                self._story.version = connection.version
            case "configure":
                config = _with_ids(read_config(told["config"]), self._ids)
                connection.configure(config, now=now)
            case "admit":
                connection.admit(told.get("actions"), silent=told.get("silent", False))
            case "asks":
                connection.takes_object = self._takes_object
            case "takes_object":
                self._may_take[told["action"]] = told["answer"]
            case "received":
                if "message" in told:
                    self._story.recorded_events.append({"event": _MEANING[told["message"][0]]})
                    self._story.event_lines.append(number)
                elif "event" in told:
                    self._story.recorded_events.append({"event": told["event"]})
                    self._story.event_lines.append(number)
                connection.received(_unpacked(told), now=now)
            case "handle_timeout":
                connection.handle_timeout(now=now)
            case "disconnected":
                connection.disconnected(now=now)
            case _:
                self._act(told, now)
        self._take_events()

    def _act(self, told: Mapping[str, Any], now: float) -> None:
        connection, key = self._story.connection, told["id"]
        error = (told.get("description", ""), told.get("details"))
        match told["what"]:
            case "call":
                self._calls[key] = connection.send_call(
                    told["action"],
                    told["payload"],
                    now=now,
                    timeout=told.get("timeout"),
                    message_id=key,
                )
            case "forward":
                self._ids.append(key)
                call = connection.forward_call(
                    _unpacked(told), now=now, timeout=told.get("timeout")
                )
                self._calls[key] = call
            case "withdraw":
                connection.withdraw(self._calls[key], now=now)
            case "send_failed":
                connection.send_failed(self._calls[key], now=now)
            case "result":
                connection.send_call_result(self._received[key], told["payload"], now=now)
            case "forward_answer":
                connection.forward_answer(self._received[key], _unpacked(told), now=now)
            case "error":
                code = ErrorCode(told["code"])
                connection.send_call_error(self._received[key], code, *error, now=now)
            case "send":
                payload = told["payload"]
                connection.send_unconfirmed(told["action"], payload, now=now, message_id=key)
            case "result_error":
                code = ErrorCode(told["code"])
                connection.send_call_result_error(self._results[key], code, *error, now=now)
            case unknown:
                raise ValueError(f"nothing is known of {unknown!r}")

    def _takes_object(self, _: Version, action: str) -> bool:
        return self._may_take.get(action, True)

    def _take_events(self) -> None:
        for event in self._story.connection.events():
            self._story.events.append(event)
            if isinstance(event, CallReceived):
                self._received[event.message_id] = event
            elif isinstance(event, CallResultReceived):
                self._results[event.call.message_id] = event


def _with_ids(config: Config, ids: list[str]) -> Config:
    """Return settings with which the next id that is made up is that of the list, if there is one."""
    make_up = config.new_message_id
    return replace(config, new_message_id=lambda: ids.pop() if ids else make_up())


def _deed(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was done that a message went because of, as a line of its own would tell it."""
    elements = told["message"] if "message" in told else _read(told["data"])
    what = told.get("did") or _DEEDS[elements[0]]
    deed = {"what": what, "timeout": told.get("timeout"), "id": elements[1]}
    if what == "forward":
        return deed | {"data": told["data"]}
    if what == "result":
        return deed | {"payload": elements[2]}
    return deed | {"action": elements[2], "payload": elements[3]}


_CALL, _RESULT = 2, 3
_MEANING: Final = {_CALL: CallReceived.__name__, _RESULT: CallResultReceived.__name__}
_DEEDS: Final = {_CALL: "call", _RESULT: "result"}


# --- bytes and numbers, as they were, and what differs -----------------------------------------------


def _unpacked(told: Mapping[str, Any]) -> bytes:
    return b64decode(told["base64"]) if "base64" in told else told["data"].encode()


def _number(token: str) -> float | Decimal:
    """Return a number that is written as it was read."""
    number = float(token)
    return number if write_json(number) == token.encode() else Decimal(token)


def _without_secrets(frame: bytes) -> bytes:
    return StandIns().in_text(frame.decode()).encode()


def _read_line(line: str) -> Any:
    """Return what a line tells, a message that stands in it as it is as the text that it was."""
    told = _read(line)
    if "message" in told:
        told["data"] = bytes(_read_members(line)["message"]).decode()
    return told


_read_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read: Callable[[str], Any] = msgspec.json.Decoder(float_hook=_number).decode


def _plain(value: Any) -> Any:
    return _read(write_json(value).decode())


def _difference(what: str, then: list[Any], now: list[Any], lines: list[int]) -> str | None:
    for number, (before, today) in enumerate(zip(then, now, strict=False), 1):
        if not _is_same(before, today):
            where = f" (line {lines[number - 1]})"
            return f"{what} {number} was\n  {before!r}\nand is now\n  {today!r}{where}"
    if len(then) != len(now):
        return f"there were {len(then)} {what}s, now there are {len(now)}"
    return None


def _is_same(then: Any, now: Any) -> bool:
    """Whether something is as it was, as far as that was recorded: members may be missing then."""
    if isinstance(then, dict) and isinstance(now, dict):
        return all(_is_same(value, now.get(name)) for name, value in then.items())
    if isinstance(then, bytes) and then != now:
        # What we say of our own accord, such as that a password is too long, looks like a secret, too.
        return then == _without_secrets(now)
    return bool(then == now)
