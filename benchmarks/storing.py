"""Storing: what a reading costs that is put into a file, delivered, and removed; in fresh interpreters.

The floor is a file made beforehand, whose bytes are overwritten and flushed: no record, no recovery, no
order. Bytes and system calls are those of the kernel's books for the process; flushes are not in them. Where
there are no such books, there are no such rows.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.effort import Effort
from benchmarks.processes import run_script
from benchmarks.report import FLOOR, OURS, Figure

GROUP = "storing"

TIME = "a reading stored and removed, flushes included"
CPU = "a reading stored and removed, CPU"
BYTES = "a reading stored and removed, bytes written"
CALLS = "a reading stored and removed, writing system calls"
DELIVERED = "a reading posted, stored in memory, sent, answered, removed"

_BOOKS = Path("/proc/self/io")
_UNITS = {TIME: "µs", CPU: "µs", BYTES: "B", CALLS: "calls", DELIVERED: "µs"}

_MEASURED = """
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
READING = b'{{"connectorId":1,"meterValue":[' + b" " * 569 + b"]}}"
def books():
    path = Path("/proc/self/io")
    rows = dict(row.split(": ") for row in path.read_text().splitlines()) if path.exists() else {{}}
    return int(rows.get("wchar", 0)), int(rows.get("syscw", 0))
with TemporaryDirectory() as directory:
{setup}
    for seq in range(100, 200):
        step(seq)
    before, wall, cpu = books(), perf_counter(), process_time()
    for seq in range(200, 200 + {messages}):
        step(seq)
    cpu, wall, after = process_time() - cpu, perf_counter() - wall, books()
    print(wall * 1e6 / {messages}, cpu * 1e6 / {messages})
    print(*((now - then) / {messages} for now, then in zip(after, before)))
"""

_SETUPS = {
    OURS: """
    from ocpp_sansio import Version
    from ocpp_sansio.station import Forget, OpenTransaction, Part, Persist, Record
    from ocpp_sansio.stores import SqliteStore
    store = SqliteStore(Path(directory) / "outbox.db")
    def step(seq):
        record = Record(
            seq=seq, version=Version.OCPP16, action="MeterValues", body=READING, transaction="a",
            part=Part.MIDDLE, posted_at=1.8e9 + seq,
        )
        state = OpenTransaction(key="a", version=Version.OCPP16, last_seen=1.8e9 + seq)
        store.apply([Forget(2 * seq, seq - 1), Persist(2 * seq + 1, record, state)])
""",
    FLOOR: """
    file = os.open(Path(directory) / "log", os.O_CREAT | os.O_RDWR)
    os.pwrite(file, bytes(65536), 0)
    flush = getattr(os, "fdatasync", os.fsync)
    def step(seq):
        os.pwrite(file, READING, seq % 100 * len(READING))
        flush(file)
""",
}

_DELIVERY = """
from datetime import UTC, datetime
from time import process_time
from ocpp_sansio import v16
from ocpp_sansio.station import Station
from ocpp_sansio.stores import MemoryStore
def boot(version, reason):
    return v16.BootNotificationRequest(charge_point_vendor="V", charge_point_model="M")
station, store, now = Station(boot, random=lambda: 0.0), MemoryStore(), 0.0
def answer(payload):
    for frame in station.frames_to_send():
        station.received(f'[3,"{{frame.message.message_id}}",{{payload}}]', now=now)
    station.events()
station.connected("ocpp1.6", now=now)
answer('{{"status":"Accepted","currentTime":"2026-11-26T00:00:00Z","interval":0}}')
value = v16.MeterValue(
    timestamp=datetime(2026, 11, 26, tzinfo=UTC), sampled_value=[v16.SampledValue(value="7")]
)
reading = v16.MeterValuesRequest(connector_id=1, meter_value=[value])
def step():
    station.post(reading, now=now)
    while requests := station.store_requests():
        station.stored(store.apply(requests), now=now)
    answer("{{}}")
for _ in range(100):
    step()
started = process_time()
for _ in range({messages}):
    step()
print((process_time() - started) * 1e6 / {messages})
assert station.queued_messages() == 0
"""


def figures(effort: Effort) -> Iterator[Figure]:
    """Measure the group."""
    messages = 100 if effort.is_short else 2000
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(effort.rounds):
        for contender, setup in _SETUPS.items():
            printed = run_script(_MEASURED.format(setup=setup, messages=messages)).stdout.split()
            for name, value in zip((TIME, CPU, BYTES, CALLS), map(float, printed), strict=True):
                found[name, contender].append(value)
        delivered = run_script(_DELIVERY.format(messages=messages)).stdout
        found[DELIVERED, OURS].append(float(delivered))
    for (name, contender), values in found.items():
        if _BOOKS.exists() or name not in {BYTES, CALLS}:
            yield Figure(GROUP, name, contender, _UNITS[name], values)
