"""Promises about connections: who has them, and that their fields agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from junction_introspect import PROVIDER_VALUES
from junction_introspect.contract.api import STRANGER, Api, require, require_order
from junction_introspect.contract.promises.refusals import named_in, wrong_credentials
from junction_introspect.contract.promises.registry import promise

NO_IDS = ("x", "0", "null", f"{STRANGER}x")


@promise(documented=True)
def connections_of_a_stranger_are_404(api: Api) -> None:
    """The status for an id that no user has is 404."""
    status = api.connections_of(STRANGER).status_code
    require(status == 404, f"{status} for nobody's id")


@promise(documented=False)
def connections_of_what_is_no_id_are_422(api: Api) -> None:
    """An id that is not a UUID is refused, with a `detail` that names the parameter."""
    for text in NO_IDS:
        named = named_in(api.connections_of(text), text)
        require("user_id" in named, f"{named} for {text}")


@promise(documented=False)
def connections_need_the_key_whoever_is_asked_for(api: Api) -> None:
    """Without a valid credential the status is 401, whether the user exists or not."""
    for headers in wrong_credentials():
        for user_id in (api.users[0]["user_id"], STRANGER, *NO_IDS):
            status = api.connections_of(user_id, headers).status_code
            require(status == 401, f"{status} with {[*headers] or 'no credential'}")


@promise(documented=False)
def a_connection_is_to_a_provider_of_the_specification(api: Api) -> None:
    """`slug` is one of the providers."""
    for place, connection in _connections(api):
        require(connection["slug"] in PROVIDER_VALUES, f"{connection['slug']} at {place}")


@promise(documented=False)
def no_provider_is_connected_twice(api: Api) -> None:
    """A user has at most one connection to a provider."""
    for user_id, connections in api.connections.items():
        count = Counter(connection["slug"] for connection in connections)
        twice = [slug for slug, times in count.items() if times > 1]
        require(not twice, f"{twice} of {user_id}")


@promise(documented=True)
def only_a_connection_in_error_has_details_of_one(api: Api) -> None:
    """Only a connection with the status `error` has `error_details`."""
    for place, connection in _connections(api):
        if connection["status"] != "error":
            require(connection.get("error_details") is None, f"{connection['status']} at {place}")


@promise(documented=True)
def a_connection_in_error_says_why(api: Api) -> None:
    """A connection with the status `error` has `error_details`."""
    for place, connection in _connections(api):
        if connection["status"] == "error":
            require(connection.get("error_details") is not None, f"an error without one at {place}")


@promise(documented=False)
def a_connection_breaks_after_it_was_made(api: Api) -> None:
    """`errored_at` is not before `created_on`."""
    for place, connection in _connections(api):
        if details := connection.get("error_details"):
            require_order(place, connection["created_on"], details["errored_at"])


@promise(documented=False)
def what_is_available_lacks_no_required_scope(api: Api) -> None:
    """A resource is not available if a required scope is denied."""
    for place, status, scopes in _scopes(api):
        if status == "available":
            denied = scopes["user_denied"]["required"]
            require(not denied, f"{denied} denied for {place}")


@promise(documented=False)
def no_scope_is_granted_and_denied(api: Api) -> None:
    """No scope is both in `user_granted` and in `user_denied`."""
    for place, _status, scopes in _scopes(api):
        granted, denied = ({*grant["required"]} for grant in scopes.values())
        require(not granted & denied, f"{granted & denied} for {place}")


def _scopes(api: Api) -> Iterator[tuple[str, str, Any]]:
    """Yield the place, the status and the scopes of every resource whose scopes are known."""
    for place, connection in _connections(api):
        for resource, availability in connection["resource_availability"].items():
            if scopes := availability.get("scope_requirements"):
                yield f"{resource} at {place}", availability["status"], scopes


def _connections(api: Api) -> Iterator[tuple[str, Any]]:
    """Yield every connection, each after a text that names its place."""
    for user_id, connections in api.connections.items():
        for connection in connections:
            yield f"{connection['slug']} of {user_id}", connection
