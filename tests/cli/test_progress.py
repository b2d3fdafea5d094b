"""Whatever reads a long file says on the terminal how far it is, and cleans up after itself."""

import io
import sys
from pathlib import Path

import pytest

from ocpp_sansio import Config, Role
from ocpp_sansio.__main__ import main
from ocpp_sansio.cli import logs
from ocpp_sansio.recording import Recordings


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("command", ["check", "show", "replay"])
def test_a_long_run_says_how_far_it_is(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = Recordings(tmp_path).taped("CP_1")(Role.CSMS, config=Config())
    connection.connected("ocpp1.6", now=0.0)
    connection.received('[2,"1","StatusNotification",{}]', now=1.0)
    connection.events()
    connection.frames_to_send()
    connection.disconnected(now=2.0)
    connection.events()
    connection.frames_to_send()
    monkeypatch.setattr(logs, "_PROGRESS_AFTER", -1.0)
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.chdir(tmp_path)

    main([command, "CP_1.jsonl"])

    assert "CP_1.jsonl: 0 MiB (" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_the_search_for_the_smallest_part_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [f'CP_1: receive message [2,"{n}","Heartbeat",{{}}]\n' for n in range(8)]
    (tmp_path / "log").write_text("".join([*said, *said[:1]]))
    monkeypatch.setattr(logs, "_PROGRESS_AFTER", -1.0)
    monkeypatch.setattr(logs, "_PROGRESS_EVERY", 0.0)
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.chdir(tmp_path)

    assert main(["replay", "log", "--rule", "duplicate_id", "--emit-test", "test_x.py"]) == 0

    assert "\r\x1b[Kthe smallest part: messages: 2, tries: " in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
