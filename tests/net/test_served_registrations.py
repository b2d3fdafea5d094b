"""Registrations outlive the connections that `serve` has, under the stations' identities (B-40)."""

from typing import Any

import pytest
from net_worlds import World, in_every_world

from ocpp_sansio.net import Duplicates
from ocpp_sansio.outcomes import CallFailed
from ocpp_sansio.registration import NotAllowedYet, Registration

NOW = {"currentTime": "2026-11-26T00:00:00Z"}
BOOT = {"chargePointVendor": "Quiet", "chargePointModel": "One"}
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
HANDLERS = {
    "BootNotification": lambda _: {"status": "Rejected", "interval": 300, **NOW},
    "StatusNotification": lambda _: {},
}


@in_every_world
def test_a_rejected_station_is_rejected_on_its_next_connection(world: World) -> None:
    async def scenario(world: World) -> None:
        def station(identity: str) -> Any:
            url = f"ws://127.0.0.1:{server.port}"
            return world.connect(url, identity=identity, versions=["ocpp1.6"])

        async with world.serve(
            None, "127.0.0.1", 0, versions=["ocpp1.6"], handlers=HANDLERS
        ) as server:
            async with station("A") as first:
                await first.call("StatusNotification", STATUS)
                await first.call("BootNotification", BOOT)
            async with station("A") as again, station("B") as other:
                with pytest.raises(CallFailed, match="SecurityError"):
                    await again.call("StatusNotification", STATUS)
                await other.call("StatusNotification", STATUS)
                session = server.sessions["A"]
                assert session.registration is Registration.REJECTED
                assert server.sessions["B"].registration is Registration.UNKNOWN
                with pytest.raises(NotAllowedYet):
                    await session.call("GetConfiguration", {})

    world.run(scenario)


@in_every_world
@pytest.mark.parametrize("unknown", ["serve", "bar"])
def test_two_connections_of_one_station_have_one_registration(world: World, unknown: str) -> None:
    verdicts = ["Rejected", "Accepted"]
    handlers = HANDLERS | {
        "BootNotification": lambda _: {"status": verdicts.pop(0), "interval": 300, **NOW}
    }

    async def scenario(world: World) -> None:
        def station() -> Any:
            url = f"ws://127.0.0.1:{server.port}"
            return world.connect(url, identity="A", versions=["ocpp1.6"])

        async with (
            world.serve(
                None,
                "127.0.0.1",
                0,
                versions=["ocpp1.6"],
                handlers=handlers,
                duplicates=Duplicates.KEEP,
                unknown=unknown,
            ) as server,
            station() as one,
            station() as other,
        ):
            await one.call("BootNotification", BOOT)
            with pytest.raises(CallFailed, match="SecurityError"):
                await other.call("StatusNotification", STATUS)
            assert {each.registration for each in server.sessions.of("A")} == {
                Registration.REJECTED
            }
            await other.call("BootNotification", BOOT)
            await one.call("StatusNotification", STATUS)
            assert {each.registration for each in server.sessions.of("A")} == {
                Registration.ACCEPTED
            }

    world.run(scenario)
