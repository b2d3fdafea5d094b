"""Two charges of our durable station, and the book of somebody else's CSMS that treats it badly."""

import json
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from net_worlds import World

from ocpp_sansio import Config, Request, Version, v16, v201
from ocpp_sansio.backoff import Backoff
from ocpp_sansio.core import from_json
from ocpp_sansio.repetition import idempotency_key
from ocpp_sansio.station import Amend, BootReason, Station, StationSettings, StoreRequest
from ocpp_sansio.stores import SqliteStore

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
TIMEOUT = 0.5
"""Seconds after which a message that is not answered has failed: each such fate takes as long."""
SETTINGS = StationSettings(
    message_attempts=100,
    message_interval=0.1,
    heartbeat_interval=0.0,
    max_losses=100,
    forget_delay=0.0,
)
QUICK = Backoff(wait_minimum=0.01, random_range=0.0)
FATES = (
    *("error", "answer", "twice", "kill", "answer", "late"),
    *("kill", "error", "answer", "never", "kill", "answer"),
)
"""What becomes of each transmission at the CSMS, in order; of those after them: answer.

kill: it dies when it has taken the message and not answered it; another begins in its place.
late: it answers when the station has noted that no answer came.
"""
FATES_WITH_ONE_DEATH = ("never", "kill", "error", "answer", "late", "twice")
"""The same in short, for a CSMS that takes its time to begin anew."""
POWER_CUT_AFTER = 4
"""Messages, those of the first charge: the station begins anew with what it has stored."""

REQUESTS: dict[Version, dict[str, type[Request[Any]]]] = {
    Version.OCPP16: {
        kind.action: kind
        for kind in (
            v16.StartTransactionRequest,
            v16.MeterValuesRequest,
            v16.StopTransactionRequest,
        )
    },
    Version.OCPP201: {"TransactionEvent": v201.TransactionEventRequest},
}
"""What belongs to a transaction, by action."""


class Book:
    """What the CSMS has taken of the station, and what it does about it; outlives its processes."""

    def __init__(self, version: Version, fates: Sequence[str] = FATES) -> None:
        self.version = version
        self.fates = [*fates]
        self._failures = sum(fate in {"error", "never", "kill"} for fate in fates)
        self.keys: list[Any] = []
        """Of all that came."""
        self.taken: dict[Any, Request[Any]] = {}
        """By key, as it came first."""
        self._kinds = REQUESTS[version]

    def is_kept(self, action: str) -> bool:
        return action in self._kinds

    def take(self, action: str, payload: Any) -> str:
        """Write down a message, and return its fate."""
        fate = self.fates.pop(0) if self.fates else "answer"
        request = from_json(self._kinds[action], json.dumps(payload).encode())
        key = idempotency_key(request)
        self.keys.append(key)
        if fate != "error":  # then it has not taken it
            self.taken.setdefault(key, request)
        return fate

    def check(self) -> None:
        """Compare with what was posted: all of it came, in order, and each charge once."""
        posted = messages(self.version)
        assert self.fates == []
        assert len(self.keys) >= len(posted) + self._failures
        first = list(dict.fromkeys(self.keys))
        assert self.keys == sorted(self.keys, key=first.index)  # T-6: none overtakes, none returns
        wanted = [_as_delivered(request, charge) for charge, request in posted]
        assert [idempotency_key(request) for request in wanted] == first
        assert [*self.taken] == first
        assert [_without_offline(request) for request in self.taken.values()] == wanted


def _as_delivered(request: Any, charge: str) -> Any:
    if isinstance(request, v16.MeterValuesRequest | v16.StopTransactionRequest):
        return replace(request, transaction_id=transaction_id_of(METERS[charge]))
    return request


def _without_offline(request: Any) -> Any:
    if not isinstance(request, v201.TransactionEventRequest):
        return request
    return replace(request, offline=None)


METERS = {"charge-1": 100, "charge-2": 2000}


def transaction_id_of(meter_start: int) -> int:
    """Return what both of them answer to a start, and to a repetition of it again."""
    return meter_start + 7


def messages(version: Version) -> list[tuple[str, Any]]:
    """Return the charges, and their messages in the order in which they are posted."""
    make = _charge_16 if version is Version.OCPP16 else _charge_201
    return [(charge, request) for charge in METERS for request in make(charge, METERS[charge])]


def _charge_16(_: str, meter: int) -> list[Any]:
    def values(minute: int) -> v16.MeterValuesRequest:
        sample = v16.SampledValue(value=str(meter + minute))
        value = v16.MeterValue(timestamp=_moment(meter, minute), sampled_value=[sample])
        return v16.MeterValuesRequest(connector_id=1, meter_value=[value])

    return [
        v16.StartTransactionRequest(
            connector_id=1, id_tag="TAG", meter_start=meter, timestamp=_moment(meter, 0)
        ),
        values(1),
        values(2),
        v16.StopTransactionRequest(
            transaction_id=0, meter_stop=meter + 3, timestamp=_moment(meter, 3)
        ),
    ]


def _charge_201(charge: str, meter: int) -> list[Any]:
    kinds = v201.TransactionEventEnumType
    trigger = v201.TriggerReasonEnumType.METER_VALUE_PERIODIC
    info = v201.TransactionType(transaction_id=charge)
    return [
        v201.TransactionEventRequest(
            event_type=kind,
            timestamp=_moment(meter, number),
            trigger_reason=trigger,
            seq_no=number,
            transaction_info=info,
        )
        for number, kind in enumerate((kinds.STARTED, kinds.UPDATED, kinds.UPDATED, kinds.ENDED))
    ]


def _moment(meter: int, minute: int) -> datetime:
    return NOON + timedelta(hours=meter, minutes=minute)


def lasting_port() -> int:
    """Return a free port that nobody is given by chance while the CSMS that had it begins anew."""
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        with socket.socket() as attempt, suppress(OSError):
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            attempt.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


class TellingStore:
    """A store that tells of each failure of a message: that is when a CSMS may answer late."""

    def __init__(self, path: Path, on_failure: Callable[[], object]) -> None:
        self._store = SqliteStore(path)
        self.load, self.close = self._store.load, self._store.close
        self._on_failure = on_failure

    def apply(self, requests: Sequence[StoreRequest]) -> int:
        token = self._store.apply(requests)
        if any(isinstance(request, Amend) for request in requests):
            self._on_failure()
        return token


def boot(version: Version, reason: BootReason) -> Any:
    if version is Version.OCPP16:
        return v16.BootNotificationRequest(charge_point_vendor="V", charge_point_model="M")
    return v201.BootNotificationRequest(
        charging_station=v201.ChargingStationType(vendor_name="V", model="M"),
        reason=v201.BootReasonEnumType(reason.value),
    )


async def charge_durably(
    world: World,
    url: str,
    book: Book,
    *,
    path: Path,
    on_failure: Callable[[], object],
    **options: Any,
) -> None:
    """Post both charges, with a power cut between them, until nothing is left."""
    posted = messages(book.version)
    for part in (posted[:POWER_CUT_AFTER], posted[POWER_CUT_AFTER:]):
        store = TellingStore(path, on_failure)
        station = Station(
            boot,
            random=lambda: 0.0,
            restored=store.load(),
            settings=SETTINGS,
            config=Config(call_timeout=TIMEOUT),
        )
        async with world.connect(
            url,
            versions=[book.version],
            reconnect=QUICK,
            station=station,
            store=store,
            **options,
        ) as session:
            for charge, request in part:
                await session.post(request, transaction=charge)
            await session.registered()
            if part[-1] is posted[-1]:
                await world.until(partial(_is_empty, station))
        left = store.load()
        store.close()
    assert left.records == ()
    assert left.transactions == ()


def _is_empty(station: Station) -> bool:
    return not station.queued_messages() and station.stored_token == station.last_token
