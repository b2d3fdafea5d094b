"""What a CSMS's session lets a station say, and says to it, by what its boot was answered (B-40 to B-46)."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from worlds import World, caught, connected_pair, in_both_worlds, sent_by

from ocpp_sansio import Config, ErrorCode, ProtocolViolated, Role, Rule, Validation, to_json
from ocpp_sansio.asyncio import Session
from ocpp_sansio.core import Call, Version
from ocpp_sansio.handlers import Handlers
from ocpp_sansio.hooks import Hooks, Report
from ocpp_sansio.outcomes import CallFailed
from ocpp_sansio.registration import NotAllowedYet, Registration

BOOT = {"chargePointVendor": "Quiet", "chargePointModel": "One"}
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
START = {"idTag": "TAG"}
TRIGGER_STATUS = {"requestedMessage": "StatusNotification"}
TRIGGER_BOOT = {"requestedMessage": "BootNotification"}


def csms(verdict: list[str], **options: Any) -> dict[str, Any]:
    """Return the options of a CSMS whose answer to the next BootNotification is the first in a list."""

    def boot(_: Any) -> Any:
        return {"status": verdict[0], "interval": 60, "currentTime": "2026-11-26T00:00:00Z"}

    handlers = Handlers({"BootNotification": boot, "StatusNotification": lambda _: {}})
    return {"handlers": handlers, "identity": "CP001", **options}


STATION = {
    "handlers": Handlers(
        {
            "TriggerMessage": lambda _: {"status": "Accepted"},
            "RemoteStartTransaction": lambda _: {"status": "Accepted"},
        }
    )
}


@in_both_worlds
async def test_until_its_boot_is_accepted_a_station_says_what_it_was_asked_for(
    world: World,
) -> None:
    verdict, kept, reports = ["Pending"], dict[str, Registration](), list[Report]()
    hooks = Hooks()
    hooks.reports(reports.append)
    served = csms(verdict, registrations=kept, hooks=hooks)
    async with connected_pair(world, station=STATION, csms=served) as (station, near):
        assert near.registration is Registration.UNKNOWN
        assert await station.call("StatusNotification", STATUS) == {}
        await station.call("BootNotification", BOOT)
        assert (near.registration, kept["CP001"]) == (Registration.PENDING,) * 2

        refused = await caught(station.call("StatusNotification", STATUS))
        assert isinstance(refused, CallFailed)
        assert refused.code is ErrorCode.SECURITY_ERROR
        (event,) = [report.event for report in reports]
        assert isinstance(event, ProtocolViolated)
        assert event.error.rule is Rule.NOT_REGISTERED

        assert (await near.call("TriggerMessage", TRIGGER_STATUS))["status"] == "Accepted"
        assert await station.call("StatusNotification", STATUS) == {}
        verdict[0] = "Accepted"
        await station.call("BootNotification", BOOT)
        assert (near.registration, kept["CP001"]) == (Registration.ACCEPTED,) * 2
        assert station.registration is None


@in_both_worlds
async def test_what_a_station_may_not_be_sent_is_refused_before_anything_is(world: World) -> None:
    start = to_json(Call("1", "RemoteStartTransaction", START), Version.OCPP16)
    sent: list[bytes] = []
    for state, makes_trigger in (("Pending", True), ("Rejected", False)):
        kept = {"CP001": Registration(state)}
        near = world.session(Role.CSMS, sender=sent.append, **csms([state], registrations=kept))
        async with near:
            await near.connected("ocpp1.6")
            assert isinstance(
                await caught(near.call("RemoteStartTransaction", START)), NotAllowedYet
            )
            assert isinstance(await caught(near.forward(start)), NotAllowedYet)
            assert sent == []
            job = world.start(near.call, "TriggerMessage", TRIGGER_STATUS)
            await world.settle()
            assert bool(sent) is makes_trigger
            await near.disconnected()
            assert isinstance(await caught(job.result()), Exception)
            sent.clear()


@in_both_worlds
async def test_without_a_gate_all_is_served_and_sent(world: World) -> None:
    served = csms(["Rejected"], gate=False)
    async with connected_pair(world, station=STATION, csms=served) as (station, near):
        await station.call("BootNotification", BOOT)
        assert near.registration is None
        assert await station.call("StatusNotification", STATUS) == {}
        await near.call("RemoteStartTransaction", START)


@in_both_worlds
async def test_a_station_that_is_not_known_can_be_barred_until_it_boots(world: World) -> None:
    served = csms(["Accepted"], unknown="bar")
    async with connected_pair(world, station=STATION, csms=served) as (station, _):
        assert isinstance(await caught(station.call("StatusNotification", STATUS)), CallFailed)
        await station.call("BootNotification", BOOT)
        assert await station.call("StatusNotification", STATUS) == {}


@in_both_worlds
async def test_what_a_session_refused_holds_for_its_next_connection(world: World) -> None:
    sent: list[bytes] = []
    near = world.session(Role.CSMS, sender=sent.append, **csms(["Rejected"]))
    async with near:
        for _ in range(2):
            await near.connected("ocpp1.6")
            await near.received('[2,"1","StatusNotification",{}]')
            if near.registration is Registration.UNKNOWN:
                await near.received(
                    '[2,"2","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]'
                )
            await near.disconnected()
        assert [message[0] for message in sent_by(sent)] == [4, 3, 4]
        assert sent_by(sent)[-1][2] == "SecurityError"


class Lost(MutableMapping[str, Registration]):
    """A mapping over a database that is not there."""

    def __getitem__(self, key: str) -> Registration:
        raise OSError("no database")

    __setitem__ = __delitem__ = __getitem__  # type: ignore[assignment]

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@in_both_worlds
async def test_a_mapping_that_fails_is_no_matter_of_the_stations(world: World) -> None:
    served = csms(["Pending"], registrations=Lost())
    async with connected_pair(world, station=STATION, csms=served) as (station, near):
        await station.call("BootNotification", BOOT)
        assert near.registration is Registration.PENDING


@in_both_worlds
async def test_an_answer_that_is_not_checked_and_has_no_such_status_registers_nobody(
    world: World,
) -> None:
    for status in ("Maybe", ["Accepted"], None):
        unchecked = Config(validation=Validation.OFF)
        served = csms([status], config=unchecked)  # type: ignore[list-item]
        station = STATION | {"config": unchecked}
        async with connected_pair(world, station=station, csms=served) as (far, near):
            assert (await far.call("BootNotification", BOOT))["status"] == status
            assert near.registration is Registration.UNKNOWN


@in_both_worlds
async def test_a_trigger_that_an_accepted_station_refuses_is_remarked_on(world: World) -> None:
    served = csms(["Accepted"], registrations={"CP001": Registration.ACCEPTED})
    async with connected_pair(world, station=STATION, csms=served) as (_, near):
        await near.call("TriggerMessage", TRIGGER_BOOT)  # B-45: a warning, no refusal


def test_a_word_that_says_nothing_of_the_unknown_is_refused() -> None:
    with pytest.raises(ValueError, match="maybe"):
        Session(Role.CSMS, sender=print, unknown="maybe")
