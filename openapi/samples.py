"""Makes random documents that a schema allows. jsonschema checks each before it is used."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from hypothesis import Phase, find, settings, strategies

from openapi.documents import essence, resolved
from openapi.generator import GenerateError
from openapi.lint import validator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from random import Random

_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_SECONDS = 10**9
_ZONES = ("Z", "+00:00", "+02:00", "-09:30", ".5Z", ".123456+00:00")
# The prefix of properties that a schema allows but does not describe.
UNFORESEEN = "unforeseen"
_WORDS = ("", "a", "two words", "ünïcödé", "None", "0", "12345", "x" * 40)
# Optional values are made only up to this depth, so that samples of recursive schemas are finite.
_DEEP = 6
_MOST_ITEMS = 3
_TRIES = 20
_KEYWORDS = {
    "object": ("properties", "additionalProperties", "required", "propertyNames"),
    "array": ("items", "prefixItems", "minItems"),
}


class SampleError(GenerateError):
    """No valid document could be made for a schema; the message says why."""


def samples(schema: Any, document: Any, sources: Iterable[Random]) -> Iterator[Any]:
    """Yield one JSON value that a schema allows for each source of randomness.

    Args:
        schema: A schema of OpenAPI 3.1.
        document: The document that its references lead into.
        sources: The sources of randomness, each of which decides one value.

    Raises:
        SampleError: No valid value was found.
    """
    check = validator(schema, document)
    for source in sources:
        errors: list[str] = []
        for _ in range(_TRIES):
            value = Sampler(document, source).value(schema)
            errors = [error.message for error in check.iter_errors(value)]
            if not errors:
                yield value
                break
        else:
            raise SampleError(f"no valid document could be made: {errors[0]}")


def foreseen(value: Any) -> Any:
    """Return a sample without the properties that its schema does not describe."""
    if isinstance(value, dict):
        return {key: foreseen(one) for key, one in value.items() if not key.startswith(UNFORESEEN)}
    return [foreseen(one) for one in value] if isinstance(value, list) else value


def json_schema(response: Any, document: Any) -> Any:
    """Return the JSON schema of a response, or None if the response has no JSON."""
    for media_type, content in response.get("content", {}).items():
        if essence(media_type) == "application/json" or essence(media_type).endswith("+json"):
            return resolved(content, document).get("schema", {})
    return None


def status_code(status: str) -> int:
    """Return a status code that an entry of `responses` covers, such as 200 for ``2XX``."""
    if status[:1].isdigit():
        return int(status.upper().replace("X", "0"))
    return HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED  # seldom listed


class Sampler:
    """Makes values from one source of randomness."""

    def __init__(self, document: Any, source: Random) -> None:
        self._document = document
        self._random = source

    def value(self, schema: Any, depth: int = 0) -> Any:
        """Return a value for a schema; it may be invalid if keywords contradict each other."""
        schema = self._flat(schema)
        if "const" in schema:
            return self.listed([schema["const"]])
        if "enum" in schema:
            return self.listed(schema["enum"])
        if several := schema.get("anyOf") or schema.get("oneOf"):
            return self.value(self._one_of(several, schema, depth), depth)
        make = self._makers()[self._type(schema)]
        return make(schema, depth)

    def listed(self, values: list[Any]) -> Any:
        """Return one of the values of an enum or a constant, or of those that keys may have."""
        return self._random.choice(values)

    def _flat(self, schema: Any) -> dict[str, Any]:
        """Return a schema with its references and its `allOf` merged into it."""
        schema = resolved(schema, self._document)
        if not isinstance(schema, dict):
            return {}
        parts = [self._flat(part) for part in schema.get("allOf", ())]
        result: dict[str, Any] = {}
        for part in (*parts, {key: value for key, value in schema.items() if key != "allOf"}):
            for key, value in part.items():
                if key == "properties":
                    value = {**result.get(key, {}), **value}  # noqa: PLW2901 - merged
                if key == "required":
                    value = [*dict.fromkeys((*result.get(key, ()), *value))]  # noqa: PLW2901
                result[key] = value
        return result

    def _one_of(self, several: list[Any], schema: dict[str, Any], depth: int) -> Any:
        chosen = self._random.choice(several)
        if depth > _DEEP:  # null ends it, where null is allowed
            kinds = [self._flat(one).get("type") for one in several]
            chosen = several[kinds.index("null")] if "null" in kinds else chosen
        beside = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
        return {"allOf": [beside, chosen]}

    def _type(self, schema: dict[str, Any]) -> str:
        kind = schema.get("type")
        if isinstance(kind, list):
            return str(self._random.choice(kind))
        if kind is None:
            implied = (name for name, words in _KEYWORDS.items() if schema.keys() & set(words))
            return next(implied, "any")
        return str(kind)

    def _makers(self) -> dict[str, Callable[[dict[str, Any], int], Any]]:
        return {
            "null": lambda *_: None,
            "boolean": lambda *_: self._random.random() < 0.5,  # noqa: PLR2004 - even odds
            "integer": lambda schema, _: int(self._number(schema, whole=True)),
            "number": lambda schema, _: self._number(schema, whole=False),
            "string": lambda schema, _: self._string(schema),
            "array": self._array,
            "object": self._object,
            "any": lambda *_: self._random.choice((None, True, 1, "any", [], {"any": 1})),
        }

    def _number(self, schema: dict[str, Any], *, whole: bool) -> float:
        low = schema.get("minimum", schema.get("exclusiveMinimum"))
        high = schema.get("maximum", schema.get("exclusiveMaximum"))
        low = low if low is not None else (0 if high is None else high - 1000)
        high = high if high is not None else low + 1000
        if whole:
            first = low + ("exclusiveMinimum" in schema)
            return self._random.randint(int(first), int(high - ("exclusiveMaximum" in schema)))
        # Quarters have an exact representation as floats and as text.
        return round(self._random.uniform(low, high) * 4) / 4

    def _string(self, schema: dict[str, Any]) -> str:
        at = _EPOCH + dt.timedelta(seconds=self._random.randrange(_SECONDS))
        number = self._random.getrandbits(128)
        made: dict[Any, str] = {
            "date-time": f"{at:%Y-%m-%dT%H:%M:%S}{self._random.choice(_ZONES)}",
            "date": f"{at:%Y-%m-%d}",
            "time": f"{at:%H:%M:%SZ}",
            "uuid": self._random.choice((str.lower, str.upper))(str(uuid.UUID(int=number))),
            "uuid4": str(uuid.UUID(int=number, version=4)),
            "email": f"user{number % 1000}@example.com",
            "uri": f"https://example.com/{number % 1000}",
        }
        least, most = schema.get("minLength", 0), schema.get("maxLength", 10**6)
        if schema.get("format") in made:
            return made[schema["format"]]
        if "pattern" in schema:
            return self._matching(schema)
        return self._random.choice(_WORDS).ljust(least, "y")[:most]

    def _matching(self, schema: dict[str, Any]) -> str:
        matching = strategies.from_regex(re.compile(schema["pattern"], re.ASCII))
        # The first match is as good as the smallest, which takes a second to find.
        quiet = settings(database=None, max_examples=_TRIES, phases=[Phase.generate])
        return str(find(matching, lambda _: True, settings=quiet, random=self._random))

    def _array(self, schema: dict[str, Any], depth: int) -> list[Any]:
        first = [self.value(item, depth + 1) for item in schema.get("prefixItems", ())]
        least = max(schema.get("minItems", 0) - len(first), 0)
        most = schema.get("maxItems", len(first) + max(_MOST_ITEMS, least)) - len(first)
        if schema.get("items") is False or most <= 0:
            return first
        number = least if depth > _DEEP else self._random.randint(least, max(least, most))
        rest = [self.value(schema.get("items", {}), depth + 1) for _ in range(number)]
        if schema.get("uniqueItems"):
            rest = [one for index, one in enumerate(rest) if one not in rest[:index]]
        return first + rest

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        result = {
            name: self.value(one, depth + 1)
            for name, one in schema.get("properties", {}).items()
            if name in required or (depth <= _DEEP and self._random.random() < 0.7)  # noqa: PLR2004
        }
        further = schema.get("additionalProperties", True)
        if "properties" in schema:
            if further is True and self._random.random() < 0.2:  # noqa: PLR2004 - now and then
                result[f"{UNFORESEEN}_{self._random.randrange(9)}"] = {"of": ["any", 1, None]}
        elif further is not False and depth <= _DEEP:
            for key in self._keys(schema.get("propertyNames")):
                result[key] = self.value(further, depth + 1)
        return result

    def _keys(self, schema: Any) -> Iterator[str]:
        number = self._random.randint(0, _MOST_ITEMS)
        listed = [*self._listed_keys(schema)]
        if listed:
            yield from (self.listed(listed) for _ in range(number))
        else:
            yield from itertools.islice(("one", "two", "three"), number)

    def _listed_keys(self, schema: Any) -> Iterator[Any]:
        flat = self._flat(schema or {})
        yield from flat.get("enum", [flat["const"]] if "const" in flat else ())
        for one in flat.get("anyOf") or flat.get("oneOf") or ():
            yield from self._listed_keys(one)
