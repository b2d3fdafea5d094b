"""A charging station on the `websockets` package: boots, sends heartbeats, answers Reset and TriggerMessage.

    python examples/station_websockets.py --url ws://localhost:9000/ocpp --identity CP001 --heartbeats 3

Without --heartbeats it goes on until it is reset or the CSMS hangs up.
"""

import argparse
import asyncio
import base64
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from ocpp_sansio import Role, v16
from ocpp_sansio.asyncio import Session
from ocpp_sansio.handlers import Handlers, IncomingCall
from ocpp_sansio.outcomes import CallException

RETRY_INTERVAL = 30
"""Seconds until the next BootNotification, where the CSMS leaves it to us (B-2)."""


class Station:
    """What this station knows, and what it does when it is called."""

    def __init__(self) -> None:
        self.reset = asyncio.Event()
        self.handlers = Handlers()
        self.handlers.on(v16.ResetRequest)(self.on_reset)
        self.handlers.after(v16.ResetRequest)(self.after_reset)
        self.handlers.on(v16.TriggerMessageRequest)(self.on_trigger)
        self.handlers.after(v16.TriggerMessageRequest)(self.after_trigger)

    def on_reset(self, request: v16.ResetRequest) -> v16.ResetResponse:
        """Accept soft resets only: this one has no relay to cut."""
        is_soft = request.type is v16.ResetType.SOFT
        status = v16.ResetStatus.ACCEPTED if is_soft else v16.ResetStatus.REJECTED
        return v16.ResetResponse(status=status)

    def after_reset(self, request: v16.ResetRequest) -> None:
        """Go, now that the CSMS has its answer."""
        if request.type is v16.ResetType.SOFT:
            self.reset.set()

    def on_trigger(self, request: v16.TriggerMessageRequest) -> v16.TriggerMessageResponse:
        """Accept to send heartbeats."""
        is_known = request.requested_message is v16.MessageTrigger.HEARTBEAT
        status = (
            v16.TriggerMessageStatus.ACCEPTED
            if is_known
            else v16.TriggerMessageStatus.NOT_IMPLEMENTED
        )
        return v16.TriggerMessageResponse(status=status)

    async def after_trigger(self, request: v16.TriggerMessageRequest, call: IncomingCall) -> None:
        """Send what was asked for, now that the answer has gone first (A-15)."""
        if request.requested_message is v16.MessageTrigger.HEARTBEAT:
            await call.session.call(v16.HeartbeatRequest())


async def read(websocket: ClientConnection, session: Session) -> None:
    """Pass on what comes, until the connection goes."""
    try:
        async for message in websocket:
            await session.received(message)
    except ConnectionClosed as closed:
        print(f"connection lost: {closed}")
    finally:
        await session.disconnected()


async def boot(session: Session) -> int:
    """Ask to be accepted until we are; return the heartbeat interval in seconds."""
    request = v16.BootNotificationRequest(
        charge_point_vendor="Sans-IO", charge_point_model="Example"
    )
    while True:
        answer = await session.call(request)
        print(f"boot: {answer.status}, interval {answer.interval} s")
        if answer.status is v16.RegistrationStatus.ACCEPTED:
            return answer.interval
        await asyncio.sleep(answer.interval or RETRY_INTERVAL)


async def beat(session: Session, interval: int, heartbeats: int | None) -> None:
    """Send heartbeats at the interval that the CSMS wants."""
    sent = 0
    while heartbeats is None or sent < heartbeats:
        await asyncio.sleep(interval)
        outcome = await session.send_call("Heartbeat")
        sent += 1
        if outcome.ok:
            print(f"heartbeat {sent}: {outcome.payload}")
        else:
            print(f"heartbeat {sent}: CALLERROR {outcome.payload}")


async def live(session: Session, station: Station, heartbeats: int | None) -> None:
    """Boot, and beat until it is enough or we are reset."""
    try:
        interval = await boot(session)
        beating = asyncio.create_task(beat(session, interval, heartbeats))
        resetting = asyncio.create_task(station.reset.wait())
        await asyncio.wait([beating, resetting], return_when=asyncio.FIRST_COMPLETED)
        if station.reset.is_set():
            print("reset: hanging up")
        resetting.cancel()
        if not beating.cancel():
            await beating
    except CallException as error:
        print(f"{type(error).__name__}: {error}")


async def run(url: str, identity: str, password: str | None, heartbeats: int | None) -> None:
    """Connect and be a station."""
    headers = {}
    if password is not None:
        credentials = base64.b64encode(f"{identity}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {credentials}"
    uri = f"{url}/{quote(identity, safe='')}"  # C-2: the identity is one path segment
    async with connect(
        uri, subprotocols=[Subprotocol("ocpp1.6")], additional_headers=headers
    ) as websocket:
        if websocket.subprotocol is None:
            print("the CSMS speaks no OCPP version of ours")  # C-5
            return
        station = Station()

        async def send(data: bytes) -> None:
            await websocket.send(data, text=True)  # F-1: OCPP-J travels as text

        async with Session(Role.STATION, sender=send, handlers=station.handlers) as session:
            await session.connected(websocket.subprotocol)
            reading = asyncio.create_task(read(websocket, session))
            await live(session, station, heartbeats)
            await websocket.close()
            await reading


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default="ws://localhost:9000/ocpp", help="without the identity")
    parser.add_argument("--identity", default="CP001")
    parser.add_argument("--password", help="for Basic authentication")
    parser.add_argument("--heartbeats", type=int, help="how many, before it hangs up")
    options = parser.parse_args()
    asyncio.run(run(options.url, options.identity, options.password, options.heartbeats))


if __name__ == "__main__":
    main()
