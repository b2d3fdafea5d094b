"""The committed packages are what the generator gives; it refuses what it does not know.

The schemas are no part of the project. With a copy, `tools/generate.py SCHEMA_FOLDER --check` proves
the packages; here the digests that it left do, and small schemas made up on the spot.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ocpp_sansio import Direction, Kind, Request, Response, Unconfirmed, Version, v16, v21, v201
from ocpp_sansio.messages import Catalog, Payload, catalog

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {Version.OCPP16: v16, Version.OCPP201: v201, Version.OCPP21: v21}
DIGESTS = {
    name: digest
    for line in (ROOT / "tools/generated.sha256").read_text(encoding="utf-8").splitlines()
    for digest, name in [line.split("  ")]
}


def generate(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools/generate.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


# -- the committed files ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", DIGESTS)
def test_each_generated_file_and_each_table_is_as_the_generator_left_it(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert hashlib.sha256(text.encode()).hexdigest() == DIGESTS[name], (
        f"{name} has changed since the generator last ran: run tools/generate.py SCHEMA_FOLDER"
    )


def test_no_module_in_the_packages_is_written_by_hand() -> None:
    present = {
        path.relative_to(ROOT).as_posix()
        for version in ("v16", "v201", "v21")
        for path in (ROOT / "ocpp_sansio" / version).glob("**/*.py*")
        if path.suffix != ".pyc"
    }
    assert present == {name for name in DIGESTS if name.startswith("ocpp_sansio/v")}


# -- what the packages hold ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "calls", "sends", "from_station", "from_csms"),
    [
        (Version.OCPP16, 39, 0, 13, 25),
        (Version.OCPP201, 64, 0, 24, 39),
        (Version.OCPP21, 90, 1, 36, 54),
    ],
)
def test_a4_the_catalogue_has_every_action_of_the_version(
    version: Version, calls: int, sends: int, from_station: int, from_csms: int
) -> None:
    actions = list(catalog(version).values())
    assert len([action for action in actions if action.kind is Kind.CALL]) == calls
    assert len([action for action in actions if action.kind is Kind.SEND]) == sends
    directions = [action.direction for action in actions]
    assert directions.count(Direction.STATION_TO_CSMS) == from_station
    assert directions.count(Direction.CSMS_TO_STATION) == from_csms
    assert [a.name for a in actions if a.direction is Direction.BOTH] == ["DataTransfer"]


@pytest.mark.parametrize(
    ("action", "direction"),
    [
        ("BootNotification", Direction.STATION_TO_CSMS),
        ("Reset", Direction.CSMS_TO_STATION),
        ("NotifyAllowedEnergyTransfer", Direction.CSMS_TO_STATION),  # A-5
        ("NotifyWebPaymentStarted", Direction.CSMS_TO_STATION),  # A-5
        ("NotifyPeriodicEventStream", Direction.STATION_TO_CSMS),
    ],
)
def test_a5_an_action_goes_the_way_the_specification_says_not_its_name(
    action: str, direction: Direction
) -> None:
    assert v21.CATALOG[action].direction is direction


@pytest.mark.parametrize("version", Version)
def test_requests_and_responses_know_each_other_and_their_version(version: Version) -> None:
    package, actions = PACKAGES[version], catalog(version)
    assert isinstance(actions, Catalog)
    for name, action in actions.items():
        assert action.name == action.request.action == name
        assert action.request.version is version
        assert action.request is getattr(package, action.request.__name__)
        if action.response is None:
            assert issubclass(action.request, Unconfirmed)
            continue
        assert issubclass(action.request, Request)
        assert action.request.__name__ == f"{name}Request"
        assert action.request.response_type is action.response
        assert issubclass(action.response, Response)
        assert action.response.__name__ == f"{name}Response"
        assert (action.response.action, action.response.version) == (name, version)


@pytest.mark.parametrize("version", Version)
def test_everything_is_exported_and_described_in_one_line(version: Version) -> None:
    package = PACKAGES[version]
    for name in set(package.__all__) - {"CATALOG"}:
        exported = getattr(package, name)
        assert exported.__name__ == name
        assert exported.__doc__, name
        assert "\n" not in exported.__doc__
        assert exported.__doc__.endswith("."), name


@pytest.mark.parametrize("version", Version)
def test_lenient_has_the_very_classes_of_its_package_and_is_not_loaded_with_it(
    version: Version,
) -> None:
    package = PACKAGES[version]
    lenient = import_module(f"{version.package}.lenient")
    assert set(lenient.__all__) == set(package.__all__)
    for name in lenient.__all__:
        assert getattr(lenient, name) is getattr(package, name)
    script = f"import sys, {version.package}; print('{version.package}.lenient' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize("version", Version)
def test_payloads_are_frozen_and_take_keywords_only(version: Version) -> None:
    for payload in payload_classes(version):
        assert payload.__struct_config__.frozen, payload
        if payload.__struct_fields__:
            with pytest.raises(TypeError):
                payload(*[None] * len(payload.__struct_fields__))


@pytest.mark.parametrize("version", Version)
def test_attributes_are_snake_case_and_hide_no_fact_of_the_class(version: Version) -> None:
    facts = {"action", "version", "direction", "kind", "response_type"}
    for payload in payload_classes(version):
        for attribute in payload.__struct_fields__:
            assert attribute == attribute.lower()
            assert attribute.isidentifier()
            if not issubclass(payload, Request | Response | Unconfirmed):
                continue
            assert attribute not in facts, payload


def test_wire_names_that_no_rule_gives_are_kept() -> None:
    assert wire_names(v201.OCSPRequestDataType)["responder_url"] == "responderURL"
    assert wire_names(v21.ChargingSchedulePeriodType)["limit_l2"] == "limit_L2"
    request = wire_names(v21.Get15118EVCertificateRequest)
    assert request["action_"] == "action"
    assert request["prioritized_emaids"] == "prioritizedEMAIDs"
    assert v21.Get15118EVCertificateRequest.action == "Get15118EVCertificate"


def test_enum_members_read_well_and_are_strings() -> None:
    members: dict[str, str] = {
        "Energy.Active.Import.Register": v16.Measurand.ENERGY_ACTIVE_IMPORT_REGISTER,
        "SuspendedEVSE": v16.ChargePointStatus.SUSPENDED_EVSE,
        "L1-N": v16.Phase.L1_N,
        "kWh": v16.UnitOfMeasure.KWH,
        "cCCS2": v201.ConnectorEnumType.C_CCS2,
        "s309-1P-16A": v201.ConnectorEnumType.S309_1P_16A,
        "SoC": v21.MeasurandEnumType.SOC,
        "SignV2G20Certificate": v21.MessageTriggerEnumType.SIGN_V2G20_CERTIFICATE,
    }
    for value, member in members.items():
        assert member == value


def test_g5_both_spellings_of_celsius_are_in_16() -> None:
    assert {v16.UnitOfMeasure.CELCIUS, v16.UnitOfMeasure.CELSIUS} == {"Celcius", "Celsius"}


def test_g6_the_types_of_21_do_not_descend_from_those_of_201() -> None:
    assert not issubclass(v21.BootNotificationRequest, v201.BootNotificationRequest)


def payload_classes(version: Version) -> Iterator[type[Payload]]:
    package = PACKAGES[version]
    for name in package.__all__:
        exported = getattr(package, name)
        if isinstance(exported, type) and issubclass(exported, Payload):
            yield exported


def wire_names(payload: type[Payload]) -> dict[str, str]:
    return {field.name: field.encode_name for field in msgspec.structs.fields(payload)}


# -- the generator and its input -------------------------------------------------------------------


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A schema folder with one sound action in 1.6."""
    for version in ("v16", "v201", "v21"):
        (tmp_path / version).mkdir()
    rows = "version\taction\tdirection\tkind\tset\n16\tHeartbeat\tCS>CSMS\tCALL\tcore\n"
    (tmp_path / "actions.tsv").write_text(rows, encoding="utf-8")
    write_schema(tmp_path, "Heartbeat", {})
    write_schema(tmp_path, "HeartbeatResponse", {"currentTime": {"type": "string"}})
    return tmp_path


def write_schema(folder: Path, name: str, properties: dict[str, Any], **others: Any) -> None:
    closed = {"type": "object", "additionalProperties": False, "properties": properties}
    (folder / "v16" / f"{name}.json").write_text(json.dumps(closed | others), encoding="utf-8")


@pytest.mark.parametrize(
    ("node", "complaint"),
    [
        ({"type": "string", "pattern": "a"}, "does not know pattern"),
        ({"type": "string", "format": "ipv4"}, "does not know the format 'ipv4'"),
        ({"type": "null"}, "does not know the type 'null'"),
        ({"type": ["string", "null"]}, "does not know the type ['string', 'null']"),
        ({"oneOf": [{"type": "string"}]}, "does not know oneOf"),
        ({"type": "integer", "minimum": 0.5}, "minimum 0.5 is no whole number"),
        ({"type": "array", "items": [{"type": "string"}]}, "without one schema for its items"),
        ({"$ref": "#/definitions/Nowhere"}, "#/definitions/Nowhere leads nowhere"),
        ({"type": "string", "enum": ["A", "B"]}, "no [inline.v16] name for HeartbeatRequest.x"),
    ],
)
def test_what_the_generator_does_not_know_is_refused_with_file_and_place(
    schemas: Path, node: dict[str, Any], complaint: str
) -> None:
    write_schema(schemas, "Heartbeat", {"x": node})
    done = generate(schemas, "--check")
    assert done.returncode == 1
    assert done.stderr.startswith("v16/Heartbeat.json: $.x: ")
    assert complaint in done.stderr


@pytest.mark.parametrize(
    ("others", "complaint"),
    [
        ({"additionalProperties": True}, "v16/Heartbeat.json: $: an object that is open"),
        ({"required": ["y"]}, "v16/Heartbeat.json: $: required but not described: y"),
        ({"type": "array"}, "v16/Heartbeat.json: $: object expected, found 'array'"),
        ({"minProperties": 1}, "v16/Heartbeat.json: $: the generator does not know minProperties"),
    ],
)
def test_a_message_that_is_no_closed_object_is_refused(
    schemas: Path, others: dict[str, Any], complaint: str
) -> None:
    write_schema(schemas, "Heartbeat", {}, **others)
    done = generate(schemas, "--check")
    assert (done.returncode, complaint in done.stderr) == (1, True), done.stderr


def test_a_missing_folder_is_refused_by_name(tmp_path: Path) -> None:
    done = generate(tmp_path / "nowhere", "--check")
    assert done.returncode == 1
    assert done.stderr == f"{tmp_path / 'nowhere' / 'actions.tsv'}: No such file or directory\n"


def test_a_missing_file_is_refused_by_name(schemas: Path) -> None:
    missing = schemas / "v16/HeartbeatResponse.json"
    missing.unlink()
    done = generate(schemas, "--check")
    assert (done.returncode, done.stderr) == (1, f"{missing}: No such file or directory\n")


def test_a_file_that_is_not_json_is_refused_by_name(schemas: Path) -> None:
    (schemas / "v16/Heartbeat.json").write_text("{", encoding="utf-8")
    done = generate(schemas, "--check")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{schemas / 'v16/Heartbeat.json'}: ")


def test_a_file_that_no_action_uses_is_refused(schemas: Path) -> None:
    write_schema(schemas, "Stray", {})
    done = generate(schemas, "--check")
    assert (done.returncode, done.stderr) == (1, "v16: not in actions.tsv: Stray.json\n")


def test_names_for_places_that_are_not_there_are_refused(schemas: Path) -> None:
    done = generate(schemas, "--check")
    assert done.returncode == 1
    assert done.stderr.startswith("names.toml: no such places in v16: ")
    assert "ResetRequest.type" in done.stderr
