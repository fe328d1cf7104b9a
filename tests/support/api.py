"""Writes the public API down: `make api` accepts a change of it, `make check` reports one.

The file has one line per public name and member, with its parameters. It leaves out what a new
version of the specification changes by itself: the generated package, models and values of enums.
"""

from __future__ import annotations

import difflib
import enum
import inspect
import re
import sys
from importlib import import_module
from pathlib import Path

from docs.site.reference import MODULES, names_of

FILE = Path(__file__).parents[1] / "public_api.txt"

_GENERATED = {"junction_api", "junction_api.types", "junction_introspect.models"}
_ATTRIBUTE = re.compile(r"^    (\w+):", re.MULTILINE)
_HEAD = "# The public API. `make check` fails when it changes; `make api` accepts the change.\n"


def rendered() -> str:
    """Return the text of the file."""
    lines = [_HEAD]
    for module in MODULES:
        if module in _GENERATED:
            continue
        lines.append(f"\n{module}\n")
        loaded = import_module(module)
        lines += [line for name in names_of(module) for line in _lines(name, getattr(loaded, name))]
    return "".join(lines)


def _lines(name: str, value: object) -> list[str]:
    if not inspect.isclass(value):
        return [f"  {name}{_signature(value) if inspect.isroutine(value) else ''}\n"]
    bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
    # That of an enum is Python's own, and differs between its versions.
    signature = "" if issubclass(value, enum.Enum) else _signature(value)
    lines = [f"  class {name}({bases}){signature}\n"]
    members = {
        member
        for kind in value.__mro__
        if kind.__module__.startswith("junction_")
        for member in (*vars(kind), *vars(kind).get("__annotations__", ()))
        if not member.startswith("_")
    }
    members |= set(_ATTRIBUTE.findall(_section(inspect.getdoc(value) or "")))
    if issubclass(value, enum.Enum):
        members = set(value.__members__)
    return lines + [f"    {_member(value, member)}\n" for member in sorted(members)]


def _section(docstring: str) -> str:
    """Return what a docstring says of attributes that only an instance has."""
    return docstring.partition("\nAttributes:\n")[2].partition("\n\n")[0]


def _member(kind: type, name: str) -> str:
    found = inspect.getattr_static(kind, name, None)
    if isinstance(found, (classmethod, staticmethod)):
        found = found.__func__
    return name + (_signature(found) if inspect.isroutine(found) else "")


def _signature(value: object) -> str:
    try:
        signature = inspect.signature(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return ""
    # Addresses of objects that are defaults differ from run to run.
    return re.sub(r" at 0x[0-9a-f]+", "", str(signature))


def main() -> int:
    """Write the file (``--accept``), or print how it differs and return 1."""
    text = rendered()
    if sys.argv[1:] == ["--accept"]:
        FILE.write_text(text, encoding="utf-8")
        return 0
    before = FILE.read_text(encoding="utf-8")
    if before == text:
        return 0
    lines = before.splitlines(), text.splitlines()
    sys.stdout.writelines(
        f"{line}\n"
        for line in difflib.unified_diff(*lines, "as committed", "as it is", n=1, lineterm="")
    )
    sys.stdout.write("the public API has changed: `make api` accepts it; see docs/releasing.md\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
