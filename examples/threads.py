"""No event loop at all: a station and a CSMS, each a `Connection` in a thread, joined by two queues.

    python examples/threads.py --heartbeats 3

The same loop serves a socket with a timeout: `Queue.get` stands for `recv`, `Queue.put` for `send`.
"""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime
from queue import Empty, Queue
from threading import Thread

from ocpp_sansio import (
    CallAborted,
    CallErrorReceived,
    CallReceived,
    CallResultReceived,
    CallResultRejected,
    CallTimedOut,
    Connection,
    ErrorCode,
    Event,
    Role,
    v16,
)

Channel = Queue[bytes | None]
"""Carries whole messages; None says that the other side has hung up."""


def run(
    connection: Connection,
    inbox: Channel,
    outbox: Channel,
    handle: Callable[[Connection, Event], bool],
) -> None:
    """Turn the crank of one machine until its peer hangs up, or `handle` returns False."""
    is_going = True
    while is_going:
        for frame in connection.frames_to_send():
            outbox.put(frame.data)
        deadline = connection.next_timeout()
        wait = None if deadline is None else max(0.0, deadline - time.monotonic())
        try:
            message = inbox.get(timeout=wait)
        except Empty:
            connection.handle_timeout(now=time.monotonic())
        else:
            if message is None:
                connection.disconnected(now=time.monotonic())
                is_going = False
            else:
                connection.received(message, now=time.monotonic())
        for event in connection.events():
            is_going = handle(connection, event) and is_going
    outbox.put(None)


def csms(inbox: Channel, outbox: Channel) -> None:
    """Answer heartbeats."""
    connection = Connection(Role.CSMS)
    connection.connected("ocpp1.6", now=time.monotonic())

    def handle(connection: Connection, event: Event) -> bool:
        now = time.monotonic()
        match event:
            case CallReceived(payload=v16.HeartbeatRequest()):
                answer = v16.HeartbeatResponse(current_time=datetime.now(UTC))
                connection.send_call_result(event, answer, now=now)
            case CallReceived():
                connection.send_call_error(event, ErrorCode.NOT_SUPPORTED, now=now)
            case _:
                print(f"csms: {event}")
        return True

    run(connection, inbox, outbox, handle)


def station(inbox: Channel, outbox: Channel, heartbeats: int) -> None:
    """Send heartbeats, one after the other, and hang up."""
    connection = Connection(Role.STATION)
    connection.connected("ocpp1.6", now=time.monotonic())
    connection.send_call(v16.HeartbeatRequest(), now=time.monotonic())
    answered = 0

    def handle(connection: Connection, event: Event) -> bool:
        nonlocal answered
        match event:
            case CallResultReceived(payload=v16.HeartbeatResponse(current_time=current_time)):
                answered += 1
                print(f"station: heartbeat {answered}, it is {current_time:%H:%M:%S}")
            case CallErrorReceived() | CallResultRejected() | CallTimedOut() | CallAborted():
                print(f"station: {event}")
                return False
            case _:
                return True
        if answered < heartbeats:
            connection.send_call(v16.HeartbeatRequest(), now=time.monotonic())
        return answered < heartbeats

    run(connection, inbox, outbox, handle)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--heartbeats", type=int, default=3)
    options = parser.parse_args()
    up: Channel = Queue()
    down: Channel = Queue()
    server = Thread(target=csms, args=(up, down))
    server.start()
    station(down, up, options.heartbeats)
    server.join()


if __name__ == "__main__":
    main()
