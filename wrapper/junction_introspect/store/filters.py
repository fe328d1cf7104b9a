"""`Filters`: which rows of a store to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from attrs import Attribute, asdict, field, frozen

from junction_introspect._paging.operation import Operation


def _values(given: Any) -> tuple[Any, ...]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str | UUID) else tuple(given)


def _ids(given: Any) -> tuple[UUID, ...]:
    return tuple(each if isinstance(each, UUID) else UUID(each) for each in _values(given))


def _encodable(_: object, attribute: Attribute[Any], values: Sequence[str | None]) -> None:
    try:
        "".join(filter(None, values)).encode()
    except UnicodeEncodeError:
        raise ValueError(f"{attribute.name} contains a lone surrogate") from None


@frozen(kw_only=True)
class Filters:
    """Which rows to read: those that have one of the values of every filter that is given.

    Each filter is a value or several; None or nothing lets every row pass. Among several values,
    None stands for rows without a value, such as the status of a resource that was not pulled.

    Attributes:
        team: The team.
        user_id: The user.
        provider: The provider.
        resource: The resource.
        status: The status, as sent.
        error: The error, as sent.

    Raises:
        ValueError: A user is not a UUID, or a text has a lone surrogate.
    """

    team: tuple[str, ...] = field(default=(), converter=_values, validator=_encodable)
    user_id: tuple[UUID, ...] = field(default=(), converter=_ids)
    provider: tuple[str, ...] = field(default=(), converter=_values, validator=_encodable)
    resource: tuple[str, ...] = field(default=(), converter=_values, validator=_encodable)
    status: tuple[str | None, ...] = field(default=(), converter=_values, validator=_encodable)
    error: tuple[str | None, ...] = field(default=(), converter=_values, validator=_encodable)

    def where(self, operation: Operation[Any, Any]) -> tuple[str, dict[str, Any]]:
        """Return the filters as a condition in SQL and its parameters.

        Args:
            operation: The operation whose rows are filtered.

        Raises:
            ValueError: The operation's rows have no status, or no error, to filter by.
        """
        columns = {"status": operation.status, "error": operation.error}
        conditions, parameters = ["true"], dict[str, Any]()
        for name, values in asdict(self, recurse=False).items():
            if not values:
                continue
            column = columns.get(name, name)
            if column is None:
                raise ValueError(f"{operation.what} have no {name} to filter by")
            parameters[name] = list(values)
            condition = f"{column} = ANY(${name})"
            conditions.append(f"({condition} OR {column} IS NULL)" if None in values else condition)
        return " AND ".join(conditions), parameters
