"""Who may speak before and after a boot was accepted: the states, what licenses a call, the gate of a CSMS.

Pure, as `core` is: no I/O, clock, loop, logger or randomness. The station's own gate is in
`ocpp_sansio.station`.
"""

from typing import TYPE_CHECKING

from ocpp_sansio.core import on_first_use
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

# A station has no use for them.
__getattr__ = on_first_use(
    __name__,
    {
        "CsmsGate": "csms",
        "NewestRegistrations": "newest",
        "NotAllowedYet": "csms",
        "Unknown": "csms",
    },
)
