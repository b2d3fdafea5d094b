"""The pytest plugin: fixtures `mock_csms`, `mock_station`, `virtual_time`, and what `PeersMachine`s reached.

    def test_that_my_station_boots(mock_csms, virtual_time):
        async def story():
            async with mock_csms.serve() as url, my_station(url):
                await mock_csms.expect(v16.BootNotificationRequest, within=30)

        virtual_time(story)                 # or virtual_time(story, loop="trio"), or asyncio.run(story())

pytest finds it by itself where this library is installed. Another version, or identity, is a parameter:
`@pytest.mark.parametrize("mock_csms", ["ocpp2.0.1"], indirect=True)`.
"""

import sys
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ocpp_sansio.testing.mocks import MockCsms, MockStation

__all__ = [
    "mock_csms",
    "mock_station",
    "pytest_runtest_makereport",
    "pytest_terminal_summary",
    "virtual_time",
]


@pytest.fixture
def mock_csms(request: pytest.FixtureRequest) -> "MockCsms":
    """Return a `MockCsms` of 1.6, or of the version that is the fixture's parameter."""
    from ocpp_sansio.testing.mocks import MockCsms  # noqa: PLC0415 - who has no use for it does not pay

    return MockCsms(getattr(request, "param", "ocpp1.6"))


@pytest.fixture
def mock_station(request: pytest.FixtureRequest) -> "MockStation":
    """Return a `MockStation` "CP001" of 1.6, or of the version that is the fixture's parameter."""
    from ocpp_sansio.testing.mocks import MockStation  # noqa: PLC0415 - likewise

    return MockStation("CP001", getattr(request, "param", "ocpp1.6"))


@pytest.fixture
def virtual_time() -> Callable[..., Any]:
    """Return `run_in_virtual_time`, which runs an async function on asyncio or trio."""
    from ocpp_sansio.testing.virtual import run_in_virtual_time  # noqa: PLC0415 - likewise

    return run_in_virtual_time


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Show below a test that fails what was said to the mocks in it."""
    report = yield
    if report.failed:
        for name in ("mock_csms", "mock_station"):
            mock = getattr(item, "funcargs", {}).get(name)
            if mock is not None and len(mock.history):
                report.sections.append((f"What {name} saw", str(mock.history)))
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what the stories of each `PeersMachine` reached, if there were any."""
    module = sys.modules.get("ocpp_sansio.testing.machine")
    for machine in _machines(module.PeersMachine) if module else ():
        if machine.reached.stories and machine.reached.handlers:
            terminalreporter.write_sep("-", f"{machine.__name__} reached")
            terminalreporter.write_line(str(machine.reached))


def _machines(base: type[Any]) -> list[type[Any]]:
    """Return all classes below one."""
    below = base.__subclasses__()
    return below + [machine for each in below for machine in _machines(each)]
