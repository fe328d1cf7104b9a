from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, cast
from uuid import UUID

import msgspec

from ..types import Model as _Model
from ..types import define as _define


@_define(kw_only=True)
class SingleUserResourceResponse(_Model, kw_only=True):
    """A model whose fields have their wire names.

    Attributes:
        user_id (UUID)
        provider (SingleUserResourceResponseProvider)
    """

    user_id: UUID
    provider: SingleUserResourceResponseProvider

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


from ..models.single_user_resource_response_provider import SingleUserResourceResponseProvider
