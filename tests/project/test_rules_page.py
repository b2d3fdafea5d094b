"""docs/reference/rules.md has every rule that is cited by its id, and none that nobody cites."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "rules.md"
CITING = ("ocpp_sansio", "tests", "examples", "tools", "benchmarks")

LETTERS = [*"ABCDEFGIKPQRSTX", "FL"]
ID = rf"\b({'|'.join(LETTERS)})-([1-9][0-9]?)\b"
CITED = re.compile(rf"{ID}(?: to \1-([1-9][0-9]?)\b)?")
NOT_CITED = {
    "F-8": "says that both sides may send all types, which nothing here could get wrong",
}
"""Rows that stand for the whole of their section, and why nothing cites them."""


def cited_ids() -> dict[str, str]:
    """Return each cited id, with a place; "F-2 to F-6" cites all five."""
    found: dict[str, str] = {}
    for folder in CITING:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if ".venv" in path.parts or "node_modules" in path.parts or path == Path(__file__):
                continue
            for match in CITED.finditer(path.read_text(encoding="utf-8")):
                letter, first, last = match.groups()
                for number in range(int(first), int(last or first) + 1):
                    found.setdefault(f"{letter}-{number}", path.relative_to(ROOT).as_posix())
    return found


def rows() -> list[list[str]]:
    """Return the cells of each rule on the page."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in lines
        if re.match(rf"\| {ID} \|", line)
    ]


def test_every_cited_rule_has_its_row() -> None:
    known = {rule for rule, *_ in rows()}
    assert {rule: path for rule, path in cited_ids().items() if rule not in known} == {}


def test_every_row_is_cited_somewhere_or_says_why_not() -> None:
    cited = cited_ids()
    assert [rule for rule, *_ in rows() if rule not in cited and rule not in NOT_CITED] == []
    assert [rule for rule in NOT_CITED if rule not in {rule for rule, *_ in rows()}] == []


def test_a_rule_has_one_row_in_the_order_of_its_number_with_its_text() -> None:
    told = [rule for rule, *_ in rows()]
    assert len(told) == len(set(told)) > 90
    for letter in LETTERS:
        numbers = [int(number) for of, number in (each.split("-") for each in told) if of == letter]
        assert numbers, letter
        assert numbers == sorted(numbers)
    for rule, versions, text, source in rows():
        assert re.fullmatch(r"all|2\.x|(1\.6|2\.0\.1|2\.1)(, (1\.6|2\.0\.1|2\.1))*", versions), rule
        assert text.rstrip("*").endswith((".", ")")), rule
        assert source, rule


@pytest.mark.parametrize("section", ["§3", "§4", "§4.1", "§10"])
def test_the_sections_that_comments_name_are_those_of_the_page(section: str) -> None:
    number = section.removeprefix("§")
    assert re.search(
        rf"^#+ {re.escape(number)}\.? ", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
