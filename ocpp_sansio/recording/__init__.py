"""Recordings: what crossed and what the core was told, written down so that it can be told again.

`Recordings` writes what live sessions say into bounded files, without their secrets (`record=` of `connect`,
`serve` and `Session`). `Recorder` writes down one `Connection` whole; `replay` tells either to a fresh one.
"""

from ocpp_sansio.recording.recorder import Recorder, describe
from ocpp_sansio.recording.recordings import Record, Recordings, recordings_of
from ocpp_sansio.recording.redaction import MASK, redacted
from ocpp_sansio.recording.replaying import Replay, replay, replay_all

__all__ = [
    "MASK",
    "Record",
    "Recorder",
    "Recordings",
    "Replay",
    "describe",
    "recordings_of",
    "redacted",
    "replay",
    "replay_all",
]
