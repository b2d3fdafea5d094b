"""hypothesis strategies for everything that travels, in any version and from either side.

    @given(payloads(v16.BootNotificationRequest))
    def test_that_every_boot_is_answered(request): ...

Each shrinks towards the shortest story that still fails: optional members go, texts and lists get short,
choices fall back to the first.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeVar, cast

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec import inspect

from ocpp_sansio.core import (
    MESSAGE_ID_MAX_LENGTH,
    Call,
    CallError,
    CallResult,
    CallResultError,
    CustomData,
    ErrorCode,
    Frame,
    FreeJson,
    Payload,
    Request,
    Response,
    Role,
    Send,
    Unconfirmed,
    Version,
    catalog,
    to_object,
)
from ocpp_sansio.testing.breakages import NearMiss, break_it, breakages, broken_as_a_whole
from ocpp_sansio.testing.chance import Chance
from ocpp_sansio.testing.domain import Domain, Seen, draw
from ocpp_sansio.testing.hostile import HOSTILE, BadFrame, every_bad_frame
from ocpp_sansio.testing.plots import StoryStep, draw_story
from ocpp_sansio.testing.scripts import CallStep, CutStep, PauseStep, Refusal, Script, SendStep
from ocpp_sansio.testing.shapes import (
    MAX_VENDOR_ID,
    VENDOR,
    Message,
    corners,
    fields_of,
    integer_bounds,
    values_of,
    write_frame,
    write_json,
)

__all__ = [
    "bad_frames",
    "call_scripts",
    "error_codes",
    "frames",
    "json_values",
    "meaningful",
    "message_ids",
    "near_misses",
    "payloads",
    "raw_messages",
    "requests",
    "responses",
    "sends",
    "stories",
    "told_in_part",
    "versions",
    "wild_numbers",
    "with_chance",
]

PayloadT = TypeVar("PayloadT", bound=Payload)
ValueT = TypeVar("ValueT")

SHORT_TEXT: Final = 12
"""Characters in a text drawn freely; those at the limit of their length are drawn as a whole."""

SHORT_LIST: Final = 3
"""Items in a list drawn freely."""

LEFT_OUT: Final = 24
"""Of so many steps of a story one is left out, unless it is to shrink."""

DEEPEST_DRAW: Final = 3
"""Levels of members within members below which only what is required is drawn: payloads stay readable."""


# --- payloads -------------------------------------------------------------------------------------


def payloads(payload_type: type[PayloadT]) -> SearchStrategy[PayloadT]:
    """Draw valid payloads of a class: any mixture of members, and each member's every value and limit."""
    return cast("SearchStrategy[PayloadT]", _payloads(payload_type))


@cache
def _payloads(payload_type: type[Payload]) -> SearchStrategy[Any]:
    return _structs(payload_type, DEEPEST_DRAW) | _any_of(tuple(corners(payload_type)))


@cache
def _structs(payload_type: type[Payload], depth: int) -> SearchStrategy[Any]:
    members = {}
    for field in fields_of(payload_type).values():
        if field.required:
            members[field.name] = _values(field.type, depth)
        elif depth:
            members[field.name] = st.none() | _values(field.type, depth)
    return st.builds(payload_type, **members)


def _values(kind: inspect.Type, depth: int) -> SearchStrategy[Any]:
    return _DRAWS[type(kind)](kind, depth)


def _any_of(values: Sequence[ValueT]) -> SearchStrategy[ValueT]:
    """Draw one of many; unlike `sampled_from` without a repr that lists them all."""
    # `just`, not `map`: so a failing example shows the value, and not how it was come by.
    return st.integers(0, len(values) - 1).flatmap(lambda index: st.just(values[index]))


def _draw_struct(kind: inspect.StructType, depth: int) -> SearchStrategy[Any]:
    return _structs(kind.cls, max(depth - 1, 0))


def _draw_list(kind: inspect.ListType, depth: int) -> SearchStrategy[Any]:
    fewest = kind.min_length or 0
    most = fewest + SHORT_LIST if kind.max_length is None else kind.max_length
    items = _values(kind.item_type, depth)
    return st.lists(items, min_size=fewest, max_size=min(most, fewest + SHORT_LIST))


def _draw_string(kind: inspect.StrType, _: int) -> SearchStrategy[str]:
    short = SHORT_TEXT if kind.max_length is None else min(SHORT_TEXT, kind.max_length)
    return st.text(max_size=short) | _any_of(tuple(values_of(kind)))


def _draw_choice(kind: inspect.Type, _: int) -> SearchStrategy[Any]:
    return st.sampled_from(tuple(values_of(kind)))


def _draw_integer(kind: inspect.IntType, _: int) -> SearchStrategy[int]:
    low, high = integer_bounds(kind)
    return st.integers(low, high)


def _draw_date_time(_: inspect.DateTimeType, __: int) -> SearchStrategy[datetime]:
    first, last = datetime(2000, 1, 1), datetime(2099, 12, 31)  # noqa: DTZ001 - hypothesis adds the zone
    moments = st.datetimes(first, last, timezones=st.just(UTC))
    return moments.map(_to_milliseconds)


def _to_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _draw_scalar(kind: inspect.CustomType, _: int) -> SearchStrategy[Any]:
    scalar: Any = kind.cls
    if scalar is FreeJson:
        return json_values()
    if scalar is CustomData:
        return _custom_data()
    corners_of_it = st.sampled_from(tuple(values_of(kind)))
    return corners_of_it | _numbers(scalar.minimum, scalar.maximum, scalar.decimals)


def _numbers(
    low: Decimal | None, high: Decimal | None, decimals: int | None
) -> SearchStrategy[Decimal]:
    most = 6 if decimals is None else decimals  # what a station may be sent
    return st.integers(0, most).flatmap(
        lambda places: st.integers(
            -(10**9) if low is None else int(low.scaleb(places)),
            10**9 if high is None else int(high.scaleb(places)),
        ).map(lambda digits: Decimal(digits).scaleb(-places))
    )


@cache
def _custom_data() -> SearchStrategy[Any]:
    names = st.text(max_size=SHORT_TEXT).filter(lambda name: name != "vendorId")
    vendors = st.just(VENDOR) | st.text(max_size=SHORT_TEXT) | st.just("x" * MAX_VENDOR_ID)
    others = st.dictionaries(names, json_values(), max_size=2)
    return st.builds(lambda vendor, rest: {"vendorId": vendor} | rest, vendors, others)


_DRAWS: Final[Mapping[type[inspect.Type], Callable[[Any, int], SearchStrategy[Any]]]] = {
    inspect.StructType: _draw_struct,
    inspect.ListType: _draw_list,
    inspect.StrType: _draw_string,
    inspect.EnumType: _draw_choice,
    inspect.BoolType: _draw_choice,
    inspect.IntType: _draw_integer,
    inspect.DateTimeType: _draw_date_time,
    inspect.CustomType: _draw_scalar,
}


@cache
def json_values() -> SearchStrategy[Any]:
    """Draw JSON values, fractions as `Decimal`, nested a little; each comes back equal from the wire."""
    scalars = (
        st.none()
        | st.booleans()
        | st.integers(-(2**60), 2**60)
        | _numbers(None, None, None).filter(lambda number: number != number.to_integral_value())
        | st.text(max_size=SHORT_TEXT)
    )
    return st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=SHORT_TEXT), inner, max_size=3)
        ),
        max_leaves=6,
    )


def near_misses(message: type[Message]) -> SearchStrategy[NearMiss]:
    """Draw payloads of a class broken in exactly one way; each says how, and which code must come back."""
    return _near_misses(message)


@cache
def _near_misses(message: type[Message]) -> SearchStrategy[NearMiss]:
    whole = _any_of(tuple(broken_as_a_whole(message)))
    members = breakages(message)
    if not members:
        return whole
    bases = payloads(message).map(to_object)
    broken = st.builds(lambda base, way: break_it(message, base, way), bases, _any_of(members))
    return broken | whole


# --- what means something -------------------------------------------------------------------------


class _Drawn:
    """Chance out of hypothesis's choices, which it can shrink."""

    def __init__(self, draw_one: Callable[[SearchStrategy[int]], int]) -> None:
        self._draw_one = draw_one

    def below(self, limit: int) -> int:
        return self._draw_one(_up_to(limit - 1))


@cache
def _up_to(highest: int) -> SearchStrategy[int]:
    return st.integers(0, highest)


@st.composite
def with_chance(draw_one: Any, make: Callable[[Chance], Any]) -> Any:
    """Draw what `make` makes of chance."""
    return make(_Drawn(draw_one))


def meaningful(
    payload_type: type[PayloadT], domain: Domain | None = None, seen: Seen | None = None
) -> SearchStrategy[PayloadT]:
    """Draw valid payloads of a class with values that mean something: see `Domain`."""
    known = domain or Domain()
    return with_chance(lambda chance: draw(chance, payload_type, known, seen))


def stories(
    version: Version,
    teller: Role,
    domain: Domain | None = None,
    actions: Sequence[str] | None = None,
) -> SearchStrategy[tuple[StoryStep, ...]]:
    """Draw stories as `teller` tells them, of these actions alone if any are named."""
    known = domain or Domain()
    return with_chance(lambda chance: told_in_part(chance, version, teller, known, actions))


def told_in_part(
    chance: Chance,
    version: Version,
    teller: Role,
    domain: Domain,
    actions: Sequence[str] | None,
) -> tuple[StoryStep, ...]:
    """Return a story of which any step may be missing: the plainest choice, so that it can shrink."""
    steps = draw_story(chance, version, teller, domain, actions)
    return tuple(step for step in steps if chance.below(LEFT_OUT))


# --- what travels ---------------------------------------------------------------------------------


def versions() -> SearchStrategy[Version]:
    """Draw a version, the oldest first."""
    return st.sampled_from(Version)


def error_codes() -> SearchStrategy[ErrorCode]:
    """Draw an error code; every version can write all of them, some as GenericError (E-1)."""
    return st.sampled_from(ErrorCode)


@cache
def message_ids() -> SearchStrategy[str]:
    """Draw ids that a message may have: 1 to 36 printable characters, not "-1" (I-1, I-5, I-8)."""
    characters = st.characters(codec="utf-8", categories=("L", "N", "P", "S"))
    drawn = st.text(characters, min_size=1, max_size=MESSAGE_ID_MAX_LENGTH)
    return st.sampled_from("123456789").map(str) | drawn.filter(lambda text: text != "-1")


@cache
def requests(version: Version, role: Role) -> SearchStrategy[Request[Any]]:
    """Draw the requests that `role` may send in `version`, from its whole catalogue."""
    types = [
        action.request
        for action in catalog(version).values()
        if action.direction in role.sends and issubclass(action.request, Request)
    ]
    return st.sampled_from(types).flatmap(payloads)


@cache
def responses(version: Version, role: Role) -> SearchStrategy[Response]:
    """Draw the responses that `role` may give in `version`."""
    types = [
        action.response
        for action in catalog(version).values()
        if action.direction in role.receives and action.response
    ]
    return st.sampled_from(types).flatmap(payloads)


@cache
def sends(version: Version, role: Role) -> SearchStrategy[Unconfirmed]:
    """Draw the unconfirmed messages that `role` may send in `version`; before 2.1 there are none."""
    types = [
        action.request
        for action in catalog(version).values()
        if action.direction in role.sends and issubclass(action.request, Unconfirmed)
    ]
    return st.sampled_from(types).flatmap(payloads) if types else st.nothing()


@cache
def frames(version: Version, role: Role) -> SearchStrategy[Frame]:
    """Draw frames that `role` may send in `version`, of every type that the version has (F-2 to F-6)."""
    ids, texts = message_ids(), st.text(max_size=SHORT_TEXT)
    details = st.dictionaries(texts, json_values(), max_size=2)
    messages: list[SearchStrategy[Any]] = [
        st.builds(
            lambda key, request: Call(key, request.action, request), ids, requests(version, role)
        ),
        st.builds(CallResult, ids, responses(version, role)),
        st.builds(CallError, ids, error_codes(), texts, details),
    ]
    if 5 in version.rules.message_types:  # noqa: PLR2004  # CALLRESULTERROR (F-5)
        messages.append(st.builds(CallResultError, ids, error_codes(), texts, details))
    if not sends(version, role).is_empty:
        sent = sends(version, role)
        messages.append(st.builds(lambda key, it: Send(key, it.action, it), ids, sent))
    return st.one_of(messages).map(lambda message: write_frame(message, version))


def bad_frames(version: Version, role: Role) -> SearchStrategy[BadFrame]:
    """Draw frames that `role` sends and that break one rule, with the answer that must come back, if any."""
    receiver = role.other
    return _any_of(tuple(every_bad_frame(version, receiver)))


@cache
def wild_numbers() -> SearchStrategy[bytes]:
    """Draw JSON numbers as text: exponents and digits without bound, which few types of number can hold."""
    exponents = st.builds(
        lambda e, sign, digits: f"{e}{sign}{digits}",
        st.sampled_from("eE"),
        st.sampled_from(["", "-", "+"]),
        st.sampled_from([308, 309, 324, 10**9, 10**18, 10**19]) | st.integers(10**18, 10**25),
    )
    fractions = st.just("") | st.sampled_from(_LENGTHS).map(lambda length: "." + "3" * length)
    wholes = st.sampled_from(_LENGTHS).map(lambda length: "9" * length) | st.sampled_from("01")
    return st.builds(
        lambda *parts: "".join(parts).encode(),
        st.sampled_from(["", "-"]),
        wholes,
        fractions,
        st.just("") | exponents,
    )


_LENGTHS: Final = (1, 20, 309, 401, 641, 4301, 100_000)
"""Digits on either side of what doubles, decimals, Python's and msgspec's integers hold."""

_VALUE = re.compile(
    rb'(?<=[\[,:])(?:-?[0-9][-+.0-9eE]*+|"[^"\\]*+"|true|false|null|\{\}|\[\])(?=[\],}])'
)


def _with_number(data: bytes, number: bytes, at: int) -> bytes:
    """Put a number in the place of one of the values in a message."""
    places = [found.span() for found in _VALUE.finditer(data)]
    if not places:
        return number
    start, end = places[at % len(places)]
    return data[:start] + number + data[end:]


@cache
def raw_messages() -> SearchStrategy[bytes | str]:
    """Draw anything that can come out of a WebSocket: frames valid and bent, JSON, text, bytes, malice."""
    return st.one_of(
        _frame_like().map(write_json),
        _any_frames().map(lambda frame: frame.data),
        _bent(_any_frames().map(lambda frame: frame.data) | _frame_like().map(write_json)),
        st.builds(
            _with_number,
            _any_frames().map(lambda frame: frame.data) | _frame_like().map(write_json),
            wild_numbers(),
            st.integers(0, 100),
        ),
        json_values().map(write_json),
        _any_of(tuple(HOSTILE.values())),
        st.text(),
        st.binary(),
    )


def _any_frames() -> SearchStrategy[Frame]:
    return st.tuples(versions(), st.sampled_from(Role)).flatmap(lambda both: frames(*both))


def _frame_like() -> SearchStrategy[list[Any]]:
    """Arrays of about the right shape: each element right, or anything."""
    anything = json_values()
    actions = st.sampled_from(["Heartbeat", "Reset", "DataTransfer", "NoSuchAction", ""])
    elements: tuple[SearchStrategy[Any], ...] = (
        st.integers(0, 7) | anything,
        message_ids() | st.sampled_from(["-1", "", "x" * 37]) | anything,
        actions | anything,
        st.just({}) | anything,
        st.just({}) | anything,
        anything,
    )
    return st.integers(0, len(elements)).flatmap(
        lambda count: st.tuples(*elements[:count]).map(list)
    )


def _bent(whole: SearchStrategy[bytes]) -> SearchStrategy[bytes]:
    place = st.integers(0, 400)
    return st.one_of(
        st.builds(lambda data, at: data[: at % (len(data) + 1)], whole, place),
        st.builds(_with_byte, whole, place, st.integers(0, 255)),
        st.builds(lambda data, at: data[at % (len(data) + 1) :], whole, place),
        st.builds(lambda data, more: data + more, whole, whole),
        st.builds(lambda data: data.replace(b":", b":" + b" " * 50), whole),
    )


def _with_byte(data: bytes, at: int, byte: int) -> bytes:
    at %= len(data) + 1
    return data[:at] + bytes([byte]) + data[at + 1 :]


# --- stories --------------------------------------------------------------------------------------


def call_scripts(version: Version, role: Role | None = None) -> SearchStrategy[Script]:
    """Draw short stories of calls, answers, pauses and cuts, for `scripts.play`.

    The calls are `role`'s, or both sides' without one.
    """
    return _call_scripts(version, role)


@cache
def _call_scripts(version: Version, role: Role | None) -> SearchStrategy[Script]:
    callers = list(Role) if role is None else [role]
    steps: list[SearchStrategy[Any]] = [
        st.sampled_from(callers).flatmap(lambda caller: _call_steps(version, caller)),
        st.builds(PauseStep, st.sampled_from([0.0, 1.0, 10.0, 29.999, 30.0, 100.0])),
        st.builds(CutStep, st.sampled_from([0.0, 5.0, 60.0])),
    ]
    steps += [
        st.builds(SendStep, st.just(sender), sends(version, sender))
        for sender in callers
        if not sends(version, sender).is_empty
    ]
    return st.lists(st.one_of(steps), max_size=8).map(tuple)


def _call_steps(version: Version, caller: Role) -> SearchStrategy[CallStep]:
    after = st.sampled_from([0.0, 0.5, 20.0, 40.0])
    return requests(version, caller).flatmap(
        lambda request: st.builds(
            CallStep,
            st.just(caller),
            st.just(request),
            payloads(request.response_type) | st.builds(Refusal, error_codes()) | st.none(),
            after,
        )
    )
