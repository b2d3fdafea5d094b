"""What `connect` and `serve` were given, and the link of each new connection that is made from it.

A link is the `StationWebSocket` or `CsmsWebSocket` of a connection, its inlet where messages come out of it.
"""

import ssl as tls
from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from ocpp_sansio.core import Config, Role, Version, quote
from ocpp_sansio.net.endpoints import Endpoint
from ocpp_sansio.session import Handlers, serving
from ocpp_sansio.websocket import (
    CsmsWebSocket,
    Inlet,
    NoCommonVersion,
    StationWebSocket,
    WebSocketConfig,
)

__all__ = ["ClientSettings", "ServerSettings", "ServingConfigs"]

_MAX_CONFIGS = 256
"""Pairs of handlers and settings whose sessions share what is made of them."""


class ServerSettings(Struct, frozen=True, kw_only=True):
    """What `serve` was given for the WebSocket of its connections."""

    versions: Iterable[Version | str]
    config: Config
    websocket: WebSocketConfig
    aliases: Mapping[str, Version]
    no_common_version: NoCommonVersion
    check_username: bool
    answers_http: bool

    def serving(self, handlers: Handlers) -> "ServerSettings":
        """Return the settings with the vendor actions of the handlers, for all sessions to share."""
        return replace(self, config=serving(handlers, self.config, Role.CSMS))

    def new_link(self) -> tuple[CsmsWebSocket, Inlet]:
        """Return a link for one more connection, and the inlet that its messages come out of.

        Raises ValueError or TypeError if the settings cannot be.
        """
        inlet = Inlet(Role.CSMS, config=self.config)
        link = CsmsWebSocket(
            versions=self.versions,
            config=self.config,
            websocket=self.websocket,
            connection=inlet,
            aliases=self.aliases,
            no_common_version=self.no_common_version,
            check_username=self.check_username,
            answers_http=self.answers_http,
        )
        return link, inlet


class ServingConfigs:
    """Settings with the vendor actions of the handlers that they are used with, made once for each pair.

    Stations of a kind are given the same settings, and are to hold one copy of them together.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[int, int], tuple[Handlers, Config, Config]] = {}

    def of(self, handlers: Handlers, config: Config) -> Config:
        """Return the settings that sessions with these handlers use."""
        key = id(handlers), id(config)
        if key not in self._made:
            if len(self._made) >= _MAX_CONFIGS:
                del self._made[next(iter(self._made))]
            # With what the ids are of, so that they stay theirs.
            self._made[key] = handlers, config, serving(handlers, config, Role.CSMS)
        return self._made[key][2]


class ClientSettings(Struct, frozen=True, kw_only=True):
    """What `connect` was given for its connections: where to, as whom, and the settings to begin with."""

    endpoints: tuple[Endpoint, ...]
    identity: str
    versions: Iterable[Version | str]
    password: bytes | str | None
    config: Config
    websocket: WebSocketConfig
    headers: Mapping[str, str]
    ssl: tls.SSLContext | None
    append_identity: bool | None

    def __repr__(self) -> str:
        # Password, headers and query stay out: a traceback may end up in a log.
        return f"ClientSettings(endpoints={self.endpoints!r}, identity={self.identity!r})"

    def check(self) -> None:
        """Raise ValueError or TypeError if the settings cannot be."""
        by_scheme: dict[bool, str] = {}
        for endpoint in self.endpoints:
            link, _ = self.new_link(endpoint, self.config, self.websocket)
            if self.ssl and not link.uri.secure:
                raise ValueError(f"ssl= is for wss:// addresses, not for {quote(endpoint.address)}")
            by_scheme.setdefault(link.uri.secure, endpoint.address)
        if len(by_scheme) > 1:
            raise ValueError(
                f"{quote(by_scheme[True])} is secured and {quote(by_scheme[False])} is not: whoever keeps a "
                "station from the one would be told its password over the other; let all be wss://, or none"
            )

    def new_link(
        self, endpoint: Endpoint, config: Config, websocket: WebSocketConfig
    ) -> tuple[StationWebSocket, Inlet]:
        """Return a link for one more connection, and the inlet that its messages come out of.

        `config` and `websocket` are the settings of now, which may have been changed since.
        """
        inlet = Inlet(Role.STATION, config=config)
        link = StationWebSocket(
            endpoint.url,
            identity=self.identity,
            versions=self.versions,
            password=self.password if endpoint.password is None else endpoint.password,
            config=config,
            websocket=websocket,
            connection=inlet,
            headers=self.headers,
            append_identity=self.append_identity,
        )
        return link, inlet

    def context_for(self, link: StationWebSocket) -> tls.SSLContext | None:
        """Return what the transport of this link is secured with; None for ws:// addresses."""
        if not link.uri.secure:
            return None
        return self.ssl or tls.create_default_context()
