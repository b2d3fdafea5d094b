"""What a station can be told about its boots, its clock and its queue."""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import force_setattr

from ocpp_sansio.core import require_seconds, require_whole

__all__ = ["BootReason", "CountTimeouts", "RetryId", "StationSettings"]


class BootReason(StrEnum):
    """Why a station boots; written in 2.x only (B-23)."""

    POWER_UP = "PowerUp"
    WATCHDOG = "Watchdog"
    REMOTE_RESET = "RemoteReset"
    SCHEDULED_RESET = "ScheduledReset"
    LOCAL_RESET = "LocalReset"
    FIRMWARE_UPDATE = "FirmwareUpdate"
    APPLICATION_RESET = "ApplicationReset"
    TRIGGERED = "Triggered"
    UNKNOWN = "Unknown"


class CountTimeouts(StrEnum):
    """Whether a message that is not answered in time has failed (T-14)."""

    ALWAYS = "always"
    IF_HEARD = "if_heard"
    """Only if anything at all has come from the CSMS since the message left: else the line has failed."""


class RetryId(StrEnum):
    """The message id of a message that is sent again (T-18)."""

    FRESH = "fresh"
    SAME = "same"
    """That of the first transmission, within one boot."""


class StationSettings(Struct, frozen=True, kw_only=True):
    """The settings of a `Station`; frozen: `station.configure` replaces them.

    Raises ValueError or TypeError for a setting that cannot be.
    """

    boot_retry: float = 60.0
    """Seconds until the next boot where the CSMS has never said; doubled up to four times (B-24)."""
    boot_on_connect: bool = False
    """Whether each connection begins with a BootNotification, for a CSMS that waits for one (B-36)."""
    hang_up_when_rejected: bool = False
    """Whether a rejected station is to hang up until it may boot again: see `Station.silent_until` (B-33)."""
    heartbeat_interval: float = 300.0
    """HeartbeatInterval, in seconds; the answer to BootNotification replaces it (B-34). 0: none (K-11)."""
    clock_interval: float = 86400.0
    """Seconds within which the clock is asked for at least once, however busy the station is (K-9)."""
    max_round_trip: float = 10.0
    """Seconds that an answer may take and still set a clock that is set already (K-3)."""
    time_sources: Sequence[str] = ("NTP", "Heartbeat", "MobileNetwork", "RealTimeClock")
    """TimeSource: what may set the clock, the best first; "Heartbeat" is the CSMS (K-2)."""
    message_attempts: int = 3
    """TransactionMessageAttempts: transmissions of a message that may fail; then it is given up (T-10)."""
    message_interval: float = 60.0
    """TransactionMessageRetryInterval, in seconds: the wait after failure n is n times as long (T-10)."""
    count_timeouts: CountTimeouts = CountTimeouts.ALWAYS
    """Whether a message that is not answered in time has failed (T-14)."""
    max_losses: int = 10
    """Links lost in a row, with the same message in flight, that count as a failure of it (T-12)."""
    retry_id: RetryId = RetryId.FRESH
    """The message id of a message that is sent again (T-18)."""
    resume_delay: float = 0.0
    """Seconds after a connection is there, or the boot accepted, until the queue begins to leave (T-8)."""
    offline_threshold: float = 60.0
    """OfflineThreshold, in seconds: after longer, 2.x wants the status of everything again (T-36)."""
    queue_all: bool = False
    """QueueAllMessages: whether what is neither of a transaction nor of security is queued, too (T-4)."""
    answer_status: bool = True
    """Whether GetTransactionStatus is answered by the station itself (T-9)."""
    max_messages: int = 2000
    """Messages that wait to be delivered, those in the store included (T-30)."""
    max_bytes: int = 1024 * 1024
    """Bytes of JSON in them (T-30)."""
    end_reserve: int = 8192
    """Bytes that are kept free for the end of each open transaction, and one message (T-30)."""
    forget_delay: float = 5.0
    """Seconds that the removal of a reading may wait for something else to be written (D-8)."""
    store_retry: float = 30.0
    """Seconds after which a store that has failed is tried again (D-9)."""

    def __post_init__(self) -> None:
        for name, value in (
            ("heartbeat_interval", self.heartbeat_interval),
            ("max_round_trip", self.max_round_trip),
            ("message_interval", self.message_interval),
            ("resume_delay", self.resume_delay),
            ("offline_threshold", self.offline_threshold),
            ("forget_delay", self.forget_delay),
        ):
            require_seconds(name, value, finite=True)
        for name, value in (
            ("boot_retry", self.boot_retry),
            ("clock_interval", self.clock_interval),
            ("store_retry", self.store_retry),
        ):
            require_seconds(name, value, above_zero=True, finite=True)
        require_whole("message_attempts", self.message_attempts, 0)
        require_whole("max_losses", self.max_losses, 1)
        require_whole("max_messages", self.max_messages, 4)
        require_whole("max_bytes", self.max_bytes, 1024)
        require_whole("end_reserve", self.end_reserve, 0)
        if isinstance(self.time_sources, str):
            raise TypeError(f"time_sources must be several names, not {self.time_sources!r}")
        force_setattr(self, "time_sources", tuple(self.time_sources))
        force_setattr(self, "count_timeouts", CountTimeouts(self.count_timeouts))
        force_setattr(self, "retry_id", RetryId(self.retry_id))
