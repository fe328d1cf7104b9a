"""Finds resources whose data has gone silent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from junction_introspect.operations.resources import ResourceStatistics
from junction_introspect.tracking.cases import Case
from junction_introspect.tracking.diagnosis import Diagnosis, diagnosis_of
from junction_introspect.tracking.states import in_utc
from junction_introspect.tracking.stuck import Thresholds
from junction_introspect.tracking.verdicts import Verdict, resource_row

_SILENT: Final[frozenset[Verdict]] = frozenset(
    {"attempts_failing", "polling_late", "no_new_data", "silent"}
)


def stale(
    rows: Iterable[ResourceStatistics], now: datetime, thresholds: Thresholds | None = None
) -> Iterator[Diagnosis]:
    """Yield a diagnosis for each resource whose data has gone silent, lazily.

    The verdicts are those of `diagnose` about data: ``"attempts_failing"``, ``"polling_late"``,
    ``"no_new_data"`` and ``"silent"``. Connections and backfills are not considered: `diagnose` may
    give another verdict for the same resource, such as ``"connection_error"``.

    Args:
        rows: Any rows.
        now: The time to measure from; read as UTC if it has no offset.
        thresholds: How long is too long.
    """
    now, limits = in_utc(now), thresholds or Thresholds()
    for statistics in rows:
        case = Case(
            provider=statistics.provider,
            resource=statistics.resource,
            statistics=statistics,
            newest_data=statistics.newest_data,
            now=now,
            limits=limits,
        )
        row = resource_row(case)
        if row.verdict in _SILENT:
            yield diagnosis_of(statistics.user_id, case, row)
