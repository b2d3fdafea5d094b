"""The rows: what is done to a server, and what is measured meanwhile. Each is bounded in time."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import attrs

from benchmarks.abuse import arena as arenas
from benchmarks.abuse import attacks
from benchmarks.abuse.arena import CONTENDERS, NPM, PYPI, WORLDS, Arena, Measured, arena
from benchmarks.abuse.effort import BOMB_SIZE, BOMB_UNDER_LIMIT, LARGEST, Effort
from benchmarks.processes import child, module

HEARTBEAT = "A2: an honest station's longest wait for its Heartbeat"
HEARTBEAT_P50 = "A2: the median of these waits"
NEWCOMER = "A2: a newcomer's longest wait to be let in"
NEWCOMER_REFUSED = "A2: newcomers refused"
SIGTERM = "A2: SIGTERM obeyed after"
LEFT = "A2: serve left, after SIGTERM"
TASKS = "A3: memory that 5 s handlers take, more than before"
SIEGE_IN = "A4: newcomers let in"
SIEGE_REFUSED = "A4: newcomers refused"
SIEGE_WAIT = "A4: a newcomer's longest wait to be let in"
STORM = "A4: a fleet that dials at once"
LOG = "A5: log records in a second of flood"
LOG_BYTES = "A5: log bytes in a second of flood"
LOG_LONGEST = "A5: longest log record"
ZOMBIES = "A6: after serve was left while 40 stations dialled"
PINNED = "A7: memory pinned, more than before"
PER_STATION = "A7: memory of an idle station"

Found = Iterator[tuple[str, str, str, Measured]]
"""Group, name, unit and value of each figure."""


@attrs.frozen
class Row:
    """What is done to each contender."""

    key: str
    play: Callable[[str, Effort], Found]
    contenders: tuple[str, ...] = CONTENDERS
    """Those to whom it can be done."""


# --- A2 -----------------------------------------------------------------------------------------------


def _starve(
    title: str,
    attack: str | None,
    *,
    message_size: int = BOMB_SIZE,
    is_logging: bool = True,
) -> Callable[[str, Effort], Found]:
    def play(contender: str, effort: Effort) -> Found:
        with arena(contender, effort, is_logging=is_logging) as field:
            honest, newcomer = field.steady("honest"), field.steady("newcomer")
            flood = field.flood(attack, message_size=message_size) if attack else None
            is_burst = attack is not None and attacks.attack(attack).is_burst
            if flood and is_burst:
                _await_the_end(flood, effort.patience)
            else:
                sleep(effort.flood_seconds)
            honest.tell("stop")
            newcomer.tell("stop")
            waits, dials = field.waits(honest), field.waits(newcomer)
            yield HEARTBEAT, title, "ms", _longest(waits)
            yield HEARTBEAT_P50, title, "ms", Measured(1e3 * waits["p50"])
            yield NEWCOMER, title, "ms", _longest(dials)
            yield NEWCOMER_REFUSED, title, "", Measured(dials["failed"])
            if flood and not is_burst:
                obeyed, left = field.terminate()
                yield SIGTERM, title, "ms", obeyed
                yield LEFT, title, "ms", left

    return play


def _await_the_end(flood: arenas.Child, seconds: float) -> None:
    """Wait until a burst has been served; the waits will tell if that takes longer."""
    deadline = monotonic() + seconds
    try:
        for _ in ("under way", "tally"):
            flood.report(max(0.1, deadline - monotonic()))
    except TimeoutError:
        return


def _longest(waits: Mapping[str, float]) -> Measured:
    return Measured(1e3 * waits["longest"], is_at_least=bool(waits["frozen"]))


# --- A3, A7: memory -----------------------------------------------------------------------------------


def _pin(
    group: str,
    title: str,
    attack: str,
    *,
    seconds: float,
    message_size: int = LARGEST,
    is_slow: bool = False,
    is_tls: bool = False,
) -> Callable[[str, Effort], Found]:
    """Return a row that measures what the server has while an attack is held."""

    def play(contender: str, effort: Effort) -> Found:
        with (
            _certificate(is_wanted=is_tls) as pem,
            arena(contender, effort, certificate=pem, is_slow=is_slow) as field,
        ):
            _warm_up(field)
            before = field.resident()
            flood = field.flood(attack, message_size=message_size)
            highest = field.resident_peak(min(seconds, 4 * effort.flood_seconds))
            if not attacks.attack(attack).is_repeated:
                flood.report(effort.patience)
                field.settle(effort.patience)
                highest = max(highest, field.resident())
                if contender != NPM:
                    field.log()  # it then gives back to the system what it has freed
                yield (
                    group,
                    f"{title}, when it has settled",
                    "MiB",
                    Measured(field.resident() - before),
                )
            yield group, f"{title}, highest", "MiB", Measured(highest - before)

    return play


def _warm_up(field: Arena) -> None:
    """Let a few stations come, so that what is loaded on first use is not laid at the attacker's door."""
    running = field.role("idle", count=10, first=90_000)
    running.report(arenas.STARTING_SECONDS)
    running.tell("stop")
    running.report(arenas.STARTING_SECONDS)
    field.settle(2.0)


@contextmanager
def _certificate(*, is_wanted: bool) -> Iterator[str | None]:
    """Yield a PEM file with a certificate for this host and its key, if there is to be one."""
    if not is_wanted:
        yield None
        return
    import trustme  # noqa: PLC0415 - only TLS rows need it

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "csms.pem"
        made = trustme.CA().issue_cert(attacks.HOST)
        made.private_key_and_cert_chain_pem.write_to_path(str(path))
        yield str(path)


def _idle(title: str, *, is_tls: bool) -> Callable[[str, Effort], Found]:
    def play(contender: str, effort: Effort) -> Found:
        count = effort.many(200)
        with (
            _certificate(is_wanted=is_tls) as pem,
            arena(contender, effort, certificate=pem) as field,
        ):
            _warm_up(field)
            before = field.resident()
            field.role("idle", count=count).report(arenas.STARTING_SECONDS)
            field.settle(2.0)
            kibibytes = 1024 * (field.resident() - before) / count
            yield PER_STATION, title, "KiB", Measured(kibibytes)

    return play


# --- A4: the door -------------------------------------------------------------------------------------


def _siege(title: str, attack: str, *, is_tls: bool = False) -> Callable[[str, Effort], Found]:
    def play(contender: str, effort: Effort) -> Found:
        with (
            _certificate(is_wanted=is_tls) as pem,
            arena(contender, effort, certificate=pem) as field,
        ):
            flood = field.flood(attack)
            flood.report(arenas.STARTING_SECONDS)
            newcomer = field.steady("newcomer")
            sleep(effort.siege_seconds)
            newcomer.tell("stop")
            dials = field.waits(newcomer)
            yield SIEGE_IN, title, "", Measured(dials["count"] - dials["frozen"])
            yield SIEGE_REFUSED, title, "", Measured(dials["failed"])
            yield SIEGE_WAIT, title, "ms", _longest(dials)

    return play


def _storm(contender: str, effort: Effort) -> Found:
    count = effort.many(2_000)
    with arena(contender, effort) as field:
        found = field.role("storm", count=count, seconds=effort.patience).report(
            effort.patience + arenas.STARTING_SECONDS
        )
    yield STORM, "share of 2,000 that got in", "%", Measured(100 * found["in"] / count)
    yield STORM, "reset or refused", "", Measured(found["reset"])
    yield (
        STORM,
        "until all were served",
        "ms",
        Measured(1e3 * found["seconds"], is_at_least=found["in"] < count),
    )


# --- A5: the log --------------------------------------------------------------------------------------


def _log(title: str, attack: str, contender: str, effort: Effort) -> Found:
    with arena(contender, effort) as field:
        field.flood(attack).report(arenas.STARTING_SECONDS)
        before, started = field.log(), monotonic()
        sleep(effort.flood_seconds)
        after, seconds = field.log(), monotonic() - started
    yield LOG, title, "1/s", Measured((after["records"] - before["records"]) / seconds)
    yield LOG_BYTES, title, "kB/s", Measured((after["bytes"] - before["bytes"]) / seconds / 1e3)
    yield LOG_LONGEST, title, "B", Measured(after["longest"])


# --- A6: zombies --------------------------------------------------------------------------------------


def _zombies(contender: str, effort: Effort) -> Found:
    count = effort.many(40)
    command = module(
        "abuse.zombies", contender, "--count", str(count), "--times", str(effort.zombie_times)
    )
    with child(command) as running:
        found = running.report(120.0)
    yield ZOMBIES, "Heartbeats answered", "", Measured(found["answered"])
    yield ZOMBIES, "connections still open", "", Measured(found["open"])
    yield ZOMBIES, "rounds of 12 in which leaving hung", "", Measured(found["hung"])


# --- all ----------------------------------------------------------------------------------------------

NEVER_READ_ONE = "1 connection that calls and never reads"
NEVER_READ_MANY = "50 connections that call and never read"
IDLE_PLAIN, IDLE_TLS = "plain", "TLS"
HALF_OPEN = "1,000 half-open TLS handshakes"
LARGEST_IDLE = f"500 stations, one message of {LARGEST:,} bytes each, then idle"
UNFINISHED = f"500 stations, a message of {LARGEST:,} bytes each, its last byte missing"
SENDS, AFTERS = "SENDs for 8 s", "Heartbeats with an after for 8 s"
_WITHOUT_NODE = (*WORLDS, PYPI)

_BURSTS = {
    "6mb": ("1 connection, 6 MB of valid Heartbeats at once", "6 MB at once", {}),
    "20x250kb": ("20 connections, 250 kB of valid Heartbeats each", "20 x 250 kB", {}),
    "20x250kb-x": (
        "20 connections, 250 kB of `x` messages each, no logging",
        "20 x 250 kB of x",
        {"is_logging": False},
    ),
    "bombs-at-once": ("1 connection, 250 kB of compressed 1 MB messages", "bombs at once", {}),
    "bombs-at-once-under-limit": (
        f"1 connection, 250 kB of compressed messages of {BOMB_UNDER_LIMIT:,} bytes",
        "bombs at once",
        {"message_size": BOMB_UNDER_LIMIT},
    ),
}
_FLOODS = {
    "bombs": ("8 connections, compressed 1 MB messages", "bombs", {}),
    "bombs-under-limit": (
        f"8 connections, compressed messages of {BOMB_UNDER_LIMIT:,} bytes",
        "bombs",
        {"message_size": BOMB_UNDER_LIMIT},
    ),
    "never-read": (NEVER_READ_MANY, "never read", {}),
    "calls": ("8 connections, valid calls", "calls", {}),
    "unknown-member": ("8 connections, unknown member", "unknown member", {}),
    "raises": ("8 connections, a handler that raises", "raises", {}),
    "fragments": ("8 connections, 1-byte fragments", "fragments", {}),
    "pings": ("8 connections, pings of 125 bytes", "pings", {}),
    "bad-json": ("8 connections, bad JSON", "bad JSON", {}),
}

ROWS = [
    Row("none", _starve("none", None)),
    *(
        Row(key, _starve(title, attack, **options))
        for key, (title, attack, options) in (_BURSTS | _FLOODS).items()
    ),
    Row("sends", _pin(TASKS, SENDS, "sends", seconds=8.0, is_slow=True), WORLDS),
    Row("afters", _pin(TASKS, AFTERS, "one that calls", seconds=8.0, is_slow=True), WORLDS),
    Row("silent", _siege("1,100 silent sockets", "silent")),
    Row("silent-redialled", _siege("1,100 silent sockets, redialled", "silent, redialled")),
    Row(
        "silent-tls",
        _siege("1,100 silent sockets, redialled, TLS", "silent, redialled", is_tls=True),
        _WITHOUT_NODE,
    ),
    Row("storm", _storm),
    *(
        Row(f"log-{key}", partial(_log, title, attack), contenders)
        for key, title, attack, contenders in (
            ("bad-json", "bad JSON", "bad JSON", _WITHOUT_NODE),
            ("unknown-member", "unknown member", "unknown member", _WITHOUT_NODE),
            ("raises", "a handler that raises", "raises", _WITHOUT_NODE),
            ("answers", "answers to nothing, 2.1", "answers to nothing", WORLDS),
        )
    ),
    Row("zombies", _zombies, WORLDS),
    Row("pin-one", _pin(PINNED, NEVER_READ_ONE, "one never reads", seconds=6.0)),
    Row("pin-never-read", _pin(PINNED, NEVER_READ_MANY, "never read", seconds=15.0)),
    Row("idle", _idle(IDLE_PLAIN, is_tls=False)),
    Row("idle-tls", _idle(IDLE_TLS, is_tls=True), _WITHOUT_NODE),
    Row(
        "half-open-tls",
        _pin(PINNED, HALF_OPEN, "half-open TLS", seconds=4.0, is_tls=True),
        _WITHOUT_NODE,
    ),
    Row("largest", _pin(PINNED, LARGEST_IDLE, "largest message", seconds=4.0)),
    Row("unfinished", _pin(PINNED, UNFINISHED, "unfinished message", seconds=4.0)),
]

BY_KEY = {row.key: row for row in ROWS}


def title(key: str) -> str:
    """Return the title of an A2 row."""
    return (_BURSTS | _FLOODS)[key][0]
