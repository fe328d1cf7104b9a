"""A source of an export that leaves out the rows which do not pass filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as arrow_compute  # pyright: ignore[reportMissingTypeStubs]
from attrs import frozen

from junction_introspect.arrow import RecordBatch, Schema, pa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from junction_introspect.export import Piece, Source

# pyarrow has no type hints.
pc: Any = arrow_compute


@frozen
class Narrowed:
    """What another source yields, without the rows that do not pass.

    Args:
        source: The other source.
        values: The values that pass, by column.
    """

    source: Source
    values: Mapping[str, frozenset[Any]]

    @property
    def schema(self) -> Schema:
        """The schema of the rows."""
        return self.source.schema

    @property
    def key(self) -> Sequence[str]:
        """The columns of which it may yield the same values again."""
        return self.source.key

    @property
    def now(self) -> Callable[[], datetime]:
        """Returns the current time."""
        return self.source.now

    @property
    def identity(self) -> Mapping[str, Any]:
        """The other source, and the values that pass, in an order that is always the same."""
        only = {
            column: sorted(values, key=lambda value: (value is not None, value))
            for column, values in self.values.items()
        }
        return {**self.source.identity, "only": only}

    def pieces(self, cursor: str | None, rows: int) -> Iterator[Piece]:
        """Yield the other source's pieces with the rows that pass, possibly none."""
        for piece in self.source.pieces(cursor, rows):
            yield piece._replace(batch=passing(piece.batch, self.values))


def passing(batch: RecordBatch, values: Mapping[str, frozenset[Any]]) -> RecordBatch:
    """Return the rows of a batch that have one of the values of every column.

    Args:
        batch: The batch.
        values: The values that pass, by column; None is null.
    """
    for column, wanted in values.items():
        batch = batch.filter(pc.is_in(batch[column], pa.array([*wanted], pa.string())))
    return batch
