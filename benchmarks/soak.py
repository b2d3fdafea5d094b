"""Runs in a process of its own: many messages through one pair of connections, then what is left of them.

`python -m benchmarks.soak MESSAGES`. A tenth of them come first, so that caches are full.
"""

import gc
import sys
from itertools import cycle

import psutil

from benchmarks import hostile, ours, wire
from benchmarks.processes import leave_with_parent, say
from ocpp_sansio import CallReceived, CallResultReceived, Connection, Frame, Role
from ocpp_sansio.v16 import HeartbeatRequest

BATCH = 100


def main() -> None:
    leave_with_parent()
    messages = int(sys.argv[1])
    exchange = _Exchange()
    exchange.run(messages // 10)
    before = _memory()
    exchange.run(messages)
    after = _memory()
    say(
        {
            "messages": messages,
            "blocks": after["blocks"] - before["blocks"],
            "resident": after["resident"] - before["resident"],
        }
    )


class _Exchange:
    """A station that calls, a CSMS that answers, and now and then a message that is refused."""

    def __init__(self) -> None:
        self._csms = ours.connect(Role.CSMS, "v16")
        self._station = ours.connect(Role.STATION, "v16")
        self._meter_values = wire.calls("MeterValues", wire.METER_VALUES)
        self._refused = cycle(
            [message for (size, _), message in hostile.refused().items() if size != hostile.LARGE]
        )

    def run(self, messages: int) -> None:
        for _ in range(messages // BATCH):
            for _ in range(45):  # a call and its result: two messages
                self._call()
            for _ in range(9):
                self._to_csms(next(self._meter_values))
            self._to_csms(next(self._refused))

    def _call(self) -> None:
        self._station.send_call(HeartbeatRequest(), now=ours.NOW)
        for frame in self._station.frames_to_send():
            self._to_csms(frame.data)
        (outcome,) = self._station.events()
        assert isinstance(outcome, CallResultReceived)

    def _to_csms(self, data: bytes) -> None:
        self._csms.received(data, now=ours.NOW)
        for event in self._csms.events():
            if isinstance(event, CallReceived):
                answer = ours.ANSWERS["v16", event.action]()
                self._csms.send_call_result(event, answer, now=ours.NOW)
        answers = self._csms.frames_to_send()
        if self._station.outstanding_call:
            _deliver(answers, self._station)


def _deliver(frames: list[Frame], to: Connection) -> None:
    for frame in frames:
        to.received(frame.data, now=ours.NOW)


def _memory() -> dict[str, int]:
    gc.collect()
    return {"blocks": sys.getallocatedblocks(), "resident": psutil.Process().memory_info().rss}


if __name__ == "__main__":
    main()
