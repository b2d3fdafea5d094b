"""How much is measured: in full, or just enough to see that every part works."""

import attrs


@attrs.frozen(kw_only=True)
class Effort:
    """The sizes of a run. Rounds go through all contenders in turn, so that a slow minute hits them all."""

    is_short: bool
    rounds: int
    pyperf_options: tuple[str, ...]
    """For each timing in each round."""
    start_ups: int
    """Fresh interpreters for each start-up figure."""
    connections: tuple[int, int, int]
    message_sizes: tuple[int, ...]
    """Bytes."""
    queued_calls: int
    soak_messages: int
    idle_stations: int
    stations: tuple[int, ...]
    load_rounds: int
    """Of the loopback group: more and shorter ones, since two processes feel a busy machine twice."""
    load_seconds: float
    """Of measured load, for each contender and round."""
    warm_up_seconds: float
    fleet_calls: int
    """For each contender and round."""


FULL = Effort(
    is_short=False,
    rounds=3,
    pyperf_options=("--processes=3", "--values=3", "--warmups=1"),
    start_ups=15,
    connections=(10, 1_000, 10_000),
    message_sizes=(100, 1_000, 10_000, 100_000, 1_000_000),
    queued_calls=10_000,
    soak_messages=1_000_000,
    idle_stations=5_000,
    stations=(50, 1_000),
    load_rounds=5,
    load_seconds=1.5,
    warm_up_seconds=0.5,
    fleet_calls=8_000,
)

SHORT = Effort(
    is_short=True,
    rounds=1,
    pyperf_options=("--processes=1", "--values=1", "--warmups=0", "--loops=64"),
    start_ups=1,
    connections=(10, 20, 30),
    message_sizes=(100, 1_000_000),
    queued_calls=100,
    soak_messages=1_000,
    idle_stations=20,
    stations=(5,),
    load_rounds=1,
    load_seconds=0.1,
    warm_up_seconds=0.05,
    fleet_calls=100,
)
