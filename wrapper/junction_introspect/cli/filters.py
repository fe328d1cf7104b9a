"""The filters of the commands that read rows, and the one place that applies them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import typer
from attrs import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from uuid import UUID

    from junction_introspect import Operation, Unrecognized

R = TypeVar("R")


@frozen(kw_only=True)
class Filters:
    """Which rows to read: those that pass every filter. An absent filter lets all rows pass.

    Attributes:
        team: Only this team of a store.
        user_id: Only this user.
        provider: Only this provider; from the API, also the users of a lab.
        resources: Only these resources.
        statuses: Only these statuses; None is that of a row without one.
        errors: Only these errors.
    """

    team: str | None = None
    user_id: UUID | None = None
    provider: Unrecognized | None = None
    resources: frozenset[str] = frozenset()
    statuses: frozenset[str | None] = frozenset()
    errors: frozenset[str] = frozenset()

    @property
    def narrow(self) -> bool:
        """Whether any filter but the team's is given."""
        return evolve(self, team=None) != Filters()

    @property
    def beside_the_servers(self) -> Filters:
        """The filters that the API does not have: it filters by user, and by provider or lab."""
        return evolve(self, user_id=None, provider=None)

    def values(self, operation: Operation[Any, Any]) -> Mapping[str, frozenset[Any]]:
        """Return the values that pass, by the columns of an operation; absent filters are left out.

        Raises:
            typer.BadParameter: The operation's rows have no status or no error.
        """
        given: tuple[tuple[str, str | None, frozenset[Any]], ...] = (
            ("user-id", "user_id", frozenset({self.user_id} - {None})),
            ("provider", "provider", frozenset({self.provider} - {None})),
            ("resource", "resource", self.resources),
            ("status", operation.status, self.statuses),
            ("error", operation.error, self.errors),
        )
        found: dict[str, frozenset[Any]] = {}
        for option, column, values in given:
            if values and column is None:
                raise typer.BadParameter(
                    f"{operation.what} have no {option} to filter by", param_hint=f"--{option}"
                )
            if values and column is not None:
                found[column] = values
        return found

    def keeps(self, operation: Operation[Any, R]) -> Callable[[R], bool]:
        """Return a function that tells whether a row passes.

        Raises:
            typer.BadParameter: As `values`.
        """
        wanted = tuple(self.values(operation).items())
        return lambda row: all(getattr(row, column) in values for column, values in wanted)

    def kept(self, operation: Operation[Any, R], rows: Iterable[R]) -> Iterator[R]:
        """Yield the rows that pass, lazily.

        Raises:
            typer.BadParameter: As `values`.
        """
        return filter(self.keeps(operation), rows) if self.narrow else iter(rows)
