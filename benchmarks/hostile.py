"""Messages that a CSMS must refuse, each to be held against an accepted one of about as many bytes."""

from benchmarks import wire

SMALL, MEDIUM, LARGE = "about 60 bytes", "about 600 bytes", "about 64 KiB"

_SAMPLES_IN_64_KIB = 596


def accepted() -> dict[str, tuple[str, bytes]]:
    """Return the action and the accepted CALL of each size."""
    return {
        size: (action, wire.call(action, payload))
        for size, action, payload in (
            (SMALL, "Heartbeat", wire.HEARTBEAT),
            (MEDIUM, "MeterValues", wire.METER_VALUES),
            (LARGE, "MeterValues", wire.meter_values(_SAMPLES_IN_64_KIB)),
        )
    }


def refused() -> dict[tuple[str, str], bytes]:
    """Return messages by size and by what is wrong with them."""
    return {
        (size, fault): message for size, faults in _faults().items() for fault, message in faults
    }


def _faults() -> dict[str, list[tuple[str, bytes]]]:
    return {
        SMALL: [
            ("no JSON", accepted()[SMALL][1][:-1]),
            ("an unknown action", wire.call("Heartburn", wire.HEARTBEAT)),
            ("not for a CSMS", wire.call("ClearCache", b"{}")),
            ("a number as id", b'[2,123456789012345678901234567890,"Heartbeat",{}]'),
            ("an answer to nothing", b'[3,"%b",{}]' % wire.message_id(0)),
            ("an unknown message type", b'[9,"%b","Heartbeat",{}]' % wire.message_id(0)),
        ],
        MEDIUM: _broken(accepted()[MEDIUM][1]),
        LARGE: _broken(accepted()[LARGE][1]),
    }


def _broken(message: bytes) -> list[tuple[str, bytes]]:
    head, _, payload = message.partition(b'",{')
    room = len(payload) - 2
    depth = room // 2
    return [
        ("no JSON at its end", message[:-2]),
        (
            "a wrong value at its end",
            message.replace(b'"Outlet","unit":"V"}]', b'"Outlet","unit":"X"}]'),
        ),
        ("every sample wrong", message.replace(b'"Outlet"', b'"Uptown"')),
        ("every member unknown", b'%b",{%b}]' % (head, _members(room))),
        ("nested without end", b'%b",%b]' % (head, b"[" * depth + b"]" * depth)),
        ("one endless number", b'%b",{"connectorId":%b}]' % (head, b"9" * room)),
        ("one endless string", b'%b",{"connectorId":"%b"}]' % (head, b"x" * room)),
    ]


def _members(room: int) -> bytes:
    members = (b'"m%04d":0' % number for number in range(room // len(b'"m1234":0,')))
    return b",".join(members)
