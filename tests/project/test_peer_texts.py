"""Each place that puts a text into another is known: a peer's goes through `quote` or `plain`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ocpp_sansio

PACKAGE = Path(ocpp_sansio.__file__).parent
FILES = {
    path.relative_to(PACKAGE).as_posix(): path
    for path in sorted(PACKAGE.rglob("*.py"))
    # generated classes without a text; and tools for tests, which show a developer his own messages
    if path.relative_to(PACKAGE).parts[0] not in {"v16", "v201", "v21", "testing"}
}

PERHAPS_A_PEERS = {
    *("about", "action", "address", "answer", "answers", "args", "cause", "close", "code"),
    *("description", "details", "error", "errors", "event", "exc", "expected", "failure", "fault"),
    *("faults", "flaw", "gone", "headers", "identity", "message", "message_id", "name"),
    *("note", "path", "payload", "problem", "raw_code", "reason", "rejection", "request", "text"),
    *("token", "tokens", "url", "username", "value", "violations", "words"),
}
"""Names of variables and attributes that have held a text of a peer's, or could."""

HARMLESS_CALLS = {"quote", "plain", "_shown", "len", "type"}
HARMLESS_ATTRIBUTES = {
    "__name__",
    "__qualname__",
    "value",
    "line",
    "rule",
    "as_wire",
    "subprotocol",
}
"""Of classes, enums and numbers: `.value` is that of an enum's member."""

OWN_CODE = "the name of an attribute that our own application's code asks a module for"
OURS = "a setting, an option or an argument of our own application's"
OWN_CALL = (
    "the name of an action that our own application has called; the core asks for printable text"
)
CLEANED = "made up of our words and of what `quote` or `plain` has spelled"

TOKEN = "letters, digits and three signs: what `token_of` makes of any text"
LOGGED = "of the log, which has escaped it, left secrets out, and cut it"
NAMED = "the file that was named on the command line"
SYSTEMS = "the operating system's words"

REVIEWED: dict[str, dict[str, str]] = {
    "cli/check.py": {
        "about": CLEANED,
        "error.strerror": SYSTEMS,
        "finding.code": "a code of ours, spelled for a version",
        "finding.expected": CLEANED,
        "finding.got": CLEANED,
        "finding.message": CLEANED,
        "finding.path": "wire names of ours, and what `plain` has spelled",
        "kind.first.expected": CLEANED,
        "kind.name": "a rule of ours, and such a path",
        "log.name": NAMED,
        "name": NAMED,
        "options.junit": NAMED,
        "report.faults": "a number",
        "text": CLEANED,
    },
    "cli/csms/books.py": {
        "error": "LocalProtocolError has cleaned its text",
        "name": "of a column of ours",
    },
    "cli/csms/calling.py": {"action": OURS, "error": CLEANED, "text": CLEANED},
    "cli/csms/office.py": {
        "request.action": "of a class of ours",
        "request.transaction_id": "a number",
    },
    "cli/peers/log_view.py": {
        "_cut(answer[2])": LOGGED,
        "_frame_in_short(text)": LOGGED,
        "'answer' if answer[1] == '3' else 'refusal'": "our words",
        "action": LOGGED,
        "text": LOGGED,
        "text[:LIMIT - 1]": LOGGED,
    },
    "cli/values.py": {"text": "an option, which is read as a version"},
    "cli/peers/orders.py": {"about": "our words", "name": "of an order of ours"},
    "cli/peers/screen.py": {"text": CLEANED},
    "cli/station/__init__.py": {"error.strerror": SYSTEMS},
    "cli/station/charger.py": {"error": CLEANED},
    "cli/station/obeying.py": {
        "_called(event.record)": "made up of what `plain` has spelled",
        "event.connector": "a number",
        "event.interval": "a number",
        "record.action": "of a message of ours",
    },
    "cli/station/playing.py": {"value": "`:g` of a number"},
    "cli/replay/__init__.py": {
        "error.strerror": SYSTEMS,
        "finding.expected": CLEANED,
        "finding.path": "wire names of ours, and what `plain` has spelled",
        "name": "a rule and a path, which `plain` has spelled",
        "text": OURS,
    },
    "cli/replay/emitting.py": {
        "finding.expected": CLEANED,
        "finding.path": "wire names of ours, and what `plain` has spelled",
    },
    "cli/logs.py": {"text": CLEANED},
    "cli/show/__init__.py": {
        "Path(options.file).name": NAMED,
        "error.strerror": SYSTEMS,
        "log.name": NAMED,
        "path": NAMED,
        "report.faults": "a number",
    },
    "cli/show/drawing.py": {
        "finding.expected": CLEANED,
        "finding.got": CLEANED,
        "finding.path": "wire names of ours, and what `plain` has spelled",
        "name": "made up by us, such as S0",
        "row.action": "part of a label, which `plain` and `_escaped` spell where it is drawn",
    },
    "cli/show/page.py": {
        "b64encode(sha256(text.encode()).digest()).decode()": "a hash",
        "text": "an asset of ours, of which the hash is taken",
    },
    "fleet/nats.py": {
        "name": OURS,
        "url.hostname": OURS,
        "url.netloc.rpartition('@')[2]": OURS,
        "url.scheme": OURS,
    },
    "fleet/nats_link.py": {
        "_explanation(error)": "the name of a class, and what `plain` has spelled",
        "error": "looked through for two words, and shown to nobody",
        "text": "the names of methods",
    },
    "fleet/nats_store.py": {
        "name": "of a command of JetStream's and a stream of ours",
        "self._stream.name": OURS,
        "text": CLEANED,
    },
    "fleet/nats_wire.py": {
        "name": "of a header, a word of ours",
        "value if value.isdecimal() else percent(value)": "percent-encoded, for the wire",
    },
    "traces/findings.py": {
        "self.expected": CLEANED,
        "self.got": CLEANED,
        "self.path": "wire names of ours, and what `plain` has spelled",
    },
    "core/codec.py": {"value": "NaN or Infinity, as the JSON decoder calls it"},
    "core/json_faults.py": {
        "_place(data, fault.position)": "numbers",
        "fault.expected": "our words",
        "fault.instead": CLEANED,
        "code": "the number of a control character",
        "expected": "our words",
    },
    "core/date_times.py": {
        "field.name": "the attribute's name in a class of ours",
        "value": "made up of such names",
    },
    "cli/demo/__init__.py": {"error": "OcppError has cleaned its text, OSError is the system's"},
    "cli/demo/charge.py": {"url": "the demo's own server"},
    "cli/demo/glosses.py": {
        "action": "both peers are the demo's own",
        "request['eventType']": "both peers are the demo's own",
    },
    "cli/demo/wire.py": {
        "code": "both peers are the demo's own",
        "description": "both peers are the demo's own",
        "crossing.action": "both peers are the demo's own",
        "crossing.message_id[:6]": "both peers are the demo's own",
        "crossing.words": "both peers are the demo's own",
        "text": "our own words, to be coloured",
        "url": "the demo's own server",
    },
    "cli/fuzz/cases.py": {"miss.path": "the path of a fault that we have made", "name": OURS},
    "cli/fuzz/hunt.py": {
        "error": "ValueError is about options, OSError the system's, Unreachable is cleaned",
        "gone": "Gone has quoted the reason",
        "identity": OURS,
        "text": CLEANED,
    },
    "cli/fuzz/report.py": {
        "hunt.address": OURS,
        "name": "an action of the catalogue",
        "text": CLEANED,
    },
    "cli/fuzz/saved.py": {"error": "what is wrong with a file of one's own", "name": OURS},
    "cli/fuzz/search.py": {
        "error": "Unreachable is cleaned",
        "gone": "Gone has quoted the reason",
        "opener.address": OURS,
    },
    "cli/fuzz/shrinking.py": {
        "action": "the case is ours",
        "best.about.rpartition(': ')[2]": CLEANED,
        "it.path": "the path of a fault that we have made",
        "name": OURS,
        "path": "of a member of a call of ours",
    },
    "cli/fuzz/referee.py": {
        "about": CLEANED,
        "case.action": "the case is ours",
        "gone": "Gone has quoted the reason",
        "problem.expected": CLEANED,
        "problem.message[:80]": CLEANED,
        "problem.path": CLEANED,
    },
    "cli/fuzz/wire.py": {
        "reason": CLEANED,
        "self.address": OURS,
        "self.code": "the number of a close code",
        "url": OURS,
    },
    "core/incoming.py": {
        "name": "an action that the catalogue has",
        "action.kind": "a row of the catalogue",
    },
    "fleet/actions.py": {"name": OURS, "text": OURS},
    "fleet/gateway.py": {"token": TOKEN},
    "fleet/events.py": {"action": OURS, "token": TOKEN, "token_of(call.message_id)": TOKEN},
    "fleet/settings.py": {"name": OURS, "value": "`!r` of a setting of ours"},
    "fleet/wire.py": {
        "action if action == '*' else token_of(action)": TOKEN,
        "reason": CLEANED,
        "taken.token": TOKEN,
        "token": TOKEN,
    },
    "session/frame_queue.py": {"error": "the description of a Veto, which is the application's"},
    "core/outgoing.py": {
        "action.kind": "a row of the catalogue",
        "action.request.__module__": "a class of ours",
        "code": OURS,
        "message_id": OURS,
        "name": OWN_CALL,
        "problem": "what msgspec says of details that are our own",
        "text": CLEANED,
        "request": OURS,
    },
    "recording/recordings.py": {
        "blake2s(_bytes(identity), digest_size=4).hexdigest()": "hexadecimal",
        "name": "of a setting, or of a file: made of what is safe",
        "name[:_LONGEST_NAME]": "of a file, likewise",
        "value": OURS,
    },
    "recording/replaying.py": {
        "error": "of msgspec, in a tool for tests: a file of the developer's"
    },
    "session/peer_log.py": {"text": CLEANED, "args": "each has been through `_shown`"},
    "net/admission.py": {"text": "our words"},
    "net/session.py": {
        "ending.code": "a number",
        "ending.reason": CLEANED,
        "text": "our words",
    },
    "net/proxies.py": {"flaw": "our words for what is wrong with a header"},
    "core/settings.py": {"name": OURS, "value": OURS},
    "core/texts.py": {"value.bit_length()": "a number"},
    "core/validation.py": {"path": CLEANED},
    "websocket/handshake.py": {
        "flaw": CLEANED,
        "identity": "a station's own",
        "percent_encode(identity, safe='')": "a station's own",
        "name": "a header of our own",
        "uri.path.removesuffix('/')": OURS,
        "url": OURS,
        "value": "the application gets the headers as they are",
    },
    "websocket/link.py": {"code": OURS, "reason": OURS},
    "net/settings.py": {"self.identity": OURS, "self.url": OURS},
    "asyncio/session.py": {"name": OURS},
    "core/lazy_faces.py": {"modules[name]": OWN_CODE, "name": OWN_CODE, "package": OWN_CODE},
    "core/config.py": {"text": CLEANED, "value": OURS},
    "core/limited_members.py": {
        "action": "an action that the catalogue has",
        "message": "a class that the catalogue has",
        "path": OURS,
        "text": CLEANED,
        "unknown('no message', message, nearest(message, _MESSAGES))": CLEANED,
    },
    "core/connection.py": {
        "call.action": "of the catalogue, since its class has a response",
        "message_id": OURS,
        "name": "a word of ours for a kind of message",
    },
    "core/errors.py": {"self.expected": "our words", "self.path": CLEANED},
    "session/handlers.py": {"action": OURS, "name": OURS, "text": CLEANED},
    "session/signatures.py": {"parameter.name": OURS},
    "session/hooks.py": {"name": OURS},
    "net/door.py": {
        "name": "a field of a class of ours",
        "self.address": "from the operating system: an address and a port",
    },
    "session/outcomes.py": {
        "action": OWN_CALL,
        "call.action": OWN_CALL,
        "event.call.action": OWN_CALL,
        "event.code": "a member of ErrorCode, whatever the peer spelled",
        "_listed(violations)": CLEANED,
        "text": CLEANED,
    },
    "session/base.py": {"event.call.action": OWN_CALL},
    "station/configuration.py": {"key.name": "of a key that the station has"},
    "stores/files.py": {"path.name": OURS},
    "stores/rows.py": {"error": "what msgspec says of a row; whoever shows it cleans it"},
    "stores/sqlite.py": {
        "damaged.reason": CLEANED,
        "error.strerror": "the operating system's words",
        "reason": CLEANED,
    },
    "trio/session.py": {"name": OURS},
    "websocket/csms.py": {
        "flaw_of_handshake(failure)": CLEANED,
        "reason": "our words, or the application's: the body of an HTTP answer",
    },
    "websocket/types.py": {"faults": "one of three words of ours each"},
    "websocket/station.py": {"fault": "our words", "identity": "a station's own"},
}
"""What was looked at, and why it is no text of a peer's, or a clean one."""


def may_be_a_peers(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        function = node.func
        name = function.id if isinstance(function, ast.Name) else ""
        if name in HARMLESS_CALLS:
            return False
    if isinstance(node, ast.Name):
        return node.id in PERHAPS_A_PEERS
    if isinstance(node, ast.Attribute):
        if node.attr in HARMLESS_ATTRIBUTES:
            return False
        return node.attr in PERHAPS_A_PEERS or may_be_a_peers(node.value)
    return any(may_be_a_peers(child) for child in ast.iter_child_nodes(node))


def formatted(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what is put into a text, in whichever way."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue):
            yield node.value
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            left = node.left
            is_text = isinstance(left, ast.Constant) and isinstance(left.value, str)
            if is_text or isinstance(left, ast.Name):
                yield node.right
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".format"):
            yield from node.args


@pytest.mark.parametrize("name", FILES)
def test_what_may_be_a_peers_is_spelled_by_quote_or_plain_where_it_goes_into_a_text(
    name: str,
) -> None:
    tree = ast.parse(FILES[name].read_text())
    found = {ast.unparse(node) for node in formatted(tree) if may_be_a_peers(node)}
    # Either quote it, or look whether it can be a peer's, and say above why it cannot.
    assert found - REVIEWED.get(name, {}).keys() == set()


def test_no_file_is_reviewed_that_is_gone() -> None:
    assert REVIEWED.keys() <= FILES.keys()


SHOW_THE_LOG = {"cli/peers/log_view.py", "cli/fleet/story.py"}
"""What says where the log of the library goes, or that it goes nowhere."""


@pytest.mark.parametrize("name", sorted(FILES.keys() - {"session/peer_log.py"} - SHOW_THE_LOG))
def test_all_that_is_logged_goes_through_peer_log(name: str) -> None:
    tree = ast.parse(FILES[name].read_text())
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    } | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not imported & {"logging", "warnings", "traceback"}


@pytest.mark.parametrize("name", sorted(SHOW_THE_LOG))
def test_what_shows_the_log_writes_none(name: str) -> None:
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(FILES[name].read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    writing = {"critical", "debug", "error", "exception", "info", "log", "makeRecord", "warning"}
    assert not called & writing


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("cli/demo/")])
def test_only_the_command_line_writes_to_a_terminal(name: str) -> None:
    calls = [
        node.func
        for node in ast.walk(ast.parse(FILES[name].read_text()))
        if isinstance(node, ast.Call)
    ]
    prints = [call for call in calls if isinstance(call, ast.Name) and call.id == "print"]
    streams = [
        call for call in calls if ast.unparse(call) in {"sys.stdout.write", "sys.stderr.write"}
    ]
    assert not prints
    assert not streams or name.startswith("cli/")
