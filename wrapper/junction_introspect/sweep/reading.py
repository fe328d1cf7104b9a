"""Reads the result of a sweep: only the parts that count, not other files beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any, Final

import pyarrow.dataset  # pyright: ignore[reportMissingTypeStubs]

from junction_introspect.arrow import pa, schema
from junction_introspect.errors import ExportMismatchError, SweepUnfinishedError
from junction_introspect.export.destination import Destination
from junction_introspect.export.engine import Files
from junction_introspect.export.manifest import Manifest
from junction_introspect.operations.listings import LISTINGS
from junction_introspect.sweep.writing import files_of

# As in `junction_introspect.arrow`.
_dataset: Any = pyarrow.dataset

_TEAM: Final = pa.schema([pa.field("team", pa.string())])
_FOLDER: Final = "team="


def parts(
    destination: str | PathLike[str],
    *,
    teams: Iterable[str] | None = None,
    verify: bool = False,
    storage_options: Mapping[str, Any] | None = None,
) -> list[str]:
    """Return the paths or URLs of the parts that count, by team, for any reader of Parquet.

    Args:
        destination: As in `sweep`.
        teams: The names of the teams to read; by default all that are complete.
        verify: Whether to read every part and compare its SHA-256. By default, a part in an object
            store is not read if its size and its tag are as they were.
        storage_options: As in `sweep`.

    Raises:
        ExportDamagedError: A part was deleted or changed after the sweep.
        ExportMismatchError: A manifest is not valid, or the teams are of different sweeps.
        SweepUnfinishedError: Some of the teams named are not complete.
    """
    found = _complete(Destination(destination, storage_options), teams, verify=verify)
    return [
        files.destination.url_of(part.name) for files, manifest in found for part in manifest.parts
    ]


def read(
    destination: str | PathLike[str],
    *,
    teams: Iterable[str] | None = None,
    verify: bool = False,
    storage_options: Mapping[str, Any] | None = None,
) -> Any:
    """Return the union of the parts that count as a ``pyarrow.dataset.Dataset``, lazily.

    Its columns are those of the rows of the operation that was swept, and ``team``. There is one
    row per team, user, provider and resource.

    Args:
        destination: As in `sweep`.
        teams: As in `parts`.
        verify: As in `parts`.
        storage_options: As in `sweep`.

    Raises:
        ExportDamagedError: As `parts`.
        ExportMismatchError: As `parts`.
        SweepUnfinishedError: As `parts`.
    """
    place = Destination(destination, storage_options)
    found = _complete(place, teams, verify=verify)
    what = next((manifest.of["what"] for _, manifest in found), "pulls")
    return _dataset.dataset(
        [files.destination.path(part.name) for files, manifest in found for part in manifest.parts],
        schema=pa.unify_schemas([schema(LISTINGS[what]), _TEAM]),
        format="parquet",
        filesystem=place.filesystem,
        partitioning=_dataset.partitioning(_TEAM, flavor="hive"),
    )


def _complete(
    place: Destination, teams: Iterable[str] | None, *, verify: bool
) -> list[tuple[Files, Manifest]]:
    present = sorted(
        name.removeprefix(_FOLDER) for name in place.names() if name.startswith(_FOLDER)
    )
    found = {name: files_of(place, name) for name in (present if teams is None else teams)}
    manifests = {name: files.load(files.manifest) for name, files in found.items()}
    unfinished = tuple(name for name, manifest in manifests.items() if manifest is None)
    if teams is not None and unfinished:
        raise SweepUnfinishedError(
            f"teams not complete in {place.url}: {', '.join(unfinished)}; run the sweep again",
            teams=unfinished,
        )
    complete = [(found[name], manifest) for name, manifest in manifests.items() if manifest]
    for files, manifest in complete:
        # Teams may have different addresses.
        like_first = {**complete[0][1].of, "address": manifest.of.get("address")}
        if differing := manifest.differences(like_first):
            url = files.destination.url
            raise ExportMismatchError(
                f"{url} belongs to another sweep than {complete[0][0].destination.url}: they"
                f" differ in {', '.join(differing)}; read them apart, with teams=",
                path=url,
            )
        files.check(manifest, "run the sweep again", verify=verify)
    return complete
