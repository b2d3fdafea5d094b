"""`Fleet`: any process calls any station, finds it, and walks through all of them."""

import asyncio
import time
from collections.abc import AsyncGenerator, Collection
from typing import Any, overload
from uuid import uuid4

from ocpp_sansio.core import (
    CallErrorReceived,
    CallResultReceived,
    Config,
    JsonObject,
    LocalProtocolError,
    Request,
    Response,
    Role,
    Scribe,
    Version,
    WrittenCall,
    plain,
    quote,
)
from ocpp_sansio.fleet.actions import action_names
from ocpp_sansio.fleet.alarm import Alarm
from ocpp_sansio.fleet.asking import Asking, Directory
from ocpp_sansio.fleet.bus import (
    Bus,
    BusError,
    BusMessage,
    BusUnavailable,
    NobodyThere,
    NotPermitted,
    Routing,
)
from ocpp_sansio.fleet.errors import FleetUnavailable
from ocpp_sansio.fleet.gateway import GATEWAYS, Gateway
from ocpp_sansio.fleet.remote_call import Unavailable
from ocpp_sansio.fleet.settings import FleetConfig
from ocpp_sansio.fleet.whereabouts import Whereabouts
from ocpp_sansio.fleet.wire import (
    Answered,
    Ask,
    Expired,
    Greeting,
    Hello,
    Lost,
    NotConnectedThere,
    NotMine,
    OtherVersion,
    Probe,
    Refused,
    TimedOut,
    TooLarge,
    Verdict,
    identity_of,
    read_record,
    read_verdict,
    station_subject,
    token_of,
    write_question,
)
from ocpp_sansio.session import (
    CallTimeout,
    ConnectionLost,
    NotConnected,
    Outcome,
    ResponseT,
    raise_unless_answered,
    result_of,
)

__all__ = ["Fleet"]

_DEFAULT_CONFIG = Config()
_RETRY = 0.25
"""Seconds until a station that is about to return is tried again."""
_MAX_REMEMBERED = 10_000
"""Stations whose version is remembered, and where they are asked."""
_MAX_ATTEMPTS = 4
"""How often a call is asked for of gateways that do not know us, or the station as we do."""
_ASK_AGAIN = (Hello, OtherVersion)


class Fleet:
    """All stations of all gateways, from whatever process. Needs no connection of its own but the bus."""

    def __init__(
        self,
        bus: Bus,
        *,
        local: Gateway | None = None,
        retry: Collection[str] = (),
        config: FleetConfig | None = None,
        messages: Config | None = None,
    ) -> None:
        """Make one.

        `local` is the gateway of this very process, if there is one: calls to its stations go straight to
        their sessions, also while the broker is away. `messages` says how payloads are checked here, as the
        `Config` of a session does; its `call_timeout` is that of the calls.

        `retry` names actions that do no harm when a station gets them twice, such as {"GetConfiguration",
        "GetVariables"}: a call of one that was lost on its way, so that nobody knows whether the station has
        got it, is made again as long as its time lasts (FL-14). None are, unless you say so.

        Raises ValueError for a name in `retry` that is a slip, or of what only stations send.
        """
        self.config = config or FleetConfig()
        self._bus = bus
        self._local = local
        self._retry = action_names("retry", retry, Role.CSMS)
        self._messages = messages or _DEFAULT_CONFIG
        self._caller = uuid4().hex[:12]
        self._calls = 0
        self._waiting = 0
        self._scribe = Scribe(Role.CSMS, self._messages)
        self._alarm = Alarm(self.config.probe_after)
        self._directory = Directory(bus, _MAX_REMEMBERED)
        self._versions: dict[str, Version] = {}
        self._lines: dict[str, asyncio.Lock] = {}  # of stations whose gateway is being greeted

    @overload
    async def call(
        self,
        identity: str,
        request: Request[ResponseT],
        /,
        *,
        timeout: float | None = None,
        wait: float = 0.0,
    ) -> ResponseT: ...

    @overload
    async def call(
        self,
        identity: str,
        request: str,
        payload: Request[Any] | JsonObject | None = None,
        /,
        *,
        timeout: float | None = None,
        wait: float = 0.0,
    ) -> JsonObject: ...

    async def call(
        self,
        identity: str,
        request: Request[Any] | str,
        payload: Request[Any] | JsonObject | None = None,
        /,
        *,
        timeout: float | None = None,
        wait: float = 0.0,
    ) -> Response | JsonObject:
        """Call a station, wherever it is, and return the payload of its CALLRESULT, as `session.call` does.

        `timeout`, in seconds, is for all of it but one more second: while `session.call` counts from the
        call's leaving, the time in the station's line counts here. For `wait` seconds a station that is not
        connected is waited for. What may have been sent is never sent twice, unless its action is in `retry`:
        then it is made again until `timeout` and `wait` are over, and if that comes to nothing the loss is
        what is raised.

        Raises what `session.call` raises (CallFailed, CallTimeout, NotConnected, ConnectionLost,
        InvalidResult, LocalProtocolError), and FleetUnavailable where the fleet is to blame: the broker is
        away, the line of the station is full, or the call had not left it in time. `was_sent` is False
        only where the station has certainly not got it. ValueError for what can be no identity.
        """
        if wait or self._may_repeat(request):
            event = await self.complete(identity, request, payload, timeout=timeout, wait=wait)
            return result_of(request, event)
        # Nothing is to be done for it but this.
        seconds = self._seconds(timeout)
        session = self._session_here(identity)
        if session:
            answer: Response | JsonObject = await session.call(request, payload, timeout=seconds)
            return answer
        event = await self._call_remotely(identity, request, payload, seconds)
        return result_of(request, event)

    async def send_call(
        self,
        identity: str,
        request: Request[Any] | str,
        payload: Request[Any] | JsonObject | None = None,
        *,
        timeout: float | None = None,
        wait: float = 0.0,
    ) -> Outcome:
        """Call a station, and return what it answered, CALLERROR included; otherwise like `call`."""
        event = await self.complete(identity, request, payload, timeout=timeout, wait=wait)
        return Outcome.of(request, event)

    async def complete(
        self,
        identity: str,
        request: Request[Any] | str,
        payload: Request[Any] | JsonObject | None = None,
        *,
        timeout: float | None = None,
        wait: float = 0.0,
    ) -> CallResultReceived | CallErrorReceived:
        """Call a station, and return what it answered as the core reports it; otherwise like `call`."""
        seconds = self._seconds(timeout)
        loop = asyncio.get_running_loop()
        until = loop.time() + wait
        end = until + seconds
        lost: ConnectionLost | FleetUnavailable | None = None
        while True:
            session = self._session_here(identity)
            try:
                if session:
                    outcome: Outcome = await session.send_call(request, payload, timeout=seconds)
                    return outcome.event
                return await self._call_remotely(identity, request, payload, seconds)
            except (NotConnected, ConnectionLost, FleetUnavailable) as error:
                if not isinstance(error, NotConnected) and error.was_sent:
                    if not self._may_repeat(request):
                        raise
                    lost, until = error, end
                # What comes of the last attempt says nothing of those before.
                if loop.time() >= until:
                    raise lost or error from None
            await asyncio.sleep(min(_RETRY, max(until - loop.time(), 0.0)))
            if lost:
                seconds = end - loop.time()
                if seconds <= 0:
                    raise lost

    def _seconds(self, timeout: float | None) -> float:
        seconds = self._messages.call_timeout if timeout is None else timeout
        if not seconds > 0:
            raise LocalProtocolError(f"timeout must be above 0 seconds, not {timeout!r}")
        return seconds

    def _may_repeat(self, request: Request[Any] | str) -> bool:
        action = request if isinstance(request, str) else type(request).action
        return action in self._retry

    @property
    def calls_waiting(self) -> int:
        """Calls through the broker that have not ended."""
        return self._waiting

    def _session_here(self, identity: str) -> Any:
        """Return the session of a station that is connected to this process."""
        session = self._local.sessions.get(identity) if self._local else None
        return session if session and session.is_connected else None

    async def find(self, identity: str) -> Whereabouts | None:
        """Return where a station is, or where it was last; None for one that was never seen.

        Raises FleetUnavailable while the broker is away, unless the station is connected to this process;
        ValueError for what can be no identity.
        """
        token = token_of(identity)
        if self._local:
            here = self._local.whereabouts(identity)
            if here:
                return here
        try:
            claim = await self._bus.read_claim(token)
            if claim is None:
                return None
            record = read_record(claim.value)
            gateway = record.gateway if self._bus.routing is Routing.GATEWAY else None
            subject = station_subject(token, gateway)
            probe = write_question(Probe("where"))
            seen: float | None = None
            try:
                answer = await self._bus.request(subject, probe, timeout=self.config.probe_after)
                seen = None if answer == b"notmine" else time.time()
            except NobodyThere:
                pass
            except (TimeoutError, NotPermitted):
                # Its owner is busy with its claims, or frozen, or we may not ask: the claim is all we know.
                seen = record.seen if record.is_up else None
        except BusError as error:
            raise _unavailable(error) from error
        return Whereabouts.of(identity, record, seen=seen)

    async def stations(
        self, *, after: tuple[str, str] | None = None
    ) -> AsyncGenerator[Whereabouts, None]:
        """Iterate over the stations that are connected now, to whatever gateway, in pages.

        `after` is the gateway and the identity of one that was given before: it goes on behind that one, also
        in another process, which reads no more than a page for a page of yours. Gateways have
        `FleetConfig.probe_after` seconds to say that they are there. A station that moves meanwhile may come
        twice or not at all. Raises FleetUnavailable as `find` does, and ValueError for what can be no name
        and no identity.
        """
        gateway, cursor = (token_of(each) for each in after) if after else ("", "")
        try:
            is_complete = after is None
            # Mostly there is enough behind that one at its own gateway, without a roll call.
            names = await self._gateways() if is_complete else [gateway]
            while names:
                name = names.pop(0)
                while page := await self._page(name, cursor):
                    for token, place in page:
                        yield place
                        cursor = token
                cursor = ""
                if not names and not is_complete:
                    is_complete = True
                    names = [each for each in await self._gateways() if each > gateway]
        except BusError as error:
            raise _unavailable(error) from error

    async def _gateways(self) -> list[str]:
        found: dict[str, None] = {}

        def note(message: BusMessage) -> None:
            found[message.data.decode("ascii", "replace")] = None

        asker = f"{self._caller}-{self._next()}"
        subscription = await self._bus.subscribe(f"here.{asker}", note)
        try:
            await self._bus.barrier(timeout=self.config.probe_after)
            self._bus.publish(GATEWAYS, asker.encode())
            await asyncio.sleep(self.config.probe_after)
        finally:
            subscription.close()
        return sorted(found)

    async def _page(self, gateway: str, cursor: str) -> list[tuple[str, Whereabouts]]:
        try:
            data = await self._bus.request(
                f"pages.{gateway}",
                cursor.encode(),
                timeout=self.config.probe_after * self.config.silences,
            )
        except (NobodyThere, TimeoutError):
            return []  # it has gone
        page = []
        for line in data.splitlines():
            token, _, value = line.decode("ascii", "replace").partition(" ")
            record = read_record(value.encode())
            place = Whereabouts.of(identity_of(token), record, seen=record.seen)
            page.append((token, place))
        return page

    # --- one call ---------------------------------------------------------------------------------------

    async def _call_remotely(
        self, identity: str, request: Request[Any] | str, payload: Any, seconds: float
    ) -> CallResultReceived | CallErrorReceived:
        token = token_of(identity)
        deadline = asyncio.get_running_loop().time() + seconds
        if self._waiting >= self.config.max_calls:
            raise FleetUnavailable(
                f"{self._waiting} calls wait already (max_calls)", was_sent=False
            )
        self._waiting += 1
        try:
            for _ in range(_MAX_ATTEMPTS):
                # Behind those that were made before it (FL-13).
                if token in self._lines or token not in self._versions:
                    asked = await self._ask_in_line(identity, token, request, payload, deadline)
                else:
                    asked = self._ask(identity, token, request, payload, deadline)
                written, asking = asked
                try:
                    verdict = await asking.verdict
                except asyncio.CancelledError:
                    asking.withdraw()
                    raise
                if not isinstance(verdict, _ASK_AGAIN):
                    return self._conclude(written, request, verdict)
                # Another gateway has it, or it has come back as another.
                self._versions.pop(token, None)
            raise FleetUnavailable("its gateway cannot tell how old the call is", was_sent=False)
        finally:
            self._waiting -= 1

    async def _ask_in_line(
        self,
        identity: str,
        token: str,
        request: Request[Any] | str,
        payload: Any,
        deadline: float,
    ) -> tuple[WrittenCall, Asking]:
        """Ask for a call, once the gateway of the station has been greeted."""
        line = self._lines.get(token)
        if line is None:
            line = self._lines[token] = asyncio.Lock()
        try:
            async with asyncio.timeout_at(deadline):
                await line.acquire()
        except TimeoutError:
            self._conclude(None, request, Expired())
        try:
            if token not in self._versions:
                await self._greet(token, request, deadline)
            return self._ask(identity, token, request, payload, deadline)
        finally:
            line.release()
            if not line.locked() and not getattr(line, "_waiters", None):
                self._lines.pop(token, None)

    def _ask(
        self,
        identity: str,
        token: str,
        request: Request[Any] | str,
        payload: Any,
        deadline: float,
    ) -> tuple[WrittenCall, Asking]:
        version = self._versions[token]
        typed = payload if isinstance(payload, Request) else request
        wanted = typed.version if isinstance(typed, Request) else None
        if wanted and wanted is not version:
            raise LocalProtocolError(
                f"{quote(identity)} speaks {version.value}, and the request is one of {wanted.value}"
            )
        call_id = f"{self._caller}-{self._next()}"
        # Its message id means nothing, and is never used before.
        written = self._scribe.write(version, request, payload, message_id=call_id)
        now = asyncio.get_running_loop().time()
        seconds = max(deadline - now, 0.001)
        ask = Ask(call_id, version, seconds, self._caller, now, written.data)
        return written, Asking(self._directory, self._alarm, self.config, token, ask)

    async def _greet(self, token: str, request: Request[Any] | str, deadline: float) -> None:
        """Learn the version of a station, and have its gateway learn how our clock goes."""
        loop = asyncio.get_running_loop()
        verdict: Verdict = Lost(was_sent=False)
        for _ in range(self.config.silences + 1):
            left = deadline - loop.time()
            if left <= 0:
                break
            verdict = await self._greet_once(token, min(self.config.probe_after, left))
            if isinstance(verdict, OtherVersion):
                self._remember(token, verdict.version)
                return
            if isinstance(verdict, NotConnectedThere | Refused):
                break
        self._conclude(None, request, verdict)

    async def _greet_once(self, token: str, timeout: float) -> Verdict:
        try:
            subject = await self._directory.find(token)
            if not subject:
                return NotConnectedThere()
            made_at = asyncio.get_running_loop().time()
            greeting = write_question(Greeting(self._caller, made_at))
            answer = read_verdict(await self._bus.request(subject, greeting, timeout=timeout))
        except NobodyThere:
            return NotConnectedThere()
        except TimeoutError:
            return Lost(was_sent=False)
        except BusError as error:
            raise _unavailable(error) from error
        except ValueError:  # FL-20: of a newer release, perhaps
            return Refused("its answer is of no use")
        return Lost(was_sent=False) if isinstance(answer, NotMine) else answer

    def _conclude(
        self,
        written: WrittenCall | None,
        request: Request[Any] | str,
        verdict: Verdict | Unavailable,
    ) -> CallResultReceived | CallErrorReceived:
        action = request if isinstance(request, str) else type(request).action
        match verdict:
            case Answered(frame) if written:
                event = self._scribe.read(written, frame)
                if event is None:
                    raise FleetUnavailable("the answer is none to this call", was_sent=True)
                return raise_unless_answered(event)
            case TimedOut():
                raise CallTimeout(f"no answer to {quote(action)} in time")
            case Lost(was_sent):
                when = "it may have been sent" if was_sent else "before it was sent"
                text = f"the connection went before {quote(action)} was answered, {when}"
                raise ConnectionLost(text, was_sent=was_sent)
            case NotConnectedThere():
                raise NotConnected("the station is connected to no gateway")
            case Expired():
                text = f"{quote(action)} was still in the station's line when its time was over"
                raise FleetUnavailable(text, was_sent=False)
            case TooLarge():
                text = f"the station answered {quote(action)}, and its answer is too large for the broker"
                raise FleetUnavailable(text, was_sent=True)
            case Refused(reason):
                raise FleetUnavailable(f"its gateway refused it: {quote(reason)}", was_sent=False)
            case Unavailable(reason, was_sent):
                raise FleetUnavailable(reason, was_sent=was_sent)
            case _:
                raise FleetUnavailable("the answer of its gateway is of no use", was_sent=True)

    def _remember(self, token: str, version: Version) -> None:
        self._versions.pop(token, None)
        self._versions[token] = version
        if len(self._versions) > _MAX_REMEMBERED:
            del self._versions[next(iter(self._versions))]

    def _next(self) -> int:
        self._calls += 1
        return self._calls


def _unavailable(error: BusError) -> FleetUnavailable:
    was_sent = isinstance(error, BusUnavailable) and error.was_sent
    return FleetUnavailable(f"the fleet cannot answer: {plain(str(error))}", was_sent=was_sent)
