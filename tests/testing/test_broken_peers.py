"""The proof: `fuzz` and `PeersMachine` find each of 32 broken peers within its budget, whatever the seed.

Nothing of that goes over a socket, and no time passes: the fuzzer's line is `InProcess`.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from peers import BROKEN, HONEST, Broken, Leaky, OnLine, Speaker, body, handlers_of, on_line

from ocpp_sansio import CallResultReceived, Config, Connection, Role
from ocpp_sansio.cli.fuzz.search import Bounds, Search
from ocpp_sansio.cli.fuzz.virtual import InProcess
from ocpp_sansio.testing import PeersMachine
from ocpp_sansio.testing.reached import Reached

pytestmark = pytest.mark.slow

SEEDS = (1, 2, 3)

NAMES = [f"{it.speaker.__name__}{'-leaks' if it.leaks else ''}" for it in BROKEN]
each_broken = pytest.mark.parametrize("broken", BROKEN, ids=NAMES)


def other(role: Role) -> Role:
    return Role.CSMS if role is Role.STATION else Role.STATION


def test_there_are_at_least_twelve_of_each_role() -> None:
    roles = [broken.speaker.role for broken in BROKEN]
    assert min(roles.count(role) for role in Role) >= 12


@pytest.mark.parametrize("speaker", HONEST)
@pytest.mark.parametrize("seed_", SEEDS)
def test_there_is_nothing_to_say_of_an_honest_peer(speaker: type[Speaker], seed_: int) -> None:
    opener = InProcess(lambda: OnLine(speaker()), speaker.version)

    hunt = Search(opener, other(speaker.role), Bounds(count=400, seed=seed_)).run()

    assert {kind: found[0].about for kind, found in hunt.findings.items()} == {}
    assert hunt.played.total() == 400


@each_broken
def test_the_fuzzer_finds_it(broken: Broken) -> None:
    opener = InProcess(on_line(broken), broken.speaker.version)
    for seed_ in SEEDS:
        opener.start_anew()
        search = Search(
            opener,
            other(broken.speaker.role),
            Bounds(count=broken.calls, seed=seed_, seconds=20),
            stop_at=lambda finding: finding.kind.startswith(broken.kind),
        )
        hunt = search.run()
        assert hunt.end == "Found what was looked for.", f"not with seed {seed_}: {hunt.findings}"


def machine_of(broken: Broken) -> Any:
    """Return a machine with a broken peer on its side."""
    ours = broken.speaker.role

    class Machine(PeersMachine):
        version = broken.speaker.version
        strict = True

        def make_handlers(self) -> Mapping[Role, Mapping[str, Callable[[Any], Any]]]:
            self.speaker = broken.speaker()
            table = handlers_of(self.speaker)
            return {ours: {action: self.calling(serve) for action, serve in table.items()}}

        def calling(self, serve: Callable[[Any], Any]) -> Callable[[Any], Any]:
            def handler(request: Any) -> Any:
                answer = serve(request)
                self.call_all()
                return answer

            return handler

        def call_all(self) -> None:
            for action, request in self.speaker.calls:
                self.ask(ours, (action, request))
            self.speaker.calls.clear()

        def noticed(self, role: Role, event: Any) -> None:
            if role is ours and isinstance(event, CallResultReceived):
                call = event.call
                self.speaker.hears(call.action, body(call.payload), body(event.payload))
                self.call_all()

        def make_connection(self, role: Role, config: Config) -> Connection:
            is_leaky = broken.leaks and role is ours
            return (Leaky if is_leaky else Connection)(role, config=config)

    Machine.reached = Reached()
    return Machine


@each_broken
def test_the_machine_finds_it(broken: Broken) -> None:
    for seed_ in SEEDS:
        machine = seed(seed_)(machine_of(broken))
        found = ""
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=broken.stories,
                    stateful_step_count=10,
                    derandomize=False,
                    phases=[Phase.generate],
                    report_multiple_bugs=False,
                ),
            )
        except Exception as error:  # noqa: BLE001 - whatever it fails over is what is found
            found = f"{type(error).__name__}: {error}"
        assert found, f"not with seed {seed_}: {machine.reached}"
