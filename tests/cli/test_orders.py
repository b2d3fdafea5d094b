"""What is typed to `station` and `csms`: read as meant, or refused with what would be right."""

from pathlib import Path

import pytest

from ocpp_sansio.cli.csms.calling import GRAMMAR as CALLS
from ocpp_sansio.cli.peers import BadOrder, Grammar, read_script
from ocpp_sansio.cli.station.playing import GRAMMAR


@pytest.mark.parametrize(
    ("grammar", "typed", "words", "given"),
    [
        (GRAMMAR, "plug in", "plug in", {}),
        (GRAMMAR, "  Plug IN 2  # the second", "plug in", {"N": 2}),
        (GRAMMAR, "plug 2", "plug in", {"N": 2}),
        (GRAMMAR, "authorize aBc 1", "authorise", {"TAG": "aBc", "N": 1}),
        (GRAMMAR, "offline", "go offline", {}),
        (GRAMMAR, "go online", "online", {}),
        (GRAMMAR, "meter 1.5", "meter", {"WH": 1.5}),
        (GRAMMAR, "power cut", "lose power", {}),
        (GRAMMAR, "?", "help", {}),
        (CALLS, "await charge CP1 3", "await charge", {"STATION": "CP1", "SECONDS": 3.0}),
        (CALLS, "await CP1", "await", {"STATION": "CP1"}),
        (CALLS, "reset CP1 hard", "reset", {"STATION": "CP1", "KIND": "hard"}),
    ],
)
def test_an_order_is_read(
    grammar: Grammar, typed: str, words: str, given: dict[str, object]
) -> None:
    order = grammar.read(typed)
    assert order is not None
    assert (order.words, order.given) == (words, given)


@pytest.mark.parametrize("typed", ["", "   ", "# nothing but a comment"])
def test_an_empty_line_is_none(typed: str) -> None:
    assert GRAMMAR.read(typed) is None


@pytest.mark.parametrize(
    ("grammar", "typed", "said"),
    [
        (GRAMMAR, "plugin 1", """there is no order 'plugin 1'; perhaps 'plug in [N]'? "help" lists them"""),
        (GRAMMAR, "go home", """there is no order 'go home'; perhaps 'go offline'? "help" lists them"""),
        (GRAMMAR, "xyzzy", """there is no order 'xyzzy'; "help" lists them"""),
        (GRAMMAR, "plug in one", "'one' is not a number from 1, as the N of 'plug in [N]' is"),
        (GRAMMAR, "unplug 0", "'0' is not a number from 1, as the N of 'unplug [N]' is"),
        (GRAMMAR, "plug in ²", "'²' is not a number from 1, as the N of 'plug in [N]' is"),
        (GRAMMAR, "wait nan", "'nan' is not a number from 0, as the SECONDS of 'wait [SECONDS]' is"),
        (GRAMMAR, "authorise", "authorise lacks its TAG: it is written 'authorise TAG [N]'"),
        (GRAMMAR, "status now", "status has no place for 'now': it is written 'status'"),
        (CALLS, "stop", "stop lacks its STATION: it is written 'stop STATION [TRANSACTION]'"),
        (CALLS, "chargs", """there is no order 'chargs'; perhaps 'charges'? "help" lists them"""),
        (GRAMMAR, "\x1b[2Jboo", """there is no order '\\x1b[2Jboo'; "help" lists them"""),
    ],
)  # fmt: skip
def test_what_is_no_order_is_refused_with_what_is(grammar: Grammar, typed: str, said: str) -> None:
    with pytest.raises(BadOrder) as refused:
        grammar.read(typed)
    assert str(refused.value) == said


def test_help_names_each_order_with_what_it_does() -> None:
    for grammar in (GRAMMAR, CALLS):
        lines = grammar.help.splitlines()
        assert all(line.startswith("  ") and "  " in line.strip() for line in lines)
        assert any(line.strip().startswith("help") for line in lines)


def test_a_script_is_read_from_a_file_or_from_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "charge.txt"
    file.write_text("plug in  # a car; with a comment\n\nauthorise 04E1; meter 5\n")
    lines = read_script(str(file), GRAMMAR)
    assert [line.order.words for line in lines] == ["plug in", "authorise", "meter"]
    assert lines[2].where == f"line 3 of {str(file)!r}"
    lines = read_script("plug in; ; meter 5;", GRAMMAR)
    assert [(line.order.words, line.where) for line in lines] == [
        ("plug in", "order 1"),
        ("meter", "order 3"),
    ]


def test_what_is_wrong_in_a_script_is_said_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "charge.txt"
    file.write_bytes(b"plug in\n\nmeter \xff\n")
    with pytest.raises(BadOrder, match=r"^line 3 of '.*charge.txt': '\\\\xff' is not a number"):
        read_script(str(file), GRAMMAR)
    with pytest.raises(BadOrder, match=r"^order 2: there is no order 'fly'"):
        read_script("plug in; fly", GRAMMAR)
    with pytest.raises(BadOrder, match=r"\(nor is there a file of that name\)$"):
        read_script("charge.txt", GRAMMAR)
