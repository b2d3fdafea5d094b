"""No text that users see has the id of a rule, unless the same output says where to look it up."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ocpp_sansio

PACKAGE = Path(ocpp_sansio.__file__).parent
ROOMS = (
    "core",
    "session",
    "websocket",
    "net",
    "asyncio",
    "trio",
    "cli",
    "registration",
    "repetition",
    "station",
    "stores",
)
FILES = [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]
NO_RULES = {"T-1"}
"""The transaction of the demo."""
RULE_ID = re.compile(r"\b[ABCDEFGIKPQRSTX]-\d{1,2}\b")

EXPLAINED = {"cli/fuzz/referee.py", "cli/fuzz/report.py"}
"""What goes into a report of `fuzz`, whose last line says where the ids are explained."""


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
    said = texts(ast.parse(path.read_text()))
    with_ids = [text for text in said if RULE_ID.search(text) and text not in NO_RULES]
    assert not with_ids or path.relative_to(PACKAGE).as_posix() in EXPLAINED


def test_what_is_explained_has_ids() -> None:
    for name in EXPLAINED:
        found = texts(ast.parse((PACKAGE / name).read_text()))
        assert any(RULE_ID.search(text) for text in found)
