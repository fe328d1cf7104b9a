"""Rows in other tools: JSON, msgspec, attrs, cattrs, pickle, pydantic, FastAPI, pandas, polars."""

import copy
import datetime as dt
import json
import pickle
import typing
from uuid import UUID

import anyio
import attrs
import cattrs.preconf.json
import httpx
import msgspec
import pandas as pd
import polars as pl
import pydantic
import pytest
from fastapi import FastAPI
from hypothesis import given

from junction_introspect import HistoricalPull, ResourceStatistics
from junction_introspect._data import Data
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS, rows
from junction_introspect.tracking import Change, Coverage, Finding
from tests.support.payloads import encoded, page, statistics, user, user_id
from tests.support.pulls import decode_page
from tests.support.schemas import CURRENT

ROW = HistoricalPull(
    user_id=user_id(1),
    provider="oura",
    resource="sleep",
    status="success",
    pulled=True,
    scheduled_at=dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC),
    ended_at=dt.datetime(2026, 1, 2, 12, 0, 0, 1),  # noqa: DTZ001 - naive, as some are sent
    days_with_data=7,
    error_details="a_new_error",
)
BARE = HistoricalPull(user_id=user_id(2), provider="a_new_ring", resource="sleep")
STATE = ResourceStatistics(
    user_id=user_id(1), provider="oura", resource="sleep", last_attempt_status="success"
)
OTHERS = [
    Change(kind="appeared", before=None, after=ROW),
    Coverage(ROW, 90),
    Finding(ROW, "not_finished", "It runs.", ROW.scheduled_at, dt.timedelta(hours=1)),
]

every = pytest.mark.parametrize(
    "row", [ROW, BARE, STATE, *OTHERS], ids=lambda row: type(row).__name__
)


def _rows(document):
    return [row for record in decode_page(encoded(document)).data for row in rows(record)]


@every
def test_dict_is_json_and_gives_the_row_back(row):
    found = row.to_dict()

    assert json.loads(json.dumps(found)) == found
    assert msgspec.convert(found, type(row)) == row
    assert list(found) == [field.name for field in attrs.fields(type(row))]


def test_dict_has_ids_and_times_as_texts_and_nothing_as_null():
    assert ROW.to_dict() == {
        "user_id": str(ROW.user_id),
        "provider": "oura",
        "resource": "sleep",
        "status": "success",
        "pulled": True,
        "range_start": None,
        "range_end": None,
        "scheduled_at": "2026-01-01T12:00:00Z",
        "started_at": None,
        "ended_at": "2026-01-02T12:00:00.000001",
        "days_with_data": 7,
        "release": None,
        "trace_id": None,
        "error_details": "a_new_error",
    }


@every
def test_row_comes_back_from_msgspec_pickle_and_copy(row):
    assert msgspec.json.decode(msgspec.json.encode(row), type=type(row)) == row
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(row), type=type(row)) == row
    assert msgspec.convert(row, type(row), from_attributes=True) == row
    assert pickle.loads(pickle.dumps(row)) == row  # noqa: S301 - our own bytes
    assert copy.deepcopy(row) == row


@every
def test_row_is_a_frozen_class_of_attrs(row):
    name = attrs.fields(type(row))[0].name

    assert attrs.evolve(row) == row
    assert hash(attrs.evolve(row)) == hash(row)
    assert attrs.evolve(row, **{name: "other"}) != row
    assert attrs.asdict(row, recurse=False) == {
        field.name: getattr(row, field.name) for field in attrs.fields(type(row))
    }
    assert repr(row).startswith(f"{type(row).__name__}({name}={getattr(row, name)!r}, ")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(row, name, "other")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        delattr(row, name)


class Titled(HistoricalPull):
    @property
    def title(self):
        return f"{self.provider} {self.resource}"


def test_row_may_be_subclassed_with_methods():
    row = Titled(**attrs.asdict(ROW))

    assert row.title == "oura sleep"
    assert row.to_dict() == ROW.to_dict()
    assert type(attrs.evolve(row, status="failure")) is Titled
    assert pickle.loads(pickle.dumps(row)) == row  # noqa: S301 - made here
    assert pydantic.TypeAdapter(Titled).validate_python(row.to_dict()) == row


def test_rows_of_listings_are_made_by_name():
    with pytest.raises(TypeError):
        HistoricalPull(user_id(1), "oura", "sleep")
    with pytest.raises(TypeError):
        HistoricalPull(user_id=user_id(1), provider="oura")


@pytest.mark.parametrize("row", [ROW, BARE, STATE, *OTHERS[:2]], ids=lambda row: type(row).__name__)
def test_row_comes_back_from_cattrs(row):
    converter = cattrs.preconf.json.make_converter()
    converter.register_structure_hook(UUID, lambda value, _: UUID(value))
    converter.register_unstructure_hook(UUID, str)

    assert converter.loads(converter.dumps(row), type(row)) == row


@every
def test_row_comes_back_from_pydantic(row):
    adapter = pydantic.TypeAdapter(type(row))

    assert adapter.validate_json(adapter.dump_json(row)) == row
    assert adapter.validate_python(row) is row
    assert adapter.json_schema()["title"] == type(row).__name__


def test_pydantic_refuses_what_is_no_row():
    with pytest.raises(pydantic.ValidationError, match="user_id"):
        pydantic.TypeAdapter(HistoricalPull).validate_python({"provider": "oura"})


@attrs.frozen(kw_only=True)
class Made(Data):
    names: list[str] = attrs.field(factory=list)
    number: int = 1
    text: str


def test_defaults_are_those_of_the_class_in_pydantic_too():
    assert pydantic.TypeAdapter(Made).validate_python({"text": ""}) == Made(text="")


def test_fastapi_takes_rows_for_a_return_annotation():
    app = FastAPI()

    @app.get("/pulls")
    def pulls() -> list[HistoricalPull]:
        return [ROW]

    async def answer():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            return await client.get("/pulls")

    assert anyio.run(answer).json() == [ROW.to_dict()]
    schema = app.openapi()["components"]["schemas"]["HistoricalPull"]
    assert list(schema["properties"]) == list(ROW.to_dict())
    assert schema["required"] == ["user_id", "provider", "resource"]


@pytest.mark.parametrize("kind", [HistoricalPull, ResourceStatistics, Change, Coverage, Finding])
def test_annotations_are_those_that_tools_resolve(kind):
    attrs.resolve_types(kind)

    assert typing.get_type_hints(kind).keys() == attrs.fields_dict(kind).keys()


def test_rows_make_a_frame_in_pandas_and_polars():
    document = page(
        *[user(number) for number in range(150)], user(200, sleep=statistics(release="x"))
    )
    found = [row.to_dict() for row in [BARE, *_rows(document)]]

    pandas_frame = pd.DataFrame(found)
    polars_frame = pl.DataFrame(found, infer_schema_length=None)

    names = [column.name for column in HISTORICAL_PULLS.columns if not column.derived]
    assert set(pandas_frame.columns) == set(polars_frame.columns) == set(names)
    assert len(pandas_frame) == len(polars_frame) == len(found)
    assert polars_frame["days_with_data"].to_list() == pandas_frame["days_with_data"].tolist()
    assert polars_frame["scheduled_at"][1] == pandas_frame["scheduled_at"][1] != ""


@given(CURRENT.documents())
def test_rows_of_any_document_come_back_from_their_dicts(document):
    found = _rows(document)

    assert msgspec.convert([row.to_dict() for row in found], list[HistoricalPull]) == found
