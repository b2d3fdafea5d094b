"""A station of somebody else's at our gated CSMS: before its boot, pending, rejected, accepted, and again."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias

import pytest
from net_worlds import World

from ocpp_sansio import Version
from ocpp_sansio.registration import NotAllowedYet, Registration

IDENTITY = "CP001"
REFUSED, SERVED = "SecurityError", "served"
NOW = "2026-11-26T12:00:00Z"

Say: TypeAlias = Callable[[str, Any], Awaitable[str]]
"""Has their station call by action and payload, and returns `SERVED` or the code of the CALLERROR."""
Connected: TypeAlias = Callable[[int, str], AbstractAsyncContextManager[Say]]
"""Connects their station to a port of ours, with an identity."""

BOOT: dict[Version, Any] = {
    Version.OCPP16: {"chargePointVendor": "V", "chargePointModel": "M"},
    Version.OCPP201: {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}},
}
STATUS: dict[Version, Any] = {
    Version.OCPP16: {"connectorId": 1, "errorCode": "NoError", "status": "Available"},
    Version.OCPP201: {
        "timestamp": NOW,
        "connectorStatus": "Available",
        "evseId": 1,
        "connectorId": 1,
    },
}
START: dict[Version, tuple[str, Any]] = {
    Version.OCPP16: ("RemoteStartTransaction", {"idTag": "TAG"}),
    Version.OCPP201: (
        "RequestStartTransaction",
        {"idToken": {"idToken": "TAG", "type": "Central"}, "remoteStartId": 1},
    ),
}
ANSWERS: dict[str, Any] = {
    "TriggerMessage": {"status": "Accepted"},
    "ClearCache": {"status": "Accepted"},
}
"""What their station answers."""


async def tour_of_the_gate(
    world: World, version: Version, connected: Connected, *, restarts: int = 3
) -> None:
    """Take a station through all registrations, over connections and restarts of the CSMS (B-40 to B-44)."""
    registrations: dict[str, Registration] = {}
    verdicts = ["Pending", "Rejected", "Accepted"]
    status = ("StatusNotification", STATUS[version])
    boot = ("BootNotification", BOOT[version])
    served: list[str] = []

    def serve_boot(_: Any) -> Any:
        return {"status": verdicts.pop(0), "currentTime": NOW, "interval": 60}

    def serve_status(_: Any) -> Any:
        served.append("StatusNotification")
        return {}

    def csms(known: dict[str, Registration], unknown: str) -> Any:
        return world.serve(
            None,
            "127.0.0.1",
            0,
            versions=[version],
            handlers={"BootNotification": serve_boot, "StatusNotification": serve_status},
            registrations=known,
            unknown=unknown,
        )

    async with csms(registrations, "bar") as server:
        async with connected(server.port, IDENTITY) as say:
            assert await say(*status) == REFUSED  # never met
            assert await say(*boot) == SERVED
            assert registrations == {IDENTITY: Registration.PENDING}
            assert await say(*status) == REFUSED
            session = server.sessions[IDENTITY]
            with pytest.raises(NotAllowedYet):
                await session.call(*START[version])
            await session.call("TriggerMessage", {"requestedMessage": "StatusNotification"})
            assert await say(*status) == SERVED  # which was asked for
            assert await say("Heartbeat", {}) == REFUSED
            assert await say(*boot) == SERVED
            assert registrations == {IDENTITY: Registration.REJECTED}
            assert await say(*status) == REFUSED
            with pytest.raises(NotAllowedYet):
                await session.call("ClearCache", {})
        async with connected(server.port, IDENTITY) as say:
            assert await say(*status) == REFUSED  # a new connection makes it no better
            assert await say(*boot) == SERVED
            assert await say(*status) == SERVED
            await server.sessions[IDENTITY].call("ClearCache", {})
        assert served == ["StatusNotification"] * 2  # what is refused reaches no handler
    others: dict[str, Registration] = {"CP002": Registration.ACCEPTED}
    memories = [(registrations, "bar", SERVED), (others, "bar", REFUSED), ({}, "serve", SERVED)]
    for known, unknown, fate in memories[:restarts]:
        async with (
            csms(known, unknown) as server,  # another process, with what the former wrote down
            connected(server.port, IDENTITY) as say,
        ):
            assert await say(*status) == fate
    assert verdicts == []
