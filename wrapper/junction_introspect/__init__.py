"""An exact, resumable client for Junction's historical backfill introspection.

from junction_introspect import Junction

with Junction() as junction:  # the key from JUNCTION_API_KEY
    for pull in junction.historical_pulls().rows():
        print(pull.user_id, pull.provider, pull.resource, pull.status)
"""

import logging
from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING, Final

from junction_introspect._version import __version__

if TYPE_CHECKING:
    from junction_api.types import Unrecognized
    from junction_introspect.async_client import AsyncJunction
    from junction_introspect.client import Junction
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

# Each room is imported when a name of it is first asked for (PEP 562), so that a process pays for
# what it uses: whoever catches an error needs no client, and whoever lists need not follow.
_ROOMS: Final = {
    "junction_api.types": ("Unrecognized",),
    "junction_introspect.async_client": ("AsyncJunction",),
    "junction_introspect.client": ("Junction",),
    "junction_introspect.decoding": ("InvalidRecord", "Page"),
    "junction_introspect.drift": ("Drift",),
    "junction_introspect.enums": (
        "LAB_VALUES",
        "NON_RETRIABLE_ERROR_VALUES",
        "PROVIDER_VALUES",
        "RESOURCE_VALUES",
        "RETRIABLE_ERROR_VALUES",
        "STATUS_VALUES",
        "error_kind",
        "is_recognized",
    ),
    "junction_introspect.environments": ("Environment",),
    "junction_introspect.errors": (
        "APIConnectionError",
        "APIError",
        "APIStatusError",
        "APITimeoutError",
        "AuthenticationError",
        "BackfillTimeoutError",
        "ConfigurationError",
        "InternalServerError",
        "JunctionError",
        "NotFoundError",
        "PaginationError",
        "PermissionDeniedError",
        "RateLimitError",
        "ResponseDecodeError",
        "ResponseTooLargeError",
        "UnprocessableEntityError",
        "UnrecognizedValueError",
    ),
    "junction_introspect.following": ("AsyncChanges", "Changes", "Poll"),
    "junction_introspect.listing": ("AsyncHistoricalPulls", "HistoricalPulls"),
    "junction_introspect.pulls": ("HistoricalPull", "rows"),
    "junction_introspect.redaction": ("redact_urls",),
    "junction_introspect.retries": ("Retries",),
    "junction_introspect.tracking": ("Change",),
}
# Rooms import one another, and threads that began at different ends would wait for each other.
_LOCK: Final = RLock()
_ROOM_OF: Final = {name: room for room, names in _ROOMS.items() for name in names}

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


if not TYPE_CHECKING:  # a type checker would take any name for one of ours

    def __getattr__(name: str) -> object:
        with _LOCK:
            if f"{__name__}.{name}" in _ROOMS:  # as a type checker takes for granted
                return import_module(f"{__name__}.{name}")
            if name not in _ROOM_OF:
                raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
            value = globals()[name] = getattr(import_module(_ROOM_OF[name]), name)
            return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
