"""The programs of `examples/fleet` by each recipe, with a real broker: called, killed, interrupted."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from bus_worlds import nats_server
from example_programs import read_until

from ocpp_sansio.testing import BrokerMissing, find_nats_server

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/fleet"
PATIENCE = 60.0


class Program:
    """A process that says what it does, line by line."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.said: list[str] = []
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout
        self._output = self.process.stdout

    def await_line(self, pattern: str) -> re.Match[str]:
        """Read on until a line matches."""
        return read_until(self._output, pattern, self.said)

    def await_end(self) -> int:
        """Read to the end; return the exit code."""
        self.said += self._output
        return self.process.wait()

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._output.close()


@pytest.fixture
def programs() -> Iterator[Any]:
    """Start programs; each is killed in the end, and when it takes too long."""
    started: list[Program] = []

    def start(command: list[str], **environment: str) -> Program:
        started.append(Program(command, environment))
        return started[-1]

    def give_up(*_: object) -> None:
        raise TimeoutError("it takes too long")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield start
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        for each in started:
            each.kill()


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def api_at(port: int) -> Iterator[httpx.Client]:
    # It listens a moment after it has said that it is connected.
    transport = httpx.HTTPTransport(retries=6)
    url = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=url, transport=transport, timeout=30) as client:
        yield client


def reset(api: httpx.Client, identity: str) -> tuple[int, Any]:
    answer = api.post(f"/stations/{identity}/Reset?wait=20", json={"type": "Soft"})
    return answer.status_code, answer.json()


def test_the_recipe_for_one_machine_survives_a_gateway_and_leaves_nothing_behind(
    programs: Any,
) -> None:
    try:
        server = find_nats_server()
    except BrokerMissing as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
    nats, first, second, api_port = map(str, free_ports(4))
    fleet = programs(
        [str(EXAMPLE / "run.sh")],
        PYTHON=sys.executable,
        NATS_SERVER=server,
        NATS_PORT=nats,
        PORT_1=first,
        PORT_2=second,
        API_PORT=api_port,
        STATIONS="2",
    )
    pid = int(fleet.await_line(r"kill -9 (\d+) +# gateway G1")[1])
    folder = Path(fleet.await_line(r"Bills are in (\S+)/billing\.sqlite")[1])
    fleet.await_line("stations: 2")
    with api_at(int(api_port)) as api:
        for identity in ("CP001", "CP002"):
            assert reset(api, identity) == (200, {"status": "Accepted"})
        assert [api.get(f"/stations/CP00{n}").json()["gateway"] for n in (1, 2)] == ["G1", "G2"]
        os.kill(pid, signal.SIGKILL)
        while (answer := reset(api, "CP001")) != (200, {"status": "Accepted"}):
            assert answer[0] == 503  # it was asked before the broker had noticed: nobody knows
            assert answer[1]["was_sent"]
        assert api.get("/stations/CP001").json()["gateway"] == "G2"
    fleet.await_line("billing: 'CP00")
    with sqlite3.connect(folder / "billing.sqlite") as database:
        assert set(database.execute("SELECT wh, cents FROM bills")) == {(7500, 300)}
    database.close()
    os.killpg(fleet.process.pid, signal.SIGINT)  # as Ctrl-C does
    assert fleet.await_end() == 0
    assert "Traceback" not in "".join(fleet.said), fleet.said
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.killpg(fleet.process.pid, 0)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(nats)))


def test_the_recipe_for_one_machine_says_how_to_get_a_broker(programs: Any) -> None:
    fleet = programs([str(EXAMPLE / "run.sh")], NATS_SERVER="no-such-nats-server")
    assert fleet.await_end() == 2
    assert "apt-get install nats-server" in fleet.said[0]


def test_the_containers_programs_work_with_the_rights_of_their_roles(  # noqa: PLR0915 - it is one story
    programs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shutil.which("openssl") and os.environ.get("CI") != "true":
        pytest.skip("there is no openssl to make certificates with")
    compose = yaml.safe_load((EXAMPLE / "compose.yaml").read_text())
    services = compose["services"]
    subprocess.run([EXAMPLE / "certificates.sh", tmp_path, "localhost"], check=True)

    config = (ROOT / "docs/how-to/nats-server.conf").read_text()
    assert services["nats"]["volumes"][0].startswith("../../docs/how-to/nats-server.conf:")
    for place in ("/etc/nats", "/var/lib/nats"):
        assert any(each.split(":")[1] == place for each in services["nats"]["volumes"])
        config = config.replace(place, str(tmp_path))
    for name in services["nats"]["environment"]:
        monkeypatch.setenv(
            name, f"the-{name}"
        )  # a password alone has no dollar sign to go wrong by
    alive = tmp_path / "alive"
    monitor, *ports = free_ports(4)
    api_port = ports[2]
    config += f'\nhttp: "127.0.0.1:{monitor}"\n'
    swaps: dict[str, str] = {
        "python": sys.executable,
        "0.0.0.0": "127.0.0.1",
        "/tmp/alive": str(alive),
        "/data/billing.sqlite": str(tmp_path / "billing.sqlite"),
        "8000": str(api_port),
    }

    def start(name: str, server_port: int, port: int = 0) -> Program:
        service = services[name]
        words = {**swaps, "9000": str(port)}
        environment = {
            key: os.environ[key] if "PASSWORD" in key else value
            for key, value in service["environment"].items()
        }
        assert environment["NATS_URL"] == "tls://nats:4222"
        assert environment["NATS_CA"] == "/authority/ca.pem"
        environment |= {"NATS_URL": f"tls://localhost:{server_port}"}
        environment |= {"NATS_CA": str(tmp_path / "ca.pem")}
        for each in services["nats"]["environment"]:
            environment.setdefault(each, "")  # nobody has the password of another
        command = [words.get(word, word) for word in service["command"]]
        program: Program = programs(command, **environment)
        return program

    def is_healthy(name: str, port: int = 0) -> bool:
        kind, *words = services[name]["healthcheck"]["test"]
        if kind == "CMD-SHELL":
            text = words[0].replace("$$", "$").replace("/tmp/alive", str(alive))
            return subprocess.run(["sh", "-c", text], check=False).returncode == 0
        *command, program = (str(swaps.get(word, word)) for word in words)
        program = program.replace(":9000", f":{port}").replace(":8000", f":{api_port}")
        done = subprocess.run([*command, program], check=False, stderr=subprocess.DEVNULL)
        return done.returncode == 0

    with nats_server(config, jetstream=False) as server:
        health = services["nats"]["healthcheck"]["test"][-1].replace(":8222", f":{monitor}")
        assert httpx.get(health, trust_env=False).status_code == 200
        assert not is_healthy("billing")
        gateways = [start(f"gateway-{n}", server.port, ports[n - 1]) for n in (1, 2)]
        billing, api = start("billing", server.port), start("api", server.port)
        for gateway in gateways:
            gateway.await_line("stations at ws")
        billing.await_line("billing: into")
        api.await_line("calls are taken")
        urls = [f"ws://127.0.0.1:{port}" for port in ports[:2]]
        stations = programs(
            [sys.executable, "-m", "examples.fleet.stations", "--pause", "0.1", *urls]
        )
        stations.await_line("stations: 3")
        billing.await_line("3 bills in all")
        with api_at(api_port) as client:
            assert reset(client, "CP001") == (200, {"status": "Accepted"})
            assert len(client.get("/stations").json()["stations"]) == 3
        assert is_healthy("gateway-1", ports[0])
        assert is_healthy("gateway-2", ports[1])
        assert is_healthy("api")
        assert is_healthy("billing")
        ending = [stations, *gateways, billing, api]
        for program in ending:
            program.process.send_signal(signal.SIGTERM)  # as `docker compose down` does
        for program in ending:
            code = program.await_end()
            assert "Traceback" not in "".join(program.said), program.said
            assert code in {0, -signal.SIGTERM}  # uvicorn hands the signal on when it has shut down
        assert "denied" not in server.log.lower()
        assert "violation" not in server.log.lower()
