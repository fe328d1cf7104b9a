"""What a server answers, held against what was asked for: whose data it is, and of which provider.

An answer about somebody else is health data in the wrong hands, whatever made the server err.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from junction_introspect._paging.operation import Arguments
from junction_introspect.enums import LAB_VALUES, PROVIDER_VALUES
from junction_introspect.errors import ResponseDecodeError

Unrequested: TypeAlias = list[tuple[str, str]]


class ByProvider(Protocol):
    """A record of one user, with what there is of each provider."""

    @property
    def user_id(self) -> UUID:
        """The user."""
        ...

    @property
    def provider(self) -> dict[str, Any]:
        """What there is, by provider."""
        ...


def hold(records: Sequence[ByProvider], arguments: Arguments) -> Unrequested:
    """Take out of records the providers that were not asked for.

    Args:
        records: The records of a page; they are changed.
        arguments: What was asked for.

    Returns:
        A pair of parameter and value for each provider of each record that was taken out.

    Raises:
        ResponseDecodeError: A record is about another user; or all that there is on the page is of
            other providers.
    """
    user_id = arguments.get("user_id")
    if user_id is not None and any(record.user_id != user_id for record in records):
        raise ResponseDecodeError("the response is about another user than user_id= asked for")
    provider = arguments.get("provider")
    # A lab may be asked for, and never stands in the map. A name that is not listed may be one.
    if provider not in PROVIDER_VALUES or provider in LAB_VALUES:
        return []
    others = [(record, name) for record in records for name in record.provider if name != provider]
    if others and not any(provider in record.provider for record in records):
        raise ResponseDecodeError("the response has nothing of what provider= asked for")
    for record, name in others:
        del record.provider[name]
    return [("provider", name) for _, name in others]
