"""Decoding and Arrow for the operation that most tests are about."""

from functools import partial

from junction_introspect import arrow
from junction_introspect._http import decoding
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS

decode_page = partial(decoding.decode_page, HISTORICAL_PULLS)
record_batch = partial(arrow.record_batch, HISTORICAL_PULLS)
SCHEMA = arrow.schema(HISTORICAL_PULLS)
