"""A CSMS under attack: how long the honest wait, who gets in, what memory and log an attacker takes."""

import sys

from benchmarks.report import ROOT

# The attackers live with the tests, which are part of the source distribution, as the benchmarks are not.
ATTACKS = ROOT / "tests" / "abuse"
sys.path.append(str(ATTACKS))

import attacks  # noqa: E402

__all__ = ["ATTACKS", "attacks"]
