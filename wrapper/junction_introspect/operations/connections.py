"""The connections of one user: one record per provider."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen


@frozen
class Scopes:
    """Permissions that a resource needs, by the provider's names.

    Attributes:
        required: Without these there is no data of the resource.
        optional: Without these there is less of it.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


@frozen(kw_only=True)
class ResourceAvailability:
    """Whether a connection can bring a resource.

    Attributes:
        status: ``"available"`` or ``"unavailable"``, or a value that the specification does not
            list.
        granted: The scopes that the user granted; empty where none were told.
        denied: The scopes that the user denied; empty where none were told.
    """

    status: str
    granted: Scopes = Scopes()
    denied: Scopes = Scopes()


@frozen(kw_only=True)
class Connection:
    """One user's connection to one provider.

    Attributes:
        provider: The provider, the ``slug`` of the document.
        name: The provider's name, for people.
        created_on: When the user connected.
        status: ``"connected"`` or ``"error"``, or a value that is not listed.
        error_type: Why it is in error, as sent; None where it is not or no reason is given.
        error_message: The same in words. May be personal, so no `repr` shows it.
        errored_at: When it broke.
        resources: What it can bring, by resource.
        external_user_id: The user at the provider: may be an e-mail address or a user name, so no
            `repr` shows it.
    """

    provider: str
    name: str | None = None
    created_on: datetime | None = None
    status: str
    error_type: str | None = None
    error_message: str | None = field(default=None, repr=False)
    errored_at: datetime | None = None
    resources: Mapping[str, ResourceAvailability] = field(
        factory=dict[str, ResourceAvailability], hash=False
    )
    external_user_id: str | None = field(default=None, repr=False)
