"""`python -m ocpp_sansio station` and `csms`, against one another: what is charged is billed, once."""

from pathlib import Path

import pytest
from peer_programs import Plot, play

from ocpp_sansio import Version
from ocpp_sansio.__main__ import main
from ocpp_sansio.stores import SqliteStore

VERSIONS = pytest.mark.parametrize("version", list(Version))


@VERSIONS
def test_a_charge_cut_by_a_power_cut_and_one_made_offline_are_billed_once_and_in_full(
    version: Version, tmp_path: Path
) -> None:
    script = (
        "plug in 1; authorise 04E1; meter 500; lose power;"
        "go offline; authorise 04E2; meter 300; unplug; lose power; online"
    )
    played = play(Plot(station=script, version=version, path=tmp_path / "q.db"))
    assert (played.code, played.waiting) == (0, 0)
    assert played.billed == [(500, True), (300, True)]
    shown = played.station.getvalue()
    assert "was interrupted: it is ended" in shown
    assert "may charge: nobody can be asked" in shown
    assert shown.count("is delivered") >= 6
    assert "ends (PowerLoss): 500 Wh" in played.csms.getvalue()


@VERSIONS
def test_the_csms_starts_and_stops_a_charge_and_has_the_station_tell_set_and_boot(
    version: Version,
) -> None:
    is_16 = version is Version.OCPP16
    reading = "MeterValues" if is_16 else "TransactionEvent"
    setting = "MeterValueSampleInterval" if is_16 else "SampledDataCtrlr.TxUpdatedInterval"
    orders = (
        "await CP001; start CP001 04E1 2; await charge CP001; trigger CP001 StatusNotification 2",
        f"trigger CP001 {reading} 2; set CP001 {setting} 5; stop CP001; await end CP001",
        "reset CP001; stations; charges",
    )
    plot = Plot(
        station="plug in 2 ...",
        csms=";".join(orders),
        version=version,
        connectors=2,
        boots=2,
    )
    played = play(plot)
    assert played.code == 0
    assert played.billed == [(0, True)]
    shown = played.csms.getvalue()
    assert "ends (Remote): 0 Wh" in shown
    assert "1 charges, 0 Wh" in shown
    assert "StatusNotification" in played.station.getvalue()


def test_a_reset_ends_a_charge_and_tells_of_it() -> None:
    plot = Plot(
        station="plug in; authorise 04E1 ...",
        csms="await charge CP001; reset CP001 Hard",
        boots=2,
    )
    played = play(plot)
    assert played.billed == [(0, True)]
    assert "ends (HardReset)" in played.csms.getvalue()


def test_a_station_whose_boot_is_pending_charges_and_delivers_once_it_is_accepted() -> None:
    plot = Plot(
        station="plug in; authorise 04E1; meter 10; unplug ...",
        csms="wait 0.5; accept CP001; await CP001; await end CP001",
        accept="Pending",
        patience=0.2,
        boots=2,
    )
    played = play(plot)
    assert played.billed == [(10, True)]


def test_no_secret_is_shown_when_the_csms_sets_one(capsys: pytest.CaptureFixture[str]) -> None:
    key = "0123456789abcdef0123456789abcdef"
    played = play(Plot(station="...", csms=f"await CP001; set CP001 AuthorizationKey {key}"))
    assert played.code == 1
    said = capsys.readouterr().err
    assert said == "csms: order 2: the station says NotSupported to ChangeConfiguration\n"
    assert "AuthorizationKey" in played.station.getvalue()
    assert key[:8] not in played.station.getvalue() + played.csms.getvalue()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1/CP001", "is no address of a station at a CSMS"),
        ("ws://127.0.0.1:9000", "is no address of a station at a CSMS"),
        ("ws://CP001:hush@127.0.0.1/CP001", "give the password with --password-file"),
        ("ws://127.0.0.1/a/..", "an identity is"),
    ],
)
def test_a_url_that_is_none_is_refused_before_anything_begins(
    url: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["station", url, "--script", "status"]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert "hush" not in shown.err + shown.out


@pytest.mark.parametrize("command", [["station", "ws://127.0.0.1:9/CP001"], ["csms"]])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--password-file", "{}/none"], "none': No such file or directory"),
        (["--password-file", "{}/empty"], "empty' should hold one line, the password"),
        (["--script", "{}/empty", "--store", "{}/empty/q.db"], "/q.db' "),
        (["--script", "fly"], "order 1: there is no order 'fly'"),
    ],
)
def test_what_cannot_be_is_said_with_the_exit_code_2(
    command: list[str],
    options: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "empty").touch()
    assert main(command + [option.format(tmp_path) for option in options]) == 2
    assert said in capsys.readouterr().err


def test_a_damaged_store_is_set_aside_and_the_exit_code_says_that_something_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "q.db"
    SqliteStore(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:1024] + b"\xff" * 2048 + whole[3072:])
    command = ["station", "ws://127.0.0.1:9/CP001", "--store", str(path), "--patience", "0.01"]
    assert main([*command, "--script", "status"]) == 1
    said = capsys.readouterr().out
    assert "q.db.damaged-1', and not delivered" in said
    assert "all else is delivered" in said
    assert main([*command, "--script", "status"]) == 0


def test_a_card_that_is_not_known_ends_the_script_with_the_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    played = play(Plot(station="plug in; authorise nobody; meter", id_tags=["04E1"]))
    assert (played.code, played.bills) == (1, [])
    said = capsys.readouterr().err
    assert said == "station: order 2: the CSMS does not let 'nobody' charge: Invalid\n"
