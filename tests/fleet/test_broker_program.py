"""Which nats-server the tests take, and what is said where there is none."""

import sys
from pathlib import Path

import pytest

from ocpp_sansio.testing import BrokerMissing, find_nats_server


def test_the_environment_may_name_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NATS_SERVER", sys.executable)
    assert find_nats_server() == sys.executable


def test_a_name_that_is_no_program_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NATS_SERVER", str(tmp_path / "nowhere"))
    with pytest.raises(BrokerMissing, match=r"NATS_SERVER=.*nowhere.* is no program"):
        find_nats_server()


def test_without_one_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NATS_SERVER", raising=False)
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(BrokerMissing, match="apt-get install nats-server"):
        find_nats_server()
