"""Writes the directives of the API reference: every public name of every public module, once."""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from importlib import import_module
from importlib.util import resolve_name
from itertools import takewhile
from types import FunctionType, ModuleType
from typing import Any, Final, get_args, get_origin, get_type_hints

from junction_api.enums import ENUM_VALUES

# A name that several of these export is described under the first, where users import it from.
MODULES: Final = (
    "junction_introspect",
    "junction_introspect.errors",
    "junction_introspect.enums",
    "junction_introspect.models",
    "junction_introspect.tracking",
    "junction_introspect.arrow",
    "junction_introspect.store",
    "junction_introspect.export",
    "junction_introspect.teams",
    "junction_introspect.sweep",
    "junction_introspect.report",
    "junction_introspect.mock",
    "junction_introspect.contract",
    "junction_introspect.testing",
    "junction_api",
    "junction_api.types",
)

_KINDS: Final = ("Classes", "Functions", "Errors", "Constants and types")


def names_of(module: str) -> list[str]:
    """Return the public names of a module, sorted.

    They are those of ``__all__``; without one, the classes and functions that it defines.
    """
    loaded = import_module(module)
    listed = getattr(loaded, "__all__", None)
    if listed is None:
        listed = [name for name, value in vars(loaded).items() if _is_defined_in(loaded, value)]
    return sorted(name for name in listed if not name.startswith("_"))


def _is_defined_in(module: ModuleType, value: object) -> bool:
    return (
        isinstance(value, (type, FunctionType)) or _fixture(value) is not None
    ) and inspect.getmodule(_fixture(value) or value) is module


@cache
def described() -> dict[str, list[str]]:
    """Return the names to describe under each module: each object once."""
    seen: set[object] = set()
    under: dict[str, list[str]] = {}
    for module in MODULES:
        loaded = import_module(module)
        objects = {
            name: _identity(module, name, getattr(loaded, name)) for name in names_of(module)
        }
        under[module] = [name for name, each in objects.items() if each not in seen]
        seen |= {*objects.values()}
    return under


def _identity(module: str, name: str, value: object) -> object:
    # Two equal numbers or texts are one object by chance.
    if isinstance(value, (int, float, str)):
        return module, name
    return name if value is str else id(value)


def page(module: str) -> str:
    """Return the Markdown that describes a module's names, in sections by kind."""
    loaded = import_module(module)
    sections: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for name in described()[module]:
        value = getattr(loaded, name)
        sections[_kind(value)].append(_directive(module, name, value))
    return "\n\n".join(
        f"## {kind}\n\n```{{eval-rst}}\n" + "\n".join(directives) + "```"
        for kind, directives in sections.items()
        if directives
    )


def is_made_by_us(kind: type[Any]) -> bool:
    """Return whether a class is made by this package only: its constructor takes private types."""
    try:
        hints = get_type_hints(kind.__init__)
    except (AttributeError, NameError, TypeError):
        return False
    return any(_is_private(hint) for name, hint in hints.items() if name != "return")


def _is_private(hint: Any) -> bool:
    """Return whether a type is a class of this package that has no public name."""
    if not isinstance(kind := get_origin(hint) or hint, type):
        return any(map(_is_private, get_args(hint)))
    return kind.__module__.startswith("junction_") and kind not in _public()


@cache
def _public() -> set[type]:
    modules = {module: import_module(module) for module in MODULES}
    values = [getattr(loaded, name) for at, loaded in modules.items() for name in names_of(at)]
    return {value for value in values if isinstance(value, type)}


def _kind(value: Any) -> str:
    if isinstance(value, type) and issubclass(value, BaseException):
        return "Errors"
    if isinstance(value, type) and value is not str:
        return "Classes"
    if isinstance(value, FunctionType) or _fixture(value) is not None:
        return "Functions"
    return "Constants and types"


def _fixture(value: object) -> FunctionType | None:
    """Return the function behind a pytest fixture, or None."""
    unwrapped = getattr(value, "__wrapped__", None)
    return unwrapped if isinstance(unwrapped, FunctionType) else None


def _directive(module: str, name: str, value: Any) -> str:
    full = f"{module}.{name}"
    match _kind(value):
        case "Classes" | "Errors":
            # The fields of a named tuple are in its docstring already.
            fields = ", ".join(getattr(value, "_fields", ()))
            return (
                f".. autoclass:: {full}\n   :members:\n   :inherited-members: {_STOP}\n"
                f"   :exclude-members: {fields}\n"
            )
        case "Functions" if (fixture := _fixture(value)) is not None:
            text = inspect.cleandoc(fixture.__doc__ or "").replace("\n", "\n   ")
            return f".. py:data:: {full}\n\n   {text}\n"
        case "Functions":
            return f".. autofunction:: {full}\n"
        case _:
            return _constant(module, name, value)


def _constant(module: str, name: str, value: Any) -> str:
    """Return the directive of a constant; autodoc would describe the type of its value."""
    if value is str:
        # An enum of the specification, whose values a type checker knows.
        values = _shown(ENUM_VALUES[name])
        return (
            f".. py:type:: {module}.{name}\n   :canonical: str\n\n"
            f"   The specification lists {values}.\n"
        )
    text = _comment(module, name)
    shown = _shown(value)
    if isinstance(value, dict):
        text += f"\n\nIt has the keys {_shown(tuple(value))}."
        lines = [f".. py:data:: {module}.{name}"]
    elif isinstance(value, (frozenset, tuple)):
        text += f"\n\nIt has the values {shown}."
        lines = [f".. py:data:: {module}.{name}"]
    else:
        lines = [f".. py:data:: {module}.{name}", f"   :value: {shown}"]
    return "\n".join([*lines, "", *(f"   {line}" for line in text.splitlines()), ""])


def _shown(value: Any) -> str:
    if isinstance(value, frozenset):
        return ", ".join(f"``{each}``" for each in sorted(value))
    if isinstance(value, tuple):
        return ", ".join(f"``{each}``" for each in value)
    return re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z])", "", repr(value))


def _comment(module: str, name: str) -> str:
    """Return the comment above the statement that defines a name, wherever it is imported from."""
    try:
        source = inspect.getsource(import_module(module))
    except OSError:
        return ""  # compiled
    lines = source.splitlines()
    for statement in ast.walk(ast.parse(source)):
        match statement:
            case ast.ImportFrom(module=str(origin), names=aliases, level=level) if any(
                (alias.asname or alias.name) == name for alias in aliases
            ):
                return _comment(resolve_name("." * level + origin, module), name)
            case (
                ast.Assign(targets=[ast.Name(id=target)])
                | ast.AnnAssign(target=ast.Name(id=target))
            ) if target == name:
                above = takewhile(
                    lambda line: line.startswith("#"), lines[statement.lineno - 2 :: -1]
                )
                return "\n".join(reversed([line.removeprefix("#").strip() for line in above]))
            case _:
                pass
    return ""


# Members of these are Python's or a library's.
_STOP: Final = (
    "object, BaseException, Exception, str, int, dict, tuple, Enum, StrEnum,"
    " HTTPTransport, AsyncHTTPTransport"
)
