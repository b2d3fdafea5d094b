"""What would silently do nothing is refused, with the nearest name: settings, and calls by name."""

from typing import Any

import pytest
from core_pair import V16, V201, opened

from ocpp_sansio import Config, LocalProtocolError, Role, Validation

LENIENT = Validation.LENIENT


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("StatusNotificaton", "perhaps 'StatusNotification'?"),
        ("heartbeat", "perhaps 'Heartbeat'?"),
        ("boot_notification", "perhaps 'BootNotification'?"),
        ("AuthorizeRequest", "perhaps 'Authorize'?"),
        ("Xyzzy", "no action is called 'Xyzzy' (in validation"),
    ],
)
def test_an_action_that_no_version_has_is_refused_in_validation(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"^no action is called ") as caught:
        Config(validation={"Heartbeat": LENIENT, name: LENIENT})
    assert said in str(caught.value)
    for vendor_actions in ({name}, {"*"}):
        Config(validation={name: LENIENT}, vendor_actions=vendor_actions)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("BootNotification.chargePointModel", "perhaps 'BootNotificationRequest'?"),
        ("AuthorizeRequst.idTag", "perhaps 'AuthorizeRequest'?"),
        ("IdTagInfo.parentIdTag", "no message is called 'IdTagInfo'"),
        ("AuthorizeRequest.idtag", "perhaps 'idTag'?"),
        ("AuthorizeRequest", "no member of AuthorizeRequest that has a limit is called ''"),
        ("BootNotificationResponse.interval", "is called 'interval'"),
        ("MeterValuesRequest.meterValue[0].sampledValue.value", "perhaps 'meterValue."),
        ("", "no message is called ''"),
    ],
)
def test_a_member_that_no_version_has_is_refused_in_field_lengths(key: str, said: str) -> None:
    with pytest.raises(ValueError, match="in field_lengths") as caught:
        Config(field_lengths={key: 100})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "key",
    [
        "AuthorizeRequest.idTag",
        "AuthorizeRequest.idToken.idToken",
        "GetConfigurationRequest.key",
        "MeterValuesRequest.meterValue.sampledValue.unitOfMeasure.unit",
        "NotifyPeriodicEventStream.data.v",
    ],
)
def test_a_member_of_any_version_is_taken(key: str) -> None:
    assert Config(field_lengths={key: 100}).field_lengths == {key: 100}


@pytest.mark.parametrize(
    ("name", "meant"),
    [("reset", "Reset"), ("Heartbeet", "Heartbeat"), ("MeterValue", "MeterValues")],
)
def test_a_call_by_an_almost_right_name_is_refused(name: str, meant: str) -> None:
    for role in Role:
        with pytest.raises(LocalProtocolError, match=f"called '{name}'; perhaps '{meant}'"):
            opened(V16, role).send_call(name, {}, now=0.0)
    ways_out: tuple[dict[str, Any], ...] = (
        {"vendor_actions": {name}},
        {"vendor_actions": {"*"}},
        {"validation": Validation.OFF},
    )
    for settings in ways_out:
        connection = opened(V16, **settings)
        connection.send_call(name, {}, now=0.0)
        assert len(connection.frames_to_send()) == 1


@pytest.mark.parametrize("name", ["GetVendorConfiguration", "AcmeReset", "x"])
def test_a_vendors_own_action_can_be_called_without_a_word(name: str) -> None:
    connection: Any = opened(V201)
    connection.send_call(name, {}, now=0.0)
    assert len(connection.frames_to_send()) == 1
