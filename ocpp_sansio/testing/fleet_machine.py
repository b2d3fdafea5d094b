"""`FleetMachine`: a fleet whose broker, processes and lines fail at any moment, for hypothesis."""

from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from ocpp_sansio.testing.fleet_world import FleetWorld

__all__ = ["FleetMachine"]

STATIONS = st.sampled_from(["A", "B"])
GATEWAYS = st.integers(0, 2)
CALLERS = st.integers(0, 1)
MOMENTS = st.sampled_from([0.0, 0.001, 0.002, 0.003, 0.01, 0.06, 0.3, 0.6, 1.1, 3.0, 12.0])


class FleetMachine(RuleBasedStateMachine):
    """Stations that flap, callers, and gateways that are stopped or cut off, with the rules as invariants.

    Raises `RuleBroken`. `TestMyFleet = FleetMachine.TestCase` makes a test of it.
    """

    gateways: ClassVar[int] = 3

    def __init__(self) -> None:
        super().__init__()
        self.world = FleetWorld(self.gateways)

    @rule(station=STATIONS, gateway=GATEWAYS, moment=MOMENTS)
    def connect(self, station: str, gateway: int, moment: float) -> None:
        """Connect a station, which may be connected elsewhere."""
        self.world.connect(station, self.world.gateways[gateway])
        self.world.run(moment)

    @rule(station=STATIONS)
    def hang_up(self, station: str) -> None:
        """Have a station go as it should."""
        self.world.hang_up(station)

    @rule(station=STATIONS, caller=CALLERS, many=st.integers(1, 4), moment=MOMENTS)
    def call(self, station: str, caller: int, many: int, moment: float) -> None:
        """Call a station."""
        for _ in range(many):
            self.world.callers[caller].call(station, 2.0)
        self.world.run(moment)

    @rule(moment=MOMENTS)
    def wait(self, moment: float) -> None:
        """Let time pass."""
        self.world.run(moment)
        self.world.check_calls()

    @rule(gateway=GATEWAYS, moment=MOMENTS)
    def freeze_or_thaw(self, gateway: int, moment: float) -> None:
        """Stop a gateway, or have it go on."""
        process = self.world.gateways[gateway]
        if process.is_frozen:
            process.thaw()
        else:
            process.is_frozen = True
        self.world.run(moment)

    @rule(gateway=GATEWAYS, moment=MOMENTS)
    def cut_or_mend(self, gateway: int, moment: float) -> None:
        """Have a gateway lose the broker, or find it again."""
        process = self.world.gateways[gateway]
        if process.is_linked:
            process.cut()
        else:
            process.mend()
        self.world.run(moment)

    @rule(caller=CALLERS, lag=st.sampled_from([0.0, 0.5, 10.0]))
    def hold(self, caller: int, lag: float) -> None:
        """Let what a caller sends hang for a while."""
        self.world.callers[caller].lag = lag

    @rule(copies=st.integers(1, 2))
    def repeat(self, copies: int) -> None:
        """Let the broker deliver everything twice, or no more."""
        self.world.copies = copies

    @rule(think=st.sampled_from([0.01, 0.05, 0.5, 1.5]))
    def think(self, think: float) -> None:
        """Make stations slower or quicker."""
        self.world.think = think

    def teardown(self) -> None:
        """Let all be well again: then each station that is there has one owner."""
        self.world.settle()
