"""Checked by mypy and pyright, never run: what the clients take and give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_type
from uuid import UUID

import attrs
import httpx

from junction_introspect import (
    APIError,
    AsyncHistoricalPulls,
    AsyncJunction,
    AsyncTransport,
    Environment,
    HistoricalPull,
    HistoricalPulls,
    InvalidRecord,
    Junction,
    Page,
    Retries,
    Transport,
    tracking,
)
from junction_introspect.models import (
    UNSET,
    ClientFacingResource,
    HistoricalPullStatus,
    SingleHistoricalPullStatistics,
    SingleUserHistoricalPullResponse,
    Unset,
)
from junction_introspect.tracking import AsyncChanges, Change, ChangeKind, Changes, Poll


def synchronous() -> None:
    """The sync client."""
    transport = Transport(proxy="http://proxy.example:3128", verify=True, retries=1)
    assert_type(transport, Transport)
    Junction(transport=transport)
    AsyncJunction(transport=AsyncTransport(local_address="127.0.0.1", limits=httpx.Limits()))
    with Junction(environment="Sandbox", timeout=httpx.Timeout(5), max_retries=0) as junction:
        assert_type(junction, Junction)
        patient = junction.with_options(timeout=60, max_retries=Retries(attempts=9))
        assert_type(patient, Junction)
        listing = patient.historical_pulls(on_invalid=quarantine)
        assert_type(listing, HistoricalPulls)
        for user in listing:
            assert_type(user, SingleUserHistoricalPullResponse)
        for page in listing.pages():
            assert_type(page, Page[SingleUserHistoricalPullResponse])
            assert_type(page.data, Sequence[SingleUserHistoricalPullResponse])
            assert_type(page.request_id, str | None)
            assert_type(page.headers, Mapping[str, str])
        for row in listing.rows():
            assert_type(row, HistoricalPull)
        assert_type(listing.next_cursor, str | None)
        assert_type(listing.done, bool)
        changes = tracking.follow(
            junction, provider="oura", resources=["sleep"], poll=Poll(initial=1)
        )
        assert_type(changes, Changes)
        for change in changes:
            assert_type(change, Change)
            assert_type(change.kind, ChangeKind)
            assert_type(change.after, HistoricalPull | None)
        assert_type(changes.rows, list[HistoricalPull])
        assert_type(tracking.wait_until_settled(junction, on_change=noted), list[HistoricalPull])
    Junction(environment="Moon")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Junction(environment=Environment.SANDBOX_EU, access_token=lambda: "token")
    Junction(access_token=minted)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def with_headers(added: dict[str, str]) -> str | None:
    """Headers of a caller's and of the server's."""
    AsyncJunction(default_headers={"X-Gateway": "a"}, max_retries=Retries(attempts=9))
    try:
        Junction(default_headers=added, max_retries=2).connections("…")
    except APIError as error:
        assert_type(error.headers, Mapping[str, str])
        return error.request_id
    return None


def models(user: SingleUserHistoricalPullResponse, resource: ClientFacingResource) -> None:
    """The generated models under their public names."""
    for pulls in user.provider.values():
        for statistics in pulls.pulled.values():
            assert_type(statistics, SingleHistoricalPullStatistics)
            assert_type(attrs.evolve(statistics, release="1"), SingleHistoricalPullStatistics)
            assert_type(statistics.status, HistoricalPullStatus)
            assert_type(statistics.days_with_data, int | Unset)
            if statistics.days_with_data is not UNSET:
                assert_type(statistics.days_with_data, int)
    if resource == "sleep":
        return


async def asynchronous() -> None:
    """The async client."""
    async with AsyncJunction(access_token=minted) as junction:
        assert_type(junction, AsyncJunction)
        listing = junction.with_options(deadline=10).historical_pulls()
        assert_type(listing, AsyncHistoricalPulls)
        async for user in listing:
            assert_type(user, SingleUserHistoricalPullResponse)
        async for page in listing.pages():
            assert_type(page, Page[SingleUserHistoricalPullResponse])
        async for row in listing.rows():
            assert_type(row, HistoricalPull)
        changes = tracking.follow_async(junction)
        assert_type(changes, AsyncChanges)
        async for change in changes:
            assert_type(change, Change)
        settled = await tracking.wait_until_settled_async(junction, on_change=noted)
        assert_type(settled, list[HistoricalPull])


def quarantine(record: InvalidRecord) -> None:
    """Take a record that could not be decoded."""
    assert_type(record.raw, bytes)


def noted(change: Change) -> None:
    """Take a change."""
    assert_type(change.key.user_id, UUID)


async def minted() -> str:
    """Mint an access token."""
    return "token"
