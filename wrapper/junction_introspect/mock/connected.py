"""Computes a connection as the endpoint reports it, from its history and the time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from typing import Final
from uuid import UUID

from junction_api.models import (
    ConnectionErrorDetails,
    Provider,
    ResourceAvailability,
    ScopeRequirementsGrants,
    ScopeRequirementsstr,
)
from junction_introspect.mock.connecting import Connecting, scopes_of
from junction_introspect.tracking import delivery_of

# Providers that identify users by an e-mail address or a user name, which are personal data.
_BY_EMAIL: Final = frozenset({"abbott_libreview", "eight_sleep", "freestyle_libre"})
_BY_USERNAME: Final = frozenset({"my_fitness_pal", "my_fitness_pal_v2", "peloton", "zwift"})


def connection(
    user_id: UUID, provider: str, resources: Iterable[str], story: Connecting, now: datetime
) -> Provider | None:
    """Return a connection as it is at `now`, or None if the user has removed it.

    Args:
        user_id: The user, who decides the id at the provider.
        provider: The provider.
        resources: The resources of the provider.
        story: What has happened to the connection.
        now: The moment.
    """
    if story.disconnected_on is not None and story.disconnected_on <= now:
        return None
    external = external_user_id(user_id, provider)
    name = provider.replace("_", " ").title()
    broken = story.broken if story.broken is not None and story.broken.since <= now else None
    return Provider(
        name=name,
        slug=provider,
        logo=f"https://logo.example/{provider}.svg",
        created_on=story.connected_on,
        status="connected" if broken is None else "error",
        external_user_id=external,
        error_details=None
        if broken is None
        else ConnectionErrorDetails(
            error_type=broken.error_type,
            error_message=f"{name} no longer gives access to {external or 'this user'}.",
            errored_at=broken.since,
        ),
        resource_availability={
            resource: _availability(provider, resource, story, now) for resource in resources
        },
    )


def external_user_id(user_id: UUID, provider: str) -> str | None:
    """Return the user's id, name or e-mail address at a provider; None for data from a phone."""
    digest = blake2b(user_id.bytes, key=provider.encode(), digest_size=6).hexdigest()
    if delivery_of(provider) == "phone":
        return None
    if provider in _BY_EMAIL:
        return f"{digest}@example.org"
    return f"runner_{digest}" if provider in _BY_USERNAME else digest


def _availability(
    provider: str, resource: str, story: Connecting, now: datetime
) -> ResourceAvailability:
    denied = story.denied.get(resource)
    if denied is not None and denied.since > now:
        denied = None
    needed = scopes_of(provider, resource)
    refused = () if denied is None else denied.scopes
    grants = ScopeRequirementsGrants(
        user_granted=ScopeRequirementsstr(
            required=[scope for scope in needed if scope not in refused], optional=[]
        ),
        user_denied=ScopeRequirementsstr(required=[*refused], optional=[]),
    )
    return ResourceAvailability(
        status="available" if denied is None else "unavailable",
        # A phone asks for permissions itself, and does not report which were granted.
        scope_requirements=grants if refused or delivery_of(provider) != "phone" else None,
    )
