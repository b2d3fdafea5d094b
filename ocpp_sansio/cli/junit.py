"""JUnit's XML, as every CI reads it: a suite of test cases, each of which may have failed."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from msgspec import Struct

__all__ = ["Case", "Failure", "write_suite"]


class Failure(Struct, frozen=True):
    """Why a case failed."""

    message: str
    """In a line."""
    text: str


class Case(Struct, frozen=True):
    """One test case; all its texts have to be printable."""

    name: str
    failure: Failure | None = None
    output: str | None = None
    """What it says beside that."""


def write_suite(name: str, cases: Sequence[Case], *, classname: str, seconds: float = 0.0) -> bytes:
    """Return a suite of these cases, which took so long altogether, as a file in UTF-8."""
    failures = sum(case.failure is not None for case in cases)
    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=str(failures),
        errors="0",
        skipped="0",
        time=f"{seconds:.3f}",
    )
    for case in cases:
        row = ET.SubElement(suite, "testcase", classname=classname, name=case.name, time="0")
        if case.failure:
            failure = ET.SubElement(row, "failure", message=case.failure.message)
            failure.text = case.failure.text
        if case.output is not None:
            ET.SubElement(row, "system-out").text = case.output
    xml: bytes = ET.tostring(suite, encoding="utf-8", xml_declaration=True)
    return xml
