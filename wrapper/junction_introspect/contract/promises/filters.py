"""Promises about filters: which users pass, and that none is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from junction_introspect.contract.api import STRANGER, Api, require
from junction_introspect.contract.promises.registry import promise


@promise(documented=True, every_listing=True)
def a_provider_filter_returns_only_that_provider(api: Api) -> None:
    """A listing filtered by provider has no other provider of any user."""
    for provider, _ in _providers(api):
        for user in api.walk(user_limit=50, provider=provider).users:
            require([*user["provider"]] == [provider], f"{[*user['provider']]} for {provider}")


@promise(documented=False, every_listing=True)
def a_provider_filter_loses_nobody(api: Api) -> None:
    """A listing filtered by provider has all its users, with the same data as without a filter."""
    for provider, expected in _providers(api):
        users = api.walk(user_limit=50, provider=provider).users
        found = {user["user_id"]: user["provider"].get(provider) for user in users}
        require(found == expected, f"{provider}: {len(found)} of {len(expected)} users, or altered")


@promise(documented=True, every_listing=True)
def a_user_filter_returns_only_that_user(api: Api) -> None:
    """A listing filtered by user has that user once, and no other user."""
    users = api.users
    for user in (users[0], users[len(users) // 2], users[-1]):
        found = api.walk(user_limit=50, user_id=user["user_id"]).ids
        require(found == [user["user_id"]], f"{len(found)} users, or another one")


@promise(documented=False, every_listing=True)
def a_user_filter_finds_no_strangers(api: Api) -> None:
    """A listing filtered by an id that no user has is empty."""
    require(api.walk(user_limit=50, user_id=str(STRANGER)).ids == [], "somebody was found")


def _providers(api: Api) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the most common providers, with the data of each of their users."""
    for provider in api.common_providers(4):
        of_users = {user["user_id"]: user["provider"].get(provider) for user in api.users}
        yield provider, {user_id: data for user_id, data in of_users.items() if data is not None}
