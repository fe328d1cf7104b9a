"""Reads the result of a sweep: only the parts that count, not other files beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow.dataset  # pyright: ignore[reportMissingTypeStubs]

from junction_introspect.arrow import pa, schema
from junction_introspect.errors import SweepUnfinishedError
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.sweep.destination import MANIFEST, Destination
from junction_introspect.sweep.manifest import decode

# As in `junction_introspect.arrow`.
_dataset: Any = pyarrow.dataset

_TEAM = pa.schema([pa.field("team", pa.string())])


def parts(
    destination: str,
    *,
    teams: Iterable[str] | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> list[str]:
    """Return the URLs of the parts that count, by team, for any reader of Parquet.

    Args:
        destination: As in `sweep`.
        teams: The names of the teams to read; by default all that are complete.
        storage_options: As in `sweep`.

    Raises:
        SweepUnfinishedError: Some of the teams named are not complete.
    """
    files = Destination(destination, storage_options)
    return [files.filesystem.unstrip_protocol(path) for path in _paths(files, teams)]


def read(
    destination: str,
    *,
    teams: Iterable[str] | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> Any:
    """Return the union of the parts that count as a ``pyarrow.dataset.Dataset``, lazily.

    Its columns are those of the rows of `HISTORICAL_PULLS`, and ``team``. There is one row per
    team, user, provider and resource.

    Args:
        destination: As in `sweep`.
        teams: As in `parts`.
        storage_options: As in `sweep`.

    Raises:
        SweepUnfinishedError: As `parts`.
    """
    files = Destination(destination, storage_options)
    return _dataset.dataset(
        _paths(files, teams),
        schema=pa.unify_schemas([schema(HISTORICAL_PULLS), _TEAM]),
        format="parquet",
        filesystem=files.filesystem,
        partitioning=_dataset.partitioning(_TEAM, flavor="hive"),
    )


def _paths(files: Destination, teams: Iterable[str] | None) -> list[str]:
    found = {
        name: files.get(name, MANIFEST) for name in (files.teams() if teams is None else teams)
    }
    manifests = {
        name: decode(content)
        for name, content in found.items()
        if teams is not None or content is not None
    }
    unfinished = tuple(name for name, manifest in manifests.items() if manifest is None)
    if unfinished:
        raise SweepUnfinishedError(
            f"teams not complete in {files.url}: {', '.join(unfinished)}; run the sweep again",
            teams=unfinished,
        )
    return [
        files.path(name, part.name)
        for name, manifest in manifests.items()
        if manifest is not None
        for part in manifest.parts
    ]
