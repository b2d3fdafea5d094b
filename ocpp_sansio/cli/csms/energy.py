"""What a meter said, in Wh, from the readings of any version."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ocpp_sansio.core import is_beyond, member

__all__ = ["wh_in"]

_REGISTER: Final = "Energy.Active.Import.Register"
_KILO: Final = 1000


def wh_in(meter_values: Iterable[Any] | None) -> int | None:
    """Return the last reading of the energy register; None if there is none that can be read."""
    found = None
    for meter_value in meter_values or ():
        for sample in member(meter_value, "sampledValue") or ():
            if member(sample, "measurand") in {None, _REGISTER} and not member(sample, "phase"):
                found = _wh(sample) if _wh(sample) is not None else found
    return found


def _wh(sample: Any) -> int | None:
    try:
        value = Decimal(member(sample, "value"))
    except (InvalidOperation, TypeError, ValueError):
        return None  # 1.6 has texts, which may be signed data, or no number at all
    unit = member(sample, "unitOfMeasure")
    name = member(sample, "unit") if unit is None else member(unit, "unit")
    multiplier = member(unit, "multiplier") or 0
    if not value.is_finite() or is_beyond(value) or abs(multiplier) > 9:  # noqa: PLR2004 - Giga
        return None
    value = value.scaleb(multiplier)
    return int(value * _KILO if str(name) == "kWh" else value)
