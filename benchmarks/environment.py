"""Makes what the suite needs: a virtual environment, and ocpp-rpc where there is Node."""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
FOLDER = HERE / ".venv"


def prepare() -> Path:
    """Make or update the environment and return its Python."""
    python = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(FOLDER, with_pip=True)
    _run(python, "-m", "pip", "install", "--quiet", "--upgrade", "pip>=25.1")  # for --group
    _run(
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--editable",
        ".[websocket,trio,nats]",
        "--group",
        "bench",
    )
    npm = shutil.which("npm")
    if npm:
        _run(
            npm, "install", "--prefix", "benchmarks", "--no-package-lock", "--no-audit", "--no-fund"
        )
    return python


def _run(*command: str | Path) -> None:
    # stdout is for the table.
    subprocess.run(list(map(str, command)), cwd=ROOT, check=True, stdout=sys.stderr)


def hand_over(python: Path, arguments: Sequence[str]) -> int:
    """Run the suite in that Python and return its exit code."""
    command = [str(python), "-m", "benchmarks", "--here", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode
