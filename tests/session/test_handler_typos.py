"""A handler that would never be called is refused where it is handed over, with the nearest name."""

from typing import Any

import pytest

import ocpp_sansio.asyncio
import ocpp_sansio.trio
from ocpp_sansio import Config, Role, Validation, v16
from ocpp_sansio.handlers import Handlers
from ocpp_sansio.session import serving


def serve(_: object) -> dict[str, Any]:
    return {}


def after_only(action: Any) -> Handlers:
    handlers = Handlers()
    handlers.after(action)(serve)
    return handlers


NEVER: list[tuple[Role, Any, str]] = [
    (Role.CSMS, {"Heartbeet": serve}, "no action is called 'Heartbeet'; perhaps 'Heartbeat'?"),
    (Role.STATION, {"reset": serve}, "no action is called 'reset'; perhaps 'Reset'?"),
    (Role.CSMS, after_only("heartbeat"), "perhaps 'Heartbeat'?"),
    (Role.CSMS, {"Reset": serve}, "a csms sends that and does not receive it"),
    (Role.CSMS, {v16.ResetRequest: serve}, "a handler of Reset would never be called"),
    (Role.STATION, {"Heartbeat": serve}, "a station sends that and does not receive it"),
    (Role.STATION, after_only(v16.HeartbeatRequest), "a handler of Heartbeat would never"),
]


@pytest.mark.parametrize(("role", "handlers", "said"), NEVER, ids=range(len(NEVER)))
def test_it_is_refused_by_sessions_and_servers_before_anything_runs(
    role: Role, handlers: Any, said: str
) -> None:
    for loop in (ocpp_sansio.asyncio, ocpp_sansio.trio):
        with pytest.raises(ValueError, match=r"action|handler") as caught:
            loop.Session(role, sender=print, handlers=handlers)
        assert said in str(caught.value)


@pytest.mark.parametrize(
    ("role", "handlers", "config"),
    [
        (Role.CSMS, {"Heartbeet": serve}, Config(vendor_actions={"Heartbeet"})),
        (Role.CSMS, {"Reset": serve}, Config(vendor_actions={"Reset"})),
        (Role.CSMS, {"Reset": serve}, Config(validation=Validation.LENIENT)),  # it is delivered
        (Role.CSMS, {"AcmeReset": serve, "*": serve, "DataTransfer": serve}, None),
        (Role.STATION, {"Reset": serve, "DataTransfer": serve}, None),
    ],
)
def test_what_is_meant_so_or_can_be_called_is_taken(
    role: Role, handlers: Any, config: Config | None
) -> None:
    for loop in (ocpp_sansio.asyncio, ocpp_sansio.trio):
        loop.Session(role, sender=print, handlers=handlers, config=config)


def test_what_is_served_is_found_out_anew_when_a_handler_was_added() -> None:
    handlers, config = Handlers({"Vendor": serve}), Config()
    served = serving(handlers, config, Role.CSMS)
    assert served.vendor_actions == {"Vendor"}
    assert serving(handlers, config, Role.CSMS) is served
    handlers.on("Other")(serve)
    assert serving(handlers, config, Role.CSMS).vendor_actions == {"Vendor", "Other"}
    handlers.after("Heartbeat")(serve)
    with pytest.raises(ValueError, match="would never be called"):
        serving(handlers, config, Role.STATION)
