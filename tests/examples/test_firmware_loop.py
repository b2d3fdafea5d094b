"""`examples/firmware_loop.py`: what it costs, and what becomes of its charges, in virtual time."""

import json
import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from example_programs import LIMIT, ROOT
from virtual_csms import MIDNIGHT, VirtualCsms, VirtualLine

from examples import firmware_loop
from examples.firmware_loop import CONNECTORS, Firmware, Outlet, Transport
from ocpp_sansio import v16
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.station import Restored, StationSettings, StoreRequest
from ocpp_sansio.stores import MemoryStore, SqliteStore, Store, StoreError, StoreProblem

HOUR = 3600.0
DAY = 24 * HOUR

# --- what it costs ------------------------------------------------------------------------------------------

REPORT = """
from pathlib import Path
import json
status = Path("/proc/self/status").read_text()
peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
print(json.dumps({"peak": int(peak), "modules": sorted(sys.modules)}))
"""
"""Not getrusage's ru_maxrss, which begins with that of the process that started us."""

CHILD = """
import sys
sys.modules["typing_extensions"] = None  # which msgspec loads if it is there; a device has no use for it
"""
FLOOR = "import argparse, pkgutil, resource, runpy, selectors, socket, tempfile, uuid\n"
FLOOR += "import websockets.client, websockets.server\n"
PROGRAM = """
import runpy
sys.argv[1:] = {arguments}
runpy.run_module("examples.firmware_loop", run_name="__main__")  # from bytecode
"""

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory is read from /proc, which Linux has"
)


def measure(script: str) -> dict[str, Any]:
    """Run a script in a fresh interpreter; return its peak memory in KiB, and the modules it imported."""
    command = [sys.executable, "-c", CHILD + script + REPORT]
    # From bytecode, as installed software runs: a compiler would take a MiB.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The firmware, after a charge with its store in a file; the CSMS is that of the benchmark."""
    command = [sys.executable, "-m", "benchmarks.firmware", "csms"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as csms:
        assert csms.stdout
        assert csms.stdin
        url = f"ws://127.0.0.1:{int(csms.stdout.readline())}"
        store = tmp_path_factory.mktemp("firmware") / "store"
        arguments = ["--url", url, "--heartbeats", "1", "--store", str(store)]
        script = PROGRAM.format(arguments=arguments)
        measure(script)  # so that no figure is that of a compiler
        found = [measure(script) for _ in range(2)]
        csms.stdin.close()
    return min(found, key=lambda each: int(each["peak"]))


@needs_proc
def test_the_firmware_imports_no_event_loop(measured: dict[str, Any]) -> None:
    loops = {"asyncio", "trio", "anyio", "concurrent", "curio", "uvloop"}
    assert {"ocpp_sansio", "sqlite3"} <= set(measured["modules"])
    assert not loops & {name.partition(".")[0] for name in measured["modules"]}


@needs_proc
def test_the_firmware_loads_the_messages_of_its_version_only(measured: dict[str, Any]) -> None:
    assert "ocpp_sansio.v16.messages" in measured["modules"]
    assert not [name for name in measured["modules"] if name.startswith("ocpp_sansio.v2")]


@needs_proc
def test_the_firmware_needs_at_most_6_mib_above_an_interpreter_with_websockets(
    measured: dict[str, Any],
) -> None:
    measure(FLOOR)
    above = measured["peak"] - measure(FLOOR)["peak"]
    assert 0 < above <= 6 * 1024


def test_the_firmware_is_shorter_than_it_was_when_it_lost_charges() -> None:
    assert len(Path(firmware_loop.__file__).read_text().splitlines()) < 400


# --- a bench in virtual time --------------------------------------------------------------------------------


class PowerCut(BaseException):
    """The power goes: nothing of the program runs after this."""


class Fuse:
    """Where the power goes: at the nth time that something lasting is about to happen, or has."""

    def __init__(self, blows_at: int | None = None) -> None:
        self.passed = 0
        self.blows_at = blows_at

    def pass_by(self) -> None:
        self.passed += 1
        if self.passed == self.blows_at:
            raise PowerCut


class FusedStore:
    """A store on a medium that outlives a power cut; it `fails` when told to."""

    def __init__(self, store: Store, fuse: Fuse) -> None:
        self.store, self.fuse = store, fuse
        self.fails = False

    def load(self) -> Restored:
        return self.store.load()

    def apply(self, requests: Sequence[StoreRequest]) -> int:
        self.fuse.pass_by()
        if self.fails:
            raise StoreError(StoreProblem.FULL, "no room")
        token = self.store.apply(requests)
        self.fuse.pass_by()
        return token

    def close(self) -> None:
        self.store.close()


class FusedLine(VirtualLine):
    def __init__(self, csms: VirtualCsms, fuse: Fuse) -> None:
        super().__init__(csms)
        self.fuse = fuse

    def wait(self, seconds: float) -> bytes | None:
        self.fuse.pass_by()  # what was written has left
        received = super().wait(seconds)
        self.fuse.pass_by()
        return received


class MomentReached(Exception):  # noqa: N818 - no mishap
    pass


class Bench:
    """A station with its outlets and its store, and the CSMS."""

    def __init__(self, store: Store | None = None, *, blows_at: int | None = None) -> None:
        self.csms = VirtualCsms()
        self.fuse = Fuse(blows_at)
        self.store = FusedStore(store or MemoryStore(), self.fuse)
        self.outlets = {at: Outlet(lambda: self.csms.now) for at in CONNECTORS}
        self.boots = 0
        self.switch_on()

    def switch_on(self) -> None:
        self.boots += 1
        self.line = FusedLine(self.csms, self.fuse)
        self.firmware = Firmware(
            self.store,
            self.line,
            self.outlets,
            Backoff(wait_minimum=10, random_range=0),
            clock=lambda: self.csms.now,
            url="ws://csms.test/ocpp",
            identity="CP001",
        )

    def cut_power(self) -> None:
        for outlet in self.outlets.values():
            outlet.switch(is_on=False)
        self.switch_off()
        self.switch_on()

    def switch_off(self) -> None:
        self.line.close()
        self.line.selector.close()
        self.csms.hang_up()

    def run_until(self, moment: float) -> None:
        """Let the station's loop turn; the end finds it asleep."""

        def reach() -> None:
            raise MomentReached

        self.csms.at(moment, reach)
        with suppress(MomentReached):
            while True:
                try:
                    self.firmware.turn()
                except PowerCut:
                    self.cut_power()

    def call(self, moment: float, action: str, **payload: object) -> None:
        """Have the CSMS call the station."""
        request: Any = getattr(v16, f"{action}Request")
        self.csms.at(moment, lambda: self.csms.call(request(**payload)))

    def answers(self, action: str) -> list[str]:
        return [entry.payload.status for entry in self.csms.entries(f"{action} answered")]

    def statuses(self) -> list[tuple[float, int, str]]:
        told = self.csms.entries("StatusNotification")
        return [(entry.at, entry.payload.connector_id, entry.payload.status) for entry in told]

    def readings(self) -> list[tuple[float, int, int, str]]:
        """When each reading came, of which connector and transaction, and what it says."""
        return [
            (
                entry.at,
                entry.payload.connector_id,
                entry.payload.transaction_id,
                entry.payload.meter_value[0].sampled_value[0].value,
            )
            for entry in self.csms.entries("MeterValues")
        ]

    @property
    def metered(self) -> int:
        return sum(outlet.energy for outlet in self.outlets.values())


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.switch_off()


# --- awake and asleep ---------------------------------------------------------------------------------------


def test_an_idle_firmware_wakes_up_less_than_three_times_a_minute(bench: Bench) -> None:
    """A ping a minute with its pong, a heartbeat every five with its answer."""
    bench.run_until(1)
    before = bench.line.wakeups
    bench.run_until(1 + DAY / 4)
    per_minute = (bench.line.wakeups - before) / (DAY / 240)
    assert 1 < per_minute < 3
    beats = [entry.at for entry in bench.csms.entries("Heartbeat")]
    assert beats == [300.0 * each for each in range(1, 73)]


def test_two_charges_wake_it_for_their_readings_and_for_storing_them_only(bench: Bench) -> None:
    bench.call(5, "RemoteStartTransaction", id_tag="A")
    bench.call(5, "RemoteStartTransaction", id_tag="B")
    bench.run_until(10)
    before = bench.line.wakeups
    bench.run_until(10 + DAY / 4)
    per_reading = (bench.line.wakeups - before - 2.4 * DAY / 240) / (2 * DAY / 4 / 900)
    assert per_reading < 3  # to read, to be answered, and what was delivered is removed


def test_without_anything_to_do_the_firmware_sleeps(bench: Bench) -> None:
    for name in ("HEARTBEATINTERVAL", "websocketpinginterval"):  # any case
        bench.call(1, "ChangeConfiguration", key=name, value="0")
    bench.run_until(2)
    before = bench.line.wakeups
    bench.call(DAY - 3600, "Reset", type=v16.ResetType.SOFT)
    bench.run_until(DAY - 3601)
    assert bench.line.wakeups - before <= 2


def test_r2_the_firmware_dials_ever_less_often_while_the_csms_is_away(bench: Bench) -> None:
    csms = bench.csms
    csms.at(100, csms.go_away)
    bench.run_until(1800)
    assert csms.dials == [0, 110, 130, 170, 250, 410, 730, 1050, 1370, 1690]


# --- boots --------------------------------------------------------------------------------------------------


def test_a_firmware_boots_tells_its_status_and_then_rests(bench: Bench) -> None:
    bench.run_until(HOUR)
    log = [(entry.at, entry.what) for entry in bench.csms.log if entry.at < 300]
    assert log == [(0, "Opened"), (0, "BootNotification"), *([(0, "StatusNotification")] * 3)]
    assert [told[1:] for told in bench.statuses()] == [(at, "Available") for at in (0, 1, 2)]


def test_b25_a_pending_firmware_stays_and_asks_again_when_told(bench: Bench) -> None:
    bench.csms.verdicts = [v16.RegistrationStatus.PENDING, v16.RegistrationStatus.ACCEPTED]
    bench.call(1, "RemoteStartTransaction", id_tag="A")
    bench.call(2, "TriggerMessage", requested_message="StatusNotification", connector_id=2)
    bench.run_until(301)
    assert bench.answers("RemoteStartTransaction") == ["Rejected"]  # B-29
    assert bench.answers("TriggerMessage") == ["Accepted"]
    assert [entry.at for entry in bench.csms.entries("BootNotification")] == [0, 300]
    assert [told[:2] for told in bench.statuses()] == [(2, 2), (300, 0), (300, 1), (300, 2)]


def test_b33_a_rejected_firmware_keeps_silent_until_it_may_ask_again(bench: Bench) -> None:
    bench.csms.verdicts = [
        v16.RegistrationStatus.REJECTED
    ]  # either may hang up, neither has to (B-4)
    bench.call(1, "TriggerMessage", requested_message="Heartbeat")
    bench.run_until(301)
    assert bench.answers("TriggerMessage") == []
    assert [entry.at for entry in bench.csms.entries("BootNotification")] == [0, 300]


@pytest.mark.parametrize(
    ("kind", "reason", "ended_at"),
    [(v16.ResetType.SOFT, v16.Reason.SOFT_RESET, 50), (v16.ResetType.HARD, "HardReset", 60)],
)
def test_a_reset_ends_the_charges_and_boots_from_the_store(
    bench: Bench, kind: v16.ResetType, reason: str, ended_at: float
) -> None:
    csms = bench.csms
    bench.call(10, "RemoteStartTransaction", id_tag="A")
    bench.call(50, "Reset", type=kind)
    bench.run_until(100)
    assert bench.answers("Reset") == ["Accepted"]
    assert [entry.at for entry in csms.entries("BootNotification")] == [0, 60]
    (stop,) = csms.entries("StopTransaction")
    assert (stop.at, stop.payload.reason, stop.payload.meter_stop) == (ended_at, reason, 40)
    assert csms.billed == bench.metered == 40


def test_a_soft_reset_waits_for_an_answer_to_the_end_of_a_charge(bench: Bench) -> None:
    csms = bench.csms
    bench.call(10, "RemoteStartTransaction", id_tag="A")
    bench.call(50, "Reset", type=v16.ResetType.SOFT)
    bench.call(51, "RemoteStartTransaction", id_tag="B")
    csms.at(49, lambda: setattr(csms, "is_silent", True))
    csms.at(130, lambda: setattr(csms, "is_silent", False))
    bench.run_until(400)
    assert bench.answers("RemoteStartTransaction") == ["Accepted", "Rejected"]
    # The status of each connector goes first, unanswered for 30 s, then the end of the charge, and again.
    assert [entry.at for entry in csms.entries("StopTransaction")] == [110, 200]
    assert [entry.at for entry in csms.entries("BootNotification")] == [0, 210]
    assert csms.billed == 40


def test_a_reset_that_would_lose_something_is_rejected(bench: Bench) -> None:
    bench.call(10, "RemoteStartTransaction", id_tag="A")
    bench.csms.at(20, lambda: setattr(bench.store, "fails", True))
    bench.call(30, "RemoteStartTransaction", id_tag="B")
    bench.call(40, "Reset", type=v16.ResetType.HARD)
    bench.csms.at(50, lambda: setattr(bench.store, "fails", False))
    bench.call(100, "Reset", type=v16.ResetType.HARD)
    bench.run_until(200)
    assert bench.answers("Reset") == ["Rejected", "Accepted"]
    assert bench.csms.billed == bench.metered == 90 + 70


# --- charges ------------------------------------------------------------------------------------------------


def test_the_csms_starts_and_stops_charges_at_both_connectors(bench: Bench) -> None:
    bench.call(5, "ChangeConfiguration", key="MeterValueSampleInterval", value="30")
    bench.call(10, "RemoteStartTransaction", id_tag="A", connector_id=2)
    for moment, where in ((20, {"connector_id": 2}), (21, {"connector_id": 3}), (22, {})):
        bench.call(moment, "RemoteStartTransaction", id_tag="B", **where)
    bench.call(23, "RemoteStartTransaction", id_tag="C")
    bench.call(60, "RemoteStopTransaction", transaction_id=100)
    bench.call(61, "RemoteStopTransaction", transaction_id=100)
    bench.call(90, "RemoteStopTransaction", transaction_id=101)
    bench.run_until(200)
    csms = bench.csms
    assert bench.answers("RemoteStartTransaction") == [
        *("Accepted", "Rejected", "Rejected", "Accepted", "Rejected")
    ]
    assert bench.answers("RemoteStopTransaction") == ["Accepted", "Rejected", "Accepted"]
    assert {at: (it.connector_id, it.id_tag) for at, it in csms.starts.items()} == {
        100: (2, "A"),
        101: (1, "B"),
    }
    assert {at: it.meter_stop for at, it in csms.stops.items()} == {100: 50, 101: 68}
    assert bench.readings() == [
        (40, 2, 100, "30"),
        (52, 1, 101, "30"),
        (82, 1, 101, "60"),
    ]
    assert bench.statuses()[3:] == [
        (10, 2, "Charging"),
        (22, 1, "Charging"),
        (60, 2, "Available"),
        (90, 1, "Available"),
    ]
    assert csms.billed == bench.metered


def test_t24_who_may_not_charge_is_switched_off_as_soon_as_that_is_known(bench: Bench) -> None:
    csms = bench.csms
    csms.refuses = v16.AuthorizationStatus.BLOCKED
    bench.call(10, "RemoteStartTransaction", id_tag="A")
    csms.at(9, lambda: setattr(csms, "is_silent", True))
    csms.at(20, csms.go_away)
    csms.at(900, lambda: setattr(csms, "is_silent", False))
    csms.at(900, csms.come_back)
    bench.run_until(1300)
    ((_, stop),) = csms.stops.items()
    _, opened = csms.entries("Opened")
    assert stop.reason is v16.Reason.DE_AUTHORIZED
    assert csms.billed == bench.metered == opened.at - 10


def test_a15_an_answer_to_a_trigger_comes_before_what_it_asks_for(bench: Bench) -> None:
    asked: list[tuple[dict[str, Any], str, list[str]]] = [
        ({"requested_message": "Heartbeat"}, "Accepted", ["Heartbeat"]),
        ({"requested_message": "MeterValues", "connector_id": 2}, "Accepted", ["MeterValues"]),
        ({"requested_message": "StatusNotification"}, "Accepted", ["StatusNotification"] * 3),
        ({"requested_message": "MeterValues", "connector_id": 3}, "Rejected", []),
        ({"requested_message": "BootNotification"}, "Rejected", []),  # B-6, B-28
        ({"requested_message": "FirmwareStatusNotification"}, "NotImplemented", []),
    ]
    for moment, (payload, _, _) in enumerate(asked, start=1):
        bench.call(moment, "TriggerMessage", **payload)
    bench.run_until(len(asked) + 1)
    for moment, (_, status, follows) in enumerate(asked, start=1):
        log = [entry for entry in bench.csms.log if entry.at == moment]
        assert [entry.what for entry in log] == ["TriggerMessage answered", *follows]
        assert log[0].payload.status == status


def test_a_csms_that_triggers_faster_than_it_answers_heaps_up_nothing(bench: Bench) -> None:
    csms = bench.csms
    bench.run_until(1)
    csms.is_silent = True
    for _ in range(100):
        csms.call(v16.TriggerMessageRequest(requested_message=v16.MessageTrigger.METER_VALUES))
    bench.run_until(2)
    assert {*bench.answers("TriggerMessage")} == {"Accepted", "Rejected"}
    assert len(bench.firmware.station.queued_calls) <= 8


def test_a_status_that_did_not_arrive_is_told_with_the_next_link(bench: Bench) -> None:
    csms = bench.csms
    bench.run_until(1)
    csms.is_silent = True
    bench.call(10, "RemoteStartTransaction", id_tag="A")
    csms.at(20, csms.go_away)
    csms.at(21, lambda: setattr(csms, "is_silent", False))
    csms.at(21, csms.come_back)
    bench.run_until(100)
    assert bench.statuses()[3:] == [(10, 1, "Charging"), (30, 1, "Charging")]


# --- configuration ------------------------------------------------------------------------------------------


def test_the_firmware_has_all_keys_that_its_profiles_ask_for(bench: Bench) -> None:
    assert bench.firmware.configuration.missing == ()


def test_a_changed_setting_takes_effect_at_once_and_outlives_a_power_cut(bench: Bench) -> None:
    bench.csms.interval = 0  # the CSMS leaves it to us
    bench.call(50, "ChangeConfiguration", key="HeartbeatInterval", value="20")
    bench.run_until(100)
    assert bench.answers("ChangeConfiguration") == ["Accepted"]
    assert [entry.at for entry in bench.csms.entries("Heartbeat")] == [70, 90]
    bench.cut_power()
    bench.call(120, "GetConfiguration", key=["HeartbeatInterval"])
    bench.run_until(141)
    (shown,) = bench.csms.entries("GetConfiguration answered")
    assert shown.payload.configuration_key[0].value == "20"
    assert [entry.at for entry in bench.csms.entries("Heartbeat")[2:]] == [120, 140]


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("WebSocketPingInterval", "-1", "Rejected"),  # C-10
        ("HeartbeatInterval", "soon", "Rejected"),
        ("HeartbeatInterval", "9" * 400, "Rejected"),
        ("HeartbeatInterval", "", "Rejected"),
        ("MeterValuesSampledData", "Energy.Active.Import.Register.L1", "Rejected"),
        ("MeterValuesSampledData", "Energy.Active.Import.Register,Voltage", "Rejected"),
        ("StopTxnSampledData", "Voltage", "Rejected"),
        ("NumberOfConnectors", "3", "Rejected"),
        ("LightIntensity", "60", "NotSupported"),
    ],
)
def test_a_setting_that_cannot_be_changes_nothing(
    bench: Bench, key: str, value: str, status: str
) -> None:
    bench.run_until(1)
    configuration = bench.firmware.configuration
    before = {name: configuration[name] for name in configuration}
    bench.call(1, "ChangeConfiguration", key=key, value=value)
    bench.run_until(2)
    assert bench.answers("ChangeConfiguration") == [status]
    assert {name: configuration[name] for name in configuration} == before


def test_the_firmware_refuses_what_it_cannot_do(bench: Bench) -> None:
    bench.call(1, "UnlockConnector", connector_id=1)
    bench.call(1, "GetLocalListVersion")
    bench.run_until(2)
    assert bench.answers("UnlockConnector") == ["NotSupported"]
    (refused,) = bench.csms.entries("GetLocalListVersion refused")
    assert refused.payload == "NotSupported"


# --- nothing is lost ----------------------------------------------------------------------------------------


def charge_twice(bench: Bench) -> None:
    bench.call(5, "ChangeConfiguration", key="MeterValueSampleInterval", value="20")
    bench.call(10, "RemoteStartTransaction", id_tag="A", connector_id=1)
    bench.call(30, "RemoteStartTransaction", id_tag="B", connector_id=2)
    bench.call(60, "RemoteStopTransaction", transaction_id=100)
    bench.run_until(200)
    bench.call(200, "Reset", type=v16.ResetType.SOFT)
    bench.run_until(400)


def test_a_power_cut_at_any_moment_of_a_charge_loses_nothing() -> None:
    """Before and after a write to the store, before and after a look at the line: at each third of these."""
    reasons, blows_at = set(), 0
    for blows_at in count(1, 3):
        bench = Bench(blows_at=blows_at)
        charge_twice(bench)
        csms, station = bench.csms, bench.firmware.station
        assert csms.stops.keys() == csms.starts.keys(), blows_at
        assert csms.billed == bench.metered, blows_at
        assert (station.queued_messages(), station.open_transactions) == (0, ()), blows_at
        accepted = bench.answers("RemoteStartTransaction").count("Accepted")
        assert accepted <= len(csms.starts) <= 2, blows_at
        reasons |= {stop.reason for stop in csms.stops.values()}
        bench.switch_off()
        if bench.boots == 1:
            break
    assert blows_at > 100
    assert reasons == {v16.Reason.POWER_LOSS, v16.Reason.REMOTE, v16.Reason.SOFT_RESET}


def test_a_charge_that_the_power_has_interrupted_is_ended_from_the_file(tmp_path: Path) -> None:
    with SqliteStore(tmp_path / "store") as store:
        bench = Bench(store)
        bench.call(10, "RemoteStartTransaction", id_tag="A")
        bench.csms.at(20, bench.csms.go_away)
        bench.run_until(1000)  # one reading is stored and not sent
        bench.switch_off()
    with SqliteStore(tmp_path / "store") as store:
        bench.store.store = store
        bench.cut_power()
        bench.csms.come_back()
        bench.run_until(1100)
        (stop,) = bench.csms.stops.values()
        assert (stop.reason, stop.meter_stop) == (v16.Reason.POWER_LOSS, 990)
        assert bench.readings() == [(1000, 1, 100, "900")]
        assert bench.csms.billed == bench.metered
        bench.switch_off()


def test_a_station_that_is_offline_for_a_day_delivers_all_of_it_in_order(bench: Bench) -> None:
    csms = bench.csms
    bench.call(5, "ChangeConfiguration", key="MeterValueSampleInterval", value="60")
    bench.call(10, "RemoteStartTransaction", id_tag="A")
    csms.at(50, csms.go_away)
    csms.at(50 + DAY, csms.come_back)
    bench.run_until(50 + DAY + HOUR)
    assert len(csms.entries("BootNotification")) == 1  # B-36
    _, opened = csms.entries("Opened")
    assert 50 + DAY < opened.at < 50 + DAY + 400
    readings = bench.readings()
    assert [value for *_, value in readings] == [str(60 * each) for each in range(1, 1501)]
    assert {(at, number) for _, at, number, _ in readings} == {(1, 100)}
    meanwhile = [at for at, *_ in readings if at <= opened.at]
    assert len(meanwhile) > 1440
    assert set(meanwhile) == {opened.at}


def test_t31_when_the_queue_is_full_readings_go_and_never_a_charge(bench: Bench) -> None:
    csms = bench.csms
    bench.firmware.station.configure(StationSettings(max_messages=40), now=0.0)
    bench.call(5, "ChangeConfiguration", key="MeterValueSampleInterval", value="60")
    bench.call(10, "RemoteStartTransaction", id_tag="A")
    csms.at(50, csms.go_away)
    csms.at(50 + DAY, csms.come_back)
    bench.call(51 + DAY + 400, "RemoteStopTransaction", transaction_id=100)
    bench.run_until(50 + 2 * HOUR)
    assert bench.firmware.station.queued_messages() <= 40
    bench.run_until(50 + DAY + HOUR)
    kept = [int(value) for at, _, _, value in bench.readings() if at <= 50 + DAY + 400]
    assert kept == sorted(kept)
    assert 20 < len(kept) < 60
    assert kept[-1] > DAY - 60
    assert csms.billed == bench.metered


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_k1_a_step_of_the_clock_moves_timestamps_and_no_timer(bench: Bench, step: float) -> None:
    csms = bench.csms
    bench.call(5, "ChangeConfiguration", key="MeterValueSampleInterval", value="100")
    bench.call(10, "RemoteStartTransaction", id_tag="A")
    csms.at(250, lambda: setattr(csms, "clock_step", step))
    bench.call(260, "TriggerMessage", requested_message="Heartbeat")  # it learns of it
    bench.call(500, "RemoteStopTransaction", transaction_id=100)
    bench.run_until(900)
    assert [at for at, *_ in bench.readings()] == [110, 210, 310, 410]
    times = [entry.payload.meter_value[0].timestamp for entry in csms.entries("MeterValues")]
    assert [(time - MIDNIGHT).total_seconds() for time in times] == [
        *(110, 210),
        *(310 + step, 410 + step),
    ]
    (stop,) = csms.stops.values()
    assert stop.timestamp == MIDNIGHT + timedelta(seconds=500 + step)
    assert csms.billed == bench.metered == 490
    assert [entry.at for entry in csms.entries("Heartbeat")] == [260, 800]  # K-8: idle since 500


def test_a_store_that_fails_stops_nothing(bench: Bench) -> None:
    bench.csms.at(5, lambda: setattr(bench.store, "fails", True))
    bench.call(10, "RemoteStartTransaction", id_tag="A")
    bench.call(60, "RemoteStopTransaction", transaction_id=100)
    bench.csms.at(200, lambda: setattr(bench.store, "fails", False))
    bench.run_until(300)
    assert bench.csms.billed == bench.metered == 50
    assert bench.store.load().records == ()


# --- the transport ------------------------------------------------------------------------------------------


def test_the_firmware_does_not_read_for_a_csms_that_does_not_read() -> None:
    ours, theirs = socket.socketpair()
    with selectors.DefaultSelector() as selector, ours, theirs:
        ours.setblocking(False)
        transport = Transport(selector)
        transport.adopt(ours)
        theirs.send(b"a question")
        answer = b"x" * 10_000_000
        transport.write([answer])
        assert transport.wait(LIMIT) is None  # there was room for some of it
        assert transport.wait(0) is None  # now there is none
        taken, received = 0, None
        while taken < len(answer):
            taken += len(theirs.recv(1_000_000))
            received = transport.wait(LIMIT)
        assert not transport.unsent
        assert (received or transport.wait(LIMIT)) == b"a question"
        transport.close()
