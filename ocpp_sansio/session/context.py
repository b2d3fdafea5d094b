"""`ContextT`: the type of the value of the application's own that rides on a session and on its calls.

Where nobody says, it is `Any`: `Handlers` alone means `Handlers[Any]`. Defaults of type variables are for
type checkers here, since Python has them from 3.13 on only.
"""

from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["ContextT", "ContextT_co"]

if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    ContextT = TypeVarWithDefault("ContextT", default=Any)
    ContextT_co = TypeVarWithDefault("ContextT_co", default=Any, covariant=True)
else:
    ContextT = TypeVar("ContextT")
    """What the application has made the context of a session."""
    ContextT_co = TypeVar("ContextT_co", covariant=True)
    """The same, of what only hands it out."""
