"""No false alarms: what `check` says of the log of PyPI `ocpp`, whose station and CSMS do nothing wrong."""

import logging
from collections.abc import Sequence
from pathlib import Path

import pytest
from interop_peers import our_client_their_csms, run, serving, their_class, their_station_our_server
from test_interop_exchanges import FROM_CSMS, FROM_STATION, THEIR_BASE

from ocpp_sansio import Version
from ocpp_sansio.cli.check import check_lines

HOME_ASSISTANT = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


@pytest.mark.parametrize("is_our_csms", [True, False])
@pytest.mark.parametrize("version", THEIR_BASE)
def test_a_correct_day_in_the_log_of_pypi_ocpp_has_no_finding(
    version: Version, *, is_our_csms: bool, tmp_path: Path
) -> None:
    log = logging.getLogger("ocpp")
    path = tmp_path / "home-assistant.log"
    file = logging.FileHandler(path, encoding="utf-8")
    file.setFormatter(HOME_ASSISTANT)
    before = log.level
    log.addHandler(file)
    log.setLevel(logging.INFO)
    try:
        run_a_day(version, is_our_csms=is_our_csms)
    finally:
        log.removeHandler(file)
        log.setLevel(before)
        file.close()

    report = check_lines(path.read_bytes().split(b"\n"), version=version)
    told = [(finding.rule, finding.path, finding.message) for finding in report.findings]
    assert told == []
    assert report.messages == 2 * (len(FROM_STATION[version]) + len(FROM_CSMS[version]))


def run_a_day(version: Version, *, is_our_csms: bool) -> None:
    from_station, from_csms = FROM_STATION[version], FROM_CSMS[version]
    ours, theirs = (from_csms, from_station) if is_our_csms else (from_station, from_csms)
    arrangement = their_station_our_server if is_our_csms else our_client_their_csms

    async def scenario() -> None:
        their_type = their_class(THEIR_BASE[version], *ours)
        async with arrangement(version, their_type, serving(*theirs)[0]) as (they, session):

            async def they_call(exchanges: Sequence[object]) -> None:
                for exchange in exchanges:
                    await they.call(exchange.their_request, suppress=False)  # type: ignore[attr-defined]

            async def we_call() -> None:
                for exchange in ours:
                    await session.call(exchange.our_request)

            if is_our_csms:
                await they_call(theirs)
                await we_call()
            else:
                await we_call()
                await they_call(theirs)

    run(scenario)
