"""How long and how many: in full, or just enough to see that every row works."""

import attrs

from benchmarks.abuse import attacks
from ocpp_sansio import Config


@attrs.frozen(kw_only=True)
class Effort:
    """The sizes of a run."""

    is_short: bool
    flood_seconds: float
    patience: float
    """Seconds that one who waits may wait; a server that is frozen for longer is killed."""
    obey_seconds: float
    """The same for SIGTERM."""
    siege_seconds: float
    scale: int
    """By how much the many connections of the sieges and of the memory rows are divided."""
    zombie_times: int

    def many(self, count: int) -> int:
        """Return so many connections, or fewer in a short run."""
        return max(1, count // self.scale)


FULL = Effort(
    is_short=False,
    flood_seconds=6.0,
    patience=15.0,
    obey_seconds=10.0,
    siege_seconds=20.0,
    scale=1,
    zombie_times=1,
)

SHORT = Effort(
    is_short=True,
    flood_seconds=1.0,
    patience=2.0,
    obey_seconds=2.0,
    siege_seconds=1.0,
    scale=20,
    zombie_times=1,
)

LARGEST = Config().max_message_size
"""Bytes of the largest message that ours takes by default."""
BOMB_SIZE = attacks.MEGABYTE
BOMB_UNDER_LIMIT = LARGEST - 1_000
