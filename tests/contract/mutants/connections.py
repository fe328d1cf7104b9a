"""Faults of a user's connections: of shape, of meaning, and of who is told of them."""

from __future__ import annotations

from typing import Any

from junction_introspect.contract.api import CONNECTIONS
from tests.contract.mutants.registry import mutant
from tests.contract.mutants.wrapping import (
    Answer,
    answering,
    called,
    connecting,
    granting,
    keyed,
    paging,
    sent,
)

SCHEMA = "response_schema_conformance"


def _setting(**values: Any) -> Any:
    return lambda app, _key: connecting(app, lambda connection: connection.update(values))


def _without(name: str) -> Any:
    return lambda app, _key: connecting(app, lambda connection: connection.pop(name))


def _availability(**values: Any) -> Any:
    return lambda app, _key: granting(app, lambda availability: availability.update(values))


def _error(change: Any) -> Any:
    def alter(connection: Any) -> None:
        change(connection["error_details"])

    return lambda app, _key: connecting(app, alter, "error")


def _scopes(change: Any) -> Any:
    def alter(availability: Any) -> None:
        if availability.get("scope_requirements"):
            change(availability["scope_requirements"])

    return lambda app, _key: granting(app, alter)


def _renamed(connection: Any) -> None:
    resources = connection["resource_availability"]
    for old in [*resources][:1]:
        resources["dreams"] = resources.pop(old)


_SHAPES = {
    "slug_missing": ("A connection has no `slug`.", _without("slug")),
    "name_null": ("`name` is null.", _setting(name=None)),
    "logo_missing": ("A connection has no `logo`.", _without("logo")),
    "created_on_a_date": ("`created_on` is a date.", _setting(created_on="2025-10-01")),
    "created_on_missing": ("A connection has no `created_on`.", _without("created_on")),
    "connection_status_missing": ("A connection has no `status`.", _without("status")),
    "connection_status_as_number": ("`status` is a number.", _setting(status=1)),
    "external_user_id_as_number": (
        "`external_user_id` is a number.",
        _setting(external_user_id=7),
    ),
    "error_details_as_text": ("`error_details` is a text.", _setting(error_details="broken")),
    "availability_missing": (
        "A connection has no `resource_availability`.",
        _without("resource_availability"),
    ),
    "availability_of_unknown_resource": (
        "A key of `resource_availability` is no resource.",
        lambda app, _key: connecting(app, _renamed),
    ),
    "availability_unknown": ("A resource is on holiday.", _availability(status="on_holiday")),
    "scopes_as_list": ("`scope_requirements` is a list.", _availability(scope_requirements=[])),
    "denied_scopes_missing": (
        "`scope_requirements` has no `user_denied`.",
        _scopes(lambda scopes: scopes.pop("user_denied")),
    ),
    "optional_scopes_missing": (
        "`user_granted` has no `optional`.",
        _scopes(lambda scopes: scopes["user_granted"].pop("optional")),
    ),
    "scope_as_number": (
        "A scope is a number.",
        _scopes(lambda scopes: scopes["user_granted"].update(required=[7])),
    ),
    "providers_missing": (
        "There is no `providers`.",
        lambda app, _key: paging(app, lambda document, _query: document.pop("providers") and {}),
    ),
    "connections_as_list": (
        "The connections are not below `providers`.",
        lambda app, _key: paging(app, lambda document, _query: document["providers"]),
    ),
}

for _name, (_text, _fault) in _SHAPES.items():
    _fault.__name__, _fault.__doc__ = _name, _text
    mutant(SCHEMA, CONNECTIONS)(_fault)


@mutant("connections_of_a_stranger_are_404", CONNECTIONS)
def stranger_without_connections(app: Any, _key: str) -> Any:
    """Nobody's id gives an empty list."""

    def change(answer: Answer, _query: Any) -> None:
        if answer.status == 404:
            answer.status, answer.body = 200, b'{"providers": []}'

    return answering(app, change)


@mutant("not_a_server_error", CONNECTIONS)
def failing_on_strangers(app: Any, _key: str) -> Any:
    """500 for nobody's id."""

    def change(answer: Answer, _query: Any) -> None:
        if answer.status == 404:
            answer.status = 500

    return answering(app, change)


@mutant("connections_of_what_is_no_id_are_422", CONNECTIONS)
def anything_is_an_id(app: Any, _key: str) -> Any:
    """404 for what is no UUID."""

    def change(answer: Answer, _query: Any) -> None:
        if answer.status == 422:
            answer.status, answer.body = 404, b'{"detail": "Not Found"}'

    return answering(app, change)


@mutant("connections_need_the_key_whoever_is_asked_for", CONNECTIONS)
def strangers_looked_up_before_the_key(app: Any, key: str) -> Any:
    """404 for nobody's id, with a key or without, so that anybody can try who there is."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        trial = await called(app, keyed(scope, key), receive)
        if trial.status == 404:
            await sent(trial, send)
        else:
            await app(scope, receive, send)

    return broken


@mutant("ignored_auth", CONNECTIONS)
def connections_for_everybody(app: Any, key: str) -> Any:
    """Connections are told to everybody, with a key or without."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await app(keyed(scope, key), receive, send)

    return broken


@mutant("status_code_conformance", CONNECTIONS)
def stranger_is_gone(app: Any, _key: str) -> Any:
    """410 for nobody's id."""

    def change(answer: Answer, _query: Any) -> None:
        if answer.status == 404:
            answer.status = 410

    return answering(app, change)


@mutant("a_connection_is_to_a_provider_of_the_specification", CONNECTIONS)
def slug_in_capitals(app: Any, _key: str) -> Any:
    """`slug` is the name."""
    return connecting(app, lambda connection: connection.update(slug=connection["name"]))


@mutant("no_provider_is_connected_twice", CONNECTIONS)
def connections_twice(app: Any, _key: str) -> Any:
    """Every connection is there twice."""

    def change(document: Any, _query: Any) -> None:
        document["providers"] *= 2

    return paging(app, change)


@mutant("only_a_connection_in_error_has_details_of_one", CONNECTIONS)
def error_of_what_is_well(app: Any, _key: str) -> Any:
    """A connection that is well bears an error."""
    error = {
        "error_type": "unknown",
        "error_message": "",
        "errored_at": "2025-10-01T12:00:00Z",
    }
    return connecting(app, lambda x: x.update(error_details=error), "connected")


@mutant("a_connection_in_error_says_why", CONNECTIONS)
def error_without_details(app: Any, _key: str) -> Any:
    """A connection in error does not say why."""
    return connecting(app, lambda connection: connection.update(error_details=None), "error")


@mutant("a_connection_breaks_after_it_was_made", CONNECTIONS)
def broken_before_it_was_made(app: Any, _key: str) -> Any:
    """`errored_at` and `created_on` are exchanged."""

    def change(connection: Any) -> None:
        moments = connection["error_details"]["errored_at"], connection["created_on"]
        connection["created_on"], connection["error_details"]["errored_at"] = moments

    return connecting(app, change, "error")


@mutant("what_is_available_lacks_no_required_scope", CONNECTIONS)
def everything_is_available(app: Any, _key: str) -> Any:
    """Every resource is available, whatever was denied."""
    return granting(app, lambda availability: availability.update(status="available"))


@mutant("no_scope_is_granted_and_denied", CONNECTIONS)
def scopes_granted_and_denied(app: Any, _key: str) -> Any:
    """What was granted was denied as well."""

    def change(availability: Any) -> None:
        if scopes := availability.get("scope_requirements"):
            scopes["user_denied"] = scopes["user_granted"]

    return granting(app, change)


@mutant("what_is_connected_is_in_both_listings", CONNECTIONS)
def connected_to_something_else(app: Any, _key: str) -> Any:
    """Every connection is said to be one to RENPHO."""
    return connecting(app, lambda connection: connection.update(slug="renpho"))


@mutant("what_is_available_is_what_was_pulled", CONNECTIONS)
def available_are_others(app: Any, _key: str) -> Any:
    """The first resource of a connection is left out."""

    def change(connection: Any) -> None:
        for name in [*connection["resource_availability"]][:1]:
            del connection["resource_availability"][name]

    return connecting(app, change)


@mutant("a_backfill_is_scheduled_after_its_connection_was_made", CONNECTIONS)
def connected_just_now(app: Any, _key: str) -> Any:
    """Every connection was made just now."""
    return connecting(app, lambda x: x.update(created_on="2025-10-01T12:00:00Z"))


@mutant("nothing_comes_over_a_broken_connection", CONNECTIONS)
def broken_from_the_beginning(app: Any, _key: str) -> Any:
    """A connection in error broke the moment it was made."""

    def change(connection: Any) -> None:
        connection["error_details"]["errored_at"] = connection["created_on"]

    return connecting(app, change, "error")
