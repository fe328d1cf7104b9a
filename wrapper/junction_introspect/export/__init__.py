"""Exports (extra `arrow`): numbered parts in Parquet, CSV or NDJSON, and a manifest beside them.

    with Junction() as junction:
        export(Pulls(junction), "out/part-*.parquet")

Each part is written completely or not at all. The manifest lists the finished parts, and has the
cursor that follows the last one. An export may be killed at any moment: the next call resumes it.
Calling a complete export again changes nothing. The same input at the same times gives the same
bytes in each part.
"""

from __future__ import annotations

from junction_introspect._extras import extra_of

with extra_of(__name__):
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
