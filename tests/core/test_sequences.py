"""A list member takes any sequence: lists and tuples, and what else is one, such as a deque; not a text."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ocpp_sansio import Connection, LocalProtocolError, Role, from_json, to_json, v16

KINDS: list[Callable[[Sequence[Any]], Any]] = [list, tuple, deque]


def reading(values: Sequence[v16.MeterValue]) -> v16.MeterValuesRequest:
    return v16.MeterValuesRequest(connector_id=1, meter_value=values)


VALUE = from_json(
    v16.MeterValue, b'{"timestamp":"2026-01-01T00:00:00Z","sampledValue":[{"value":"1"}]}'
)


@pytest.mark.parametrize("kind", KINDS)
def test_any_sequence_is_sent_as_the_list_that_is_read(kind: Callable[..., Any]) -> None:
    request = reading(kind([VALUE, VALUE]))
    station = Connection(Role.STATION)
    station.connected("ocpp1.6", now=0)
    station.send_call(request, now=0, message_id="1")
    (frame,) = station.frames_to_send()
    assert frame.data == b'[2,"1","MeterValues",%b]' % to_json(reading([VALUE, VALUE]))
    assert from_json(v16.MeterValuesRequest, to_json(request)) == reading([VALUE, VALUE])


@pytest.mark.parametrize("kind", KINDS)
def test_any_sequence_of_texts_is_sent(kind: Callable[..., Any]) -> None:
    request = v16.GetConfigurationRequest(key=kind(["HeartbeatInterval"]))
    assert to_json(request) == b'{"key":["HeartbeatInterval"]}'


def test_a_text_is_no_list_of_texts() -> None:
    key: Any = "HeartbeatInterval"
    with pytest.raises(LocalProtocolError, match="array"):
        to_json(v16.GetConfigurationRequest(key=key))
