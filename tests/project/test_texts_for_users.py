"""No text that users see has the id of a rule, unless the same output says where to look it up."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ocpp_sansio

PACKAGE = Path(ocpp_sansio.__file__).parent
ROOMS = ("core", "station", "stores", "session", "websocket", "net", "asyncio", "trio", "cli")
FILES = [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]
RULE_ID = re.compile(r"\b[ABCDEFGIKPQRSTX]-\d{1,2}\b")

EXPLAINED = {"cli/fuzz/referee.py", "cli/fuzz/hunt.py"}
"""What goes into a report of `fuzz`, whose last line says where the ids are explained."""


def cites(text: str) -> bool:
    """Whether a text has the id of a rule in it; the whole of a text is a value, such as a transactionId."""
    return bool(RULE_ID.search(text)) and not RULE_ID.fullmatch(text)


def texts(tree: ast.Module) -> Iterator[str]:
    """Yield each string of a module that is more than a docstring."""
    said = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_text_has_the_id_of_a_rule_that_its_reader_cannot_look_up(path: Path) -> None:
    with_ids = [text for text in texts(ast.parse(path.read_text())) if cites(text)]
    assert not with_ids or path.relative_to(PACKAGE).as_posix() in EXPLAINED


def test_what_is_explained_has_ids() -> None:
    for name in EXPLAINED:
        found = texts(ast.parse((PACKAGE / name).read_text()))
        assert any(RULE_ID.search(text) for text in found)
