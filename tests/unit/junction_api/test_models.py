"""Models are classes of attrs to their users, although msgspec decodes them as Structs."""

import copy
import datetime as dt
import inspect
import pickle
import weakref

import attrs
import cattrs
import msgspec
import pytest
from attrs.exceptions import NotAnAttrsClassError

from junction_api import models
from junction_api.types import UNSET, Model

MODELS = {
    name: found
    for name in models.__all__
    if inspect.isclass(found := getattr(models, name)) and issubclass(found, Model)
}
TIMELINE = models.HistoricalPullTimeline(scheduled_at=dt.datetime(2024, 1, 2, tzinfo=dt.UTC))


@pytest.mark.parametrize("name", MODELS)
def test_attrs_knows_the_fields_of_every_model(name):
    model = MODELS[name]
    fields = attrs.fields(attrs.resolve_types(model))
    parameters = inspect.signature(model).parameters

    assert [field.name for field in fields] == list(model.__annotations__) == list(parameters)
    for field in fields:
        assert field.kw_only
        assert field.type == parameters[field.name].annotation
        absent = parameters[field.name].default is inspect.Parameter.empty
        assert field.default is (attrs.NOTHING if absent else UNSET)


def test_functions_of_attrs_take_a_model():
    later = attrs.evolve(TIMELINE, started_at=None)

    assert attrs.has(type(TIMELINE))
    assert (later.scheduled_at, later.started_at) == (TIMELINE.scheduled_at, None)
    assert attrs.asdict(later) == {
        "scheduled_at": TIMELINE.scheduled_at,
        "started_at": None,
        "ended_at": UNSET,
    }
    assert attrs.astuple(later) == (TIMELINE.scheduled_at, None, UNSET)
    attrs.validate(later)


def test_attrs_is_told_of_models_only():
    with pytest.raises(NotAnAttrsClassError):
        attrs.fields(Model)


def test_cattrs_reads_and_writes_a_model():
    converter = cattrs.Converter()
    converter.register_structure_hook(dt.datetime, lambda value, _: value)
    converter.register_structure_hook_func(
        lambda kind: kind == dt.datetime | None | type(UNSET), lambda value, _: value
    )

    written = converter.unstructure(TIMELINE)
    assert written == attrs.asdict(TIMELINE)
    assert converter.structure(written, type(TIMELINE)) == TIMELINE


def test_model_is_a_value_that_can_be_changed():
    changed = copy.deepcopy(TIMELINE)
    assert changed == TIMELINE == pickle.loads(pickle.dumps(TIMELINE))  # noqa: S301 - our own
    assert weakref.ref(changed)() is changed
    assert repr(changed) == (
        f"HistoricalPullTimeline(scheduled_at={TIMELINE.scheduled_at!r}, started_at=UNSET,"
        " ended_at=UNSET)"
    )

    changed.ended_at = None
    assert changed != TIMELINE
    with pytest.raises(AttributeError):
        changed.unheard_of = 1
    with pytest.raises(TypeError):
        hash(changed)
    with pytest.raises(TypeError):
        type(changed)(TIMELINE.scheduled_at)


def test_msgspec_decodes_a_model_as_a_struct():
    assert all(issubclass(model, msgspec.Struct) for model in MODELS.values())
    assert len(MODELS) > 10
