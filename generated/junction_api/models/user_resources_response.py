from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, cast

import msgspec
from attrs import define as _attrs_define

from ..types import UNSET, Unset


@_attrs_define(kw_only=True)
class UserResourcesResponse:
    """A model whose fields have their wire names.

    Attributes:
        data (list[SingleUserResourceResponse])
        next_cursor (None | str): The cursor for fetching the next page, or `null` to fetch the first page.
        next (None | str | Unset)
    """

    data: list[SingleUserResourceResponse]
    next_cursor: None | str
    next: None | str | Unset = UNSET

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


from ..models.single_user_resource_response import SingleUserResourceResponse

# attrs copied the names of this module before these imports. Without them,
# `typing.get_type_hints` raises a `NameError` for `__init__`.
UserResourcesResponse.__init__.__globals__.update(globals())
