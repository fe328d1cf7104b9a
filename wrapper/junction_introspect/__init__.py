"""An exact, resumable client for Junction's historical backfill introspection.

from junction_introspect import Junction

with Junction() as junction:  # the key from JUNCTION_API_KEY
    for pull in junction.historical_pulls().rows():
        print(pull.user_id, pull.provider, pull.resource, pull.status)
"""

import logging

from junction_api.types import Unrecognized
from junction_introspect._version import __version__
from junction_introspect.client import AsyncJunction, Junction
from junction_introspect.decoding import InvalidRecord, Page
from junction_introspect.drift import Drift
from junction_introspect.enums import (
    LAB_VALUES,
    NON_RETRIABLE_ERROR_VALUES,
    PROVIDER_VALUES,
    RESOURCE_VALUES,
    RETRIABLE_ERROR_VALUES,
    STATUS_VALUES,
    error_kind,
    is_recognized,
)
from junction_introspect.environments import Environment
from junction_introspect.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BackfillTimeoutError,
    ConfigurationError,
    InternalServerError,
    JunctionError,
    NotFoundError,
    PaginationError,
    PermissionDeniedError,
    RateLimitError,
    ResponseDecodeError,
    ResponseTooLargeError,
    UnprocessableEntityError,
    UnrecognizedValueError,
)
from junction_introspect.following import AsyncChanges, Changes, Poll
from junction_introspect.listing import AsyncHistoricalPulls, HistoricalPulls
from junction_introspect.pulls import HistoricalPull, rows
from junction_introspect.redaction import redact_urls
from junction_introspect.retries import Retries
from junction_introspect.tracking import Change

logging.getLogger(__name__).addHandler(logging.NullHandler())

__all__ = [
    "LAB_VALUES",
    "NON_RETRIABLE_ERROR_VALUES",
    "PROVIDER_VALUES",
    "RESOURCE_VALUES",
    "RETRIABLE_ERROR_VALUES",
    "STATUS_VALUES",
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncChanges",
    "AsyncHistoricalPulls",
    "AsyncJunction",
    "AuthenticationError",
    "BackfillTimeoutError",
    "Change",
    "Changes",
    "ConfigurationError",
    "Drift",
    "Environment",
    "HistoricalPull",
    "HistoricalPulls",
    "InternalServerError",
    "InvalidRecord",
    "Junction",
    "JunctionError",
    "NotFoundError",
    "Page",
    "PaginationError",
    "PermissionDeniedError",
    "Poll",
    "RateLimitError",
    "ResponseDecodeError",
    "ResponseTooLargeError",
    "Retries",
    "UnprocessableEntityError",
    "Unrecognized",
    "UnrecognizedValueError",
    "__version__",
    "error_kind",
    "is_recognized",
    "redact_urls",
    "rows",
]
