"""What people run: `python -m ocpp_sansio demo`, `check`, `show` and the others: a module or package each.

Nothing else of the library imports it.
"""

from ocpp_sansio.cli import check, demo, fuzz, replay, show

__all__ = ["check", "demo", "fuzz", "replay", "show"]
