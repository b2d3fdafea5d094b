"""Whether a key of `Config.field_lengths` means a member that has a limit: it does nothing otherwise."""

from collections.abc import Iterator

from msgspec import Struct, inspect

from ocpp_sansio.core.action_names import ACTIONS, SENDS
from ocpp_sansio.core.messages import catalog
from ocpp_sansio.core.typos import nearest, unknown
from ocpp_sansio.core.versions import Version

__all__ = ["require_limited_member"]


def require_limited_member(key: str) -> None:
    """Raise ValueError unless a key such as "Get15118EVCertificateResponse.exiResponse" means something.

    Loads the versions that have the message: who names one talks about it.
    """
    message, _, path = key.partition(".")
    action = _MESSAGES.get(message)
    if action is None:
        raise ValueError(
            f"{unknown('no message', message, nearest(message, _MESSAGES))} ({_WHERE})"
        )
    members = {member for kind in _classes(message, action) for member in _limited(kind, "")}
    if path not in members:
        text = unknown(f"no member of {message} that has a limit", path, nearest(path, members))
        raise ValueError(f"{text} ({_WHERE})")


_WHERE = 'in field_lengths, whose keys look like "AuthorizeRequest.idTag"'

_MESSAGES = {
    f"{action}{suffix}": action
    for action in ACTIONS
    for suffix in (("",) if action in SENDS else ("Request", "Response"))
}
"""The action, by the name of each of its classes."""


def _classes(message: str, action: str) -> Iterator[type[Struct]]:
    for version in Version:
        row = catalog(version).get(action)
        for kind in (row.request, row.response) if row else ():
            if kind is not None and kind.__name__ == message:
                yield kind


def _limited(kind: type[Struct], place: str) -> Iterator[str]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - a fact about payloads, not a check of input
    for field in info.fields:
        member = field.type
        while isinstance(member, inspect.ListType):
            member = member.item_type
        path = f"{place}{field.encode_name}"
        if isinstance(member, inspect.StructType):
            yield from _limited(member.cls, f"{path}.")
        elif isinstance(member, inspect.StrType) and member.max_length is not None:
            yield path
