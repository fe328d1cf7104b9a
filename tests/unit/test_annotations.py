"""Annotations that tools read: every public class and function has its types at run time."""

import enum
import importlib
import inspect
import pkgutil
import typing

import attrs
import pytest

import junction_introspect

_PRIVATE = {"junction_introspect.__main__", "junction_introspect.cli"}


def _public_modules():
    """Import every module that users may import: none of its names begins with an underscore."""
    yield junction_introspect
    for found in pkgutil.walk_packages(junction_introspect.__path__, "junction_introspect."):
        parts = found.name.split(".")
        if parts[1] != "cli" and not any(part.startswith("_") for part in parts):
            yield importlib.import_module(found.name)


def _public_objects():
    """Find the classes and functions of these modules, and what `__init__` takes from others."""
    for module in _public_modules():
        listed = getattr(module, "__all__", ())
        for name in {*listed, *(name for name in vars(module) if not name.startswith("_"))}:
            found = getattr(module, name)
            own = getattr(found, "__module__", None) == module.__name__
            if (inspect.isclass(found) or inspect.isroutine(found)) and (own or name in listed):
                yield f"{module.__name__}.{name}", found


PUBLIC = dict(sorted(_public_objects()))


def _functions(kind):
    """Yield the functions of a class: methods, properties, and what builds it."""
    for name, member in inspect.getmembers_static(kind):
        if name == "__new__" and issubclass(kind, tuple):
            continue  # Python makes that of a named tuple, in a module without our imports
        if isinstance(member, property):
            yield member.fget
        elif isinstance(member, classmethod | staticmethod):
            yield member.__func__
        elif inspect.isfunction(member):
            yield member


def test_public_names_are_found():
    assert {
        "junction_introspect.AsyncJunction",
        "junction_introspect.Drift",
        "junction_introspect.HistoricalPull",
        "junction_introspect.export.Source",
        "junction_introspect.mock.MockServer",
        "junction_introspect.report.Report",
        "junction_introspect.store.Store",
        "junction_introspect.sweep.Sweep",
        "junction_introspect.teams.Team",
        "junction_introspect.testing.JunctionMock",
        "junction_introspect.tracking.Change",
        "junction_introspect.tracking.summarize",
    } <= PUBLIC.keys()


@pytest.mark.parametrize("name", PUBLIC)
def test_annotations_can_be_read(name):
    found = PUBLIC[name]
    typing.get_type_hints(found, include_extras=True)
    if not inspect.isclass(found):
        return
    if attrs.has(found):
        attrs.resolve_types(found)
    if not issubclass(found, enum.Enum):
        for function in _functions(found):
            typing.get_type_hints(function)


@pytest.mark.parametrize("name", junction_introspect.__all__)
def test_class_says_where_users_import_it_from(name):
    found = getattr(junction_introspect, name)

    if inspect.isclass(found):
        assert not any(part.startswith("_") for part in found.__module__.split("."))
        assert getattr(importlib.import_module(found.__module__), found.__name__) is found
