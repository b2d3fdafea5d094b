"""What the programs of the fleet share: how each reaches the broker, and when it is to end."""

import asyncio
import os
import signal
import ssl
from contextlib import suppress

from ocpp_sansio.fleet import NatsBus

ACTIONS_FOR_BILLING = {"StartTransaction", "Authorize"}
"""What a station waits to be answered by the worker."""
ACTIONS_TO_STORE = {"StopTransaction", "TransactionEvent", "MeterValues"}
"""What the broker keeps for the worker: no charge is lost while there is none."""


def bus_of(role: str) -> NatsBus:
    """Return the connection to the broker that a role has, as the environment says.

    NATS_URL is where it is; NATS_CA a file with the authority that its certificate is from; and
    `<ROLE>_PASSWORD` the password of the role, as in docs/how-to/nats-server.conf.
    """
    url = os.environ.get("NATS_URL", "nats://127.0.0.1:4222")
    authority = os.environ.get("NATS_CA")
    tls = ssl.create_default_context(cafile=authority) if authority else None
    password = os.environ.get(f"{role.upper()}_PASSWORD")
    if password is None:
        return NatsBus(url, tls=tls)
    return NatsBus(url, tls=tls, user=role, password=password, inbox=f"_INBOX_{role}")


def when_stopped() -> asyncio.Event:
    """Return what is set when this process is interrupted or terminated."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # on Windows
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped
