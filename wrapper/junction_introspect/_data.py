"""The base classes of rows: they add `to_dict`, and a schema for pydantic and FastAPI."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast, get_type_hints

import attrs
import msgspec


class Data:
    """The base of frozen attrs classes that have only data.

    msgspec, attrs and pickle can handle such classes by themselves; pydantic needs a schema.
    """

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dict that `json.dumps` accepts: ids and times are texts.

        ``msgspec.convert(row.to_dict(), type(row))`` gives the row back.
        """
        built = msgspec.to_builtins(self)
        # Restores the order of the fields: msgspec goes by the slots, which Python sorts.
        return {each.name: built[each.name] for each in _attributes(type(self))}

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: Any) -> dict[str, Any]:
        """Return the schema of a dataclass with the same fields: pydantic supports dataclasses.

        A core schema is a dict, so this does not import pydantic.
        """
        twin = _twin(cls)

        def validated(value: object, inner: Callable[[object], object]) -> object:
            return value if isinstance(value, cls) else cls(**vars(inner(value)))

        def serialized(value: object, inner: Callable[[object], object]) -> object:
            return inner(twin(**{field.name: getattr(value, field.name) for field in fields}))

        fields = dataclasses.fields(twin)
        return {
            "type": "function-wrap",
            "function": {"type": "no-info", "function": validated},
            "schema": handler.generate_schema(twin),
            "serialization": {"type": "function-wrap", "function": serialized},
        }


if TYPE_CHECKING:

    class StructData(Data):
        """The base of classes as `Data`'s of which there may be millions."""

        def __init_subclass__(cls, *, kw_only: bool = False) -> None: ...
else:
    # The constructor takes a quarter of the time of a frozen attrs class's. `gc=False`: the garbage
    # collector need not look at the objects, because values without parts cannot form a cycle.
    class StructData(Data, msgspec.Struct, frozen=True, gc=False):
        """The base of classes as `Data`'s of which there may be millions."""


def _twin(model: type) -> Any:
    """Return a dataclass with the fields of an attrs class."""
    types = get_type_hints(model)
    return dataclasses.make_dataclass(
        model.__name__,
        [(each.name, types[each.name], _field(each.default)) for each in _attributes(model)],
        kw_only=True,
        namespace={"__doc__": model.__doc__, "__module__": model.__module__},
    )


def _attributes(model: type) -> tuple[attrs.Attribute[Any], ...]:
    attributes: tuple[attrs.Attribute[Any], ...] = attrs.fields(cast("Any", model))
    return attributes


def _field(default: Any) -> Any:
    if factory := getattr(default, "factory", None):
        return dataclasses.field(default_factory=factory)
    return dataclasses.field(default=dataclasses.MISSING if default is attrs.NOTHING else default)
