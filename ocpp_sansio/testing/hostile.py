"""Frames that break exactly one rule, with what must come back; and messages meant to hurt.

Like `breakages`, without chance: every bad frame of a version, every hostile message, always the same.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

import attrs

from ocpp_sansio.core import (
    DEFAULT_ERROR_CODES,
    MESSAGE_ID_MAX_LENGTH,
    Action,
    ErrorCode,
    Kind,
    Role,
    Rule,
    Unconfirmed,
    UnknownTypeReply,
    Version,
    catalog,
    to_object,
)
from ocpp_sansio.testing.breakages import every_near_miss
from ocpp_sansio.testing.shapes import minimal, write_json

__all__ = ["BAD_ID", "HOSTILE", "BadFrame", "actions_to", "easiest_action", "every_bad_frame"]

BAD_ID: Final = "bad-1"
"""The message id of bad frames that have one."""


@attrs.frozen
class BadFrame:
    """One message that breaks one rule, and the only answer that the rules allow to it."""

    data: bytes
    """As sent; not always JSON."""
    rule: Rule
    how: str
    """What is wrong, for people."""
    reply_id: str | None
    """The id of the CALLERROR that must come back; None: nothing must."""
    code: ErrorCode | None
    """The code of that CALLERROR by the table of RULES §4.1; None: nothing must come back."""


def actions_to(version: Version, receiver: Role, kind: Kind = Kind.CALL) -> list[Action]:
    """Return the actions that `receiver` may be sent, in the order of the catalogue."""
    return [
        action
        for action in catalog(version).values()
        if action.direction in receiver.receives and action.kind is kind
    ]


def easiest_action(version: Version, receiver: Role) -> Action:
    """Return the action whose request needs the least to be valid."""
    return min(
        actions_to(version, receiver),
        key=lambda action: (len(write_json(minimal(action.request))), action.name),
    )


def every_bad_frame(version: Version, receiver: Role) -> Iterator[BadFrame]:
    """Yield one frame for each way to break the frame or the call as a whole; not its payload."""
    return chain(
        _unreadable(version),
        _misshapen_calls(version, receiver),
        _misaddressed_calls(version, receiver),
        _unknown_types(version),
        _strays(version),
        _bad_sends(version, receiver),
    )


def _unreadable(version: Version) -> Iterator[BadFrame]:
    for data, how in (
        (b"hello", "no JSON"),
        (b'[2,"a","Heartbeat",{', "JSON that breaks off before its head can be trusted"),
        (b'["\xff"]', "no UTF-8"),
        (b'{"2":"a"}', "an object for an array"),
        (b"7", "a number for an array"),
        (b"null", "null for an array"),
        (b"[]", "an array with nothing in it"),
    ):
        head_is_readable = data.startswith(b"[2,")
        reply_id = "a" if head_is_readable else version.rules.unreadable_id
        yield _bad(version, data, Rule.NOT_JSON, how, reply_id)


def _misshapen_calls(version: Version, receiver: Role) -> Iterator[BadFrame]:
    action = easiest_action(version, receiver)
    payload = to_object(minimal(action.request))
    nowhere = version.rules.unreadable_id
    wrong_ids: tuple[Any, ...] = (5, None, {}, True)
    for wrong_id in wrong_ids:
        how = f"{type(wrong_id).__name__} for a message id"
        data = write_json([2, wrong_id, action.name, payload])
        yield _bad(version, data, Rule.UNREADABLE_ID, how, nowhere)
    yield _bad(version, b"[2]", Rule.UNREADABLE_ID, "a call without an id", nowhere)
    long_id = "x" * (MESSAGE_ID_MAX_LENGTH + 1)
    data = write_json([2, long_id, action.name, payload])
    yield _bad(version, data, Rule.ID_TOO_LONG, "an id of 37 characters", long_id)
    for elements, how in (
        ([2, BAD_ID], "a call without action and payload"),
        ([2, BAD_ID, action.name], "a call without a payload"),
        ([2, BAD_ID, action.name, payload, {}], "a call with a fifth element"),
        ([2, BAD_ID, ["x"], payload], "an array for an action"),
        ([2, BAD_ID, None, payload], "null for an action"),
        ([2, BAD_ID, 7, payload], "a number for an action"),
    ):
        yield _bad(version, write_json(elements), Rule.FRAME, how, BAD_ID)


def _misaddressed_calls(version: Version, receiver: Role) -> Iterator[BadFrame]:
    for name, how in (
        ("NoSuchAction", "an action that does not exist"),
        ("toString", "an action named like a method of JavaScript objects"),
        ("__class__", "an action named like an attribute of Python objects"),
        ("", "an empty action"),
        ("heartbeat", "an action in lower case (A-1)"),
    ):
        yield _bad(version, _call(name, {}), Rule.UNKNOWN_ACTION, how, BAD_ID)
    sender = receiver.other
    theirs = next(
        action
        for action in actions_to(version, sender)
        if action.direction not in receiver.receives
    )
    data = _call(theirs.name, to_object(minimal(theirs.request)))
    yield _bad(version, data, Rule.WRONG_DIRECTION, "an action of the other side", BAD_ID)
    for send in actions_to(version, receiver, Kind.SEND):
        data = _call(send.name, to_object(minimal(send.request)))
        yield _bad(version, data, Rule.WRONG_KIND, "a CALL for an action that is a SEND", BAD_ID)


def _unknown_types(version: Version) -> Iterator[BadFrame]:
    answers = version.rules.unknown_type_reply is not UnknownTypeReply.IGNORE  # F-9
    types: list[Any] = [0, 1, 7, -2, 99, "2", True, None]
    types += [kind for kind in (5, 6) if kind not in version.rules.message_types]  # F-10
    for kind in types:
        data = write_json([kind, BAD_ID, "Heartbeat", {}])
        reply_id = BAD_ID if answers else None
        yield _bad(version, data, Rule.MESSAGE_TYPE, f"{kind!r} for a message type", reply_id)
    data = b'[2.0,"%b","Heartbeat",{}]' % BAD_ID.encode()
    yield _bad(
        version, data, Rule.MESSAGE_TYPE, "2.0 for a message type", BAD_ID if answers else None
    )


def _strays(version: Version) -> Iterator[BadFrame]:
    """Yield responses to nothing: a response is never answered (E-8)."""
    error = [4, "nobody", "GenericError", "", {}]
    for elements, rule, how in (
        ([3, "nobody", {}], Rule.STRAY_RESPONSE, "a result for no call"),
        ([3, "nobody", 7], Rule.STRAY_RESPONSE, "a result for no call, without a payload"),
        (error, Rule.STRAY_RESPONSE, "an error for no call"),
        (error[:2], Rule.FRAME, "an error without code, description and details"),
        (error[:4], Rule.FRAME, "an error without details"),
        ([3], Rule.FRAME, "a result without an id"),
        ([4], Rule.FRAME, "an error without an id"),
        ([4, 5, "GenericError", "", {}], Rule.FRAME, "an error with a number for an id"),
    ):
        yield _bad(version, write_json(elements), rule, how, None)
    if 5 in version.rules.message_types:  # noqa: PLR2004  # CALLRESULTERROR (F-5)
        yield _bad(version, write_json([5, "nobody"]), Rule.FRAME, "a short CALLRESULTERROR", None)


def _bad_sends(version: Version, receiver: Role) -> Iterator[BadFrame]:
    """Yield SENDs that are wrong: not even those are answered (E-8)."""
    for action in actions_to(version, receiver, Kind.SEND):
        if not issubclass(action.request, Unconfirmed):
            continue
        for miss in every_near_miss(action.request):
            data = write_json([6, BAD_ID, action.name, miss.payload])
            yield _bad(version, data, miss.rule, f"{miss.how}, in a SEND", None)
    if 6 in version.rules.message_types:  # noqa: PLR2004  # SEND (F-6)
        name = easiest_action(version, receiver).name
        data = write_json([6, BAD_ID, name, {}])
        yield _bad(version, data, Rule.WRONG_KIND, "a SEND for an action that is a CALL", None)
        data = write_json([6, BAD_ID, "NoSuchAction", {}])
        yield _bad(version, data, Rule.UNKNOWN_ACTION, "a SEND that does not exist", None)


def _call(name: str, payload: Any) -> bytes:
    return write_json([2, BAD_ID, name, payload])


def _bad(version: Version, data: bytes, rule: Rule, how: str, reply_id: str | None) -> BadFrame:
    code = None if reply_id is None else DEFAULT_ERROR_CODES[version][rule]
    return BadFrame(data, rule, how, reply_id, code)


HOSTILE: Final[dict[str, bytes]] = {
    "nothing": b"",
    "blanks": b" \n\t ",
    "not a number": b'[2,"h1","Heartbeat",{"a":NaN}]',
    "infinity": b'[2,"h2","Heartbeat",{"a":-Infinity}]',
    "a number beyond any double": b'[2,"h3","DataTransfer",{"vendorId":"x","data":1e999999999}]',
    "an exponent that fills the memory": b'[2,"h4","DataTransfer",{"vendorId":"x","data":1E1000000000}]',
    "an integer of 5,000 digits": b'[2,"h5","DataTransfer",{"vendorId":"x","data":'
    + b"9" * 5000
    + b"}]",
    "brackets, 20,000 deep": b"[" * 20_000,
    "objects, 5,000 deep": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "arrays in a payload, 2,000 deep": (
        b'[2,"h6","DataTransfer",{"vendorId":"x","data":' + b"[" * 2_000 + b"]" * 2_000 + b"}]"
    ),
    "details, 2,000 deep": b'[4,"h7","GenericError","",'
    + b'{"a":' * 2_000
    + b"1"
    + b"}" * 2_000
    + b"]",
    "a lone surrogate": b'[2,"h8","DataTransfer",{"vendorId":"\\ud800"}]',
    "a surrogate in UTF-8": b'[2,"h9","DataTransfer",{"vendorId":"\xed\xa0\x80"}]',
    "a surrogate for an id": b'[2,"\\udfff","Heartbeat",{}]',
    "an overlong encoding": b'[2,"h10","\xc0\xaf",{}]',
    "the same member twice": b'[2,"h11","DataTransfer",{"vendorId":"x","vendorId":7}]',
    "a NUL": b'[2,"h12","Heartbeat",{}]\x00',
    "a NUL in an action": b'[2,"h13","Heart\\u0000beat",{}]',
    "a byte order mark": b'\xef\xbb\xbf[2,"h14","Heartbeat",{}]',
    "UTF-16": '[2,"h15","Heartbeat",{}]'.encode("utf-16"),
    "two messages in one": b'[2,"h16","Heartbeat",{}][2,"h17","Heartbeat",{}]',
    "a trailing comma": b'[2,"h18","Heartbeat",{},]',
    "a comment": b'[2,"h19","Heartbeat",{}/* */]',
    "single quotes": b"[2,'h20','Heartbeat',{}]",
    "an array for an action": b'[2,"h21",["x"],{}]',
    "a method for an action": b'[2,"h22","toString",{}]',
    "a prototype for a member": b'[2,"h23","DataTransfer",{"vendorId":"x","__proto__":{"a":1}}]',
    "an id of 100,000 characters": b'[2,"' + b"x" * 100_000 + b'","Heartbeat",{}]',
    "an action of 100,000 characters": b'[2,"h24","' + b"x" * 100_000 + b'",{}]',
    "the id of no call": b'[2,"-1","Heartbeat",{}]',
    "an empty id": b'[2,"","Heartbeat",{}]',
    "a result for the id of no call": b'[3,"-1",{}]',
    "an error for the id of no call": b'[4,"-1","RpcFrameworkError","",{}]',
    "an error with text for details": b'[4,"h25","GenericError","","details"]',
    "an error with an unknown code": b'[4,"h26","NoSuchCode","",{}]',
    "a type beyond any integer": b"[" + b"9" * 400 + b',"h27","Heartbeat",{}]',
    "a negative zero for a type": b'[-0,"h28","Heartbeat",{}]',
    "an exponent of 19 digits": b'[2,"h29","DataTransfer",{"vendorId":"x","data":1e1000000000000000000}]',
    "an exponent of 22 digits below zero": b'[2,"h30","Heartbeat",{"a":-1E-1000000000000000000000}]',
    "a zero with an exponent of 19 digits": b'[2,"h31","Heartbeat",{"a":0e1000000000000000000}]',
    "an exponent of 19 digits, alone": b"1e1000000000000000000",
    "an exponent of 19 digits for a type": b'[1e1000000000000000000,"h32","Heartbeat",{}]',
    "an exponent of 19 digits for an id": b'[3,1e1000000000000000000,{"a":1}]',
    "an exponent of 19 digits in details": b'[4,"h33","GenericError","",{"a":1e1000000000000000000}]',
    "a fraction of 100,000 digits": b'[2,"h34","DataTransfer",{"vendorId":"x","data":0.'
    + b"3" * 100_000
    + b"}]",
    "an integer of 100,000 digits": b'[2,"h35","Heartbeat",{"a":' + b"9" * 100_000 + b"}]",
    "an integer beyond any double": b'[2,"h36","DataTransfer",{"vendorId":"x","data":'
    + b"9" * 400
    + b"}]",
    "a date-time that UTC has no place for": (
        b'[2,"h37","FirmwareStatusNotification",{"status":"Idle","at":"9999-12-31T23:59:59-01:00"}]'
    ),
}
"""Messages that have stopped implementations, by what they are; none is longer than 200 kB."""
