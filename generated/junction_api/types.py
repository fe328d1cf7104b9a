"""Types shared by the generated modules."""

from collections.abc import Mapping, MutableMapping
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Generic, NewType, TypeVar
from urllib.parse import quote

import attrs
import msgspec
from msgspec import UNSET
from msgspec import UnsetType as Unset

# A value that the specification does not list, kept as the server sent it.
Unrecognized = NewType("Unrecognized", str)

# What `httpx.Client(files=)` accepts; the generated endpoint modules import these names.
FileContent = IO[bytes] | bytes | str
FileTypes = (
    tuple[str | None, FileContent, str | None]
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
RequestFiles = list[tuple[str, FileTypes]]

T = TypeVar("T")

# A model is a class of attrs to whoever uses it, and a Struct to msgspec, which decodes a Struct in
# three fifths of the time. Type checkers know no such class, so they are shown one of attrs.
if TYPE_CHECKING:
    from attrs import define as define

    class Model:
        """The base class of models."""

        def __init_subclass__(cls, *, kw_only: bool = False) -> None: ...
else:

    class Model(msgspec.Struct, weakref=True):
        """The base class of models."""

    def define(*, kw_only: bool, frozen: bool = False) -> Any:
        """Return a decorator that tells attrs of a model's fields. The Struct has the methods."""

        def defined(model: Any) -> Any:
            names, defaults = model.__struct_fields__, model.__struct_defaults__
            required = len(names) - len(defaults)
            these = {name: attrs.field(kw_only=kw_only) for name in names[:required]}
            for name, default in zip(names[required:], defaults, strict=True):
                these[name] = attrs.field(default=default, kw_only=kw_only)
            attrs.define(
                model,
                these=these,
                slots=False,
                frozen=frozen,
                init=False,
                repr=False,
                eq=False,
                match_args=False,
            )
            del model.__attrs_init__  # what attrs adds for want of an `__init__` of its own
            return model

        return defined


@attrs.define
class File:
    """A file to upload."""

    payload: BinaryIO
    file_name: str | None = None
    mime_type: str | None = None

    def to_tuple(self) -> FileTypes:
        """Return the tuple that httpx takes for multipart/form-data."""
        return self.file_name, self.payload, self.mime_type


@attrs.define
class Response(Generic[T]):
    """A response from an endpoint."""

    # Not an `HTTPStatus`, which has no member for statuses like 520 that proxies send.
    status_code: int
    content: bytes
    headers: MutableMapping[str, str]
    parsed: T | None


def decoded(content: bytes, type_: Any) -> Any:
    """Decode a JSON body into the type that the specification gives it.

    Raises:
        msgspec.DecodeError: The body is not JSON or not of that type; the message ends with the path.
    """
    return msgspec.json.decode(content, type=type_)


def as_query(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters in their wire form for httpx; unset parameters and nulls are left out."""
    return {
        name: msgspec.to_builtins(value)
        for name, value in parameters.items()
        if value is not UNSET and value is not None
    }


def as_texts(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return parameters as texts for headers or cookies; unset ones and nulls are left out."""
    return {name: _text(value) for name, value in as_query(parameters).items()}


def as_path(value: Any) -> str:
    """Return a parameter as a segment of a path."""
    return quote(_text(msgspec.to_builtins(value)), safe="")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


__all__ = [
    "UNSET",
    "File",
    "FileTypes",
    "RequestFiles",
    "Response",
    "Unrecognized",
    "Unset",
    "as_path",
    "as_query",
    "as_texts",
    "decoded",
]
