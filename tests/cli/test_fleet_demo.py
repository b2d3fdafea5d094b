"""`python -m ocpp_sansio fleet demo`, with a real server and real processes."""

import os
import re

import pytest

from ocpp_sansio.__main__ import main
from ocpp_sansio.testing import BrokerMissing, find_nats_server


def test_the_demo_shows_a_station_that_is_taken_over(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        find_nats_server()
        pytest.importorskip("nats")
    except BrokerMissing as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
    assert main(["fleet", "demo"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    told = [re.sub(r"^ *[\d.]+ +", "", line) for line in printed.out.splitlines()]
    told = [re.sub(r"\d+ ms|port \d+", "SOME", line) for line in told]
    # Whether the broker has noticed it yet.
    told = [
        re.sub(r"^(NotConnected|ConnectionLost): [\w ,]+,", "no answer,", line) for line in told
    ]
    assert told[0].split() == ["seconds", "who", "what"]
    assert told[1:] == [
        "here    a NATS server on SOME, the gateways G1 and G2, and a caller: this program",
        "CP001   connects to G1, by WebSocket",
        "caller  calls CP001, wherever it is: Reset",
        "CP001 answers Accepted, after SOME",
        "G1      is killed, as by kill -9",
        "caller  calls CP001 again",
        "no answer, after SOME",
        "caller  calls CP001 again, and would wait 10 s for it to come back",
        "CP001 answers Accepted, after SOME",
        "CP001   has found G1 gone and gone to G2",
        "caller  finds CP001 at G2",
    ]


def test_without_a_server_the_demo_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    assert main(["fleet", "demo"]) == 2
    said = capsys.readouterr().err
    assert "apt-get install nats-server" in said
    assert "MemoryBus" in said
    assert main(["fleet", "gateway"]) == 2
    assert "--broker" in capsys.readouterr().err
