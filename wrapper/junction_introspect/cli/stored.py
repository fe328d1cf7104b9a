"""What commands read from a store: its teams, their rows, and when they were last synced."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from junction_introspect._nearest import did_you_mean
from junction_introspect.cli.extras import extra
from junction_introspect.cli.plain_text import shown
from junction_introspect.enums import LAB_VALUES, PROVIDER_VALUES

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from datetime import datetime
    from pathlib import Path

    from junction_introspect.cli.filters import Filters
    from junction_introspect.store import Store


@contextmanager
def opened(path: Path, filters: Filters) -> Generator[Store]:
    """Open a store for reading, with filters that it can apply.

    Raises:
        typer.BadParameter: A filter is for the API only.
        StoreError: The file cannot be read, or is not a store.
    """
    check_no_lab(filters)
    with extra("store"):
        from junction_introspect.store import Store  # noqa: PLC0415
    with Store.open(path, read_only=True) as store:
        yield store


def check_no_lab(filters: Filters) -> None:
    """Check that the provider is not a lab.

    Raises:
        typer.BadParameter: It is. The API lists the users of a lab, but no row names the lab.
    """
    if filters.provider in LAB_VALUES - PROVIDER_VALUES:
        raise typer.BadParameter(
            f"{filters.provider!r} is a lab: no row of a store names a lab, so only the API can"
            " filter by it",
            param_hint="--provider",
        )


def teams_of(store: Store, wanted: str | None) -> Mapping[str, datetime]:
    """Return when each team of a store was last synced, by the team's name in alphabetical order.

    Args:
        store: The store.
        wanted: Only this team.

    Raises:
        typer.BadParameter: The store has no such team.
    """
    # Runs are in order, so the last one of each team counts.
    synced = {run.team: run.observed_at for run in store.runs() if run.pages}
    if wanted is None:
        return {team: synced[team] for team in sorted(synced)}
    if wanted not in synced:
        teams = f"its teams: {', '.join(map(shown, sorted(synced))) or 'none'}"
        raise typer.BadParameter(
            f"{store.path} has no team {wanted!r}; {teams}{did_you_mean(wanted, synced)}",
            param_hint="--team",
        )
    return {wanted: synced[wanted]}
