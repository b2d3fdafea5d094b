"""The demo itself: a CSMS and a station on the loopback interface, once per version."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from time import perf_counter
from typing import TypeAlias

from ocpp_sansio import Role, Version, v21, v201
from ocpp_sansio.asyncio import Session, connect, serve
from ocpp_sansio.cli.demo import scene_v2x, scene_v16
from ocpp_sansio.cli.demo.wire import Crossing, JsonLines, Table, Wire, summary
from ocpp_sansio.session import Handlers

__all__ = ["in_every_version"]

IDENTITY = "DEMO-STATION"

Scene: TypeAlias = tuple[Handlers, Handlers, Callable[[Session], Awaitable[None]]]
"""The handlers of the CSMS and of the station, and what the station does."""


async def in_every_version(*, as_json: bool, time_limit: float) -> list[Crossing]:
    """Charge a car in each version; print what crosses, and a summary; return what has crossed.

    Raises TimeoutError after `time_limit` seconds, and what a call raises that is not answered well.
    """
    began = perf_counter()
    writer = JsonLines(sys.stdout) if as_json else Table(sys.stdout)
    crossings: list[Crossing] = []
    limit = asyncio.timeout(time_limit)
    try:
        async with limit:
            for version in Version:
                await _show(version, writer, crossings)
    except BaseExceptionGroup as group:
        raise _first_of(group) from None
    except TimeoutError:
        if limit.expired():
            raise TimeoutError(f"not finished after {time_limit:g} s") from None
        raise
    line = summary(crossings, perf_counter() - began)
    print(line if as_json else f"\n{line}", file=sys.stderr if as_json else sys.stdout)
    return crossings


def _first_of(error: BaseException) -> BaseException:
    """Return what went wrong first; the rest of a group is what that led to."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _show(version: Version, writer: JsonLines | Table, crossings: list[Crossing]) -> None:
    """Charge a car in one version, and write down what crosses."""
    wire = Wire(version)

    async def write() -> None:
        async for crossing in wire.crossings():
            crossings.append(crossing)
            writer.write(crossing)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        await _charge(version, wire, partial(writer.open, version))
        wire.close()


async def _charge(version: Version, wire: Wire, opened: Callable[[str], None]) -> None:
    csms_handlers, station_handlers, charge = _scene(version)
    async with serve(
        None,
        "127.0.0.1",
        0,
        versions=[version],
        handlers=csms_handlers,
        hooks=wire.hooks(Role.CSMS),
    ) as server:
        url = f"ws://127.0.0.1:{server.port}"
        opened(f"{url}/{IDENTITY}")
        async with connect(
            url,
            identity=IDENTITY,
            versions=[version],
            handlers=station_handlers,
            hooks=wire.hooks(Role.STATION),
        ) as session:
            await charge(session)


def _scene(version: Version) -> Scene:
    if version is Version.OCPP16:
        station = scene_v16.Station()
        return scene_v16.csms_handlers(), station.handlers, station.charge
    messages = v201 if version is Version.OCPP201 else v21
    later = scene_v2x.Station(messages)
    return scene_v2x.csms_handlers(messages), later.handlers, later.charge
