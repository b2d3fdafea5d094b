"""What is public is listed, can be imported, and says what it is."""

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

import ocpp_sansio

PACKAGE = Path(ocpp_sansio.__file__).parent


def public_modules() -> list[str]:
    found = pkgutil.walk_packages([str(PACKAGE)], "ocpp_sansio.")
    names = [module.name for module in found]
    return ["ocpp_sansio"] + [name for name in names if "._" not in name]


def faces() -> list[str]:
    """Return what applications and other packages import from: packages, and the modules beside them."""
    found = pkgutil.iter_modules([str(PACKAGE)], "ocpp_sansio.")
    names = [module.name for module in found if not module.name.endswith("__main__")]
    return ["ocpp_sansio", *names]


def imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield module and name of what a face shows of the library, that for type checkers alone included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("ocpp_sansio"):
            for alias in node.names:
                yield str(node.module), alias.name


def tree_of(module: ModuleType) -> ast.Module:
    assert module.__file__
    return ast.parse(Path(module.__file__).read_text())


def assigned(tree: ast.Module) -> Iterator[tuple[str, str | None]]:
    """Yield each name assigned at the top of a module, with the string that follows it, if one does."""
    for node, following in zip(tree.body, [*tree.body[1:], None], strict=True):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        said = None
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            said = following.value.value
        for target in targets:
            for name in ast.walk(target):
                if isinstance(name, ast.Name):
                    yield name.id, said if isinstance(said, str) else None


@pytest.mark.parametrize("name", public_modules())
def test_a_module_lists_every_public_class_and_function_that_it_defines(name: str) -> None:
    module = import_module(name)
    listed: list[str] = module.__all__
    assert len(set(listed)) == len(listed)
    assert all(hasattr(module, public) for public in listed)
    defined = {
        node.name
        for node in tree_of(module).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    }
    public = {defined_name for defined_name in defined if not defined_name.startswith("_")}
    assert public <= set(listed)


@pytest.mark.parametrize("name", faces())
def test_a_face_lists_all_that_it_imports_and_nothing_that_is_not_listed_where_it_is_defined(
    name: str,
) -> None:
    module = import_module(name)
    shown = [
        (source, public)
        for source, public in imported(tree_of(module))
        if public != "on_first_use" or source.startswith(name)
    ]
    defined = {each for each, _ in assigned(tree_of(module))} - {"__getattr__"}
    if not name.startswith("ocpp_sansio.v"):  # those define their catalogue
        assert {public for _, public in shown} == set(module.__all__)
        assert defined <= {"__all__"}
    for source, public in shown:
        assert public in import_module(source).__all__ or is_module(f"{source}.{public}")


def is_module(name: str) -> bool:
    return find_spec(name) is not None


def test_the_package_offers_what_its_public_core_modules_define() -> None:
    for module in ("connection", "errors", "events"):
        names = set(import_module(f"ocpp_sansio.{module}").__all__)
        assert names - {"DESCRIPTION_MAX_LENGTH"} <= set(ocpp_sansio.__all__)


@pytest.mark.parametrize("name", public_modules())
def test_every_public_module_class_function_method_and_property_says_what_it_is(name: str) -> None:
    module = import_module(name)
    silent = [] if module.__doc__ else [name]
    for public in module.__all__:
        thing = getattr(module, public)
        if inspect.isclass(thing) and thing.__module__.startswith("ocpp_sansio"):
            silent += [f"{public}{member}" for member in silent_parts(thing)]
        elif isinstance(thing, FunctionType) and not thing.__doc__:
            silent.append(public)
    assert not silent


def silent_parts(cls: type) -> Iterator[str]:
    """Yield "" if a class says nothing, and ".name" for each silent method or property of its own."""
    if not cls.__dict__.get("__doc__") or is_generated_doc(cls):
        yield ""
    for name, member in vars(cls).items():
        if name.startswith("_") or (issubclass(cls, Enum) and isinstance(member, cls)):
            continue
        if isinstance(member, staticmethod | classmethod):
            member = member.__func__  # noqa: PLW2901 - the function is what speaks
        if isinstance(member, FunctionType | property) and not inspect.getdoc(member):
            yield f".{name}"


def is_generated_doc(cls: type) -> bool:
    return str(cls.__doc__).startswith(f"{cls.__name__}(")


@pytest.mark.parametrize("name", public_modules())
def test_every_public_value_says_what_it_is(name: str) -> None:
    module = import_module(name)
    silent = [
        value
        for value, said in assigned(tree_of(module))
        if value in module.__all__ and not said and not inspect.isclass(getattr(module, value))
    ]
    allowed = {"__version__", "Message", "ResponseT_co", "CATALOG"}  # their types say it
    assert not set(silent) - allowed


def test_the_package_is_typed() -> None:
    assert (PACKAGE / "py.typed").exists()
