"""An SQLite store and its file: locked, damaged, foreign, newer, full, read-only, out of the way."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from shutil import copyfile

import pytest
from store_contents import charge, contents, quick_directory, record, states_of, transaction

from ocpp_sansio.core import OcppError
from ocpp_sansio.station import Forget, Keep, Persist
from ocpp_sansio.stores import SqliteStore, StoreError, StoreProblem


@pytest.fixture
def path() -> Iterator[Path]:
    with quick_directory() as directory:
        yield directory / "outbox.db"


def filled(path: Path) -> list[object]:
    """Make a store that holds a message, and return what it holds."""
    with SqliteStore(path) as store:
        store.apply([Persist(1, record(1), transaction()), Keep(2, "key", "value")])
        return list(contents(store))


def change(path: Path, *statements: str) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        db.execute(statement)
    db.close()


def refusal(path: Path, **settings: float) -> StoreError:
    with pytest.raises(StoreError) as caught:
        SqliteStore(path, **settings)  # type: ignore[arg-type]
    assert isinstance(caught.value, OcppError)
    assert path.name in str(caught.value)
    return caught.value


def test_the_file_is_its_owners_alone_and_so_is_its_log(path: Path) -> None:
    with SqliteStore(path) as store:
        store.apply([Keep(1, "key", "value")])
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"outbox.db": 0o600, "outbox.db-wal": 0o600}
    assert [file.name for file in path.parent.iterdir()] == ["outbox.db"]


def test_the_settings_are_those_that_were_measured(path: Path) -> None:
    filled(path)
    db = sqlite3.connect(path)
    found = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_size", "journal_mode", "user_version", "application_id")
    }
    db.close()
    assert found == {
        "page_size": 1024,
        "journal_mode": "wal",
        "user_version": 1,
        "application_id": 0x4F435050,
    }
    with SqliteStore(path) as store:
        db = store._opened()
        measured = {
            name: db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in (
                *("synchronous", "fullfsync", "checkpoint_fullfsync", "wal_autocheckpoint"),
                *("journal_size_limit", "cache_size", "temp_store", "secure_delete"),
            )
        }
    assert measured == {
        "synchronous": 2,  # FULL
        "fullfsync": 1,
        "checkpoint_fullfsync": 1,
        "wal_autocheckpoint": 64,
        "journal_size_limit": 262144,
        "cache_size": -64,
        "temp_store": 2,  # MEMORY
        "secure_delete": 2,  # FAST
    }


def test_a_store_may_work_in_another_thread_than_it_was_opened_in(path: Path) -> None:
    with SqliteStore(path) as store, ThreadPoolExecutor(1) as threads:
        assert threads.submit(store.apply, [Keep(1, "key", "value")]).result() == 1
        assert store.load().values == {"key": "value"}


@pytest.mark.parametrize("kind", ["a store", "a database of rollback journal"])
def test_a_second_store_on_the_same_file_is_refused_in_this_process(path: Path, kind: str) -> None:
    if kind == "a store":
        with SqliteStore(path):
            error = refusal(path, lock_wait=0)
    else:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        error = refusal(path, lock_wait=0)
        holder.close()
    assert error.problem is StoreProblem.LOCKED
    assert "stop the other process" in str(error)


OTHER_PROCESS = """
import sys
from ocpp_sansio.stores import SqliteStore, StoreError
try:
    store = SqliteStore(sys.argv[1], lock_wait=0)
except StoreError as error:
    print(error.problem)
else:
    print("opened", flush=True)
    sys.stdin.readline()
"""


def in_another_process(path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", OTHER_PROCESS, str(path)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )


def test_another_process_is_refused_until_the_holder_has_died_however_it_died(path: Path) -> None:
    before = filled(path)
    with in_another_process(path) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "opened\n"
        assert refusal(path, lock_wait=0).problem is StoreProblem.LOCKED
        # Refused twice by this process: that has not cost the holder its lock.
        assert refusal(path, lock_wait=0).problem is StoreProblem.LOCKED
        holder.kill()
    with SqliteStore(path) as store:
        assert list(contents(store)) == before
        with pytest.raises(StoreError):
            SqliteStore(path, lock_wait=0)
        with in_another_process(path) as second:
            assert second.communicate()[0] == "locked\n"


def test_a_store_that_was_closed_says_so(path: Path) -> None:
    store = SqliteStore(path)
    store.close()
    store.close()
    for use in (store.load, lambda: store.apply([Keep(1, "a", "b")])):
        with pytest.raises(StoreError, match="was closed") as caught:
            use()
        assert caught.value.problem is StoreProblem.CLOSED


@pytest.mark.parametrize("named", ["", ":memory:"])
def test_a_name_that_is_no_file_is_a_mistake(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a store that takes it leaves a file of that name here
    with pytest.raises(ValueError, match=f"^'{named}' is no file: use MemoryStore"):
        SqliteStore(named)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"reserve": -1}, "reserve"),
        ({"max_bytes": 1}, "max_bytes"),
        ({"max_bytes": 1e6}, "max_bytes"),
        ({"lock_wait": -1}, "lock_wait"),
        ({"lock_wait": float("inf")}, "lock_wait"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_no_file_made(
    path: Path, settings: dict[str, float], name: str
) -> None:
    with pytest.raises(ValueError, match=rf"^{name}\b"):
        SqliteStore(path, **settings)  # type: ignore[arg-type]
    assert not path.exists()


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path / "missing" / "outbox.db")
    assert error.problem is StoreProblem.UNREACHABLE
    assert "make it first" in str(error)


def test_a_path_through_a_file_is_out_of_reach(path: Path) -> None:
    filled(path)
    error = refusal(path / "outbox.db")
    assert error.problem is StoreProblem.UNREACHABLE
    assert str(error).endswith("cannot be made: Not a directory")


def test_a_directory_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").mkdir()
    assert refusal(tmp_path / "outbox.db").problem is StoreProblem.UNREACHABLE
    assert (tmp_path / "outbox.db").is_dir()


def other_application(path: Path) -> None:
    change(path, "CREATE TABLE film (title)", "INSERT INTO film VALUES ('Metropolis')")


def with_an_id_of_its_own(path: Path) -> None:
    other_application(path)
    change(path, "PRAGMA application_id = 1196444487")


def a_text(path: Path) -> None:
    path.write_text("[outbox]\nmessages = 3\n" * 20)


def a_short_text(path: Path) -> None:
    path.write_text('{"seq": 1}\n')


@pytest.mark.parametrize("make", [other_application, with_an_id_of_its_own, a_text, a_short_text])
def test_a_file_of_another_kind_is_refused_and_left_as_it_is(
    path: Path, make: Callable[[Path], None]
) -> None:
    make(path)
    before = path.read_bytes()
    error = refusal(path)
    assert error.problem is StoreProblem.FOREIGN
    assert "a file of its own" in str(error)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["outbox.db"]


def head_of_zeros(path: Path) -> None:
    path.write_bytes(bytes(1024) + path.read_bytes()[1024:])


def all_zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def cut_in_half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def a_page_of_noise(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:1024] + b"\xa5" * 1024 + content[2048:])


def with_another_id(path: Path) -> None:
    change(path, "PRAGMA application_id = 5")


def without_a_table(path: Path) -> None:
    change(path, "DROP TABLE tx")


def without_its_columns(path: Path) -> None:
    change(path, "ALTER TABLE message DROP COLUMN lane")


def of_format_0(path: Path) -> None:
    change(path, "PRAGMA user_version = 0")


def of_a_newer_format(path: Path) -> None:
    change(path, "PRAGMA user_version = 2", "DROP TABLE message", "CREATE TABLE message (x)")


def of_an_unknown_version(path: Path) -> None:
    change(path, "UPDATE message SET version = 'ocpp9'")


def with_a_text_for_a_body(path: Path) -> None:
    change(path, "UPDATE message SET body = 'YWJj'")


def with_an_id_that_is_no_number(path: Path) -> None:
    change(path, "UPDATE tx SET id = 'abc'")


def with_a_text_that_is_no_utf8(path: Path) -> None:
    change(path, "UPDATE message SET action = CAST(x'ff' AS TEXT)")


def with_a_time_that_is_none(path: Path) -> None:
    change(path, "INSERT OR REPLACE INTO clock VALUES (1, 'noon')")


def with_a_value_that_is_none(path: Path) -> None:
    change(path, "UPDATE kept SET value = x'00'")


@pytest.mark.parametrize(
    "damage",
    [
        head_of_zeros,
        all_zeros,
        cut_in_half,
        a_page_of_noise,
        with_another_id,
        without_a_table,
        without_its_columns,
        of_format_0,
        of_a_newer_format,
        of_an_unknown_version,
        with_a_text_for_a_body,
        with_an_id_that_is_no_number,
        with_a_text_that_is_no_utf8,
        with_a_value_that_is_none,
        with_a_time_that_is_none,
    ],
)
def test_a_damaged_or_newer_store_is_set_aside_and_told(
    path: Path, damage: Callable[[Path], None]
) -> None:
    filled(path)
    damage(path)
    evidence = path.read_bytes()
    with SqliteStore(path) as store:
        restored = store.load()
        assert (restored.records, restored.transactions, restored.values) == ((), (), {})
        assert restored.damage
        assert restored.damage.kept_as == str(path) + ".damaged-1"
        assert restored.damage.reason
        assert restored.damage.reason.isprintable()
        assert Path(restored.damage.kept_as).read_bytes() == evidence
        store.apply([Persist(1, record(1))])  # the new one is sound
    with SqliteStore(path) as store:
        assert store.load().damage is None
        assert len(store.load().records) == 1


def test_a_newer_format_is_named_so_that_it_can_be_read_after_an_update(path: Path) -> None:
    filled(path)
    of_a_newer_format(path)
    with SqliteStore(path) as store:
        damage = store.load().damage
    assert damage
    assert "format 2" in damage.reason
    assert "later" in damage.reason
    assert "start that one with the file to deliver what is in it" in damage.reason


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (with_a_value_that_is_none, "a value is no text"),
        (with_a_time_that_is_none, "a time is no number"),
        (with_an_id_that_is_no_number, "a number of a transaction is none"),
        (
            of_an_unknown_version,
            "a row cannot be read: Invalid enum value 'ocpp9' - at `$.version`",
        ),
    ],
)
def test_a_row_that_cannot_be_read_is_told_by_what_is_wrong_with_it(
    path: Path, damage: Callable[[Path], None], reason: str
) -> None:
    filled(path)
    damage(path)
    with SqliteStore(path) as store:
        found = store.load().damage
    assert found
    assert found.reason == reason


def test_each_damaged_store_has_a_name_of_its_own(path: Path) -> None:
    for _ in range(3):
        filled(path)
        head_of_zeros(path)
    with SqliteStore(path):
        pass
    names = {file.name for file in path.parent.iterdir()}
    assert names == {"outbox.db", *(f"outbox.db.damaged-{number}" for number in (1, 2, 3))}


def after_a_kill(path: Path, into: Path) -> Path:
    """Copy a store with its log, as they stand while it is open."""
    into.mkdir()
    with SqliteStore(path) as store:
        for commit in charge():
            store.apply(commit)
        for suffix in ("", "-wal"):
            copyfile(f"{path}{suffix}", into / f"outbox.db{suffix}")
    return into / "outbox.db"


@pytest.mark.parametrize("lost", ["removed", "emptied"])
def test_a_log_without_its_database_is_kept_too(path: Path, tmp_path: Path, lost: str) -> None:
    killed = after_a_kill(path, tmp_path / "killed")
    log = Path(f"{killed}-wal").read_bytes()
    if lost == "removed":
        killed.unlink()
    else:
        killed.write_bytes(b"")
    with SqliteStore(killed) as store:
        damage = store.load().damage
    assert damage
    assert damage.reason == "its log is there without its database"
    assert Path(damage.kept_as + "-wal").read_bytes() == log


def test_a_damaged_store_that_was_killed_keeps_its_log_beside_it(
    path: Path, tmp_path: Path
) -> None:
    killed = after_a_kill(path, tmp_path / "killed")
    change_in_place = sqlite3.connect(killed, isolation_level=None)
    change_in_place.execute("PRAGMA locking_mode = EXCLUSIVE")
    change_in_place.execute("UPDATE message SET version = 'ocpp9'")
    copies = {name: Path(f"{killed}{name}").read_bytes() for name in ("", "-wal")}
    change_in_place.close()
    for name, content in copies.items():
        Path(f"{killed}{name}").write_bytes(content)
    with SqliteStore(killed) as store:
        damage = store.load().damage
        assert damage
        assert Path(damage.kept_as + "-wal").read_bytes() == copies["-wal"]
        assert contents(store) == ((), (), {})
    kept = sqlite3.connect(damage.kept_as)
    assert kept.execute("SELECT version FROM message").fetchall() == [("ocpp9",)]
    kept.close()


def test_what_is_half_made_is_made_again(path: Path) -> None:
    path.write_bytes(b"")  # the power went before the first page
    filled(path)
    path.unlink()
    change(path, "PRAGMA page_size = 1024", "PRAGMA journal_mode = WAL")  # and before the tables
    assert path.stat().st_size
    filled(path)
    with SqliteStore(path) as store:
        assert store.load().damage is None


def fill_up(store: SqliteStore) -> int:
    """Put messages into a store until it is full, and return how many it has taken."""
    seq = 0
    with suppress(StoreError):
        while seq < 1000:
            store.apply([Persist(seq, record(seq + 1), transaction(next_seq_no=seq + 1))])
            seq += 1
    return seq


def test_a_full_store_says_so_loses_nothing_and_goes_on_once_there_is_room(path: Path) -> None:
    with SqliteStore(path, max_bytes=64 * 1024, reserve=0) as store:
        stored = fill_up(store)
        with pytest.raises(
            StoreError, match=r"no room left.*\(database or disk is full\)$"
        ) as caught:
            store.apply([Persist(1, record(stored + 1), transaction(next_seq_no=999))])
        assert caught.value.problem is StoreProblem.FULL
        assert [each.seq for each in store.load().records] == list(range(1, stored + 1))
        assert store.load().transactions[0].next_seq_no == stored
        with pytest.raises(StoreError):
            store.apply([Forget(1, 1), Persist(2, record(2000, body=bytes(9000)))])
        assert store.load().records[0].seq == 1
        store.apply([Forget(1, 1), Persist(2, record(2000))])
        assert path.stat().st_size <= 64 * 1024
    with SqliteStore(path) as store:  # more is allowed now
        store.apply([Persist(3, record(2001, body=bytes(9000)))])
        assert len(store.load().records) == stored + 1


@pytest.mark.skipif(os.name != "posix", reason="blocks as POSIX counts them")
def test_a_new_file_takes_up_its_reserve_so_that_a_full_medium_does_not_stop_it(path: Path) -> None:
    with SqliteStore(path, reserve=1_500_000) as store:
        files = [path, path.with_name("outbox.db-wal")]
        before = [(file.stat().st_size, file.stat().st_blocks) for file in files]
        assert before[0][0] >= before[0][1] * 512 - 4096 >= 1_500_000 - 4096  # no hole in it
        store.apply([Persist(seq, record(seq), transaction()) for seq in range(1, 200)])
        for seq in range(200, 400):
            store.apply([Persist(seq, record(seq), transaction(next_seq_no=seq))])
        store.apply([Forget(seq, seq) for seq in range(1, 400)])
        after = [(file.stat().st_size, file.stat().st_blocks) for file in files]
        assert after[0] == before[0]
        assert after[1] <= before[1]
    with SqliteStore(path) as store:
        assert store.load().records == ()


def test_a_power_cut_while_the_reserve_is_made_leaves_a_store(path: Path) -> None:
    before = filled(path)
    change(path, "CREATE TABLE reserve (zeros BLOB)", "INSERT INTO reserve VALUES (zeroblob(9999))")
    with SqliteStore(path) as store:
        assert list(contents(store)) == before
    db = sqlite3.connect(path)
    names = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    db.close()
    assert names == {"message", "tx", "kept", "clock"}


def test_a_store_above_its_limit_is_read_and_takes_removals(path: Path) -> None:
    with SqliteStore(path, reserve=0) as store:
        store.apply([Persist(seq, record(seq)) for seq in range(1, 200)])
    with SqliteStore(path, max_bytes=64 * 1024, reserve=0) as store:
        assert len(store.load().records) == 199
        store.apply([Forget(seq, seq) for seq in range(1, 200)])
        store.apply([Persist(200, record(200))])
        assert len(store.load().records) == 1


def test_the_file_does_not_grow_with_time(path: Path) -> None:
    with SqliteStore(path, reserve=0) as store:
        sizes = set()
        for round_ in range(6):
            for seq in range(round_ * 30 + 1, round_ * 30 + 31):
                store.apply([Persist(seq, record(seq), transaction(next_seq_no=seq))])
                if seq > 10:
                    store.apply([Forget(seq, seq - 10)])
            sizes.add(sum(file.stat().st_size for file in path.parent.iterdir()))
        assert max(sizes) < 200_000
        assert len(list(path.parent.iterdir())) == 2
        store.apply([Persist(seq, record(1000 + seq)) for seq in range(500)])
        store.apply([Forget(seq, 1000 + seq) for seq in range(500)])
        for seq in range(100):
            store.apply([Keep(seq, "key", str(seq))])
        log = path.with_name("outbox.db-wal").stat().st_size
    assert log <= 300_000  # one large commit has not made it large for good


WITHOUT_RIGHTS = """
import json, os, sys
user, *names = sys.argv[1:]
from ocpp_sansio.stores import SqliteStore, StoreError
os.environ["HOME"] = "/"
if os.geteuid() == 0:
    os.setgid(int(user)); os.setuid(int(user))
found = []
for name in names:
    try:
        SqliteStore(name)
    except StoreError as error:
        found.append((error.problem.value, str(error)))
print(json.dumps(found))
"""


@pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")
def test_a_file_or_a_directory_that_may_not_be_written_is_told() -> None:
    with tempfile.TemporaryDirectory() as name:  # tmp_path would be nobody else's to look into
        directory = Path(name)
        directory.chmod(0o755)
        readable = directory / "readable.db"
        filled(readable)
        readable.chmod(0o444)
        hidden = directory / "hidden.db"
        filled(hidden)
        hidden.chmod(0o000)
        directory.chmod(0o555)
        command = [sys.executable, "-c", WITHOUT_RIGHTS, "65534", str(readable), str(hidden)]
        command.append(str(directory / "new.db"))
        ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path.cwd())
        directory.chmod(0o755)
    problems = [problem for problem, _ in json.loads(ran.stdout)]
    assert problems == ["read_only"] * 3
    assert all("permission" in text.lower() for _, text in json.loads(ran.stdout))


def test_a_store_names_its_file_and_no_more(path: Path) -> None:
    with SqliteStore(path) as store:
        assert repr(store) == f"<SqliteStore '{path}'>" or "…" in repr(store)


def test_what_was_posted_before_a_kill_is_there_whatever_is_left_of_the_log(
    path: Path, tmp_path: Path
) -> None:
    killed = after_a_kill(path, tmp_path / "killed")
    with SqliteStore(killed) as store:
        assert contents(store) == states_of(charge())[-1]
