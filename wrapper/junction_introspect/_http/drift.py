"""What the server says that the specification does not list: counted, logged, never a failure."""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeAlias, cast

import msgspec
from msgspec import inspect

from junction_api import SPEC_VERSION
from junction_introspect._concurrency import forks

logger = logging.getLogger("junction_introspect")

# A server that makes up a new name a record must fill neither the memory nor the log.
_MOST_NAMES: Final = 1000
_MOST_SHOWN: Final = 10
# Looking for unknown fields doubles what a page costs to decode.
_SAMPLE_EVERY: Final = 50

_Finder: TypeAlias = Callable[[Any, set[str]], None]


class Drift:
    """Counts what a client has met beyond the specification, or beyond what it asked for.

    Unrecognized values are looked for on every page, wherever an enum stands. Unknown fields take a
    second decode, so they are sampled: on the first page of each operation that the client gets and
    on every fiftieth after it, whichever listings they belong to.

    Holds names of the API and numbers, no user data. Safe to share between threads. True when
    there is anything to tell; its text is one line fit for a log.

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
        self._lock = threading.Lock()
        forks.watch(self)

    def after_fork(self) -> None:
        """Renew the lock, which a thread of the parent may have held."""
        self._lock = threading.Lock()

    @property
    def unrecognized_values(self) -> Mapping[str, Mapping[str, int]]:
        """How often each value was met, by enum: ``{"Providers": {"new_ring": 3}}``. A copy."""
        with self._lock:
            return _by_name(self._values)

    @property
    def unknown_fields(self) -> Mapping[str, int]:
        """On how many sampled pages each stood: ``{"data[].provider.*.score": 1}``. A copy."""
        with self._lock:
            return dict(self._fields)

    @property
    def unrequested(self) -> Mapping[str, Mapping[str, int]]:
        """How often each value came without being asked for: ``{"provider": {"oura": 3}}``. A copy.

        By the parameter that asked for another. Such parts of records are not handed over.
        """
        with self._lock:
            return _by_name(self._unrequested)

    def record_unrequested(self, found: Sequence[tuple[str, str]]) -> None:
        """Count (parameter, value) pairs that were not asked for; log new ones."""
        for parameter, value in found:
            if self._count(self._unrequested, (parameter, value)):
                logger.warning("%.80r was answered, and %s= asked for another", value, parameter)

    def record_values(self, values: Iterable[tuple[str, Any]]) -> None:
        """Count (enum, value) pairs as `junction_api.leniency` finds them; log new ones."""
        for enum, found in values:
            value = str(found)
            if self._count(self._values, (enum, value)):
                logger.warning(
                    "unrecognized %s %.80r: specification %s does not list it",
                    enum,
                    value,
                    self.spec_version,
                )

    def _count(self, counter: Counter[tuple[str, str]], pair: tuple[str, str]) -> bool:
        """Count a pair, and tell whether it is new and is remembered."""
        with self._lock:
            new = pair not in counter
            if new and len(counter) >= _MOST_NAMES:
                return False
            counter[pair] += 1
            return new

    def sample_fields(self, model: type, body: bytes) -> None:
        """Count the unknown fields of a page's body, if it is one of those to look at."""
        with self._lock:
            number = self._pages[model]
            self._pages[model] += 1
        if number % _SAMPLE_EVERY == 0:
            self.record_fields(model, body)

    def record_fields(self, model: type, body: bytes) -> None:
        """Count the fields of a page's body that its model does not have."""
        try:
            document = _tolerant(body)
        except (ValueError, RecursionError):
            return  # the page itself was decoded; a look beside it must not fail it
        found: set[str] = set()
        _unknown_fields_of(model)(document, found)
        with self._lock:
            for path in found:
                if path in self._fields or len(self._fields) < _MOST_NAMES:
                    self._fields[path] += 1

    def __bool__(self) -> bool:
        return bool(self._values or self._fields or self._unrequested)

    def __str__(self) -> str:
        with self._lock:
            values = _most(
                (f"{enum} {value[:80]!r}", n) for (enum, value), n in self._values.items()
            )
            others = _most(
                (f"{parameter} {value[:80]!r}", n)
                for (parameter, value), n in self._unrequested.items()
            )
            fields = _most((_plain(path[:80]), n) for path, n in self._fields.items())
        told = [f"unrecognized {values}"] if values else []
        told += [f"unknown fields {fields}"] if fields else []
        told += [f"not asked for: {others}"] if others else []
        beyond = "; ".join(told) or "nothing"
        return f"beyond specification {self.spec_version}: {beyond}"

    def __repr__(self) -> str:
        return f"<Drift {self}>"


def _by_name(pairs: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for (name, value), count in pairs.items():
        counts.setdefault(name, {})[value] = count
    return counts


def _finder(known: inspect.Type, path: str = "") -> _Finder | None:
    """Return what adds to a set the fields of a document that a model does not have.

    Built once, since where a field stands does not depend on the document: map keys are ``*``, and
    a list's items ``[]``. None where there is nothing to look into.
    """
    if isinstance(known, inspect.UnionType):
        # A union of models has no decoder, so at most one variant can be looked into.
        return next(filter(None, (_finder(variant, path) for variant in known.types)), None)
    if isinstance(known, inspect.DictType):
        return _each(_finder(known.value_type, f"{path}.*"), dict, _values)
    if isinstance(known, inspect.ListType):
        return _each(_finder(known.item_type, f"{path}[]"), list, iter)
    if not isinstance(known, inspect.DataclassType):
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
    """Return what a page's body holds, odd values included: they must not hide fields."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = body.decode(errors="replace")
        return json.loads(text, parse_int=str, parse_float=str, strict=False)


def _values(mapping: dict[str, Any]) -> Iterable[Any]:
    return mapping.values()


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


def _most(counts: Iterable[tuple[str, int]]) -> str:
    """Name the most frequent, and how many more there are."""
    ranked = sorted(counts, key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{name} ×{number}" for name, number in ranked[:_MOST_SHOWN])
    more = len(ranked) - _MOST_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


@cache
def _unknown_fields_of(model: type) -> _Finder:
    return cast("_Finder", _finder(inspect.type_info(model)))
