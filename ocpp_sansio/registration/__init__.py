"""Who may speak before and after a boot was accepted: the states, what licenses a call, the gate of a CSMS.

Pure, as `core` is: no I/O, clock, loop, logger or randomness. The station's own gate is in
`ocpp_sansio.station`.
"""

from typing import TYPE_CHECKING, Any

from ocpp_sansio.registration.licences import ANY_ACTION, REMOTE_CONTROL, TRIGGERS, licensed_by
from ocpp_sansio.registration.states import STATION, BootOutcome, Registration, advance

if TYPE_CHECKING:
    from ocpp_sansio.registration.csms import CsmsGate, NotAllowedYet, Unknown
    from ocpp_sansio.registration.newest import NewestRegistrations

__all__ = [
    "ANY_ACTION",
    "REMOTE_CONTROL",
    "STATION",
    "TRIGGERS",
    "BootOutcome",
    "CsmsGate",
    "NewestRegistrations",
    "NotAllowedYet",
    "Registration",
    "Unknown",
    "advance",
    "licensed_by",
]

_MODULES = {
    "CsmsGate": "csms",
    "NewestRegistrations": "newest",
    "NotAllowedYet": "csms",
    "Unknown": "csms",
}


def __getattr__(name: str) -> Any:
    # A station has no use for them.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
