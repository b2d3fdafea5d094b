"""No secret stands in a frame of the log, wherever it was put and however the message is broken."""

import json
import time

import pytest

from ocpp_sansio.recording.redaction import redacted

SECRET = "hunter2hunter2ab"

MESSAGES = {
    "ChangeConfiguration": [
        *(2, "1", "ChangeConfiguration"),
        {"key": "AuthorizationKey", "value": SECRET},
    ],
    "value before key": [
        *(2, "1", "ChangeConfiguration"),
        {"value": SECRET, "key": "authorizationkey"},
    ],
    "GetConfiguration": [
        *(3, "1"),
        {
            "configurationKey": [
                {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
                {"key": "AuthorizationKey", "readonly": False, "value": SECRET},
            ]
        },
    ],
    "SetVariables": [
        *(2, "1", "SetVariables"),
        {
            "setVariableData": [
                {
                    "attributeValue": SECRET,
                    "component": {"name": "SecurityCtrlr"},
                    "variable": {"name": "BasicAuthPassword"},
                }
            ]
        },
    ],
    "GetVariables": [
        *(3, "1"),
        {
            "getVariableResult": [
                {
                    "attributeStatus": "Accepted",
                    "variable": {"name": "BasicAuthPassword"},
                    "attributeValue": SECRET,
                }
            ]
        },
    ],
    "NotifyReport": [
        *(2, "1", "NotifyReport"),
        {
            "reportData": [
                {
                    "variableAttribute": [{"type": "Actual", "value": SECRET}],
                    "variable": {"name": "BasicAuthPassword"},
                }
            ]
        },
    ],
    "SetNetworkProfile": [
        *(2, "1", "SetNetworkProfile"),
        {"connectionData": {"basicAuthPassword": SECRET, "apn": {"simPin": 23_232_323}}},
    ],
    "VPN": [2, "1", "SetNetworkProfile", {"vpn": {"server": "x", "user": "u", "key": SECRET}}],
    "a list": [2, "1", "X", {"passwords": ["a", {"b": SECRET}]}],
    "JSON in a text": [2, "1", "DataTransfer", {"data": json.dumps({"password": SECRET})}],
    "a query in a text": [2, "1", "DataTransfer", {"data": f"user=me&password={SECRET}"}],
    "user of a URL": [2, "1", "UpdateFirmware", {"location": f"ftp://me:{SECRET}@h/f.bin"}],
    "query of a URL": [2, "1", "UpdateFirmware", {"location": f"https://h/f.bin?sig={SECRET}"}],
    "private key": [
        *(2, "1", "X"),
        {"pem": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----"},
    ],
    "VPN in a variable": [2, "1", "X", {"variable": {"name": "VPN.Key"}, "value": SECRET}],
    "a shared key": [2, "1", "X", {"vpn": {"sharedKey": SECRET}}],
    "an API key": [2, "1", "ChangeConfiguration", {"key": "Api-Key", "value": SECRET}],
    "an error's details": [4, "1", "GenericError", "", {"password": SECRET}],
}


def spellings(message: list[object]) -> dict[str, str]:
    text = json.dumps(message)
    return {
        "as it is": text,
        "spread": json.dumps(message, indent=1),
        "escaped": text.replace("A", "\\u0041").replace("P", "\\u0050").replace("p", "\\u0070"),
        "without its end": text[: text.index(SECRET) + len(SECRET)],
        "without its brackets": text.strip("[]"),
        "with a comma more": text.replace("}", ",}"),
    }


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_secret_is_masked_wherever_it_stands(kind: str) -> None:
    for spelling, text in spellings(MESSAGES[kind]).items():
        assert SECRET in text, spelling
        shown = redacted(text)
        assert SECRET not in shown, (spelling, shown)
        assert "***" in shown, (spelling, shown)
    if "simPin" in json.dumps(MESSAGES[kind]):
        assert "23232323" not in redacted(json.dumps(MESSAGES[kind]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password: hunter2", 'password: "***"'),
        ("{password: hunter2, n: 1}", '{password: "***", n: 1}'),
        ('"AuthorizationKey","value":"x"}]', '"AuthorizationKey","value":"***"}]'),
        ('{"key":"AuthorizationKey","value":"x', '{"key":"AuthorizationKey","value":"***"'),
        ('{"key":"A","value":"x","location":"http://h', '"value":"***","location":"http://***'),
    ],
)
def test_what_is_no_json_or_half_of_it_is_masked_too(text: str, shown: str) -> None:
    assert redacted(text).endswith(shown)


@pytest.mark.parametrize(
    "text",
    [
        '[2,"1","Heartbeat",{}]',
        '[3,"1",{"currentTime":"2026-01-01T00:00:00Z"}]',
        '[2,"1","Authorize",{"idTag":"AB12"}]',
        '[2,"1","ChangeConfiguration",{"key":"AuthorizationCacheEnabled","value":"true"}]',
        '[2,"1","MeterValues",{"meterValue":[{"sampledValue":[{"value":"1.5","unit":"kWh"}]}]}]',
        '[2,"1","GetConfiguration",{"key":["AuthorizationKey"]}]',
        '[2,"1","UpdateFirmware",{"location":"https://host/firmware.bin"}]',
        "no JSON",
        "",
    ],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text


def test_other_keys_of_the_same_answer_keep_their_values() -> None:
    shown = redacted(json.dumps(MESSAGES["GetConfiguration"]))
    assert '"300"' in shown


@pytest.mark.parametrize("piece", ["[", '{"a":', '"', '\\"', '{"password":', "a:", '"a"', "://@"])
def test_it_takes_a_time_that_grows_with_the_text_and_no_faster(piece: str) -> None:
    def seconds(count: int) -> float:
        begun = time.process_time()
        redacted(piece * (count // len(piece)))
        return time.process_time() - begun

    assert min(seconds(16_000) for _ in range(3)) < 1.0
