"""The versions: their labels, their packages, and that nothing else tells them apart."""

from importlib import import_module
from typing import Any

import pytest
from core_pair import IN_2X, V16, V21, V201, in_every_version

from ocpp_sansio import Connection, Role, Version, __version__
from ocpp_sansio.messages import Catalog, catalog
from ocpp_sansio.versions import MESSAGE_ID_MAX_LENGTH


def test_there_are_three_versions_known_by_their_subprotocols() -> None:
    assert [version.subprotocol for version in Version] == ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"]


@in_every_version
def test_a_version_is_parsed_from_itself_its_subprotocol_and_the_label_with_j(
    version: Version,
) -> None:
    for label in (version, version.subprotocol, f"{version.subprotocol}j"):
        assert Version.parse(label) is version


@pytest.mark.parametrize(
    "label", ["", "ocpp1.5", "ocpp2.0", "Ocpp2.1", "2.0.1", "ocpp1.6jj", None, 16]
)
def test_what_is_no_version_is_refused_with_the_labels_that_are(label: Any) -> None:
    with pytest.raises(ValueError, match=r"ocpp1\.6.*ocpp2\.0\.1.*ocpp2\.1"):
        Version.parse(label)


@in_every_version
def test_a_version_has_its_package_with_a_catalogue_of_its_actions(version: Version) -> None:
    package = import_module(version.package)
    assert package.CATALOG is catalog(version)
    assert catalog(version).version is version
    assert all(action.request.version is version for action in catalog(version).values())


@in_every_version
def test_a_catalogue_is_a_mapping_by_action_name(version: Version) -> None:
    actions = catalog(version)
    assert isinstance(actions, Catalog)
    assert list(actions) == list(dict(actions))
    assert len(actions) == len(set(actions))
    assert actions["Reset"].name == "Reset"
    assert "Reset" in actions
    assert "reset" not in actions
    with pytest.raises(KeyError):
        actions["NoSuchAction"]
    assert version.value in repr(actions)
    assert str(len(actions)) in repr(actions)


def test_the_rules_in_which_versions_differ_are_columns_of_one_row_each() -> None:
    assert V16.rules.message_types == V201.rules.message_types == {2, 3, 4}  # F-7
    assert V21.rules.message_types == {2, 3, 4, 5, 6}
    assert V16.rules.unreadable_id is None  # I-5
    assert {version.rules.unreadable_id for version in IN_2X} == {"-1"}
    assert MESSAGE_ID_MAX_LENGTH == 36  # I-1


@in_every_version
def test_a_row_cannot_be_changed(version: Version) -> None:
    rules: Any = version.rules
    with pytest.raises(AttributeError):
        rules.unreadable_id = "0"
    with pytest.raises(TypeError):
        rules.code_spellings["FormatViolation"] = "Mine"


def test_the_version_of_the_library_is_three_numbers() -> None:
    assert [part.isdecimal() for part in __version__.split(".")] == [True, True, True]


@pytest.mark.parametrize("role", list(Role))
def test_a_role_sends_what_the_other_receives_and_both_send_what_is_for_both(role: Role) -> None:
    other = Role.CSMS if role is Role.STATION else Role.STATION
    assert role.sends == other.receives
    assert role.receives == other.sends
    assert len(role.sends & role.receives) == 1
    assert Connection(role).role is role


def test_a_label_that_is_none_is_repeated_cut_and_quoted() -> None:
    with pytest.raises(ValueError, match="not an OCPP version") as raised:
        Version.parse("ocpp\x1b[2J\n" + "x" * 8000)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 250


def test_the_peer_of_each_role_is_the_other() -> None:
    assert [role.other for role in (Role.STATION, Role.CSMS)] == [Role.CSMS, Role.STATION]
