"""`Hooks`: functions of yours that run before and after eight steps of each message through a session.

    hooks = Hooks()

    @hooks.before("message_received")
    def log(info: HookInfo) -> None: ...

A before hook that raises `Veto` keeps the step from being taken. The docstring of `ocpp_sansio.session.hooks`
says what each step is, in which order they come, and what a veto leads to.
"""

from ocpp_sansio.session.hooks import (
    Complain,
    HookInfo,
    HookName,
    Hooks,
    Report,
    ReportedEvent,
    Veto,
)

__all__ = ["Complain", "HookInfo", "HookName", "Hooks", "Report", "ReportedEvent", "Veto"]
