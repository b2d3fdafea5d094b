"""`serve` on asyncio. `ocpp_sansio.trio.serve` is the same on trio."""

import ssl as tls
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Generic

from ocpp_sansio.asyncio.engine import Engine
from ocpp_sansio.asyncio.tasks import NetSession, OnStation
from ocpp_sansio.core import Config, Version, require_seconds
from ocpp_sansio.net import (
    AnswerHttp,
    Authenticate,
    Duplicates,
    DuplicatesOf,
    Limits,
    Proxies,
    ServerBase,
    ServerSettings,
)
from ocpp_sansio.registration import Registration, Unknown
from ocpp_sansio.session import ContextT, Handlers, Hooks
from ocpp_sansio.websocket import (
    NoCommonVersion,
    WebSocketConfig,
)

if TYPE_CHECKING:
    from ocpp_sansio.recording import Record

__all__ = ["Server", "serve"]

_DEFAULT_CONFIG = Config()
_DEFAULT_WEBSOCKET_CONFIG = WebSocketConfig()
_DEFAULT_LIMITS = Limits()


@asynccontextmanager
async def serve(
    on_station: OnStation[ContextT] | None,
    host: str | None,
    port: int,
    *,
    versions: Iterable[Version | str],
    handlers: Handlers[ContextT] | Mapping[Any, Callable[..., Any]] | None = None,
    hooks: Hooks | None = None,
    authenticate: Authenticate[ContextT] | None = None,
    http: AnswerHttp | None = None,
    ssl: tls.SSLContext | None = None,
    duplicates: DuplicatesOf | Duplicates = Duplicates.REPLACE,
    aliases: Mapping[str, Version] | None = None,
    no_common_version: NoCommonVersion = NoCommonVersion.REFUSE,
    check_username: bool = True,
    config: Config = _DEFAULT_CONFIG,
    websocket: WebSocketConfig = _DEFAULT_WEBSOCKET_CONFIG,
    limits: Limits = _DEFAULT_LIMITS,
    proxies: Proxies | None = None,
    registrations: MutableMapping[str, Registration] | None = None,
    unknown: Unknown | str = Unknown.SERVE,
    gate: bool = True,
    record: "Record | None" = None,
    shutdown_timeout: float = 5.0,
) -> AsyncIterator["Server[ContextT]"]:
    """Serve stations: a CSMS on `host` and `port` (0: any free one), until the block is left.

    It gives a `Server`. `server.sessions["CP001"]` is the session of a connected station, to be called from
    anywhere in the program: `await server.sessions["CP001"].call(...)`.

    - `on_station(session)` is called for each connection; an async one runs as a task, which is cancelled at
      the connection's end. None if the handlers are all there is. An exception of it is logged and closes
      the connection.
    - `versions`: what is spoken, as `Version`s or their names. The station's order of preference decides.
    - `handlers`: who answers the calls of the stations, `Handlers` or a mapping by action.
    - `hooks`: `Hooks` around each message of all sessions.
    - `authenticate` decides who comes in, and how, on a `ConnectionRequest`: True, False for 401, the HTTP
      status to refuse with, or an `Admission`, which has settings and a context for this one station. Sync or
      async; without it, everybody comes in who asks as OCPP-J has it.
    - `http` answers what asks for no WebSocket, such as a health check: a function of an `HttpRequest`, sync
      or async, that returns an `HttpResponse`, or None for the refusal that there is without it.
    - `ssl` secures the port; `ocpp_sansio.tls` makes contexts that keep to the security profiles.
    - `duplicates` says what becomes of a second connection of one identity: a `Duplicates`, or a function
      that decides for each (C-11).
    - `aliases`: other spellings of subprotocols, such as {"ocpp1.6j": Version.OCPP16}. They are confirmed as
      they were sent.
    - `no_common_version`: how a station is turned away that offers no version of ours (C-5).
    - `check_username`: whether a user name that is not the identity is refused with 401 (C-3).
    - `config`: the `Config` of the sessions: validation, timeouts, caps on what a peer makes us keep.
    - `websocket`: the `WebSocketConfig` of the connections: pings, timeouts, compression.
    - `limits`: how much the peers can take up, one and all together.
    - `proxies`: which proxies stand before the server, so that `ConnectionRequest.address` is the station's.
    - `registrations`: a mapping that keeps, by identity, what our answer to its BootNotification has made of
      each station (B-40); you may persist it. Without one, a dict of as many as `Limits.max_connections`.
    - `unknown` says what becomes of a station that has not booted since: "serve" it, or "bar" it, which makes
      it boot if it knows of that (B-42).
    - `gate=False` serves all that a station says, and lets you call it, whatever its boot was answered.
    - `record` records all sessions, in a file for each station in a folder, without secrets: a folder, a
      file, a function, or `Recordings`, which has the bounds.
    - `shutdown_timeout`: seconds that unanswered calls have to be answered when the block is left.

    On leaving, nobody new comes in, and unanswered calls have `shutdown_timeout` seconds to be answered;
    after an exception they have not. That is a deadline: by then all stations have been told 1001, those
    without a call at once, and a second later whoever has not hung up is cut off, and handlers that go on
    although cancelled are left to themselves.

    Raises ValueError or TypeError for settings that cannot be, OSError if the port cannot be had.
    """
    settings = ServerSettings(
        versions=tuple(versions) if not isinstance(versions, str) else versions,
        config=config,
        websocket=websocket,
        aliases=aliases or {},
        no_common_version=no_common_version,
        check_username=check_username,
        answers_http=http is not None,
    )
    engine: Engine[ContextT] = Engine(
        settings,
        on_station=on_station,
        handlers=handlers,
        hooks=hooks,
        authenticate=authenticate,
        http=http,
        duplicates=duplicates,
        limits=limits,
        proxies=proxies,
        ssl=ssl,
        registrations=registrations,
        unknown=unknown,
        gate=gate,
        record=record,
    )
    await engine.listen(host, port)
    try:
        yield Server(engine)
    except BaseException:
        await engine.close(0.0)
        raise
    await engine.close(shutdown_timeout)


class Server(ServerBase[NetSession[ContextT]], Generic[ContextT]):
    """What `serve` gives: the sessions of the connected stations, and the addresses it listens on."""

    def __init__(self, engine: Engine[ContextT]) -> None:
        super().__init__(engine)
        self._engine = engine

    async def drain(self, *, pace: float = 100.0, patience: float = 5.0) -> None:
        """Let nobody in any more, and send all stations away, `pace` of them a second: before a restart.

        Each is told 1001 as soon as it has no unanswered call, `patience` seconds after its turn at the
        latest, and connects anew, to another process if a load balancer leads it there. Returns when all are
        gone.

        Raises ValueError for a pace or a patience that is not above 0.
        """
        require_seconds("pace", pace, above_zero=True)
        require_seconds("patience", patience, above_zero=True)
        await self._engine.drain(pace, patience)
