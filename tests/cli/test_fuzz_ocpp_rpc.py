"""The `fuzz` command against the npm package `ocpp-rpc`, strict mode on: it finds its faults by itself."""

from contextlib import suppress
from threading import Thread
from typing import Any

import pytest
from test_fuzz_peers import findings, fuzz
from test_interop_ocpp_rpc import (
    TABLES,
    _installed,  # noqa: F401 - a fixture: it skips all this where there is no Node.js
    answers,
    peer,
)

from ocpp_sansio import Version


def test_it_finds_the_known_faults_of_ocpp_rpc(capsys: pytest.CaptureFixture[str]) -> None:
    wish: dict[str, Any] = {
        "protocols": ["ocpp1.6"],
        "password": b"secret".hex(),
        "answers": answers(TABLES[Version.OCPP16][0]),
    }

    with peer(**wish) as csms:
        url = f"ws://127.0.0.1:{csms.hear('listening')}/CP001"

        def listen() -> None:
            with suppress(AssertionError, ValueError):  # to the end: its full pipe would block it
                csms.hear("nothing that it ever says")

        listener = Thread(target=listen)
        listener.start()
        # A report shows four of each kind: with this seed, both codes that 1.6 does not have are among them.
        assert fuzz(url, "--password", "secret", "--seed", "1") == 1
    listener.join()

    report = capsys.readouterr().out
    found = findings(report)
    spelled = found["sent what is not allowed: error_code"]
    assert ',"OccurrenceConstraintViolation",' in spelled  # E-3: 1.6 has it with one r
    assert ',"RpcFrameworkError",' in spelled  # E-1: not a code of 1.6
    assert '< [4,"-1",' in found["sent what is not allowed: stray_response"]  # I-5: not in 1.6
    accepted = found["accepted a broken call (E-11)"]
    for what in ("an id of 37 characters", "a call with a fifth element", "2.0 for a message type"):
        assert f"- {what}: accepted" in accepted
    assert "sent what is not allowed: description_length" in found  # E-5
    assert "closed the connection" not in found
    assert not [kind for kind in found if kind.startswith("refused a valid call")]
