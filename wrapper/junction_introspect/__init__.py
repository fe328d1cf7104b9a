"""An exact, resumable client for Junction's historical backfill introspection.

from junction_introspect import Junction

with Junction() as junction:  # the key from JUNCTION_API_KEY
    for pull in junction.historical_pulls().rows():
        print(pull.user_id, pull.provider, pull.resource, pull.status)
"""

import logging
from typing import TYPE_CHECKING

from junction_introspect._version import __version__ as __version__

# The one list of public names: type checkers follow the imports, and `_lazy` reads them.
if TYPE_CHECKING:
    from junction_api.types import Unrecognized as Unrecognized
    from junction_introspect._http.drift import Drift as Drift
    from junction_introspect._http.redaction import redact_urls as redact_urls
    from junction_introspect._http.transport import AsyncTransport as AsyncTransport
    from junction_introspect._http.transport import Transport as Transport
    from junction_introspect._paging.listing import AsyncListing as AsyncListing
    from junction_introspect._paging.listing import Listing as Listing
    from junction_introspect._paging.operation import Operation as Operation
    from junction_introspect.async_client import AsyncJunction as AsyncJunction
    from junction_introspect.client import Junction as Junction
    from junction_introspect.enums import LAB_VALUES as LAB_VALUES
    from junction_introspect.enums import NON_RETRIABLE_ERROR_VALUES as NON_RETRIABLE_ERROR_VALUES
    from junction_introspect.enums import PROVIDER_VALUES as PROVIDER_VALUES
    from junction_introspect.enums import RESOURCE_VALUES as RESOURCE_VALUES
    from junction_introspect.enums import RETRIABLE_ERROR_VALUES as RETRIABLE_ERROR_VALUES
    from junction_introspect.enums import STATUS_VALUES as STATUS_VALUES
    from junction_introspect.enums import error_kind as error_kind
    from junction_introspect.enums import is_recognized as is_recognized
    from junction_introspect.environments import Environment as Environment
    from junction_introspect.errors import APIConnectionError as APIConnectionError
    from junction_introspect.errors import APIError as APIError
    from junction_introspect.errors import APIStatusError as APIStatusError
    from junction_introspect.errors import APITimeoutError as APITimeoutError
    from junction_introspect.errors import AuthenticationError as AuthenticationError
    from junction_introspect.errors import BackfillTimeoutError as BackfillTimeoutError
    from junction_introspect.errors import ConfigurationError as ConfigurationError
    from junction_introspect.errors import InternalServerError as InternalServerError
    from junction_introspect.errors import JunctionError as JunctionError
    from junction_introspect.errors import NotFoundError as NotFoundError
    from junction_introspect.errors import PaginationError as PaginationError
    from junction_introspect.errors import PermissionDeniedError as PermissionDeniedError
    from junction_introspect.errors import RateLimitError as RateLimitError
    from junction_introspect.errors import ResponseDecodeError as ResponseDecodeError
    from junction_introspect.errors import ResponseTooLargeError as ResponseTooLargeError
    from junction_introspect.errors import UnprocessableEntityError as UnprocessableEntityError
    from junction_introspect.errors import UnrecognizedValueError as UnrecognizedValueError
    from junction_introspect.operations.connections import Connection as Connection
    from junction_introspect.operations.connections import (
        ResourceAvailability as ResourceAvailability,
    )
    from junction_introspect.operations.connections import Scopes as Scopes
    from junction_introspect.operations.historical_pulls import (
        AsyncHistoricalPulls as AsyncHistoricalPulls,
    )
    from junction_introspect.operations.historical_pulls import HistoricalPull as HistoricalPull
    from junction_introspect.operations.historical_pulls import HistoricalPulls as HistoricalPulls
    from junction_introspect.operations.historical_pulls import rows as rows
    from junction_introspect.operations.resources import AsyncResources as AsyncResources
    from junction_introspect.operations.resources import Resources as Resources
    from junction_introspect.operations.resources import ResourceStatistics as ResourceStatistics
    from junction_introspect.operations.resources import resource_rows as resource_rows
    from junction_introspect.pages import InvalidRecord as InvalidRecord
    from junction_introspect.pages import Page as Page
    from junction_introspect.retries import Retries as Retries
else:
    from junction_introspect._lazy import exported

    __all__, __getattr__, __dir__ = exported(__name__)
    del exported

logging.getLogger(__name__).addHandler(logging.NullHandler())
