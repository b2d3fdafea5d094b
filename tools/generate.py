"""Writes ocpp_sansio/v16, v201, v21 and core/action_names.py from a folder of the official OCPP JSON schemas.

    python tools/generate.py SCHEMA_FOLDER            write them
    python tools/generate.py SCHEMA_FOLDER --check    write nothing; exit 1 if this would change them

SCHEMA_FOLDER holds v16/, v201/, v21/ and actions.tsv (version, action, direction, kind). The schemas
are no part of this project, so most machines lack them: tools/generated.sha256 has the digests of
what was written and of the tables that it was written with, and tests/core/test_generated.py compares
those everywhere.
"""

import argparse
import difflib
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a script, Python looks beside this file only

from tools.render import Names, Words, render_actions, render_version  # noqa: E402 - see above
from tools.schema_model import SchemaError, read_version  # noqa: E402 - see above

VERSIONS = ("v16", "v201", "v21")
TABLES = ("names.toml", "words.toml", "words_v16.toml")
ACTIONS = "ocpp_sansio/core/action_names.py"
DIGESTS = "tools/generated.sha256"
_DIFF_LINES_SHOWN = 40


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="tools/generate.py", description="Write the typed messages from the OCPP JSON schemas."
    )
    parser.add_argument("schema_folder", type=Path, metavar="SCHEMA_FOLDER")
    parser.add_argument("--check", action="store_true", help="write nothing, tell what differs")
    options = parser.parse_args(arguments)
    try:
        files = generate(options.schema_folder)
    except SchemaError as error:
        print(error, file=sys.stderr)
        return 1
    return _check(files) if options.check else _write(files)


def generate(schema_folder: Path) -> dict[str, str]:
    """Return path below the project's root → text for all that the schemas give.

    Raises SchemaError for schemas that are missing or not understood, and for missing words.
    """
    tools = ROOT / "tools"
    names = Names.load(tools / "names.toml")
    words = Words(tools / name for name in TABLES if name.startswith("words"))
    files: dict[str, str] = {}
    models = []
    for version in VERSIONS:
        inline, errata = names.inline.get(version, {}), names.errata.get(version, {})
        model = read_version(schema_folder, version, inline, errata)
        models.append(model)
        sources = render_version(model, names, words)
        files |= {f"ocpp_sansio/{version}/{name}": source for name, source in sources.items()}
    files[ACTIONS] = render_actions(models)
    if faults := words.faults + words.stale():
        raise SchemaError("\n".join(faults))
    files = _formatted(files)
    return files | {DIGESTS: _digests(files)}


def _formatted(files: dict[str, str]) -> dict[str, str]:
    """Return the files as ruff leaves them under this project's settings."""
    with tempfile.TemporaryDirectory() as folder:
        for name, source in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, encoding="utf-8")
        _ruff("check", "--fix-only", "--select", "I,RUF022", cwd=folder)
        _ruff("format", cwd=folder)
        return {name: Path(folder, name).read_text(encoding="utf-8") for name in files}


def _ruff(*arguments: str, cwd: str) -> None:
    # `src` makes ocpp_sansio first-party code, though the whole of it is not below `cwd`.
    settings = f"--config={ROOT / 'pyproject.toml'}", f"--config=src = ['{ROOT.as_posix()}']"
    command = [sys.executable, "-m", "ruff", *arguments, "--quiet", "--no-cache", *settings, "."]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)  # noqa: S603 - no foreign input
    if done.returncode:
        raise SchemaError(f"{' '.join(command)}\n{done.stderr or done.stdout}")


def _digests(files: dict[str, str]) -> str:
    """Return the lines that `sha256sum --check` reads."""
    names = [f"tools/{name}" for name in TABLES]
    tables = {name: (ROOT / name).read_text(encoding="utf-8") for name in names}
    return "".join(
        f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n"
        for name, text in sorted((files | tables).items())
    )


def _write(files: dict[str, str]) -> int:
    for name, text in files.items():
        path = ROOT / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    print(f"wrote {len(files)} files")
    return 0


def _check(files: dict[str, str]) -> int:
    differing = [name for name, text in files.items() if _committed(name) != text]
    differing += sorted(_left_over(files))
    for name in differing:
        committed, generated = _committed(name).splitlines(), files.get(name, "").splitlines()
        difference = difflib.unified_diff(committed, generated, name, "generated", lineterm="")
        for line, _ in zip(difference, range(_DIFF_LINES_SHOWN), strict=False):
            print(line)
    print(f"{len(differing)} of {len(files)} files differ from what the schemas give")
    return 1 if differing else 0


def _committed(name: str) -> str:
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _left_over(files: dict[str, str]) -> Iterator[str]:
    """Yield the modules in the packages that the schemas do not give."""
    for version in VERSIONS:
        for path in (ROOT / "ocpp_sansio" / version).glob("**/*.py*"):
            if path.suffix == ".pyc":
                continue
            name = path.relative_to(ROOT).as_posix()
            if name not in files:
                yield name


if __name__ == "__main__":
    sys.exit(main())
