"""A CSMS on the `websockets` package: HTTP upgrade, passwords, subprotocol choice, registry of stations.

    python examples/csms_websockets.py --port 9000 --station CP001:secret --interval 30

Each station is admitted under the identity at the end of its path, with its password; a newer connection of
the same identity replaces the older one (C-11).
"""

import argparse
import asyncio
import base64
import binascii
import hmac
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import unquote

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from ocpp_sansio import ErrorCode, Role, v16, v21, v201
from ocpp_sansio.asyncio import Session
from ocpp_sansio.handlers import CallRejected, Handlers, IncomingCall

PATH = "/ocpp/"
SUBPROTOCOLS = ("ocpp2.1", "ocpp2.0.1", "ocpp1.6")


def identity_of(path: str) -> str | None:
    """Return the identity in "/ocpp/<identity>", decoded once; None for any other path (C-2)."""
    segment = path.partition("?")[0].removeprefix(PATH)
    return None if segment == path or "/" in segment else unquote(segment) or None


class Csms:
    """The stations that may connect, those that are, and what they get for an answer."""

    def __init__(self, passwords: Mapping[str, bytes], interval: int) -> None:
        self.passwords = passwords
        self.interval = interval
        self.stations: dict[str, tuple[ServerConnection, Session]] = {}
        self.handlers = Handlers()
        self.handlers.on(v16.BootNotificationRequest)(self.boot_16)
        self.handlers.on(v201.BootNotificationRequest)(self.boot_201)
        self.handlers.on(v21.BootNotificationRequest)(self.boot_21)
        self.handlers.on("Heartbeat")(self.heartbeat)
        self.handlers.on("*")(self.refuse)

    # --- before the upgrade ----------------------------------------------------------------------------

    def admit(self, websocket: ServerConnection, request: Request) -> Response | None:
        """Answer the HTTP request of one we do not let in; None lets it in."""
        identity = identity_of(request.path)
        if identity is None or identity not in self.passwords:
            return websocket.respond(HTTPStatus.NOT_FOUND, "no such station\n")  # C-7
        authorization = request.headers.get("Authorization", "")
        if not self.is_password_right(identity, authorization):
            response = websocket.respond(HTTPStatus.UNAUTHORIZED, "wrong password\n")
            response.headers["WWW-Authenticate"] = 'Basic realm="OCPP"'
            return response
        return None

    def is_password_right(self, identity: str, authorization: str) -> bool:
        """Compare bytes, in constant time: the password of 1.6 need not be text (P-3)."""
        scheme, _, credentials = authorization.partition(" ")
        try:
            decoded = base64.b64decode(credentials, validate=True)
        except binascii.Error:
            return False
        expected = identity.encode() + b":" + self.passwords[identity]
        return scheme.lower() == "basic" and hmac.compare_digest(decoded, expected)

    @staticmethod
    def choose(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        """Take the first that the station offers and we speak (C-4); None closes right away (C-5)."""
        return next((name for name in offered if name in SUBPROTOCOLS), None)

    # --- a station ---------------------------------------------------------------------------------------

    async def serve_station(self, websocket: ServerConnection) -> None:
        """Serve one connection until it goes."""
        identity = identity_of(websocket.request.path) if websocket.request else None
        if identity is None or websocket.subprotocol is None:
            await websocket.close(1002, "no OCPP version in common")
            return

        async def send(data: bytes) -> None:
            await websocket.send(data, text=True)  # F-1: OCPP-J travels as text

        async with Session(
            Role.CSMS, sender=send, handlers=self.handlers, identity=identity
        ) as session:
            await session.connected(websocket.subprotocol)
            await self.register(identity, websocket, session)
            try:
                async for message in websocket:
                    await session.received(message)
            except ConnectionClosed:
                pass
            finally:
                self.unregister(identity, session)
                await session.disconnected()

    async def register(self, identity: str, websocket: ServerConnection, session: Session) -> None:
        """Put a station on the list, in the place of an earlier connection of its (C-11)."""
        earlier = self.stations.get(identity)
        self.stations[identity] = websocket, session
        print(f"{identity}: connected, {websocket.subprotocol}", flush=True)
        if earlier:
            await earlier[0].close(1001, "replaced by a newer connection")

    def unregister(self, identity: str, session: Session) -> None:
        """Take a station off the list, unless a newer connection of it is there."""
        if self.stations.get(identity, (None, None))[1] is session:
            del self.stations[identity]
        print(f"{identity}: gone", flush=True)

    # --- its calls ---------------------------------------------------------------------------------------

    def boot_16(
        self, request: v16.BootNotificationRequest, call: IncomingCall
    ) -> v16.BootNotificationResponse:
        """Accept everyone who got this far."""
        print(f"{call.session.identity}: boot of a {request.charge_point_model!r}", flush=True)
        return v16.BootNotificationResponse(
            status=v16.RegistrationStatus.ACCEPTED,
            current_time=datetime.now(UTC),
            interval=self.interval,
        )

    def boot_201(
        self, request: v201.BootNotificationRequest, call: IncomingCall
    ) -> v201.BootNotificationResponse:
        """Accept everyone who got this far."""
        print(f"{call.session.identity}: boot, {request.reason}", flush=True)
        return v201.BootNotificationResponse(
            status=v201.RegistrationStatusEnumType.ACCEPTED,
            current_time=datetime.now(UTC),
            interval=self.interval,
        )

    def boot_21(
        self, request: v21.BootNotificationRequest, call: IncomingCall
    ) -> v21.BootNotificationResponse:
        """Accept everyone who got this far."""
        print(f"{call.session.identity}: boot, {request.reason}", flush=True)
        return v21.BootNotificationResponse(
            status=v21.RegistrationStatusEnumType.ACCEPTED,
            current_time=datetime.now(UTC),
            interval=self.interval,
        )

    def heartbeat(self, _: object) -> dict[str, Any]:
        """Tell the time; as a JSON object, it serves every version."""
        return {"currentTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}

    def refuse(self, _: object, call: IncomingCall) -> NoReturn:
        """Refuse everything else."""
        raise CallRejected(ErrorCode.NOT_IMPLEMENTED, f"no {call.action} here")


async def run(port: int, passwords: Mapping[str, bytes], interval: int) -> None:
    """Serve until cancelled or terminated."""
    csms = Csms(passwords, interval)
    async with serve(
        csms.serve_station,
        "127.0.0.1",
        port,
        process_request=csms.admit,
        select_subprotocol=csms.choose,
    ) as server:
        bound = next(iter(server.sockets)).getsockname()[1]
        print(f"listening on ws://127.0.0.1:{bound}{PATH}", flush=True)
        with suppress(NotImplementedError):  # on Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.close)
        await server.wait_closed()


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=9000, help="0 takes any that is free")
    parser.add_argument("--interval", type=int, default=30, help="of heartbeats, in seconds")
    parser.add_argument(
        "--station", action="append", metavar="IDENTITY:PASSWORD", help="may be repeated"
    )
    options = parser.parse_args()
    stations = [entry.partition(":") for entry in options.station or ["CP001:secret"]]
    passwords = {identity: password.encode() for identity, _, password in stations}
    try:
        asyncio.run(run(options.port, passwords, options.interval))
    except KeyboardInterrupt:
        print("stopped")


if __name__ == "__main__":
    main()
