"""`Scribe` writes and reads as a `Connection` does, whatever is answered."""

import json
import re
from typing import Any

import pytest

from ocpp_sansio import (
    CallErrorReceived,
    CallResultReceived,
    CallResultRejected,
    Config,
    Connection,
    LocalProtocolError,
    Role,
    Validation,
    Version,
    v16,
    v21,
)
from ocpp_sansio.core import Scribe

RESETS: dict[Version, Any] = {
    Version.OCPP16: v16.ResetRequest(type=v16.ResetType.HARD),
    Version.OCPP21: v21.ResetRequest(type=v21.ResetEnumType.IMMEDIATE),
}
CONFIGS = {
    "strict": Config(),
    "lenient": Config(validation=Validation.LENIENT),
    "off": Config(validation=Validation.OFF),
    "small": Config(max_message_size=80),
    "extra": Config(allow_extra_elements=True),
    "mending": Config(mend=lambda data: data.replace(b"'", b'"')),
    "failing to mend": Config(mend=lambda _: b"".join([None])),  # type: ignore[list-item]
    "vendor": Config(vendor_actions={"*"}),
}
ANSWERS: list[Any] = [
    [3, "ID", {"status": "Accepted"}],
    [3, "ID", {"status": "Accepted", "x": 1}],
    [3, "ID", {"status": "Perhaps"}],
    [3, "ID", {}],
    [3, "ID", None],
    [3, "ID", {"status": "Accepted", "long": "x" * 100}],
    [3, "ID", {"status": "Accepted"}, "more"],
    [3, "ID"],
    [3, "other", {"status": "Accepted"}],
    [4, "ID", "GenericError", "no", {}],
    [4, "ID", "NoSuchCode", "no", {"a": 1}],
    [4, "ID", "GenericError"],
    [4, "other", "GenericError", "", {}],
    [4, "-1", "GenericError", "", {}],
    [5, "ID", "GenericError", "", {}],
    [2, "ID", "Heartbeat", {}],
    [6, "ID", "Heartbeat", {}],
    [9, "ID", {}],
    b"[3,'ID',{'status':'Accepted'}]",
    b'[3,"ID",{"status":"Acc\xffepted"}]',
    b'[3,"ID",{"status":"Accepted"}',
    b"no JSON",
    b"",
]
CALLS: list[tuple[Any, Any]] = [
    ("Reset", {"type": "Hard"}),
    ("Reset", {"type": "Immediate"}),
    ("ClearCache", None),
    ("Vendor", {"n": 1}),
]


def ends(event: object) -> bool:
    return isinstance(event, CallResultReceived | CallErrorReceived | CallResultRejected)


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("version", RESETS)
def test_it_is_written_and_read_as_by_a_connection(version: Version, name: str) -> None:
    config = CONFIGS[name]
    scribe = Scribe(Role.CSMS, config)
    seen = set()
    for request, payload in [(RESETS[version], None), *CALLS]:
        for answer in ANSWERS:
            conn = Connection(Role.CSMS, config=config)
            conn.connected(version, now=0.0)
            try:
                expected = conn.send_call(request, payload, now=0.0, message_id="ID")
            except LocalProtocolError as error:
                with pytest.raises(LocalProtocolError, match=f"^{re.escape(str(error))}$"):
                    scribe.write(version, request, payload, message_id="ID")
                continue
            written = scribe.write(version, request, payload, message_id="ID")
            (frame,) = conn.frames_to_send()
            assert (repr(written.call), written.data) == (repr(expected), frame.data)
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            conn.received(data, now=0.0)
            wanted = next(filter(ends, conn.events()), None)
            read = scribe.read(written, data)
            assert repr(read) == repr(wanted)
            assert read is None or read.call is written.call
            seen.add(type(read))
    assert len(seen) == 4 or name == "off"


@pytest.mark.parametrize("message_id", ["", "-1", "x" * 37, "a\nb"])
def test_an_id_that_may_not_be_sent_is_refused(message_id: str) -> None:
    with pytest.raises(LocalProtocolError, match="id"):
        Scribe(Role.CSMS, Config()).write(Version.OCPP16, "ClearCache", {}, message_id=message_id)


def test_what_only_the_other_side_sends_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match="not for a csms to send"):
        Scribe(Role.CSMS, Config()).write(Version.OCPP16, "Heartbeat", {}, message_id="ID")
