"""What people run: `python -m ocpp_sansio demo`, `check` and `fuzz`, a module or a package each.

Nothing else of the library imports it.
"""

from ocpp_sansio.cli import check, demo, fuzz, show

__all__ = ["check", "demo", "fuzz", "show"]
