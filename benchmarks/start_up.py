"""Start-up: what an import takes, and the first connection, each in fresh interpreters.

In CPU time: an import waits for nothing but the disk, and that only the first time.
"""

from collections import defaultdict
from collections.abc import Iterator

from benchmarks.effort import Effort
from benchmarks.processes import run_script
from benchmarks.report import FLOOR, OURS, Figure

GROUP = "start-up"
UNIT = "ms"

IMPORT = "import ocpp_sansio; floor: attrs, msgspec"
FIRST = 'first connected("{}"), after the import'

_TIMED = """
from time import process_time
{setup}
started = process_time()
{timed}
print(1000 * (process_time() - started))
"""

_SCRIPTS = {
    (IMPORT, OURS): _TIMED.format(setup="", timed="import ocpp_sansio"),
    (IMPORT, FLOOR): _TIMED.format(setup="", timed="import attrs, msgspec"),
} | {
    (FIRST.format(version), OURS): _TIMED.format(
        setup="from ocpp_sansio import Connection, Role",
        timed=f'Connection(Role.CSMS).connected("{version}", now=0.0)',
    )
    for version in ("ocpp1.6", "ocpp2.0.1", "ocpp2.1")
}


def figures(effort: Effort) -> Iterator[Figure]:
    """Measure the group."""
    for script in _SCRIPTS.values():
        run_script(script)  # so that no figure is that of a compiler, or of a cold disk
    found = defaultdict(list)
    for _ in range(effort.start_ups):
        for key, script in _SCRIPTS.items():
            found[key].append(float(run_script(script).stdout))
    for (name, contender), values in found.items():
        yield Figure(GROUP, name, contender, UNIT, values)
    yield from _import_times(effort)


def _import_times(effort: Effort) -> Iterator[Figure]:
    """Split the import by whose modules they are, as -X importtime has it (which slows all of them)."""
    found = defaultdict(list)
    for _ in range(effort.start_ups):
        for owner, milliseconds in _import_time_by_owner().items():
            found[owner].append(milliseconds)
    for owner, values in found.items():
        yield Figure(GROUP, f"-X importtime, {owner}", OURS, UNIT, values)


def _import_time_by_owner() -> dict[str, float]:
    lines = run_script("import ocpp_sansio", "-X", "importtime").stderr.splitlines()
    rows = [line.removeprefix("import time:").split("|") for line in lines[1:]]
    # What comes before is the interpreter's own start: modules are listed as they end.
    names = [row[2].strip() for row in rows]
    first = names.index("site") + 1 if "site" in names else 0
    spent = dict.fromkeys((*_OWNERS.values(), _REST), 0.0)
    for own, _, name in rows[first:]:
        owner = _OWNERS.get(name.strip().partition(".")[0], _REST)
        spent[owner] += int(own) / 1000
    return spent


_OWNERS = {
    "ocpp_sansio": "ocpp_sansio's own modules",
    "attr": "attrs",
    "attrs": "attrs",
    "msgspec": "msgspec",
}
_REST = "the standard library"
