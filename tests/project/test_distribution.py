"""The sdist holds all that its texts link to."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXTS = sorted(path.name for path in ROOT.glob("*.md"))


def in_the_sdist() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    included = settings["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    return {name.removeprefix("/") for name in included}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_in_the_sdist_and_so_is_what_it_links_to(name: str) -> None:
    text = (ROOT / name).read_text()
    links = {link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link}
    assert name in in_the_sdist()
    for link in links:
        assert (ROOT / link).exists(), link
        assert Path(link).parts[0] in in_the_sdist(), link
