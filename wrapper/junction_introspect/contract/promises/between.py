"""Promises across operations: their data about a user agrees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from junction_introspect.contract.api import Api, UntestedError, require, require_order
from junction_introspect.contract.promises.registry import promise


@promise(documented=False)
def both_listings_hold_the_same_users(api: Api) -> None:
    """The listings of backfills and of resources have the same users."""
    pulls, resources = {*api.listing.ids}, {*api.resources.listing.ids}
    missing, extra = pulls - resources, resources - pulls
    require(
        not missing | extra, f"{len(missing)} without resources, {len(extra)} without backfills"
    )


@promise(documented=False)
def both_listings_hold_the_same_providers(api: Api) -> None:
    """Both listings have the same providers for each user."""
    for pulls, resources in _both(api):
        names = {*pulls["provider"]}, {*resources["provider"]}
        require(names[0] == names[1], f"{names[0] ^ names[1]} of {pulls['user_id']}")


@promise(documented=False)
def a_resource_that_was_pulled_has_statistics(api: Api) -> None:
    """Every resource in `pulled` or `not_pulled` is in the listing of resources."""
    for pulls, resources in _both(api):
        for provider, response in pulls["provider"].items():
            named = {*response["pulled"], *response["not_pulled"]}
            missing = named - {*resources["provider"].get(provider, ())}
            require(not missing, f"{missing} of {provider} of {pulls['user_id']}")


@promise(documented=False)
def a_user_filter_means_the_same_in_both_listings(api: Api) -> None:
    """An id finds the same user in both listings."""
    for user in api.users[:3]:
        found = [
            listing.walk(user_limit=50, user_id=user["user_id"]).ids
            for listing in (api, api.resources)
        ]
        require(found[0] == found[1], f"{len(found[0])} and {len(found[1])} users, or others")


@promise(documented=False)
def a_provider_filter_means_the_same_in_both_listings(api: Api) -> None:
    """A provider finds the same users in both listings."""
    for provider in api.common_providers(3):
        found = [
            {*listing.walk(user_limit=50, provider=provider).ids}
            for listing in (api, api.resources)
        ]
        require(found[0] == found[1], f"{provider}: {len(found[0] ^ found[1])} users in one only")


@promise(documented=False)
def a_cursor_leads_on_in_its_own_listing_only(api: Api) -> None:
    """A cursor of one listing is refused by the other."""
    for one, other in ((api, api.resources), (api.resources, api)):
        cursor = one.page(user_limit=1)["next_cursor"]
        if cursor is None:
            raise UntestedError("the listing has a single page")
        status = other.get(next_cursor=cursor).status_code
        require(status == 422, f"{status} for a cursor of {one.path} at {other.path}")


@promise(documented=False)
def what_is_connected_is_in_both_listings(api: Api) -> None:
    """A provider that a user is connected to is in the user's backfills and resources."""
    for pulls, resources in _both(api):
        for connection in api.connections.get(pulls["user_id"], ()):
            slug = connection["slug"]
            require(slug in pulls["provider"], f"{slug} has no backfill, of {pulls['user_id']}")
            require(
                slug in resources["provider"], f"{slug} has no resources, of {pulls['user_id']}"
            )


@promise(documented=False)
def what_is_available_is_what_was_pulled(api: Api) -> None:
    """The resources of a connection are those of its provider in the listings."""
    for pulls, connection in _connected(api):
        response = pulls["provider"][connection["slug"]]
        named = {*response["pulled"], *response["not_pulled"]}
        differing = named ^ {*connection["resource_availability"]}
        require(not differing, f"{differing} of {connection['slug']} of {pulls['user_id']}")


@promise(documented=False)
def a_backfill_is_scheduled_after_its_connection_was_made(api: Api) -> None:
    """No backfill was scheduled before `created_on`."""
    for pulls, connection in _connected(api):
        for resource, pull in pulls["provider"][connection["slug"]]["pulled"].items():
            place = f"{connection['slug']}/{resource} of {pulls['user_id']}"
            require_order(place, connection["created_on"], pull["timeline"]["scheduled_at"])


@promise(documented=False)
def nothing_comes_over_a_broken_connection(api: Api) -> None:
    """No attempt is later than `errored_at`."""
    resources = {user["user_id"]: user["provider"] for user in api.resources.users}
    broken = 0
    for pulls, connection in _connected(api):
        if (details := connection.get("error_details")) is None:
            continue
        broken += 1
        of_user = resources.get(pulls["user_id"], {})
        for resource, statistics in of_user.get(connection["slug"], {}).items():
            if attempt := statistics.get("last_attempt"):
                place = f"{connection['slug']}/{resource} of {pulls['user_id']}"
                require_order(place, attempt["timestamp"], details["errored_at"])
    if not broken:
        raise UntestedError("no connection is in error")


def _both(api: Api) -> Iterator[tuple[Any, Any]]:
    """Yield the records of each user who is in both listings."""
    resources = {user["user_id"]: user for user in api.resources.users}
    for user in api.users:
        if user["user_id"] in resources:
            yield user, resources[user["user_id"]]


def _connected(api: Api) -> Iterator[tuple[Any, Any]]:
    """Yield each connection whose provider is in the listing of backfills, after its user there."""
    users = {user["user_id"]: user for user in api.users}
    for user_id, connections in api.connections.items():
        for connection in connections:
            if connection["slug"] in users[user_id]["provider"]:
                yield users[user_id], connection
