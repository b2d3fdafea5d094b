"""For tests of your own: two peers on a virtual line, messages of every kind, a machine, a recorder.

- `Link` joins two peers by a line that delays, loses, repeats, reorders and garbles, on a virtual clock.
- `payloads`, `near_misses`, `frames`, `bad_frames`, `raw_messages`, `call_scripts`: hypothesis strategies.
- `PeersMachine`: a hypothesis state machine to subclass, with your handlers, and the rules as invariants.
- `play` plays a script of calls; `Recorder` writes a session down and `replay` repeats it.

`Link`, `play`, `Recorder` and the examples of `shapes`, `breakages` and `hostile` need nothing but the core;
the rest needs hypothesis: `pip install ocpp-sansio[testing]`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ocpp_sansio.testing.breakages import NearMiss, every_near_miss
from ocpp_sansio.testing.hostile import (
    BAD_ID,
    HOSTILE,
    BadFrame,
    actions_to,
    easiest_action,
    every_bad_frame,
)
from ocpp_sansio.testing.link import PERFECT, Faults, Link, Peer
from ocpp_sansio.testing.model import RuleBroken
from ocpp_sansio.testing.recorder import Recorder, Replay, describe, replay
from ocpp_sansio.testing.scripts import (
    CallStep,
    CutStep,
    PauseStep,
    Refusal,
    Script,
    SendStep,
    Story,
    play,
)
from ocpp_sansio.testing.shapes import corners, minimal
from ocpp_sansio.testing.transcript import Entry, Transcript

if TYPE_CHECKING:
    from ocpp_sansio.testing.machine import PeersMachine
    from ocpp_sansio.testing.strategies import (
        bad_frames,
        call_scripts,
        frames,
        json_values,
        message_ids,
        near_misses,
        payloads,
        raw_messages,
        requests,
        responses,
        sends,
        wild_numbers,
    )

__all__ = [
    "BAD_ID",
    "HOSTILE",
    "PERFECT",
    "BadFrame",
    "CallStep",
    "CutStep",
    "Entry",
    "Faults",
    "Link",
    "NearMiss",
    "PauseStep",
    "Peer",
    "PeersMachine",
    "Recorder",
    "Refusal",
    "Replay",
    "RuleBroken",
    "Script",
    "SendStep",
    "Story",
    "Transcript",
    "actions_to",
    "bad_frames",
    "call_scripts",
    "corners",
    "describe",
    "easiest_action",
    "every_bad_frame",
    "every_near_miss",
    "frames",
    "json_values",
    "message_ids",
    "minimal",
    "near_misses",
    "payloads",
    "play",
    "raw_messages",
    "replay",
    "requests",
    "responses",
    "sends",
    "wild_numbers",
]


def __getattr__(name: str) -> Any:
    """Import what needs hypothesis only when it is asked for."""
    if name == "PeersMachine":
        return import_module("ocpp_sansio.testing.machine").PeersMachine
    if name in __all__:
        return getattr(import_module("ocpp_sansio.testing.strategies"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
