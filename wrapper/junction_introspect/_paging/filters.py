"""Checks that a response is about the user and provider that were asked for.

Data about somebody else is health data in the wrong hands, whatever the server's reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from junction_introspect._paging.operation import Arguments
from junction_introspect.enums import LAB_VALUES, PROVIDER_VALUES
from junction_introspect.errors import ResponseDecodeError


def hold(records: Sequence[Any], arguments: Arguments) -> list[tuple[str, str]]:
    """Remove from records the providers that were not asked for.

    Args:
        records: The records of a page, each about one ``user_id``, with a dict of data by
            ``provider``. Changed in place.
        arguments: The parameters of the request.

    Returns:
        A pair of parameter and value for each provider that was removed from a record.

    Raises:
        ResponseDecodeError: A record is about another user, or the page has data of other
            providers only.
    """
    user_id = arguments.get("user_id")
    if user_id is not None and any(record.user_id != user_id for record in records):
        raise ResponseDecodeError("the response is about a user other than the user_id= requested")
    provider = arguments.get("provider")
    # Labs can be asked for, but the map has no labs. A name that is not listed may be a lab.
    if provider not in PROVIDER_VALUES or provider in LAB_VALUES:
        return []
    others = [(record, name) for record in records for name in record.provider if name != provider]
    if others and not any(provider in record.provider for record in records):
        raise ResponseDecodeError("the response has no data of the provider= requested")
    for record, name in others:
        del record.provider[name]
    return [("provider", name) for _, name in others]
