from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, cast

import msgspec

from ..models.historical_pull_non_retriable_error_details import (
    HistoricalPullNonRetriableErrorDetails,
)
from ..models.historical_pull_retriable_error_details import HistoricalPullRetriableErrorDetails
from ..models.historical_pull_status import HistoricalPullStatus
from ..types import UNSET, Unset
from ..types import Model as _Model
from ..types import define as _define


@_define(kw_only=True)
class SingleHistoricalPullStatistics(_Model, kw_only=True):
    """A model whose fields have their wire names.

    Attributes:
        status (HistoricalPullStatus): ℹ️ This enum is non-exhaustive.
        timeline (HistoricalPullTimeline)
        release (str)
        range_start (datetime.datetime | None | Unset)
        range_end (datetime.datetime | None | Unset)
        days_with_data (int | Unset). Default: 0
        trace_id (None | str | Unset)
        error_details (HistoricalPullNonRetriableErrorDetails | HistoricalPullRetriableErrorDetails | None | Unset): ℹ️ This enum is non-exhaustive.
    """

    status: HistoricalPullStatus
    timeline: HistoricalPullTimeline
    release: str
    range_start: datetime.datetime | None | Unset = UNSET
    range_end: datetime.datetime | None | Unset = UNSET
    days_with_data: int | Unset = UNSET
    trace_id: None | str | Unset = UNSET
    error_details: (
        HistoricalPullNonRetriableErrorDetails | HistoricalPullRetriableErrorDetails | None | Unset
    ) = UNSET

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Build from what `json.loads` returns.

        Raises:
            msgspec.ValidationError: A field is missing or of the wrong type; the message ends with its path.
        """
        return msgspec.convert(src_dict, cls)

    def to_dict(self) -> dict[str, Any]:
        """Return what `json.dumps` takes; unset fields are left out."""
        return cast(dict[str, Any], msgspec.to_builtins(self))


from ..models.historical_pull_timeline import HistoricalPullTimeline
