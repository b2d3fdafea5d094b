"""Storing: what a reading costs that is put into a file, delivered, and removed; in fresh interpreters.

The first rows are a store's alone, the others a `Station`'s that posts a reading, is answered, and posts the
next.

The floor is a file made beforehand, whose bytes are overwritten and flushed: no record, no recovery, no
order. Bytes and system calls are those of the kernel's books for the process; flushes are not in them. Where
there are no such books, there are no such rows. Flushes are counted by strace, where that is there and may
look: those of twice as many readings less those of so many.
"""

import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.effort import Effort
from benchmarks.processes import run_script
from benchmarks.report import FLOOR, OURS, ROOT, Figure

GROUP = "storing"

TIME = "a reading stored and removed, flushes included"
CPU = "a reading stored and removed, CPU"
BYTES = "a reading stored and removed, bytes written"
CALLS = "a reading stored and removed, writing system calls"
DELIVERED = "a reading posted, stored in memory, sent, answered, removed"
POSTS = "readings posted, stored in a file, delivered and removed; floor: flushed"
COMMITS = "a reading posted, delivered and removed, commits"
WRITTEN = "a reading posted, delivered and removed, bytes written"
WRITES = "a reading posted, delivered and removed, writing system calls"
FLUSHES = "a reading posted, delivered and removed, flushes"

_BOOKS = Path("/proc/self/io")
_UNITS = {
    TIME: "µs",
    CPU: "µs",
    BYTES: "B",
    CALLS: "calls",
    DELIVERED: "µs",
    POSTS: "1/s",
    COMMITS: "commits",
    WRITTEN: "B",
    WRITES: "calls",
    FLUSHES: "flushes",
}

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

_STATION = """
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from ocpp_sansio import v16
from ocpp_sansio.station import Station
from ocpp_sansio.stores import MemoryStore, SqliteStore, carry_out
class Counting:
    commits = 0
    def __init__(self, store):
        self.store = store
    def apply(self, requests):
        self.commits += 1
        return self.store.apply(requests)
def boot(version, reason):
    return v16.BootNotificationRequest(charge_point_vendor="V", charge_point_model="M")
def books():
    path = Path("/proc/self/io")
    rows = dict(row.split(": ") for row in path.read_text().splitlines()) if path.exists() else {{}}
    return int(rows.get("wchar", 0)), int(rows.get("syscw", 0))
start = v16.StartTransactionRequest(
    connector_id=1, id_tag="A", meter_start=0, timestamp=datetime(2026, 11, 26, tzinfo=UTC)
)
value = v16.MeterValue(
    timestamp=datetime(2026, 11, 26, tzinfo=UTC), sampled_value=[v16.SampledValue(value="7" * 475)]
)
reading = v16.MeterValuesRequest(connector_id=1, meter_value=[value])
started = '{{"transactionId":7,"idTagInfo":{{"status":"Accepted"}}}}'
accepted = '{{"status":"Accepted","currentTime":"2026-11-26T00:00:00Z","interval":0}}'
with TemporaryDirectory() as directory:
    store = Counting({store})
    station, now = Station(boot, random=lambda: 0.0), 0.0
    def answer(payload):
        for frame in station.frames_to_send():
            station.received(f'[3,"{{frame.message.message_id}}",{{payload}}]', now=now)
        station.events()
    def post(request, payload):
        station.post(request, transaction="a", now=now)
        carry_out(station, store, now=now)
        answer(payload)
    station.connected("ocpp1.6", now=now)
    answer(accepted)
    post(start, started)
    for _ in range(100):
        post(reading, "{{}}")
    before, commits, wall, cpu = books(), store.commits, perf_counter(), process_time()
    for _ in range({messages}):
        post(reading, "{{}}")
    cpu, wall, after = process_time() - cpu, perf_counter() - wall, books()
    assert station.queued_messages() == 0
    print(cpu * 1e6 / {messages}, {messages} / wall, (store.commits - commits) / {messages})
    print(*((now - then) / {messages} for now, then in zip(after, before)))
"""
_IN_MEMORY = "MemoryStore()"
_IN_A_FILE = 'SqliteStore(Path(directory) / "outbox.db")'


def figures(effort: Effort) -> Iterator[Figure]:
    """Measure the group."""
    messages = 100 if effort.is_short else 2000
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(effort.rounds):
        for contender, setup in _SETUPS.items():
            printed = run_script(_MEASURED.format(setup=setup, messages=messages)).stdout.split()
            for name, value in zip((TIME, CPU, BYTES, CALLS), map(float, printed), strict=True):
                found[name, contender].append(value)
        found[POSTS, FLOOR].append(1e6 / found[TIME, FLOOR][-1])
        found[DELIVERED, OURS].append(_station(_IN_MEMORY, messages)[0])
        names = (POSTS, COMMITS, WRITTEN, WRITES)
        for name, value in zip(names, _station(_IN_A_FILE, messages)[1:], strict=True):
            found[name, OURS].append(value)
    flushes = _flushes(min(messages, 200))
    if flushes is not None:
        found[FLUSHES, OURS].append(flushes)
    for (name, contender), values in found.items():
        if _BOOKS.exists() or name not in {BYTES, CALLS, WRITTEN, WRITES}:
            yield Figure(GROUP, name, contender, _UNITS[name], values)


def _station(store: str, messages: int) -> list[float]:
    printed = run_script(_STATION.format(store=store, messages=messages)).stdout
    return [float(word) for word in printed.split()]


def _flushes(messages: int) -> float | None:
    """Return the flushes of a reading; None where nobody can count them."""
    few, many = (_flushes_in_all(count) for count in (messages, 2 * messages))
    return None if few is None or many is None else (many - few) / messages


def _flushes_in_all(messages: int) -> int | None:
    strace = shutil.which("strace")
    if strace is None:
        return None
    script = _STATION.format(store=_IN_A_FILE, messages=messages)
    with TemporaryDirectory() as directory:
        log = Path(directory) / "calls"
        command = [strace, "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", str(log)]
        done = subprocess.run(
            [*command, sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=False
        )
        if done.returncode:
            return None  # it may not look into processes here
        return sum("sync(" in line for line in log.read_text().splitlines())
