"""`Domain`, `draw` and stories: valid all of them, about what OCPP is about, and as chance wants it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import find, given, settings

from ocpp_sansio import Connection, Role, Version, v16, v201
from ocpp_sansio.core import to_object
from ocpp_sansio.messages import Kind, catalog
from ocpp_sansio.testing import (
    AskStep,
    CutStep,
    Dice,
    Domain,
    Given,
    ListenStep,
    Seen,
    draw,
    draw_story,
    filled_in,
    meaningful,
    stories,
)
from ocpp_sansio.testing.names import COMPONENTS, STANDARD_KEYS

BOTH = [(version, role) for version in Version for role in Role]


def send(version: Version, role: Role, *request: Any) -> None:
    """Send a request as strictly as this library sends; raises for one that is not valid."""
    connection = Connection(role)
    connection.connected(version, now=0)
    connection.send_call(*request, now=0)


@pytest.mark.parametrize("version", Version)
def test_whatever_is_drawn_is_valid(version: Version) -> None:
    dice, seen = Dice(1), Seen()
    for action in catalog(version).values():
        role = next(role for role in Role if action.direction in role.sends)
        for _ in range(6):
            request: Any = draw(dice, action.request, Domain(), seen)
            seen.note(to_object(request))
            if action.kind is Kind.CALL:
                send(version, role, request)


@pytest.mark.parametrize(("version", "teller"), BOTH)
def test_stories_are_valid_whatever_befalls_them(version: Version, teller: Role) -> None:
    dice, kinds, actions = Dice(1), set(), set()
    for _ in range(150):
        for step in draw_story(dice, version, teller, Domain()):
            kinds.add(type(step))
            if isinstance(step, AskStep):
                actions.add(step.action)
                send(version, teller, step.action, filled_in(step.payload, Seen()))

    assert kinds >= {AskStep, CutStep}
    assert (ListenStep in kinds) is (teller is Role.CSMS)
    assert len(actions) >= 8


def drawn(payload_type: Any, name: str, domain: Domain, count: int = 300) -> set[Any]:
    dice = Dice("values")
    return {getattr(draw(dice, payload_type, domain), name) for _ in range(count)}


def test_connectors_are_none_one_the_last_and_one_that_is_not_there() -> None:
    assert drawn(v16.StatusNotificationRequest, "connector_id", Domain(connectors=3)) >= {
        *(0, 1, 2, 3, 4, 2**31 - 1)
    }


def test_tags_are_known_of_other_case_blocked_unknown_empty_and_as_long_as_can_be() -> None:
    domain = Domain(id_tags=["Mine"], blocked=["Theirs"])

    tags = drawn(v16.AuthorizeRequest, "id_tag", domain)

    assert tags >= {"Mine", "mINE", "Theirs", "NOBODY", "", "x" * 20}


def test_all_standard_keys_of_1_6_are_asked_for() -> None:
    assert len(STANDARD_KEYS) == 52
    assert drawn(v16.ChangeConfigurationRequest, "key", Domain(), 1500) >= STANDARD_KEYS.keys()


def test_components_of_2x_go_with_their_variables() -> None:
    dice = Dice(3)
    data = [
        item
        for _ in range(100)
        for item in draw(dice, v201.GetVariablesRequest, Domain()).get_variable_data
    ]
    pairs = {(item.component.name, item.variable.name) for item in data}
    fitting = [pair for pair in pairs if pair[1] in COMPONENTS.get(pair[0], ())]
    assert len(fitting) > 20


def test_times_lie_around_the_present_midnight_and_leap_days() -> None:
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)

    times = drawn(v16.StopTransactionRequest, "timestamp", Domain(now=now))

    assert times >= {
        now,
        datetime(2026, 3, 4, tzinfo=UTC),
        datetime(2026, 3, 3, 23, 59, 59, tzinfo=UTC),
        datetime(2024, 2, 29, 12, tzinfo=UTC),
    }


def test_what_was_given_in_a_story_is_said_again_and_its_neighbours() -> None:
    seen, dice = Seen(), Dice(1)
    seen.note({"transactionId": 4711, "idTagInfo": {"status": "Accepted"}}, is_given=True)

    numbers = {
        draw(dice, v16.StopTransactionRequest, Domain(), seen).transaction_id for _ in range(200)
    }

    assert numbers >= {4711, 4712, 0, -1, 2**31 - 1}
    assert filled_in({"a": [Given("transaction", 0, 1)]}, seen) == {"a": [4711]}
    assert filled_in(Given("transaction", 1, 99), seen) == 99
    seen.clear()
    assert filled_in(Given("transaction", 0, 1), seen) == 1


def test_values_of_ones_own_come_first() -> None:
    domain = Domain(more={"chargePointModel": ["X1"], "errorCode": ["no enum takes it"]})

    assert "X1" in drawn(v16.BootNotificationRequest, "charge_point_model", domain)
    assert drawn(v16.StatusNotificationRequest, "error_code", domain) <= set(
        v16.ChargePointErrorCode
    )


def test_the_same_seed_says_the_same_and_another_does_not() -> None:
    def said(seed: int) -> list[Any]:
        dice = Dice(seed)
        return [draw_story(dice, Version.OCPP16, Role.STATION, Domain()) for _ in range(5)]

    assert said(1) == said(1)
    assert said(1) != said(2)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"connectors": 0}, "connectors is a whole number from 1 up, not 0"),
        ({"evses": True}, "evses is a whole number"),
        ({"id_tags": "CAFE"}, "id_tags is a list of one string or more, not 'CAFE'"),
        ({"blocked": []}, "blocked is a list of one string"),
        ({"now": datetime(2026, 1, 1)}, "now needs a time zone"),  # noqa: DTZ001 - that is the point
    ],
)
def test_a_domain_that_makes_no_sense_is_refused(options: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Domain(**options)


@settings(max_examples=20)
@given(meaningful(v16.StopTransactionRequest), stories(Version.OCPP201, Role.STATION))
def test_hypothesis_draws_both(request: v16.StopTransactionRequest, story: Any) -> None:
    send(Version.OCPP16, Role.STATION, request)
    assert all(isinstance(step, AskStep | CutStep) for step in story)


def test_hypothesis_shrinks_a_story_to_the_shortest() -> None:
    def stops_twice(story: Any) -> bool:
        asked = [step.action for step in story if isinstance(step, AskStep)]
        return asked.count("StopTransaction") >= 2

    story = find(
        stories(Version.OCPP16, Role.STATION, actions=["StartTransaction", "StopTransaction"]),
        stops_twice,
        settings=settings(max_examples=500),
    )

    assert [step.action for step in story] == ["StopTransaction"] * 2  # type: ignore[union-attr]
