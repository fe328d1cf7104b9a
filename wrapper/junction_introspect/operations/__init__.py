"""One module per operation, with its request, its records and its rows.

Each is imported when it is first used: a listing of one operation needs no models of the others.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from junction_introspect.operations import connections as connections
    from junction_introspect.operations import historical_pulls as historical_pulls
    from junction_introspect.operations import resources as resources
else:
    _MODULES = frozenset({"connections", "historical_pulls", "resources"})

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return import_module(f"{__name__}.{name}")
