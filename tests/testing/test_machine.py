"""`PeersMachine`: it finds nothing wrong with our peers, and something with every broken one."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from examples.fuzz_my_csms import BackendMachine
from ocpp_sansio import (
    CallAborted,
    Config,
    Connection,
    ErrorCode,
    Event,
    Frame,
    Role,
    Version,
    v16,
)
from ocpp_sansio.handlers import CallRejected
from ocpp_sansio.testing import Domain, Handler, PeersMachine, RuleBroken

MANY = settings(stateful_step_count=40)
# To find a broken peer is enough here; the shortest story is for those who have to mend it.
FIND = settings(
    max_examples=1000,
    stateful_step_count=25,
    phases=[Phase.generate],
    report_multiple_bugs=False,
)


@pytest.mark.parametrize("version", [Version.OCPP16, Version.OCPP201])
def test_two_of_our_peers_keep_every_rule_on_a_line_where_anything_happens(
    version: Version,
) -> None:
    machine = type("Machine", (PeersMachine,), {"version": version})

    run_state_machine_as_test(machine, settings=MANY)


@pytest.mark.slow
def test_so_do_two_of_2_1_where_the_machine_gets_everywhere() -> None:
    seen = set()

    class Watched(PeersMachine):
        version = Version.OCPP21

        def noticed(self, role: Role, event: Any) -> None:
            assert role in self.sides
            seen.add(type(event).__name__)

    run_state_machine_as_test(Watched, settings=settings(MANY, max_examples=300))

    ours = {"MendingFailed"}  # tells of a function of our application's
    assert seen == {kind.__name__ for kind in Event.__args__} - ours


class DoubleSender(Connection):
    def frames_to_send(self) -> list[Frame]:
        return [frame for frame in super().frames_to_send() for _ in range(2)]


class Forgetful(Connection):
    def events(self) -> list[Event]:
        return [event for event in super().events() if not isinstance(event, CallAborted)]


class Clockless(Connection):
    def handle_timeout(self, *, now: float) -> None:
        pass


class Sloppy(Connection):
    """Takes a call back that has left already."""

    def withdraw(self, call: Any, *, now: float) -> bool:
        super().withdraw(call, now=now)
        return True


class Chatty(Connection):
    """Answers what must not be answered (E-8)."""

    def __init__(self, role: Role, *, config: Config) -> None:
        super().__init__(role, config=config)
        self.extra: list[Frame] = []

    def received(self, data: Any, *, now: float) -> None:
        before = len(super().events())
        super().received(data, now=now)
        if str(data).startswith(("b'[3", "[3")) and before >= 0:
            message: Any = None
            self.extra = [Frame(b'[4,"x","GenericError","",{}]', message)]

    def frames_to_send(self) -> list[Frame]:
        extra, self.extra = self.extra, []
        return super().frames_to_send() + extra


class Misspelling(Connection):
    """Writes the codes of another version (E-2)."""

    def frames_to_send(self) -> list[Frame]:
        return [
            Frame(frame.data.replace(b'"FormationV', b'"FormatV'), frame.message)
            for frame in super().frames_to_send()
        ]


class Overeager(Connection):
    """Has no queue: every call leaves at once (S-1)."""

    def send_call(self, *arguments: Any, now: float, **options: Any) -> Any:
        call = super().send_call(*arguments, now=now, **options)
        self.eager = getattr(self, "eager", [])
        if call in self.queued_calls:
            head = f'[2,"{call.message_id}","{call.action}",{{}}]'
            self.eager.append(Frame(head.encode(), call))
        return call

    def frames_to_send(self) -> list[Frame]:
        eager, self.eager = getattr(self, "eager", []), []
        return super().frames_to_send() + eager


class Deaf(Connection):
    """Never answers a call that it cannot read."""

    def frames_to_send(self) -> list[Frame]:
        return [frame for frame in super().frames_to_send() if b"RpcFramework" not in frame.data]


@pytest.mark.parametrize(
    ("broken", "version"),
    [
        (DoubleSender, Version.OCPP16),
        (Forgetful, Version.OCPP16),
        (Clockless, Version.OCPP201),
        (Sloppy, Version.OCPP201),
        (Chatty, Version.OCPP21),
        (Misspelling, Version.OCPP16),
        (Overeager, Version.OCPP21),
        (Deaf, Version.OCPP201),
    ],
)
def test_the_machine_finds_what_is_wrong_with_a_broken_peer(
    broken: type[Connection], version: Version
) -> None:
    class Machine(PeersMachine):
        def make_connection(self, role: Role, config: Config) -> Connection:
            return broken(role, config=config)

    Machine.version = version

    with pytest.raises(RuleBroken) as found:
        run_state_machine_as_test(Machine, settings=FIND)

    story = str(found.value) + "".join(getattr(found.value, "__notes__", []))
    assert "connected, " in story, "the story is told"


def boot(_: v16.BootNotificationRequest) -> v16.BootNotificationResponse:
    return v16.BootNotificationResponse(
        status=v16.RegistrationStatus.ACCEPTED,
        current_time=datetime(2025, 1, 1, tzinfo=UTC),
        interval=300,
    )


def refuse(_: Any) -> Any:
    raise CallRejected(ErrorCode.NOT_SUPPORTED, "only boots are served here")


def test_handlers_of_ones_own_answer_and_refuse() -> None:
    asked = []

    def note(request: v16.BootNotificationRequest) -> v16.BootNotificationResponse:
        asked.append(request)
        return boot(request)

    class Mine(PeersMachine):
        handlers: Mapping[Role, Mapping[str, Handler]] = MappingProxyType(
            {Role.CSMS: {"BootNotification": note, "*": refuse}}
        )

    run_state_machine_as_test(Mine, settings=settings(MANY, max_examples=20))

    assert asked


def test_a_handler_that_breaks_is_found_with_the_request_that_breaks_it() -> None:
    def parse(request: v16.AuthorizeRequest) -> v16.AuthorizeResponse:
        int(request.id_tag, 16)
        return v16.AuthorizeResponse(
            id_tag_info=v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED)
        )

    class Mine(PeersMachine):
        handlers: Mapping[Role, Mapping[str, Handler]] = MappingProxyType(
            {Role.CSMS: {"Authorize": parse, "*": refuse}}
        )

    with pytest.raises(ValueError, match="invalid literal") as found:
        run_state_machine_as_test(Mine, settings=FIND)

    assert "In answer to AuthorizeRequest(id_tag='" in "".join(found.value.__notes__)


def start(number: int) -> v16.StartTransactionResponse:
    accepted = v16.IdTagInfo(status=v16.AuthorizationStatus.ACCEPTED)
    return v16.StartTransactionResponse(transaction_id=number, id_tag_info=accepted)


def test_each_story_has_handlers_of_its_own_and_most_steps_reach_one() -> None:
    made: list[list[int]] = []

    class Mine(PeersMachine):
        domain = Domain(id_tags=["MINE"])

        def make_handlers(self) -> Mapping[Role, Mapping[str, Handler]]:
            served: list[int] = []
            made.append(served)

            def serve(_: Any) -> v16.StartTransactionResponse:
                served.append(len(served))
                return start(len(served))

            return {Role.CSMS: {"StartTransaction": serve, "Reset": refuse, "*": refuse}}

    run_state_machine_as_test(Mine, settings=settings(max_examples=60, stateful_step_count=12))

    reached = Mine.reached
    assert all(served == list(range(len(served))) for served in made)
    assert reached.stories == len(made) >= 60
    assert reached.handlers[Role.CSMS, "StartTransaction"] == sum(map(len, made))
    handled = sum(reached.handlers.values())
    assert handled > 2 * reached.stories, "far more than one call of each story reaches a handler"
    assert reached.reconnects > 10
    assert reached.unreached == [(Role.CSMS, "Reset")]
    table = str(reached)
    assert "note: no story reached the csms's handler 'Reset'" in table
    assert re.search(r"csms    StartTransaction +answered +\d+  refused +0", table)
    assert PeersMachine.reached.stories == 0 or PeersMachine.reached is not reached


def test_a_csms_that_gives_an_id_twice_is_found_by_the_rule_it_breaks() -> None:
    class Mine(PeersMachine):
        handlers: Mapping[Role, Mapping[str, Handler]] = MappingProxyType(
            {Role.CSMS: {"StartTransaction": lambda _: start(7), "*": refuse}}
        )

    with pytest.raises(RuleBroken, match=r"the csms gave a transaction id twice \(OCPP 1.6, 4.8\)"):
        run_state_machine_as_test(Mine, settings=FIND)


def test_a_station_may_call_from_its_handlers_and_is_judged_by_what_it_calls() -> None:
    class Mine(PeersMachine):
        def make_handlers(self) -> Mapping[Role, Mapping[str, Handler]]:
            def begin(request: v16.RemoteStartTransactionRequest) -> Any:
                self.ask(
                    Role.STATION,
                    v16.StartTransactionRequest(
                        connector_id=request.connector_id or 0,  # the bug
                        id_tag=request.id_tag,
                        meter_start=0,
                        timestamp=datetime(2025, 1, 1, tzinfo=UTC),
                    ),
                )
                return {"status": "Accepted"}

            return {Role.STATION: {"RemoteStartTransaction": begin}}

    with pytest.raises(RuleBroken, match="the station began a transaction on a connector that is"):
        run_state_machine_as_test(Mine, settings=FIND)


@pytest.mark.parametrize("seed_", range(10))
def test_the_example_finds_its_bug_whatever_the_seed(seed_: int) -> None:
    """With 100 seeds it did so 100 times, each within half a second; 4 s of one core to shrink it."""
    machine = seed(seed_)(type("Machine", (BackendMachine,), {}))
    quick = settings(FIND, max_examples=300, stateful_step_count=12, derandomize=False)

    with pytest.raises(KeyError) as found:
        run_state_machine_as_test(machine, settings=quick)

    assert "In answer to StopTransactionRequest(" in found.value.__notes__[0]


def test_an_answer_that_is_none_is_found() -> None:
    class Mine(PeersMachine):
        handlers: Mapping[Role, Mapping[str, Handler]] = MappingProxyType(
            {Role.STATION: {"*": lambda _: v16.HeartbeatResponse(current_time=datetime.now(UTC))}}
        )

    with pytest.raises(Exception, match="is answered with"):
        run_state_machine_as_test(Mine, settings=FIND)
