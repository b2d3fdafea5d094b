"""mypy and pyright infer what a call returns, and refuse a handler that returns the wrong response."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SAMPLE = HERE / "typing_session.py"
REFUSED = {
    number
    for number, line in enumerate(SAMPLE.read_text().splitlines(), 1)
    if line.endswith("# REFUSED")
}


def test_mypy_accepts_what_is_right_and_refuses_what_is_wrong() -> None:
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(SAMPLE)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent, check=False)
    errors = re.findall(rf"{SAMPLE.name}:(\d+): error: .*", result.stdout)
    assert {int(line) for line in errors} == REFUSED, result.stdout + result.stderr


def test_pyright_accepts_what_is_right_and_refuses_what_is_wrong(tmp_path: Path) -> None:
    pytest.importorskip("pyright")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    sample = shutil.copy(SAMPLE, tmp_path)  # where it stands, pyproject.toml excludes it
    result = subprocess.run(
        [*command, sample], capture_output=True, text=True, cwd=HERE.parent, check=False
    )
    report = json.loads(result.stdout)
    errors = {
        item["range"]["start"]["line"] + 1
        for item in report["generalDiagnostics"]
        if item["severity"] == "error"
    }
    assert errors == REFUSED, result.stdout
