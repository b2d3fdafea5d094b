"""For tests of your own: two peers on a virtual line, messages of every kind, a machine, a recorder.

- `Domain` says what your peer knows; `draw` and `draw_story` make calls and stories; `Judge` hears them.
- `Link` joins two peers by a line that delays, loses, repeats, reorders and garbles, on a virtual clock.
- `meaningful`, `stories`, `payloads`, `near_misses`, `frames`, `bad_frames`, `raw_messages`, `call_scripts`:
  hypothesis strategies.
- `PeersMachine`: a hypothesis state machine to subclass, with your handlers, and the rules as invariants.
- `OutboxMachine`: the same for a station whose link, store and power fail at any moment.
- `FleetMachine`: the same for gateways and callers whose broker and processes fail, on a `FleetWorld`.
- `FaultyStore`: a station's store that fails, tears and reorders when you say so.
- `MockCsms` and `MockStation`: the other side on the loopback interface, with `expect` and faults to order;
  `run_in_virtual_time` lets a day pass in a moment.
- `broker`: a NATS server for a test of a fleet, to kill and to freeze.
- `play` plays a script of calls; `Recorder` writes a session down and `replay` repeats it.

`Link`, `play`, `Recorder`, `FaultyStore` and the examples of `shapes`, `breakages` and `hostile` need nothing
but the library; the rest needs hypothesis: `pip install ocpp-sansio[testing]`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ocpp_sansio.recording import Recorder, Replay, describe, replay
from ocpp_sansio.testing.breakages import NearMiss, draw_broken, every_near_miss
from ocpp_sansio.testing.chance import Chance, Dice, shuffled
from ocpp_sansio.testing.domain import Domain, Seen, draw
from ocpp_sansio.testing.faulty_store import FaultyStore, PowerCut, StoreFault
from ocpp_sansio.testing.hostile import (
    BAD_ID,
    HOSTILE,
    BadFrame,
    actions_to,
    easiest_action,
    every_bad_frame,
)
from ocpp_sansio.testing.judge import Judge, Verdict
from ocpp_sansio.testing.link import PERFECT, Faults, Link, Peer
from ocpp_sansio.testing.model import RuleBroken
from ocpp_sansio.testing.nats_server import Broker, BrokerMissing, broker, find_nats_server
from ocpp_sansio.testing.plots import (
    AskStep,
    Counterpart,
    Given,
    ListenStep,
    StoryStep,
    draw_story,
    filled_in,
)
from ocpp_sansio.testing.reached import Reached
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
from ocpp_sansio.testing.virtual import run_in_virtual_time

if TYPE_CHECKING:
    from ocpp_sansio.testing.fleet_machine import FleetMachine
    from ocpp_sansio.testing.fleet_world import FleetWorld
    from ocpp_sansio.testing.machine import Handler, PeersMachine
    from ocpp_sansio.testing.mocks import Charge, MockAnswer, MockCsms, MockPeer, MockStation
    from ocpp_sansio.testing.outbox_machine import OutboxMachine
    from ocpp_sansio.testing.strategies import (
        bad_frames,
        call_scripts,
        frames,
        json_values,
        meaningful,
        message_ids,
        near_misses,
        payloads,
        raw_messages,
        requests,
        responses,
        sends,
        stories,
        wild_numbers,
    )

__all__ = [
    "BAD_ID",
    "HOSTILE",
    "PERFECT",
    "AskStep",
    "BadFrame",
    "Broker",
    "BrokerMissing",
    "CallStep",
    "Chance",
    "Charge",
    "Counterpart",
    "CutStep",
    "Dice",
    "Domain",
    "Entry",
    "Faults",
    "FaultyStore",
    "FleetMachine",
    "FleetWorld",
    "Given",
    "Handler",
    "Judge",
    "Link",
    "ListenStep",
    "MockAnswer",
    "MockCsms",
    "MockPeer",
    "MockStation",
    "NearMiss",
    "OutboxMachine",
    "PauseStep",
    "Peer",
    "PeersMachine",
    "PowerCut",
    "Reached",
    "Recorder",
    "Refusal",
    "Replay",
    "RuleBroken",
    "Script",
    "Seen",
    "SendStep",
    "StoreFault",
    "Story",
    "StoryStep",
    "Transcript",
    "Verdict",
    "actions_to",
    "bad_frames",
    "broker",
    "call_scripts",
    "corners",
    "describe",
    "draw",
    "draw_broken",
    "draw_story",
    "easiest_action",
    "every_bad_frame",
    "every_near_miss",
    "filled_in",
    "find_nats_server",
    "frames",
    "json_values",
    "meaningful",
    "message_ids",
    "minimal",
    "near_misses",
    "payloads",
    "play",
    "raw_messages",
    "replay",
    "requests",
    "responses",
    "run_in_virtual_time",
    "sends",
    "shuffled",
    "stories",
    "wild_numbers",
]


def __getattr__(name: str) -> Any:
    """Import what needs hypothesis, or a WebSocket, only when it is asked for."""
    if name in {"Handler", "PeersMachine"}:
        return getattr(import_module("ocpp_sansio.testing.machine"), name)
    if name in {"Charge", "MockAnswer", "MockCsms", "MockPeer", "MockStation"}:
        return getattr(import_module("ocpp_sansio.testing.mocks"), name)
    if name == "FleetMachine":
        return import_module("ocpp_sansio.testing.fleet_machine").FleetMachine
    if name == "FleetWorld":
        return import_module("ocpp_sansio.testing.fleet_world").FleetWorld
    if name == "OutboxMachine":
        return import_module("ocpp_sansio.testing.outbox_machine").OutboxMachine
    if name in __all__:
        return getattr(import_module("ocpp_sansio.testing.strategies"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
