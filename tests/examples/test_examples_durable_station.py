"""The station example charges, obeys and loses nothing, on both versions, over a power cut and offline."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import example_programs
import pytest

from ocpp_sansio import Version
from ocpp_sansio.asyncio import serve
from ocpp_sansio.repetition import idempotency_key

NOW = "2026-11-26T12:00:00Z"
NOWHERE = "ws://127.0.0.1:9"
in_both_versions = pytest.mark.parametrize(
    "version", [Version.OCPP16, Version.OCPP201], ids=lambda version: version.value
)


class Csms:
    """Accepts everything, and writes down what came."""

    def __init__(self, version: Version, store: Path) -> None:
        self.version = version
        self.store = store
        self.log: list[tuple[str, Any]] = []
        self.keys = set[Any]()
        self.news = asyncio.Event()
        self.port = 0
        self.sessions: Any = {}

    def take(self, request: Any, call: Any) -> Any:
        key = idempotency_key(request)
        if key is None or key not in self.keys:  # a power cut may have it repeated (T-40)
            self.log.append((call.action, call.raw))
        self.keys.add(key)
        self.news.set()
        return {
            "BootNotification": {"status": "Accepted", "interval": 300, "currentTime": NOW},
            "StartTransaction": {
                "transactionId": 6 + len(self.bodies("StartTransaction")),
                "idTagInfo": {"status": "Accepted"},
            },
        }.get(call.action, {})

    async def until(self, is_so: Callable[[], Any]) -> None:
        while not is_so():
            self.news.clear()
            await self.news.wait()

    def bodies(self, *actions: str) -> list[Any]:
        return [body for action, body in self.log if action in actions]

    def charges(self) -> list[str]:
        """What happened to transactions, without what happens in their midst."""
        kinds = [body.get("eventType", action) for action, body in self.log]
        return [
            kind
            for kind in kinds
            if kind in {"StartTransaction", "StopTransaction", "Started", "Ended"}
        ]

    @property
    def session(self) -> Any:
        return next(iter(self.sessions.values()))

    @contextmanager
    def start(self, *arguments: str, url: str | None = None) -> Iterator[subprocess.Popen[str]]:
        url = url or f"ws://127.0.0.1:{self.port}"
        options = ("--url", url, "--store", str(self.store), *arguments)
        with example_programs.start("station.py", *options) as process:
            try:
                yield process
            finally:
                process.kill()  # else a test that fails would wait for it


@asynccontextmanager
async def serving(version: Version, store: Path) -> AsyncIterator[Csms]:
    csms = Csms(version, store)
    handlers = {"*": csms.take}
    async with serve(None, "127.0.0.1", 0, versions=[version], handlers=handlers) as server:
        csms.port, csms.sessions = server.port, server.sessions
        yield csms


async def output_of(process: subprocess.Popen[str]) -> str:
    """Return all that it prints, and see it end in good order."""
    output, _ = await asyncio.to_thread(process.communicate, timeout=example_programs.LIMIT)
    assert process.returncode == 0, output
    return output


def run(
    scenario: Callable[[Csms], Coroutine[Any, Any, None]], version: Version, path: Path
) -> None:
    async def main() -> None:
        async with asyncio.timeout(example_programs.LIMIT), serving(version, path) as csms:
            await scenario(csms)

    asyncio.run(main())


@in_both_versions
def test_it_charges_and_does_what_the_csms_asks(version: Version, tmp_path: Path) -> None:
    async def scenario(csms: Csms) -> None:
        with csms.start("--seconds", "0.2", "--stay") as process:
            await csms.until(lambda: csms.bodies("SecurityEventNotification"))
            await csms.until(lambda: len(csms.charges()) == 2)
            session = csms.session
            triggered = {"requestedMessage": "MeterValues"}
            assert (await session.call("TriggerMessage", triggered))["status"] == "Accepted"
            await csms.until(lambda: len(csms.bodies("MeterValues")) == 2)
            if version is Version.OCPP16:
                await configure(session)
                await session.call("RemoteStartTransaction", {"idTag": "FAR", "connectorId": 2})
            else:
                token = {"idToken": "FAR", "type": "Central"}
                wanted = {"idToken": token, "remoteStartId": 5, "evseId": 2}
                await session.call("RequestStartTransaction", wanted)
            await csms.until(lambda: len(csms.charges()) == 3)
            if version is Version.OCPP16:
                await session.call("RemoteStopTransaction", {"transactionId": 8})
            else:
                (*_, started) = csms.bodies("TransactionEvent")
                key = started["transactionInfo"]["transactionId"]
                await session.call("RequestStopTransaction", {"transactionId": key})
            await csms.until(lambda: len(csms.charges()) == 4)
            process.send_signal(signal.SIGINT)
            output = await output_of(process)
        assert "boot: Accepted" in output
        assert "charging at 2" in output
        assert "ended: Remote" in output
        assert ("configured: MeterValueSampleInterval 7" in output) is (version is Version.OCPP16)
        *_, end = csms.bodies("StopTransaction", "TransactionEvent")
        assert (end.get("reason") or end["triggerReason"]) in {"Remote", "RemoteStop"}

    run(scenario, version, tmp_path / "outbox.db")


async def configure(session: Any) -> None:
    key = "MeterValueSampleInterval"
    assert (await session.call("ChangeConfiguration", {"key": key, "value": "7"})) == {
        "status": "Accepted"
    }
    answer = await session.call("GetConfiguration", {"key": [key]})
    assert answer["configurationKey"][0]["value"] == "7"


@in_both_versions
def test_a_charge_that_the_power_cut_is_ended_at_the_next_start(
    version: Version, tmp_path: Path
) -> None:
    async def scenario(csms: Csms) -> None:
        with csms.start("--seconds", "60") as process:
            await csms.until(csms.charges)
            process.kill()
            await asyncio.to_thread(process.communicate)
        with csms.start("--seconds", "0") as process:
            output = await output_of(process)
        assert "ended: PowerLoss" in output
        assert "all is delivered" in output
        kinds = csms.charges()
        assert kinds in (["StartTransaction", "StopTransaction"], ["Started", "Ended"])
        if version is Version.OCPP16:
            assert csms.bodies("StopTransaction")[0]["transactionId"] == 7

    run(scenario, version, tmp_path / "outbox.db")


def test_a_charge_while_nobody_is_there_is_told_after_the_next_start(tmp_path: Path) -> None:
    async def scenario(csms: Csms) -> None:
        with csms.start("--seconds", "0.1", url=NOWHERE) as process:
            assert process.stdout
            lines = [await asyncio.to_thread(process.stdout.readline)]
            while "ended" not in lines[-1]:
                lines.append(await asyncio.to_thread(process.stdout.readline))
            process.kill()
            await asyncio.to_thread(process.communicate)
        assert csms.log == []
        with csms.start("--seconds", "0") as process:
            await output_of(process)
        assert csms.charges() == ["StartTransaction", "StopTransaction"]
        start, stop = csms.bodies("StartTransaction", "StopTransaction")
        assert stop["meterStop"] > start["meterStart"]

    run(scenario, Version.OCPP16, tmp_path / "outbox.db")
