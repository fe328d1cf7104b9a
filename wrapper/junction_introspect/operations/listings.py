"""The operations that list users page by page, by the names that ``--what`` and a store use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from junction_introspect._paging.operation import Operation
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.operations.resources import RESOURCES

LISTINGS: Final[Mapping[str, Operation[Any, Any]]] = {
    each.what: each for each in (HISTORICAL_PULLS, RESOURCES)
}
