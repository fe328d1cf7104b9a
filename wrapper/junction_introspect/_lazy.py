"""Imports a package's public names when they are first used.

The package's ``__init__`` lists them once, as imports for type checkers (``if TYPE_CHECKING:``).
`exported` reads that list from the source. Code that only needs the errors, for example, then does
not import an HTTP client.
"""

from __future__ import annotations

import linecache
import os
import re
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from threading import RLock
from typing import Final

# Two threads that import modules which import each other could deadlock without one common lock.
_lock = RLock()

# ``from a.module import Name as Name``, on one line or with the name in parentheses on its own. A
# test compares it with what Python's own parser finds, which takes twenty times as long.
_IMPORT: Final = re.compile(r"^    from (\S+) import (?:\(\s+)?(\w+) as \2\b", re.MULTILINE)


def exported(
    package: str,
) -> tuple[list[str], Callable[[str], object], Callable[[], list[str]]]:
    """Return ``__all__``, ``__getattr__`` and ``__dir__`` for a package (PEP 562)."""
    module = sys.modules[package]
    # linecache, like tracebacks, also works in a zip file and under pytest's import hook.
    source = "".join(linecache.getlines(module.__file__ or "", vars(module)))
    source_of = {name: of for of, name in _IMPORT.findall(source)}
    names = sorted({*source_of, "__version__"})

    def attribute(name: str) -> object:
        with _lock:
            if name in source_of:
                value = getattr(import_module(source_of[name]), name)
            elif not name.startswith("__") and find_spec(f"{package}.{name}"):
                # Type checkers allow a submodule as an attribute once anything has imported it.
                value = import_module(f"{package}.{name}")
            else:
                raise AttributeError(f"module {package!r} has no attribute {name!r}")
            setattr(module, name, value)
            return value

    return names, attribute, lambda: sorted({*vars(module), *names})


def _after_fork() -> None:
    global _lock  # noqa: PLW0603 - a thread of the parent may have held it
    _lock = RLock()


if hasattr(os, "register_at_fork"):  # Windows has no forks
    os.register_at_fork(after_in_child=_after_fork)
