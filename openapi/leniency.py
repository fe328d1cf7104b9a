"""Generates the checks for open enums: a table of their values, and one function per model.

Both are Python modules of the generated package. Each function is a walk over one model, with
nested loops and no calls, because it runs on every page. Whole lists and all keys of a map are
checked with sets; single values are looked at only if such a check fails. A model within a model is
walked by its own function only if the outer function would get too long or the model contains
itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from openapi_python_client.parser.properties import (
    AnyProperty,
    LiteralEnumProperty,
    ModelProperty,
)
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.schemas import Class
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty

from openapi.documents import follow, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openapi_python_client import Project
    from openapi_python_client.parser.properties.protocol import PropertyProtocol

# In lines. A longer walk of an inner model is called as a function, so that the size of a function
# depends on its model and not on the whole document.
_LONGEST_INLINE = 40
_INDENT = "    "

_ENUMS_HEAD = '''"""The values that the specification lists, by the name of their enum."""

from collections.abc import Mapping
from typing import Any, Final

'''
_LENIENCY_HEAD = '''"""Finds enum values that the specification does not list.

Each function takes a decoded model and a list. For every occurrence of a value that its enum does
not list, it appends (name of the enum, value) to the list. If a value may be of several enums, the
name is all their names, joined by " | ".
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from . import models
from .enums import ENUM_VALUES
from .types import UNSET

Found: TypeAlias = list[tuple[str, Any]]

'''


@dataclass(frozen=True)
class _Enum:
    """The enum values that are allowed at a place; `names` are the names of the enums."""

    names: tuple[str, ...]
    empties: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return " | ".join(self.names)

    @property
    def values(self) -> str:
        """The Python expression for the set of allowed values."""
        sets = " | ".join(f"ENUM_VALUES[{name!r}]" for name in self.names)
        return f"{sets} | {{{', '.join(self.empties)}}}" if self.empties else sets


def modules(project: Project, document: dict[str, Any]) -> dict[str, str]:
    """Return the modules to add to the package, by file name.

    Args:
        project: The document as the generator has parsed it.
        document: The document itself; it has the enums of map keys, which the generator ignores.
    """
    keys = _KeyEnums(project, document)
    walks = _Walks({model.class_info.name: model for model in project.openapi.models}, keys)
    functions = [walks.function(model) for model in project.openapi.models]
    return {
        "enums.py": _enums_module(project, keys),
        "leniency.py": "\n".join((_LENIENCY_HEAD, *walks.definitions(), "", *functions)),
    }


def function_name(model: ModelProperty) -> str:
    """Return the name of the walk over a model."""
    return f"unlisted_in_{model.class_info.module_name}"


def _enums_module(project: Project, keys: _KeyEnums) -> str:
    classes = sorted((enum.class_info for enum in project.openapi.enums), key=lambda one: one.name)
    own = [Class.from_string(string=name, config=project.config) for name in keys.own]
    constants: dict[str, str] = {
        one.name: f"{one.module_name.upper()}_VALUES" for one in (*classes, *own)
    }
    lines = [f"from .models.{one.module_name} import {constants[one.name]}" for one in classes]
    for name, values in keys.own.items():
        lines.append(f"{constants[name]}: Final = frozenset({sorted(values, key=repr)!r})")
    names = "".join(f"    {constant!r},\n" for constant in constants.values())
    entries = "".join(f"    {name!r}: {constant},\n" for name, constant in constants.items())
    return (
        _ENUMS_HEAD
        + "\n".join(lines)
        + f"\n\nENUM_VALUES: Final[Mapping[str, frozenset[Any]]] = {{\n{entries}}}\n"
        + f"\n__all__ = (\n    'ENUM_VALUES',\n{names})\n"
    )


class _KeyEnums:
    """Finds the enums of map keys, which are in `propertyNames`.

    Attributes:
        own: Enums that are used only for map keys, so that the generator makes no class of them.
    """

    def __init__(self, project: Project, document: dict[str, Any]) -> None:
        self._document = document
        self._listed = {
            str(enum.class_info.name): frozenset[Any](enum.values) for enum in project.openapi.enums
        }
        self._config = project.config
        self.own: dict[str, frozenset[Any]] = {}

    def of(self, model: ModelProperty) -> _Enum | None:
        """Return the enum of the keys of a model that is a map."""
        names = (model.data.model_extra or {}).get("propertyNames")
        found = [*self._values(names, f"{model.class_info.name}Key")]
        return _Enum(tuple(dict.fromkeys(found))) if found and "" not in found else None

    def _values(self, schema: Any, name: str) -> Iterator[str]:
        """Yield the names of the enums in a schema; an empty name for any other schema."""
        while isinstance(schema, dict) and "$ref" in schema:
            name = steps(schema["$ref"])[-1]
            schema = follow(schema["$ref"], self._document)
        if not isinstance(schema, dict):
            yield ""
        elif "const" in schema or "enum" in schema:
            values = frozenset(schema.get("enum", [schema.get("const")]))
            yield self._named(schema.get("title") or name, values)
        elif several := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
            alternatives = several if "allOf" not in schema or len(several) == 1 else [None]
            for one in alternatives:
                yield from self._values(one, name)
        else:
            yield ""

    def _named(self, title: str, values: frozenset[Any]) -> str:
        name = str(Class.from_string(string=title, config=self._config).name)
        if self._listed.get(name) != values:
            numbered = chain((name,), (f"{name}{number}" for number in count(2)))
            name = next(
                one
                for one in numbered
                if one not in self._listed and self.own.setdefault(one, values) == values
            )
        return name


class _Walks:
    """Generates the functions, and collects the sets that they use."""

    def __init__(self, models: dict[str, ModelProperty], keys: _KeyEnums) -> None:
        self._models = models
        self._keys = keys
        self._sets: dict[_Enum, str] = {}
        self._numbers = count(1)
        self._open: list[str] = []

    def definitions(self) -> list[str]:
        """Return the sets that the functions use."""
        return [
            f"{variable}: Final[frozenset[Any]] = {enum.values}"
            for enum, variable in self._sets.items()
        ]

    def function(self, model: ModelProperty) -> str:
        """Return the source of the walk over a model."""
        self._numbers = count(1)
        self._open = [model.class_info.name]
        name = model.class_info.name
        lines = self._below(model, "x0")
        signature = f"def {function_name(model)}(value: models.{name}, found: Found) -> None:"
        text = f'"""Append the unlisted enum values of a `{name}`."""'
        body = ["x0: Any = value", *lines] if lines else []
        return "\n".join((signature, *_indented([text, *body]), ""))

    def _below(self, model: ModelProperty, variable: str) -> list[str]:
        """Return the lines that check the model in a variable."""
        properties = [*(model.required_properties or ()), *(model.optional_properties or ())]
        if not properties:
            return self._map(model, variable)
        own: list[str] = []
        deeper: list[str] = []
        for each in properties:
            attribute = f"{variable}.{each.name.get_untrusted_value()}"
            if enum := _only_enums(each):
                own += self._one(enum, attribute)
            elif lines := self._value(each, attribute):
                guard = f"if {attribute}:"
                is_guarded = each.required or lines[0] == guard
                deeper += lines if is_guarded else [guard, *_indented(lines)]
        return own + deeper

    def _map(self, model: ModelProperty, variable: str) -> list[str]:
        lines = self._all(keys, variable) if (keys := self._keys.of(model)) else []
        if model.additional_properties is not None:
            lines += self._each(model.additional_properties, f"{variable}.values()")
        return lines

    def _value(self, prop: PropertyProtocol, place: str) -> list[str]:
        """Return the lines that check a value of any kind."""
        alternatives = [*_alternatives(prop)]
        kinds = [one for one in alternatives if not isinstance(one, NoneProperty)]
        enums = _enums_among(kinds)
        nullable = len(kinds) < len(alternatives)
        if len(kinds) == 1 and not enums:
            lines = self._inside(kinds[0], place)
            return [f"if {place}:", *_indented(lines)] if lines and nullable else lines
        branches = [(kind, self._one(enum, place)) for kind, enum in enums.items()]
        branches += [(self._run_time_type(one), self._inside(one, place)) for one in kinds]
        result: list[str] = []
        for kind, lines in branches:
            if lines:
                word = "elif" if result else "if"
                result += [f"{word} type({place}) is {kind}:", *_indented(lines)]
        return result

    def _inside(self, prop: PropertyProtocol, place: str) -> list[str]:
        """Return the lines that check a list, a map or a model."""
        if isinstance(prop, ListProperty):
            return self._each(prop.inner_property, place)
        if not isinstance(prop, ModelProperty):
            return []
        name = prop.class_info.name
        model = self._models[name]
        if name in self._open:
            return [f"{function_name(model)}({place}, found)"]
        variable = place if place.isidentifier() else self._variable()
        self._open.append(name)
        lines = self._below(model, variable)
        self._open.pop()
        if len(lines) > _LONGEST_INLINE:
            return [f"{function_name(model)}({place}, found)"]
        return [f"{variable} = {place}", *lines] if lines and variable != place else lines

    def _each(self, item: PropertyProtocol, places: str) -> list[str]:
        """Return the lines that check every item of a list, or every value of a map."""
        if enum := _only_enums(item):
            return self._all(enum, places)
        variable = self._variable()
        lines = self._value(item, variable)
        return [f"for {variable} in {places}:", *_indented(lines)] if lines else []

    def _one(self, enum: _Enum, place: str) -> list[str]:
        return [
            f"if {place} not in {self._set(enum)}:",
            f"{_INDENT}found.append(({enum.label!r}, {place}))",
        ]

    def _all(self, enum: _Enum, places: str) -> list[str]:
        listed = self._set(enum)
        return [
            f"if not {listed}.issuperset({places}):",
            f"{_INDENT}found.extend(({enum.label!r}, x) for x in {places} if x not in {listed})",
        ]

    def _set(self, enum: _Enum) -> str:
        """Return the name of the variable with an enum's values."""
        return self._sets.setdefault(enum, f"_LISTED_{len(self._sets) + 1}")

    def _run_time_type(self, prop: PropertyProtocol) -> str:
        """Return the type of a decoded list, map or model."""
        if not isinstance(prop, ModelProperty):
            return "list"
        model = self._models[prop.class_info.name]
        is_class = model.required_properties or model.optional_properties
        return f"models.{model.class_info.name}" if is_class else "dict"

    def _variable(self) -> str:
        return f"x{next(self._numbers)}"


def _alternatives(prop: PropertyProtocol) -> Iterator[PropertyProtocol]:
    if isinstance(prop, UnionProperty):
        for inner in prop.inner_properties:
            yield from _alternatives(inner)
    else:
        yield prop


def _enums_among(kinds: list[PropertyProtocol]) -> dict[str, _Enum]:
    """Return the enums among some alternatives, by run-time type.

    Leaves out an enum of strings if a plain string is allowed as well, because no value is unlisted
    then; likewise for integers.
    """
    names: dict[str, list[str]] = {}
    for one in kinds:
        if isinstance(one, LiteralEnumProperty):
            names.setdefault(one.value_type.__name__, []).append(one.class_info.name)
    if any(isinstance(one, AnyProperty) for one in kinds):
        names.clear()
    if any(isinstance(one, StringProperty) for one in kinds):
        names.pop("str", None)
    if any(isinstance(one, IntProperty | FloatProperty) for one in kinds):
        names.pop("int", None)
    return {kind: _Enum(tuple(dict.fromkeys(found))) for kind, found in names.items()}


def _only_enums(prop: PropertyProtocol) -> _Enum | None:
    """Return the enum of a value if the value can only be of it, null or absent; else None."""
    alternatives = [*_alternatives(prop)]
    enums = [one for one in alternatives if isinstance(one, LiteralEnumProperty)]
    nulls = sum(isinstance(one, NoneProperty) for one in alternatives)
    is_other = len(enums) + nulls < len(alternatives)
    if is_other or len({one.value_type for one in enums}) != 1:
        return None
    names = dict.fromkeys(str(one.class_info.name) for one in enums)
    empties = ("None",) * bool(nulls) + ("UNSET",) * (not prop.required)
    return _Enum(tuple(names), empties)


def _indented(lines: list[str]) -> list[str]:
    return [_INDENT + line for line in lines]
