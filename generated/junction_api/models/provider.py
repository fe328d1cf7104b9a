from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, cast

import msgspec

from ..types import UNSET, Unset
from ..types import Model as _Model
from ..types import define as _define


@_define(kw_only=True)
class Provider(_Model, kw_only=True):
    """A model whose fields have their wire names.

    Attributes:
        name (str): Name of source of information
        slug (str): Slug for designated source
        logo (str): URL for source logo
        created_on (datetime.datetime)
        status (str): Status of source, either error or connected
        resource_availability (ProviderResourceAvailability)
        external_user_id (None | str | Unset):
            The unique identifier of the associated external data provider user.

            * OAuth Providers: User unique identifier; provider-specific formats
            * Password Providers: Username
            * Email Providers: Email
            * Junction Mobile SDK Providers: `null` (not available)
        error_details (ConnectionErrorDetails | None | Unset): Details of the terminal connection error — populated only when the status is
            `error`.
    """

    name: str
    slug: str
    logo: str
    created_on: datetime.datetime
    status: str
    resource_availability: ProviderResourceAvailability
    external_user_id: None | str | Unset = UNSET
    error_details: ConnectionErrorDetails | None | Unset = UNSET

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Build from what `json.loads` returns.

        Raises:
            msgspec.ValidationError: A field is missing or of the wrong type; the message ends with its path.
        """
        return msgspec.convert(src_dict, cls)

    def to_dict(self) -> dict[str, Any]:
        """Return what `json.dumps` takes; unset fields are left out."""
        return cast(dict[str, Any], msgspec.to_builtins(self))


from ..models.connection_error_details import ConnectionErrorDetails
from ..models.provider_resource_availability import ProviderResourceAvailability
