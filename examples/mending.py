"""A CSMS for stations that write almost JSON: `mend` is given each message before it is read.

    python examples/mending.py                         mends what it says below, and shows it
    python examples/mending.py < wire.txt              mends what it is given, one message a line

What is mended: a comma too many (`[1,]`, `[,1]`, `[1,,2]`), a member without its value (`"id":,`), a byte
order mark in front, NULs behind. Whatever stands in a string is left alone.
"""

import re
import sys

from ocpp_sansio import CallReceived, Config, Connection, ErrorCode, ProtocolViolated, Role

STRING = rb'"(?:[^"\\]++|\\.)*+"'
SUSPECT = re.compile(rb"[\[{:,]\s*,|,\s*[\]}]|:\s*}|\x00\s*$")
WITHOUT_VALUE = re.compile(rb"(%b)(\s*:\s*(?=[,}]))?" % STRING, re.DOTALL)
COMMAS = re.compile(rb"(%b)|([\[{])(?:\s*,)+|,(?=\s*[,\]}])" % STRING, re.DOTALL)


def mend(message: bytes) -> bytes:
    """Return a message as its station meant it; one that is in order as it is."""
    message = message.removeprefix(b"\xef\xbb\xbf")
    if not SUSPECT.search(message):  # so that stations that can write JSON cost next to nothing
        return message
    message = message.rstrip(b"\x00 \r\n")
    message = WITHOUT_VALUE.sub(lambda found: b"" if found[2] else found[1], message)
    return COMMAS.sub(lambda found: found[1] or found[2] or b"", message)


EXAMPLES = (
    b'[2,"1","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available",}]',
    (
        b'[2,"2","MeterValues",{"connectorId":1,"transactionId":,"meterValue":'
        b'[{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[,{"value":"1,]"}]}]}]\x00'
    ),
)


def main() -> None:
    """Show what becomes of each message."""
    csms = Connection(Role.CSMS, config=Config(mend=mend))
    csms.connected("ocpp1.6", now=0.0)
    messages = EXAMPLES if sys.stdin.isatty() else sys.stdin.buffer.read().splitlines() or EXAMPLES
    for message in messages:
        csms.received(message, now=0.0)
        for event in csms.events():
            match event:
                case CallReceived(action, payload):
                    print(action, payload)
                    csms.send_call_error(event, ErrorCode.NOT_SUPPORTED, now=0.0)
                case ProtocolViolated(error):
                    print("still not right:", error)


if __name__ == "__main__":
    main()
