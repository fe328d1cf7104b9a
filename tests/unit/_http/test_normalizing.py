"""Integers and times in the forms that msgspec reads exactly."""

import datetime as dt
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from junction_introspect._http.normalizing import has_nanoseconds, normalized

pytestmark = pytest.mark.any_specification

LATE = b'"2023-12-31T23:59:59.9999999Z"'
CUT = dt.datetime(2023, 12, 31, 23, 59, 59, 999_999, tzinfo=dt.UTC)


class Model(msgspec.Struct):
    number: int | None = None
    measure: float | None = None
    either: int | float | None = None
    anything: Any = None
    text: str = ""
    numbers: list[int] = []
    moments: dict[str, dt.datetime | None] = {}
    model: "Model | None" = None


def decoded(text, type_=Model):
    return msgspec.json.decode(normalized(inspect.type_info(type_), text), type=type_)


@pytest.mark.parametrize(
    ("text", "model"),
    [
        (b'{"number": 70.0}', Model(number=70)),
        (b'{"number": null}', Model()),
        (b'{"numbers": [7e1, 1, 2.0]}', Model(numbers=[70, 1, 2])),
        (b'{"moments": {"a": null, "b": ' + LATE + b"}}", Model(moments={"a": None, "b": CUT})),
        (b'{"model": {"model": {"number": 70.0}}}', Model(model=Model(model=Model(number=70)))),
        (b'{"unheard_of": 1e400, "number": 70.0}', Model(number=70)),
    ],
)
def test_integers_and_times_are_rewritten_wherever_a_model_has_them(text, model):
    found = decoded(text)

    assert found == model
    assert type(found.number) is type(model.number)


@pytest.mark.parametrize("name", ["measure", "either", "anything"])
def test_number_that_need_not_be_an_integer_stays_as_it_is(name):
    assert repr(getattr(decoded(b'{"%s": 70.0}' % name.encode()), name)) == "70.0"


@pytest.mark.parametrize("name", ["text", "anything"])
def test_text_that_is_no_time_stays_as_it_is(name):
    found = decoded(b'{"%s": %s, "number": 70.0}' % (name.encode(), LATE))

    assert getattr(found, name) == LATE.decode().strip('"')


@pytest.mark.parametrize(
    "text", [b"[]", b"7", b'{"numbers": {}}', b'{"moments": []}', b'{"a": NaN}', b'{"\xff": 1}']
)
def test_text_of_another_type_or_none_is_left_to_the_decoder(text):
    assert normalized(inspect.type_info(Model), text).replace(b" ", b"") == text.replace(b" ", b"")


@pytest.mark.parametrize("text", [rb'"\ud800"', rb'"\x"', b'"\\n\xff"', rb'["\n"]'])
def test_escapes_that_are_no_text_are_left_to_the_decoder(text):
    assert normalized(inspect.type_info(dt.datetime), text) == text


@pytest.mark.parametrize(
    "text", [LATE, b'"12:30:59.1234567"', b'{"a": ' + LATE + b"}", rb'"\u002E"', rb'"\u0039"']
)
def test_digits_beyond_microseconds_are_seen(text):
    assert has_nanoseconds(text)


@pytest.mark.parametrize(
    "text", [b'"12:30:59.123456Z"', b"[12.12345678]", b".1234567", rb'"\" \u00e9 \n"', b""]
)
def test_fewer_digits_and_other_numbers_are_not(text):
    assert not has_nanoseconds(text)


@pytest.mark.parametrize("text", [b'"2023-12-31T23:59:30Z"', b'"2016-12-31T23:59:61Z"'])
def test_second_other_than_a_leap_second_stays_as_it_is(text):
    assert normalized(inspect.type_info(dt.datetime), text) == text
