"""Who may speak before and after a boot was accepted: the states, what licenses a call, the gate of a CSMS.

Pure, as `core` is: no I/O, clock, loop, logger or randomness. The station's own gate is in
`ocpp_sansio.station`.
"""

from ocpp_sansio.registration.csms import CsmsGate, NotAllowedYet, Unknown
from ocpp_sansio.registration.licences import ANY_ACTION, REMOTE_CONTROL, TRIGGERS, licensed_by
from ocpp_sansio.registration.newest import NewestRegistrations
from ocpp_sansio.registration.states import STATION, BootOutcome, Registration, advance

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
