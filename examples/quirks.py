"""A CSMS for a mixed fleet of 1.6: one table says what each kind of station needs, from the door on.

The quirks are those that CSMSs for homes live with. The vendors are made up: your log tells what yours need.
"""

import argparse
import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch

from ocpp_sansio import Config, Validation, Version, v16
from ocpp_sansio.asyncio import serve
from ocpp_sansio.handlers import Handlers, IncomingCall
from ocpp_sansio.net import Admission, ConnectionRequest, Duplicates
from ocpp_sansio.websocket import WebSocketConfig


def mend(message: bytes) -> bytes:
    """Repair what one firmware writes; mending.py does it for six, and leaves strings alone."""
    return message.replace(b"[,{", b"[{")


STRICT = Config()
LENIENT = Config(validation=Validation.LENIENT)
MENDED = Config(validation=Validation.LENIENT, mend=mend)
PINGED = WebSocketConfig()  # every 20 s, before the commonest wallbox hangs up
PINGED_OFTEN = WebSocketConfig(ping_interval=8)
NEVER_PINGED = WebSocketConfig(
    ping_interval=0, idle_timeout=900
)  # Heartbeats are its signs of life


@dataclass(frozen=True)
class Quirk:
    """What a kind of station needs; made once, shared by all of the kind."""

    name: str
    config: Config = STRICT
    websocket: WebSocketConfig = PINGED
    duplicates: Duplicates = Duplicates.REPLACE


UNKNOWN = Quirk("not yet known", MENDED)  # its boot is to be read, whatever it is
QUIRKS = {  # by vendor and model as in BootNotification; the first that fits
    "Silent AG/*": Quirk("never answers a ping", websocket=NEVER_PINGED),
    "Hasty/Home*": Quirk("hangs up after 10 s of silence", websocket=PINGED_OFTEN),
    "Creative/*": Quirk("makes up units and states", LENIENT),
    "Commas/1.*": Quirk("writes [,{", MENDED),
    "Twice/*": Quirk("opens a second connection as a probe", duplicates=Duplicates.KEEP),
    "*": Quirk("nothing special"),
}


@dataclass
class Charger:
    """What we know of a station: the context of its sessions, kept from one to the next."""

    quirk: Quirk = UNKNOWN


CHARGERS = {f"CP00{number}": Charger() for number in range(10)}
handlers = Handlers[Charger]({name: lambda _: {} for name in ("MeterValues", "StatusNotification")})


def door(request: ConnectionRequest) -> int | Admission[Charger]:
    """Let in who is known, without a subprotocol and under any user name; a slash at the end is no matter."""
    charger = CHARGERS.get(request.identity)
    if charger is None:
        return 404
    return Admission(
        version=None if request.versions else Version.OCPP16,
        check_username=False,
        config=charger.quirk.config,
        websocket=charger.quirk.websocket,
        duplicates=charger.quirk.duplicates,
        context=charger,
    )


@handlers.on(v16.BootNotificationRequest)
def boot(
    request: v16.BootNotificationRequest, call: IncomingCall[Charger]
) -> v16.BootNotificationResponse:
    """Learn what it is, and go by that from now on; at the door, too, when it comes again."""
    kind = f"{request.charge_point_vendor}/{request.charge_point_model}"
    quirk = next(quirk for pattern, quirk in QUIRKS.items() if fnmatch(kind, pattern))
    call.context.quirk = quirk
    call.session.configure(quirk.config, websocket=quirk.websocket)
    print(f"{call.session.identity}: {kind}, which {quirk.name}", flush=True)
    return v16.BootNotificationResponse(
        current_time=datetime.now(UTC), interval=300, status=v16.RegistrationStatus.ACCEPTED
    )


async def main(port: int) -> None:
    """Serve until interrupted."""
    async with serve(
        None, "127.0.0.1", port, versions=["ocpp1.6"], handlers=handlers, authenticate=door
    ) as server:
        print(f"listening on ws://127.0.0.1:{server.port}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9000, help="0 takes any that is free")
    with suppress(KeyboardInterrupt):
        asyncio.run(main(**vars(parser.parse_args())))
