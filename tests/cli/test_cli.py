"""The command line: `python -m ocpp_sansio`."""

import subprocess
import sys
from argparse import ArgumentParser, Namespace

import pytest

from ocpp_sansio import __main__, __version__
from ocpp_sansio.__main__ import main


def exit_code(arguments: list[str]) -> object:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    return exited.value.code


@pytest.mark.parametrize("arguments", [["--version"], ["demo", "--version"]])
def test_version_is_that_of_the_package(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(arguments) == 0
    assert capsys.readouterr().out == f"ocpp_sansio {__version__}\n"


def test_help_lists_each_subcommand_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("usage: python -m ocpp_sansio [-h] [--version] COMMAND ...\n")
    for name, command in __main__.COMMANDS.items():
        first_line = (command.__doc__ or "").splitlines()[0]
        assert f"{name} {first_line}" in " ".join(shown.split())


@pytest.mark.parametrize("name", __main__.COMMANDS)
def test_every_subcommand_has_its_own_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: python -m ocpp_sansio {name} ")
    assert (__main__.COMMANDS[name].__doc__ or "").strip() in shown


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["demo", "--no-such-option"]])
def test_misuse_exits_with_2_and_tells_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(arguments) == 2
    assert "usage: python -m ocpp_sansio" in capsys.readouterr().err


class Interrupted:
    """Does what a subcommand does at Ctrl-C."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        pass

    def run(self, _: Namespace) -> int:
        raise KeyboardInterrupt


def test_ctrl_c_exits_with_130_and_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "COMMANDS", {"wait": Interrupted()})
    assert main(["wait"]) == 130
    assert capsys.readouterr().err == ""


def test_a_reader_that_has_seen_enough_causes_no_traceback() -> None:
    command = [sys.executable, "-m", "ocpp_sansio", "demo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        demo.stdout.close()
        assert demo.stderr.read() == b""
        assert demo.wait(timeout=30) == 1
