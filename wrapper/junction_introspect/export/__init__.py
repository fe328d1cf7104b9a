"""Exports (extra `arrow`): numbered parts in Parquet, CSV or NDJSON, and a manifest beside them.

    with Junction() as junction:
        export(Pulls(junction), "out/part-*.parquet")

A part is there as a whole or not at all, and the manifest tells which are, with the cursor that
follows the last: an export that is killed at any moment goes on when it is called again. One that
is complete changes nothing. The same input at the same times gives the same bytes, part by part.
"""

from __future__ import annotations

from junction_introspect.export.exports import ROWS_PER_PART, Exported, export
from junction_introspect.export.files import Target
from junction_introspect.export.formats import Format, write
from junction_introspect.export.manifest import Manifest, Part
from junction_introspect.export.sources import Piece, Pulls, Source, Stored

__all__ = [
    "ROWS_PER_PART",
    "Exported",
    "Format",
    "Manifest",
    "Part",
    "Piece",
    "Pulls",
    "Source",
    "Stored",
    "Target",
    "export",
    "write",
]
