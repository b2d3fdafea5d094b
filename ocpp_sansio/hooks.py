"""`Hooks`: functions of yours that run before and after eight steps of each message through a session.

    hooks = Hooks()

    @hooks.before("message_received")
    def log(info: HookInfo) -> None: ...

    @hooks.after("send_ws_msg")
    async def sent(info: HookInfo, result: object) -> None: ...

Sync or async; run one after the other, in the order of registration. The steps nest like this, where ">step"
stands for its before hooks and "<step" for its after hooks:

    in   >message_received >execute_call_handler <execute_call_handler
             >send_call_respond >send_ws_msg <send_ws_msg <send_call_respond <message_received
         >message_received >execute_call_result_handler <execute_call_result_handler <message_received
    out  >send_call >send_ws_msg <send_ws_msg <send_call

message_received
    One message, from its arrival until all that it led to is done: handler run, answer sent.
    Result: the tuple of core events it became. Veto: it is dropped as if it had never come; a CALL stays
    unanswered, a call of yours times out.
execute_call_handler
    The handler of a CALL or a SEND.
    Result: what it returned or raised. Veto: it does not run; a CALL gets the CALLERROR that the `Veto`
    carries, a SEND nothing.
execute_call_result_handler, execute_call_error_handler
    Handing a CALLRESULT, or a CALLERROR, to whoever awaits it.
    Result: None. Veto: the one who awaits it gets `CallVetoed`.
send_call
    A CALL whose turn has come (it may have queued before that, S-1).
    Result: what the sender returned or raised. Veto: it is not sent; the caller gets `CallVetoed` at
    once, and the next call has its turn.
send_call_respond
    A CALLRESULT.
    Result: as before. Veto: it is not sent, so the peer gets no answer; `reply` raises `CallVetoed`, no
    `after` handler runs.
send_call_error
    A CALLERROR, the core's own included, or a CALLRESULTERROR (2.1).
    Result and veto: as with send_call_respond.
send_ws_msg
    Handing any frame to your sender: inside one of the three above, and alone for a SEND (2.1).
    Result: as before. Veto: as with the step around it; `send_unconfirmed` raises `CallVetoed`.

An after hook runs if its step was begun: `result` is then what the step returned, or the exception that
ended it, such as the `Veto` of a step inside. A hook that raises anything else than `Veto`, and an after hook
that raises at all, is logged as "ocpp_sansio" and the message goes its way as if that hook were not there.

Messages pass message_received, and frames the four sends, strictly one at a time and in order: while a hook
waits there, so does everything behind it. Such a hook must not await an answer of the peer's, which could
not reach it; it may start a task of its own that does. The hooks of execute_call_handler wait for themselves
alone.
"""

from ocpp_sansio.session.hooks import Complain, HookInfo, HookName, Hooks, Veto

__all__ = ["Complain", "HookInfo", "HookName", "Hooks", "Veto"]
