"""The filters of the commands that read rows, and the one place that applies them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from junction_introspect import Unrecognized
    from junction_introspect.tracking import Change

R = TypeVar("R")

# How `--status` names a resource that was not pulled, which has no status.
NOT_PULLED: Final = "not_pulled"


@frozen(kw_only=True)
class Filters:
    """Which rows to read. A row has to pass every filter; an absent one lets all rows pass.

    Attributes:
        team: Only this team of a store.
        user_id: Only this user.
        provider: Only this provider; for the API, also a lab.
        resources: Only these resources.
        statuses: Only pulls with these statuses; ``"not_pulled"`` is that of a resource that was
            not pulled.
        errors: Only pulls with these errors.
    """

    team: str | None = None
    user_id: UUID | None = None
    provider: Unrecognized | None = None
    resources: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()

    @property
    def narrow(self) -> bool:
        """Whether any filter but the team's is given."""
        return evolve(self, team=None) != Filters()

    @property
    def beside_the_servers(self) -> Filters:
        """The filters that the API does not have; it filters by user and by provider or lab."""
        return evolve(self, user_id=None, provider=None)

    def keeps(self, row: Any) -> bool:
        """Tell whether a row passes: a `HistoricalPull`, or anything if only its key is filtered."""
        return (
            (self.user_id is None or row.user_id == self.user_id)
            and (self.provider is None or row.provider == self.provider)
            and (not self.resources or row.resource in self.resources)
            and (not self.statuses or (row.status or NOT_PULLED) in self.statuses)
            and (not self.errors or row.error_details in self.errors)
        )

    def keeps_change(self, change: Change) -> bool:
        """Tell whether a change passes: the pull after it, or before it if it vanished."""
        return self.keeps(change.after or change.before)

    def kept(self, rows: Iterable[R]) -> Iterator[R]:
        """Yield the rows that pass, lazily."""
        return filter(self.keeps, rows) if self.narrow else iter(rows)
