"""How the face of a package shows what it loads only when somebody asks for it."""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["on_first_use"]


def on_first_use(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a package's `__getattr__`: `modules` says by name in which of its modules it stands."""

    def load(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 - of no use to who asks for nothing

        return getattr(import_module(f"{package}.{modules[name]}"), name)

    return load
