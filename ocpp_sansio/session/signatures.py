"""What parameters a function of the application's takes, and whether it is a coroutine function."""

import inspect
from collections.abc import Callable
from math import inf
from typing import Any

__all__ = ["is_coroutine_function", "positional_parameters"]


def positional_parameters(function: Callable[..., Any]) -> tuple[float, float]:
    """Return how many positional arguments a function requires, and how many are ours to give.

    A parameter with a default is the application's own, as in `lambda request, status=status: …`, unless it
    is the first; what stands behind it is its own, too. Raises TypeError if it requires a keyword argument.
    What has no signature to look at, such as some built-ins, is taken to want exactly one.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return 1, 1
    required: float = 0
    accepted: float = 0
    has_own = False
    for parameter in parameters:
        is_required = parameter.default is parameter.empty
        if parameter.kind is parameter.VAR_POSITIONAL:
            accepted = accepted if has_own else inf
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            is_own = not is_required and accepted > 0
            has_own = has_own or is_own
            accepted += not is_own
            required += is_required
        elif parameter.kind is parameter.KEYWORD_ONLY and is_required:
            raise TypeError(f"{function!r} requires the keyword argument {parameter.name!r}")
    return required, accepted


def is_coroutine_function(function: Callable[..., Any]) -> bool:
    """Whether calling it makes a coroutine; also true of an object whose `__call__` does."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - not whether it is callable: what it is
    )
