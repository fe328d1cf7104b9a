"""The promise that answers can be used at all."""

from __future__ import annotations

from contextlib import suppress

from junction_introspect.contract.api import Api, UntestedError, require
from junction_introspect.contract.promises.registry import promise


@promise(documented=True)
def every_answer_can_be_used(api: Api) -> None:
    """No request fails or gets 429 or 5xx, and answers have what a client needs."""
    for read in (lambda: api.listing, lambda: api.resources.listing, lambda: api.connections):
        with suppress(UntestedError):
            read()
    # Those that the promises before this one have met, too.
    require(not api.unusable, "\n".join(dict.fromkeys(api.unusable)))
