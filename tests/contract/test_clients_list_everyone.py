"""Both clients, over HTTP, find exactly the users that the server was seeded with."""

from __future__ import annotations

import anyio
import pytest

from junction_introspect import AsyncJunction, Junction


def list_sync(server, **filters):
    with Junction(api_key=server.api_key, base_url=server.url) as junction:
        return list(junction.historical_pulls(**filters))


def list_async(server, **filters):
    async def main():
        async with AsyncJunction(api_key=server.api_key, base_url=server.url) as junction:
            return [user async for user in junction.historical_pulls(**filters)]

    return main


def on_asyncio(server, **filters):
    return anyio.run(list_async(server, **filters), backend="asyncio")


def on_trio(server, **filters):
    return anyio.run(list_async(server, **filters), backend="trio")


pytestmark = [
    pytest.mark.any_specification,
    pytest.mark.parametrize("listed", [list_sync, on_asyncio, on_trio]),
]


@pytest.mark.parametrize("user_limit", [1, 7, 50])
def test_everyone_is_listed_once_and_as_seeded(listed, server, population, user_limit):
    users = listed(server, user_limit=user_limit)
    assert users == [population.user(index) for index in range(len(population))]


def test_a_filter_by_user_finds_that_user(listed, server, population):
    wanted = population.user(len(population) // 2)
    assert listed(server, user_id=wanted.user_id) == [wanted]


def test_a_filter_by_provider_finds_everyone_who_has_it(listed, server, population):
    everyone = [population.user(index) for index in range(len(population))]
    expected = {
        user.user_id: {"manual": user.provider["manual"]}
        for user in everyone
        if "manual" in user.provider
    }
    users = listed(server, provider="manual", user_limit=7)
    assert expected
    assert {user.user_id: user.provider for user in users} == expected
