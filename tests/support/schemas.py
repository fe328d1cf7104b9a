"""The response schema of `openapi/spec.yaml` and its variants, to make and to judge documents by.

The oracle is `jsonschema-rs` with formats checked, not our own code.
"""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema_rs
from hypothesis import strategies as st

from openapi.documents import SPEC, load_plain, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGE = {"$ref": "#/components/schemas/UserHistoricalPullsResponse"}

_MOMENTS = st.datetimes(
    min_value=dt.datetime(1, 1, 2),  # noqa: DTZ001 - the zone is drawn apart
    max_value=dt.datetime(9999, 12, 30),  # noqa: DTZ001 - as above
    timezones=st.integers(-1439, 1439).map(lambda m: dt.timezone(dt.timedelta(minutes=m))),
).map(dt.datetime.isoformat) | st.datetimes(
    min_value=dt.datetime(1, 1, 1),  # noqa: DTZ001 - as above
).map(lambda moment: moment.isoformat() + "Z")

_SIMPLE = {
    "null": st.none(),
    "integer": st.integers(),
    "boolean": st.booleans(),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "string": st.text(max_size=8),
}
_FORMATS = {"uuid": st.uuids().map(str), "date-time": _MOMENTS}

_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


class Place(NamedTuple):
    """A value in a document, where it stands, and how msgspec writes that."""

    keys: tuple[str | int, ...]
    path: str
    schema: Any
    value: Any


class PageSchema:
    """The schema of a page in some version of the specification.

    Args:
        components: The version's components.
    """

    def __init__(self, components: Any) -> None:
        self.components = components
        self._oracle = jsonschema_rs.Draft202012Validator(
            {**_PAGE, "components": components}, validate_formats=True
        )

    def is_valid(self, document: Any) -> bool:
        """Ask the oracle."""
        return self._oracle.is_valid(document)

    def opened(self) -> PageSchema:
        """Return the schema whose enums take any text, as a lenient client does."""
        components = copy.deepcopy(self.components)
        for _, node in walk(components):
            if isinstance(node, dict):
                node.pop("enum", None)
                node.pop("propertyNames", None)
        return PageSchema(components)

    def resolved(self, schema: Any) -> Any:
        """Return the component that a schema refers to."""
        while "$ref" in schema:
            schema = self.components["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def documents(self, schema: Any = _PAGE) -> st.SearchStrategy[Any]:
        """Return a strategy for the documents that a schema allows."""
        schema = self.resolved(schema)
        if "anyOf" in schema:
            return st.one_of([self.documents(variant) for variant in schema["anyOf"]])
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        if schema["type"] in _SIMPLE:
            return _FORMATS.get(schema.get("format"), _SIMPLE[schema["type"]])
        if schema["type"] == "array":
            return st.lists(self.documents(schema["items"]), max_size=3)
        if "additionalProperties" in schema:
            keys = self.documents(schema["propertyNames"])
            values = self.documents(schema["additionalProperties"])
            return st.dictionaries(keys, values, max_size=3)
        fields = {name: self.documents(inner) for name, inner in schema["properties"].items()}
        required = {name: fields.pop(name) for name in schema.get("required", ())}
        # Fields that the schema does not have are allowed where it does not forbid them.
        extra = st.dictionaries(st.sampled_from(["x_new", "score"]), _ANYTHING, max_size=1)
        return st.builds(
            lambda known, unknown: {**unknown, **known},
            st.fixed_dictionaries(required, optional=fields),
            extra,
        )

    def places(self, document: Any) -> Iterator[Place]:
        """Yield every value of a page that the schema knows, the page itself first."""
        yield from self._places(document, _PAGE, (), "$")

    def _places(
        self, value: Any, schema: Any, keys: tuple[str | int, ...], path: str
    ) -> Iterator[Place]:
        schema = self.resolved(schema)
        yield Place(keys, path, schema, value)
        schema = self._inner(schema)
        if isinstance(value, list):
            for index, child in enumerate(value):
                yield from self._places(child, schema["items"], (*keys, index), f"{path}[{index}]")
        elif isinstance(value, dict) and "additionalProperties" in schema:
            below = schema["additionalProperties"]
            for key, child in value.items():
                yield from self._places(child, below, (*keys, key), f"{path}[...]")
        elif isinstance(value, dict):
            for key in value.keys() & schema["properties"].keys():
                below = schema["properties"][key]
                yield from self._places(value[key], below, (*keys, key), f"{path}.{key}")

    def _inner(self, schema: Any) -> Any:
        """Return the one variant of a union that describes more than a type, if there is one."""
        told = {"format", "properties", "additionalProperties", "items"}
        variants = map(self.resolved, schema.get("anyOf", [schema]))
        return next((one for one in variants if one.keys() & told), {})

    def canonical(self, value: Any, schema: Any = _PAGE) -> Any:
        """Return what a document says: moments, ids in one spelling, defaults filled in."""
        schema = self._inner(self.resolved(schema))
        if isinstance(value, list):
            value = [self.canonical(child, schema["items"]) for child in value]
        elif isinstance(value, dict) and "additionalProperties" in schema:
            below = schema["additionalProperties"]
            value = {key: self.canonical(child, below) for key, child in value.items()}
        elif isinstance(value, dict):
            fields = schema["properties"]
            defaults = {
                key: inner["default"] for key, inner in fields.items() if "default" in inner
            }
            known = {key: value[key] for key in value.keys() & fields.keys()}
            said = {**defaults, **known}
            value = {key: self.canonical(child, fields[key]) for key, child in said.items()}
        elif isinstance(value, str) and schema.get("format") == "date-time":
            value = dt.datetime.fromisoformat(value)
        elif isinstance(value, str) and schema.get("format") == "uuid":
            value = value.lower()
        return value


SPECIFICATION = load_plain(SPEC)
CURRENT = PageSchema(SPECIFICATION["components"])
