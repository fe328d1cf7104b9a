"""Counts and logs values and fields that the specification does not list. Never fails."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar, cast

import msgspec
from msgspec import inspect

from junction_api import SPEC_VERSION
from junction_introspect._concurrency import forks

logger = logging.getLogger("junction_introspect")

# A server that sends a new name with every record must not fill the memory or the log.
_MOST_NAMES: Final = 1000
_MOST_SHOWN: Final = 10
# Looking for unknown fields doubles the cost of decoding a page.
_SAMPLE_EVERY: Final = 50

Name = TypeVar("Name", str, tuple[str, str])
_Finder: TypeAlias = Callable[[Any, set[str]], None]


class Drift:
    """Counts what a client received beyond the specification, or beyond what it asked for.

    Unrecognized values are counted on every page, for every enum. Finding unknown fields takes a
    second decode, so they are sampled: on the client's first page of each operation and every
    fiftieth after it, in whichever listing.

    Has names of the API and numbers, but no user data. Safe to share between threads. True when
    anything was counted; its `str` is one line fit for a log.

    Attributes:
        spec_version: The version of the specification.
    """

    __module__ = "junction_introspect"

    def __init__(self) -> None:
        self.spec_version = SPEC_VERSION
        self._values: Counter[tuple[str, str]] = Counter()
        self._fields: Counter[str] = Counter()
        self._unrequested: Counter[tuple[str, str]] = Counter()
        self._pages: Counter[type] = Counter()
        self._lock = forks.Lock()

    @property
    def unrecognized_values(self) -> Mapping[str, Mapping[str, int]]:
        """How often each value came, by enum: ``{"Providers": {"new_ring": 3}}``. A copy."""
        with self._lock.own:
            return _by_name(self._values)

    @property
    def unknown_fields(self) -> Mapping[str, int]:
        """On how many sampled pages each was: ``{"data[].provider.*.score": 1}``. A copy."""
        with self._lock.own:
            return dict(self._fields)

    @property
    def unrequested(self) -> Mapping[str, Mapping[str, int]]:
        """How often each value came that was not asked for: ``{"provider": {"oura": 3}}``. A copy.

        Grouped by the parameter that asked for another value. The records are returned without
        such data.
        """
        with self._lock.own:
            return _by_name(self._unrequested)

    def record_unrequested(self, found: Sequence[tuple[str, str]]) -> None:
        """Count (parameter, value) pairs that were not asked for; log new ones."""
        for parameter, value in found:
            if self._count(self._unrequested, (parameter, value)):
                logger.warning(
                    "the response has %.80r, which %s= did not ask for", value, parameter
                )

    def record_values(self, values: Iterable[tuple[str, Any]]) -> None:
        """Count the (enum, value) pairs that `junction_api.leniency` finds; log new ones."""
        for enum, found in values:
            value = str(found)
            if self._count(self._values, (enum, value)):
                logger.warning(
                    "unrecognized %s %.80r: specification %s does not list it",
                    enum,
                    value,
                    self.spec_version,
                )

    def _count(self, counter: Counter[Name], name: Name) -> bool:
        """Count a name. Returns whether it is new and was stored."""
        with self._lock.own:
            new = name not in counter
            if new and len(counter) >= _MOST_NAMES:
                return False
            counter[name] += 1
            return new

    def sample_fields(self, model: type, body: bytes) -> None:
        """Count the unknown fields of a page's body, if this page is in the sample."""
        with self._lock.own:
            number = self._pages[model]
            self._pages[model] += 1
        if number % _SAMPLE_EVERY == 0:
            self.record_fields(model, body)

    def record_fields(self, model: type, body: bytes) -> None:
        """Count the fields of a page's body that its model does not have."""
        try:
            document = _tolerant(body)
        except (ValueError, RecursionError):
            return  # the page itself was decoded, and counting must not make it fail
        found: set[str] = set()
        _unknown_fields_of(model)(document, found)
        for path in found:
            self._count(self._fields, path)

    def __bool__(self) -> bool:
        return bool(self._values or self._fields or self._unrequested)

    def __str__(self) -> str:
        with self._lock.own:
            values, others = _most_pairs(self._values), _most_pairs(self._unrequested)
            fields = _most((_plain(path[:80]), n) for path, n in self._fields.items())
        parts = [f"unrecognized {values}"] if values else []
        parts += [f"unknown fields {fields}"] if fields else []
        parts += [f"not asked for: {others}"] if others else []
        beyond = "; ".join(parts) or "nothing"
        return f"beyond specification {self.spec_version}: {beyond}"

    def __repr__(self) -> str:
        return f"<Drift {self}>"


def _by_name(pairs: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for (name, value), count in pairs.items():
        counts.setdefault(name, {})[value] = count
    return counts


def _finder(known: inspect.Type, path: str = "") -> _Finder | None:
    """Return a function that adds the fields of a document that a model does not have to a set.

    It is built once per model, because the paths do not depend on the document: map keys are ``*``
    and a list's items ``[]``. None if the type has no fields.
    """
    if isinstance(known, inspect.UnionType):
        # msgspec decodes no union of models, so at most one variant has fields.
        return next(filter(None, (_finder(variant, path) for variant in known.types)), None)
    if isinstance(known, inspect.DictType):
        return _each(_finder(known.value_type, f"{path}.*"), dict, dict[str, Any].values)
    if isinstance(known, inspect.ListType):
        return _each(_finder(known.item_type, f"{path}[]"), list, iter)
    if not isinstance(known, inspect.StructType):
        return None
    prefix = f"{path}." if path else ""
    names = frozenset(field.encode_name for field in known.fields)
    below = [
        (field.encode_name, finder)
        for field in known.fields
        if (finder := _finder(field.type, prefix + field.encode_name))
    ]

    def find(value: Any, found: set[str]) -> None:
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            if not names.issuperset(fields):
                found.update(prefix + name for name in fields.keys() - names)
            for name, finder in below:
                if name in fields:
                    finder(fields[name], found)

    return find


def _tolerant(body: bytes) -> Any:
    """Return a page's decoded body, whatever its values: a bad value must not hide fields."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = body.decode(errors="replace")
        return json.loads(text, parse_int=str, parse_float=str, strict=False)


def _each(
    finder: _Finder | None, kind: type, children: Callable[[Any], Iterable[Any]]
) -> _Finder | None:
    if finder is None:
        return None

    def find(value: Any, found: set[str]) -> None:
        if isinstance(value, kind):
            for child in children(value):
                finder(child, found)

    return find


def _plain(text: str) -> str:
    return text if text.isprintable() else repr(text)


def _most_pairs(counts: Counter[tuple[str, str]]) -> str:
    return _most((f"{name} {value[:80]!r}", n) for (name, value), n in counts.items())


def _most(counts: Iterable[tuple[str, int]]) -> str:
    """Return the most frequent names with their counts, and how many more there are."""
    ranked = sorted(counts, key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{name} ×{number}" for name, number in ranked[:_MOST_SHOWN])
    more = len(ranked) - _MOST_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


@cache
def _unknown_fields_of(model: type) -> _Finder:
    return cast("_Finder", _finder(inspect.type_info(model)))
