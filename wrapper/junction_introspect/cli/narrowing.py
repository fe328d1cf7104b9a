"""Leaves the rows that do not pass filters out of the source of an export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as arrow_compute  # pyright: ignore[reportMissingTypeStubs]
from attrs import evolve

from junction_introspect.arrow import pa

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from junction_introspect.export import Piece, Source

# pyarrow has no type hints.
pc: Any = arrow_compute


def narrowed(source: Source, values: Mapping[str, frozenset[Any]]) -> Source:
    """Return a source whose pieces have only the rows that pass, possibly none.

    Args:
        source: The source.
        values: The values that pass, by column; None is null.
    """

    def pieces(cursor: str | None, rows: int) -> Iterator[Piece]:
        for piece in source.pieces(cursor, rows):
            batch = piece.batch
            for column, wanted in values.items():
                batch = batch.filter(pc.is_in(batch[column], pa.array([*wanted], pa.string())))
            yield piece._replace(batch=batch)

    # In an order that is always the same.
    filters = {
        column: sorted(of, key=lambda value: (value is not None, value))
        for column, of in values.items()
    }
    return evolve(source, identity={**source.identity, "filters": filters}, pieces=pieces)
