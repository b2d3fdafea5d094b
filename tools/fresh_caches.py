"""A pytest plugin for mutation testing: every test finds the caches of the core empty.

Otherwise the first test alone would be seen to run what makes a codec or describes a message class, and a
mutant there would be judged by that test and no other.
"""

from collections.abc import Callable
from typing import Any

import pytest

from ocpp_sansio.core import codec, validation

_CLEAR: list[Callable[[], Any]] = [
    value.cache_clear
    for module in (codec, validation)
    for value in vars(module).values()
    if hasattr(value, "cache_clear")
]


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    for clear in _CLEAR:
        clear()
