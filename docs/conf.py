"""How the pages under docs/ become HTML; CONTRIBUTING.md has the command."""

import re
from enum import Enum
from importlib import import_module
from inspect import cleandoc
from typing import Any, TypeVar

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from ocpp_sansio import __version__

project = "ocpp_sansio"
author = "The ocpp_sansio authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns: list[str] = []
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"ocpp_sansio {release}"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["pages.css"]
pygments_style = "default"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {
    "members": True,
    # Ours are told where they are used; what these bring along is Python's, msgspec's or hypothesis's.
    "inherited-members": "Struct,Enum,StrEnum,str,Exception,BaseException,TimeoutError,ABC,Protocol,"
    "Session,SessionBase,RuleBasedStateMachine,SSLContext,object",
}
add_module_names = False
toc_object_entries_show_parents = "hide"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80

# Only our own names are looked up: no other project's index is fetched, so that a build needs no network.
nitpick_ignore_regex = [(r"py:.*", r"(?!ocpp_sansio\.).*|.* \| .*")]

FACES = (
    "ocpp_sansio",
    "ocpp_sansio.config",
    "ocpp_sansio.errors",
    "ocpp_sansio.events",
    "ocpp_sansio.frames",
    "ocpp_sansio.messages",
    "ocpp_sansio.versions",
    "ocpp_sansio.asyncio",
    "ocpp_sansio.trio",
    "ocpp_sansio.handlers",
    "ocpp_sansio.hooks",
    "ocpp_sansio.outcomes",
    "ocpp_sansio.session",
    "ocpp_sansio.tls",
    "ocpp_sansio.backoff",
    "ocpp_sansio.net",
    "ocpp_sansio.websocket",
    "ocpp_sansio.station",
    "ocpp_sansio.stores",
    "ocpp_sansio.testing",
    "ocpp_sansio.v16",
    "ocpp_sansio.v201",
    "ocpp_sansio.v21",
)
"""The modules that people import from; the first that has a name is where its documentation stands."""


def documented_names() -> dict[str, str]:
    """Return where each public object is documented, by the name of the module that defines it."""
    found: dict[str, str] = {}
    for face in FACES:
        module = import_module(face)
        for name in module.__all__:
            found_object = getattr(module, name)
            vars(module)[name] = found_object  # what loads on first use, autodoc would not see
            if isinstance(found_object, TypeVar):
                continue  # adapters need it, readers do not
            home = getattr(found_object, "__module__", None) or face
            found.setdefault(f"{home}.{name}", f"{face}.{name}")
    return found


NAMES = documented_names()


def find_public_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> nodes.Element | None:
    """Lead a reference to where a name is defined on to where it is documented."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py":
        return None
    if target not in NAMES:  # a type variable or a private base class in a signature, or a slip
        return content if exists(target) else None
    found = env.domains["py"].resolve_any_xref(
        env, node["refdoc"], app.builder, NAMES[target], node, content
    )
    return found[0][1] if found else None


def exists(name: str) -> bool:
    """Whether a dotted name is that of something in a module of ours."""
    module, _, attribute = name.rpartition(".")
    try:
        return module.startswith("ocpp_sansio") and hasattr(import_module(module), attribute)
    except ImportError:
        return False


def choose_members(app: Sphinx, what: str, name: str, found: Any, *_: Any) -> bool | None:
    """Say what is left out: of a face, what another shows already. None leaves it to autodoc."""
    if isinstance(found, Enum) and found.name == name:
        return False  # even where an enum's value has no docstring
    if what != "module":
        return None
    face = app.env.temp_data.get("autodoc:module")
    home = getattr(found, "__module__", None) or face
    return True if NAMES.get(f"{home}.{name}", f"{face}.{name}") != f"{face}.{name}" else None


CODE = re.compile(r"(`+)([^`\n]+)\1")


def to_restructured_text(  # the signature is autodoc's
    _app: Sphinx, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]
) -> None:
    """Make of a docstring, whose code is in `backticks` and indented blocks, what autodoc reads."""
    text: list[str] = []
    in_block = False
    for line in cleandoc("\n".join(lines)).splitlines():
        starts_block = line.startswith("    ") and not (text and text[-1].strip()) and not in_block
        if starts_block:
            text += ["::", ""]
            in_block = True
        elif line and not line.startswith(" "):
            in_block = False
        text.append(line if in_block else with_inline_code(line))
    lines[:] = [*text, ""]


def with_inline_code(line: str) -> str:
    """Return a line with its code marked, and nothing else in it that has a meaning."""
    parts = CODE.split(line)  # text, backticks, code, text, ...
    for index in range(0, len(parts), 3):
        parts[index] = re.sub(r"([*|\\]|_\b)", r"\\\1", parts[index])
    shown = [parts[0]]
    for code, after in zip(parts[2::3], parts[3::3], strict=True):
        shown += [f"``{code}``", f"\\ {after}" if after[:1].isalnum() else after]
    return "".join(shown)


def setup(app: Sphinx) -> None:
    """Sphinx calls this."""
    app.connect("missing-reference", find_public_name)
    app.connect("autodoc-skip-member", choose_members)
    app.connect("autodoc-process-docstring", to_restructured_text)
