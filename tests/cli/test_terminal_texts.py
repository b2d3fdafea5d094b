"""What a peer says gets to a terminal cut and escaped, whichever subcommand shows it."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from log_lines import FORGED, NASTY
from test_fuzz_command import csms, keep_the_rules

from ocpp_sansio import Connection, Version
from ocpp_sansio.__main__ import main

LONGEST = 600
"""Characters in a line: a message of our own has 400."""

nasty = pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)


def assert_harmless(output: str) -> None:
    lines = output.split("\n")
    assert [line for line in lines if not line.isprintable()] == []
    assert [line for line in lines if line.lstrip().startswith(FORGED)] == []
    assert [line for line in lines if len(line) > LONGEST] == []


def log_with(text: str) -> bytes:
    raw = re.sub("[\n\r\x85\u2028\x0b\x0c]", "?", text).encode()
    frames = [
        *([number, text, text, text, {text: text}] for number in range(1, 8)),
        [2, text, "Heartbeat", {}],
        [2, text + text, "Heartbeat", {text: text}],
        [3, text, {text: text}],
        [4, text, text, text, {text: text}],
        {"what": "received", "data": json.dumps([2, text, text, {}]), "time": text},
        {"frame": [2, text, text, {}], "direction": text, "version": text, "time": text},
    ]
    lines = [
        json.dumps(frame, ensure_ascii=escaped).encode()
        for escaped in (True, False)
        for frame in frames
    ]
    return b"\n".join([raw, *lines])


@nasty
@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_check_shows_no_log_as_it_came(
    text: str,
    version: str,
    options: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    log = tmp_path / "log"
    log.write_bytes(log_with(text))
    assert main(["check", str(log), "--ocpp", version, *options]) == 1
    output = capsys.readouterr()
    assert output.out
    assert_harmless(output.out)
    assert_harmless(output.err)


@nasty
@pytest.mark.parametrize("way", ["call", "result", "error", "close"])
def test_fuzz_shows_no_answer_as_it_came(
    text: str, way: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def react(connection: Connection, peer: Any, data: bytes) -> None:
        connection.received(data, now=0)
        message_id = json.loads(data)[1] if b"[2," in data[:3] else "1"
        match way:
            case "call":
                peer.send(json.dumps([2, text, text, {text: text}]))
            case "result":
                peer.send(json.dumps([3, message_id, {text: text}]))
                peer.send(json.dumps([3, text, {text: text}]))
            case "error":
                peer.send(json.dumps([4, message_id, text, text, {text: text}]))
            case _:
                peer.close(1008, text.encode()[:120].decode(errors="ignore"))

    example = tmp_path / "example"
    example.write_text('[2,"1","Heartbeat",{}]\n')
    common = ["--timeout", "0.2", "--rate", "2000"]
    with csms(Version.OCPP16, react) as url:
        main(["fuzz", url, "--count", "4", "--seconds", "1", *common])
        main(["fuzz", url, "--replay", str(example), *common])
    output = capsys.readouterr()
    assert output.out + output.err
    assert_harmless(output.out)
    assert_harmless(output.err)


def test_fuzz_shows_all_there_is_to_know_of_an_honest_peer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with csms(Version.OCPP16, keep_the_rules) as url:
        assert main(["fuzz", url, "--count", "4", "--timeout", "1", "--rate", "2000"]) == 0
    assert "Nothing came back" in capsys.readouterr().out


@contextmanager
def refusing(answer: bytes) -> Iterator[int]:
    """Answer one connection with bytes; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


@nasty
def test_fuzz_shows_no_refusal_as_it_came(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    raw = text[:4000].encode()
    for answer in (
        b"HTTP/1.1 " + raw + b"\r\n\r\n",
        b"HTTP/1.1 401 " + raw + b"\r\n\r\n",
        b"HTTP/1.1 101 OK\r\nUpgrade: " + raw + b"\r\nConnection: " + raw + b"\r\n\r\n",
    ):
        with refusing(answer) as port:
            assert main(["fuzz", f"ws://127.0.0.1:{port}/ocpp/CP1", "--timeout", "2"]) == 2
    output = capsys.readouterr()
    assert output.err.count("the handshake failed") >= 2
    assert_harmless(output.err)
