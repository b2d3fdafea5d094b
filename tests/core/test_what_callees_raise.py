"""Every function of others that a peer's data reaches below a session: what it can raise, who takes care.

And the same corpus under hostile global state: nothing raises, and the verdicts are the same.
"""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from core_pair import V21, assert_serving, opened
from websocket_pair import Pair, csms, station
from websockets.exceptions import InvalidHandshake

from ocpp_sansio import CallReceived, ProtocolViolated, Role, Rule, Validation
from ocpp_sansio.websocket import HandshakeReceived, HandshakeRejected

ROOT = Path(__file__).resolve().parents[2]


# --- the table: callee, what it raises, the input that makes it, where it is caught ---------------------

NOT_JSON, FORMAT, RANGE = Rule.NOT_JSON, Rule.FORMAT, Rule.NUMBER_RANGE


def call(payload: str, action: str = "DataTransfer") -> bytes:
    return f'[2,"1","{action}",{payload}]'.encode("utf-8", "surrogatepass")


NOON = "2024-05-06T12:00:00Z"
READING = f'{{"evseId":1,"meterValue":[{{"timestamp":"{NOON}","sampledValue":[{{"value":@}}]}}]}}'
STAMPED = '{"evseId":1,"meterValue":[{"timestamp":"@","sampledValue":[{"value":1}]}]}'

FRAMES: list[tuple[str, str, bytes, Rule, str]] = [
    # callee, exception, message, the rule that is reported, where the exception is caught
    ("msgspec Decoder", "DecodeError", b"[2,", NOT_JSON, "Reception._take, read_loosely"),
    (
        "msgspec Decoder",
        "UnicodeDecodeError",
        b'["\xff"]',
        NOT_JSON,
        "Reception._take, read_loosely",
    ),
    (
        "msgspec Decoder",
        "RecursionError",
        b"[" * 100_000,
        NOT_JSON,
        "Reception._take, read_loosely",
    ),
    ("msgspec Decoder", "ValidationError", b'[2,7,"Heartbeat",{}]', Rule.UNREADABLE_ID, "_take"),
    (
        "msgspec Decoder, integers",
        "ValidationError",
        call('{"vendorId":"v","data":' + "9" * 5000 + "}"),
        RANGE,
        "read_payload; read_json reads it again",
    ),
    (
        "decimal Context.create_decimal, float_hook",
        "InvalidOperation, Overflow",
        call(READING.replace("@", "1e1000000000000000000"), "MeterValues"),
        RANGE,
        "read_payload; read_number",
    ),
    (
        "decimal Context.create_decimal, float_hook",
        "Subnormal",
        call(READING.replace("@", "1e-400"), "MeterValues"),
        RANGE,
        "read_payload; read_number",
    ),
    (
        "decimal Context.create_decimal, float_hook",
        "Rounded",
        call(READING.replace("@", "0." + "3" * 500), "MeterValues"),
        RANGE,
        "read_payload; read_number",
    ),
    (
        "msgspec convert to datetime",
        "ValidationError",
        call(STAMPED.replace("@", "yesterday"), "MeterValues"),
        FORMAT,
        "read_date_time; Inspection._date_time",
    ),
    (
        "datetime.astimezone",
        "OverflowError",
        call(STAMPED.replace("@", "9999-12-31T23:59:59-01:00"), "MeterValues"),
        FORMAT,
        "checking_reader; is_in_calendar",
    ),
    (
        "the dec_hook",
        "ValueError",
        call('{"customData":{}}', "Heartbeat"),
        Rule.REQUIRED,
        "msgspec makes it a ValidationError; read_payload",
    ),
    (
        "enum look-up",
        "KeyError, never",
        call('{"type":"x"}', "Reset"),
        Rule.WRONG_DIRECTION,
        "get()",
    ),
    (
        "str.encode, an id echoed",
        "UnicodeEncodeError, never",
        b'[2,"\\ud800","Heartbeat",{}]',
        NOT_JSON,
        "msgspec takes no lone surrogate",
    ),
    (
        "int(), the head of a message",
        "ValueError, never",
        b"[" + b"9" * 9 + b",1,x",
        NOT_JSON,
        "_HEAD",
    ),
]


@pytest.mark.parametrize(
    ("message", "rule"),
    [(message, rule) for _, _, message, rule, _ in FRAMES],
    ids=[f"{callee}: {raised}" for callee, raised, *_ in FRAMES],
)
@pytest.mark.parametrize("mode", Validation)
def test_what_a_decoder_raises_is_a_broken_rule(
    message: bytes, rule: Rule, mode: Validation
) -> None:
    connection = opened(V21, Role.CSMS, validation=mode)
    connection.received(message, now=1.0)
    (event,) = connection.events()
    if mode is Validation.STRICT or isinstance(event, ProtocolViolated):
        assert isinstance(event, ProtocolViolated)
        if mode is Validation.STRICT:
            assert event.error.violations[0].rule is rule
    else:
        assert isinstance(event, CallReceived)
        connection.send_call_result(event, {}, now=1.0) if mode is Validation.OFF else None
        assert mode is Validation.OFF or rule in {violation.rule for violation in event.violations}
    connection.frames_to_send()
    if not connection.unanswered_calls:
        assert_serving(connection)


def request(
    path: bytes = b"/o/C", headers: bytes = b"", key: bytes = b"dGhlIHNhbXBsZSBub25jZQ=="
) -> bytes:
    return (
        b"GET %b HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: %b\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ocpp1.6\r\n%b\r\n"
    ) % (path, key, headers)


HANDSHAKES: list[tuple[str, str, bytes]] = [
    # callee, exception, the request
    ("websockets Request.parse", "ValueError", b"GET\r\n\r\n"),
    (
        "websockets Request.parse",
        "SecurityError",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 1000 + b"\r\n",
    ),
    ("websockets Request.parse", "EOFError", b"GET / HTTP/1.1\r\n"),
    ("websockets accept", "InvalidUpgrade", b"GET /o/CP1 HTTP/1.1\r\nHost: h\r\n\r\n"),
    ("websockets accept", "InvalidHeader", request(headers=b"Upgrade: \x00\r\n")),
    ("websockets accept, the key", "binascii.Error", request(key=b"!!!!IHNhbXBsZSBub25jZQ==")),
    (
        "websockets extensions",
        "InvalidParameter",
        request(headers=b"Sec-WebSocket-Extensions: a;;=\r\n"),
    ),
    ("urllib unquote, UTF-8", "UnicodeDecodeError", request(b"/o/%ff%fe")),
    ("urllib unquote", "nothing", request(b"/o/%zz%")),
    ("urllib urlsplit", "ValueError", request(b"//[::1/CP1")),
    ("urllib urlsplit", "ValueError", request(b"http://[/CP1")),
    (
        "base64 b64decode",
        "binascii.Error",
        request(headers=b"Authorization: Basic !\r\n"),
    ),
    (
        "base64 b64decode",
        "ValueError",
        request(headers=b"Authorization: Basic \xff\r\n"),
    ),
    ("str.partition", "nothing", request(headers=b"Authorization: Basic\r\n")),
]


@pytest.mark.parametrize(
    "request_head", [head for *_, head in HANDSHAKES], ids=[f"{a}: {b}" for a, b, _ in HANDSHAKES]
)
def test_what_the_handshake_raises_is_a_refusal_or_a_request(request_head: bytes) -> None:
    for step in (len(request_head), 1):
        link = csms()
        link.start(now=0.0)
        for at in range(0, len(request_head), step):
            link.receive_data(request_head[at : at + step], now=0.0)
        link.receive_eof(now=0.0)
        events = link.events()
        assert events
        assert isinstance(events[0], HandshakeRejected | HandshakeReceived)
        link.data_to_send()


ANSWERS = {
    "websockets Response.parse: ValueError": b"HTTP/1.1\r\n\r\n",
    "websockets Response.parse: UnicodeDecodeError": b"HTTP/1.1 101 \xff\xfe\r\n\r\n",
    "websockets Response.parse: int() of a length": b"HTTP/1.1 200 x\r\nContent-Length: x\r\n\r\n",
    "websockets process_response: " + InvalidHandshake.__name__: b"HTTP/1.1 500 No\r\n\r\n",
    "int(), a length of 5,000 digits": b"HTTP/1.1 200 x\r\nContent-Length: "
    + b"9" * 5000
    + b"\r\n\r\n",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_what_the_answer_to_a_handshake_raises_is_a_refusal(answer: bytes) -> None:
    link = station()
    link.start(now=0.0)
    link.data_to_send()
    link.receive_data(answer, now=0.0)
    link.receive_eof(now=0.0)
    assert isinstance(link.events()[0], HandshakeRejected)


WEBSOCKET_FRAMES = {
    "websockets Frame.parse: ProtocolError, a reserved bit": b"\xf1\x00",
    "websockets Frame.parse: ProtocolError, an opcode": b"\x83\x00",
    "websockets Frame.parse: PayloadTooBig": b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",
    "websockets Close.parse: ProtocolError": b"\x88\x01x",
    "websockets Close.parse: UnicodeDecodeError": b"\x88\x04\x03\xe8\xff\xff",
    "zlib decompressobj: error": b"\xc1\x04\xff\xff\xff\xff",
    "EOFError": b"\x81",
}


@pytest.mark.parametrize("data", WEBSOCKET_FRAMES.values(), ids=WEBSOCKET_FRAMES)
def test_what_the_frames_raise_closes_the_link(data: bytes) -> None:
    pair = Pair.open()
    link: Any = pair.station
    link.receive_data(data, now=pair.now)
    link.receive_eof(now=pair.now)
    assert [type(event).__name__ for event in link.events()] == ["Closed"]


# --- hostile global state ------------------------------------------------------------------------------

PROGRAM = textwrap.dedent(
    """
    import decimal, hashlib, sys, warnings
    {prepare}
    from ocpp_sansio import CallReceived, Config, Connection, Role, Validation, Version
    from ocpp_sansio.testing import HOSTILE, every_bad_frame
    NUMBERS = ["1e1000000000000000000", "-1e-1000000000000000000", "0e1000000000000000000", "1e400",
        "9" * 400, "9" * 641, "9" * 4300, "9" * 4301, "0." + "3" * 401, "0." + "3" * 5000, "0.10", "-0.0"]
    PLACES = [
        '[2,"1","Heartbeat",{{"x":@}}]', '@', '[@,"1","Heartbeat",{{}}]', '[3,@,{{}}]', '[2,"1",@,{{}}]',
        '[2,"1","DataTransfer",{{"vendorId":"v","data":@}}]', '[4,"own","InternalError","",{{"a":@}}]',
        '[2,"1","DataTransfer",{{"vendorId":"v","customData":{{"vendorId":"v","n":[@]}}}}]',
        '[3,"own",{{"status":@}}]', '[2,"1","CancelReservation",{{"reservationId":@}}]',
        '[2,"1","MeterValues",{{"evseId":1,"meterValue":[{{"timestamp":"2024-05-06T12:00:00Z",'
        '"sampledValue":[{{"value":@}}]}}]}}]',
        '[2,"1","DataTransfer",{{"vendorId":"v","data":"9999-12-31T23:59:59-01:00","n":@}}]']
    corpus = [place.replace("@", number).encode() for place in PLACES for number in NUMBERS]
    corpus += HOSTILE.values()
    for version in Version:
        for role in Role:
            corpus += [bad.data for bad in every_bad_frame(version, role)][:60]
    {change}
    verdicts = hashlib.sha256()
    for version in Version:
        for role in Role:
            for mode in Validation:
                connection = Connection(role, config=Config(validation=mode, max_unanswered_calls=1000))
                for data in corpus:
                    connection.connected(version, now=0)
                    connection.send_call("DataTransfer", {{"vendorId": "v"}}, now=0, message_id="own")
                    connection.frames_to_send()
                    connection.received(data, now=1)
                    for event in connection.events():
                        found = getattr(event, "violations", ())
                        if hasattr(event, "error"):
                            found = event.error.violations
                        told = [str(violation) for violation in found]
                        verdicts.update(repr((type(event).__name__, told)).encode())
                    for frame in connection.frames_to_send():
                        verdicts.update(frame.data)
                    connection.disconnected(now=2)
                    connection.events()
    print(verdicts.hexdigest())
    """
)

STATES: dict[str, tuple[list[str], str, str]] = {
    # options of Python, before the import, after the corpus is made
    "as it comes": ([], "", ""),
    "asserts off": (["-O"], "", ""),
    "no docstrings": (["-OO"], "", ""),
    "warnings are errors": (["-W", "error", "-b", "-X", "dev"], "", ""),
    "integers of 640 digits": ([], "sys.set_int_max_str_digits(640)", ""),
    "integers of any length": ([], "sys.set_int_max_str_digits(0)", ""),
    "the extended decimal context": ([], "", "decimal.setcontext(decimal.ExtendedContext.copy())"),
    "a decimal context that traps all": (
        [],
        "decimal.DefaultContext.traps = dict.fromkeys(decimal.DefaultContext.flags, True)",
        "decimal.setcontext(decimal.Context(1, Emin=0, Emax=0, traps=[*decimal.DefaultContext.flags]))",
    ),
    "a decimal context of one digit that traps nothing": (
        [],
        "",
        "decimal.setcontext(decimal.Context(prec=1, Emin=-1, Emax=1, capitals=0, clamp=1, traps=[]))",
    ),
    "a low recursion limit": ([], "", "sys.setrecursionlimit(60)"),
}


def verdicts(state: str) -> str:
    options, prepare, change = STATES[state]
    done = subprocess.run(
        [sys.executable, *options, "-c", PROGRAM.format(prepare=prepare, change=change)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def usual() -> str:
    return verdicts("as it comes")


@pytest.mark.parametrize("state", [state for state in STATES if state != "as it comes"])
def test_no_global_state_makes_anything_raise_or_changes_a_verdict(state: str, usual: str) -> None:
    assert verdicts(state) == usual
