"""`Scribe`: writes the calls of a caller, and reads what is answered, as a session would."""

from typing import Any

from msgspec import Struct

from ocpp_sansio.core import (
    Call,
    CallErrorReceived,
    CallResultReceived,
    CallResultRejected,
    Config,
    Connection,
    Role,
    Version,
)

__all__ = ["Scribe", "Written"]

_MAX_IDLE = 64
"""Machines that are kept, for each version."""


class Written(Struct, eq=False):
    """A call as it travels, and the machine that has made it, which reads its answer."""

    call: Call
    frame: bytes
    machine: Connection
    version: Version


class Scribe:
    """Has machines for it, each for one call at a time."""

    def __init__(self, config: Config) -> None:
        """Make one, which checks payloads as `config` says."""
        self._config = config
        self._idle: dict[Version, list[Connection]] = {version: [] for version in Version}

    def write(self, version: Version, request: Any, payload: Any, message_id: str) -> Written:
        """Return a call; raises LocalProtocolError as `Connection.send_call` does."""
        idle = self._idle[version]
        machine = idle.pop() if idle else self._new_machine(version)
        call = machine.send_call(request, payload, now=0.0, message_id=message_id)
        (frame,) = machine.frames_to_send()
        return Written(call, frame.data, machine, version)

    def read(
        self, written: Written, frame: bytes
    ) -> CallResultReceived | CallErrorReceived | CallResultRejected | None:
        """Return what the answer to a call is; None if it is none to this call."""
        machine = written.machine
        machine.received(frame, now=0.0)
        machine.frames_to_send()  # a CALLRESULTERROR: the gateway's to send, and not sent
        for event in machine.events():
            match event:
                case CallResultReceived(call) | CallErrorReceived(call) | CallResultRejected(call):
                    if call is written.call:
                        self._release(written)
                        return event
        return None

    def _new_machine(self, version: Version) -> Connection:
        machine = Connection(Role.CSMS, config=self._config)
        machine.connected(version, now=0.0)
        return machine

    def _release(self, written: Written) -> None:
        idle = self._idle[written.version]
        if len(idle) < _MAX_IDLE:
            idle.append(written.machine)
