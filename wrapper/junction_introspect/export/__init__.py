"""Exports (extra `arrow`): numbered parts in Parquet, CSV or NDJSON, and a manifest beside them.

    with Junction() as junction:
        export(listed(junction), "out/part-*.parquet")

Each part is written completely or not at all, and each key has one row. The progress lists the
finished parts, and has the cursor that follows the last one; the manifest is written when all are
there. An export may be killed at any moment: the next call resumes it. Calling a complete export
again changes nothing, but checks that its parts are as they were. The same input at the same times
gives the same bytes in each part.
"""

from __future__ import annotations

from junction_introspect._extras import extra_of

with extra_of(__name__):
    from junction_introspect.export.destination import Destination
    from junction_introspect.export.engine import ROWS_PER_PART, Exported
    from junction_introspect.export.exports import export, files_named
    from junction_introspect.export.formats import Format, write
    from junction_introspect.export.manifest import Manifest, Part
    from junction_introspect.export.sources import Piece, Source, listed, stored

__all__ = [
    "ROWS_PER_PART",
    "Destination",
    "Exported",
    "Format",
    "Manifest",
    "Part",
    "Piece",
    "Source",
    "export",
    "files_named",
    "listed",
    "stored",
    "write",
]
