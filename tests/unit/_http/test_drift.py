"""What the server says beyond the specification: counted, told, never a failure."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from msgspec import inspect

from junction_api import SPEC_VERSION
from junction_api.models import HistoricalPullTimeline as Timeline
from junction_api.models import UserHistoricalPullsResponse as PageModel
from junction_introspect import Drift
from junction_introspect._http.drift import _finder
from tests.support.payloads import TIMELINE, encoded, page, statistics, user, user_id


@pytest.fixture
def drift():
    return Drift()


def test_drift_begins_empty(drift):
    assert not drift
    assert drift.unrecognized_values == {}
    assert drift.unknown_fields == {}
    assert str(drift) == f"beyond specification {SPEC_VERSION}: nothing"


def test_values_are_counted_per_field(drift):
    drift.record_values([("status", "a"), ("resource", "a"), ("status", "a"), ("status", "b")])
    drift.record_values([("status", "b")])

    assert drift.unrecognized_values == {"status": {"a": 2, "b": 2}, "resource": {"a": 1}}
    assert drift


def test_value_is_logged_once_with_the_version_of_the_specification(drift, caplog):
    drift.record_values([("status", "paused")] * 3)
    drift.record_values([("status", "paused"), ("resource", "paused")])

    assert [(record.name, record.levelno) for record in caplog.records] == [
        ("junction_introspect", logging.WARNING)
    ] * 2
    assert caplog.messages == [
        f"unrecognized {field} 'paused': specification {SPEC_VERSION} does not list it"
        for field in ("status", "resource")
    ]


def test_value_is_logged_on_one_line_and_at_a_bearable_length(drift, caplog):
    drift.record_values([("status", "a\nb"), ("status", "c" * 1000)])

    assert all("\n" not in message and len(message) < 200 for message in caplog.messages)


def test_values_are_bounded_and_so_is_their_log(drift, caplog):
    drift.record_values(("status", f"made-up-{number}") for number in range(1500))
    drift.record_values([("status", "made-up-0"), ("status", "made-up-1499")])

    counts = drift.unrecognized_values["status"]
    assert len(counts) == len(caplog.records) == 1000
    assert counts["made-up-0"] == 2


# Every place where an object of the page stands, by the path of what is unknown in it.
PLACES = {
    "surprise": lambda document: document,
    "data[].surprise": lambda document: document["data"][0],
    "data[].provider.*.surprise": lambda document: document["data"][0]["provider"]["oura"],
    "data[].provider.*.pulled.*.surprise": lambda document: document["data"][0]["provider"]["oura"][
        "pulled"
    ]["sleep"],
    "data[].provider.*.pulled.*.timeline.surprise": lambda document: document["data"][0][
        "provider"
    ]["oura"]["pulled"]["sleep"]["timeline"],
}


@pytest.mark.parametrize("path", PLACES)
def test_unknown_field_is_found_at_every_depth(drift, path):
    document = page(user(1, sleep=statistics(timeline=dict(TIMELINE))))
    PLACES[path](document)["surprise"] = {"below": [{"it": 1}]}

    drift.record_fields(PageModel, encoded(document))

    assert drift.unknown_fields == {path: 1}
    assert drift


def test_known_fields_are_no_drift(drift):
    drift.record_fields(PageModel, encoded(page(user(1), user(2), next_cursor="c")))

    assert not drift


def test_field_is_counted_once_a_page(drift):
    users = [{**user(number), "surprise": number} for number in range(5)]
    for _ in range(3):
        drift.record_fields(PageModel, encoded(page(*users)))

    assert drift.unknown_fields == {"data[].surprise": 3}


def test_fields_are_bounded(drift):
    drift.record_fields(PageModel, encoded({f"made-up-{number}": 1 for number in range(1500)}))
    before = drift.unknown_fields
    drift.record_fields(PageModel, encoded({**dict.fromkeys(list(before)[:1]), "more": 1}))

    assert len(before) == len(drift.unknown_fields) == 1000
    assert "more" not in drift.unknown_fields
    assert sum(drift.unknown_fields.values()) == 1001


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff",
        b'"\xff"',
        b'{"a": nul}',
        b"[" * 100_000,
        b"null",
        b"[1]",
        b'"text"',
        b'{"data": null}',
        b'{"data": [null, 1, "a", []]}',
        b'{"data": [{"provider": []}, {"provider": {"oura": 5}}]}',
        b'{"data": [{"provider": {"oura": {"pulled": [1], "not_pulled": {"a": 1}}}}]}',
    ],
)
def test_body_that_is_no_page_is_no_failure_and_no_drift(drift, body):
    drift.record_fields(PageModel, body)

    assert not drift


@pytest.mark.parametrize(
    ("kind", "value", "paths"),
    [
        (dict[str, Timeline] | None, {"a": {"surprise": 1, "ended_at": None}}, {".*.surprise"}),
        (list[Timeline] | None, [{"surprise": 1}], {"[].surprise"}),
        (Timeline | None, {"surprise": 1}, {"surprise"}),
        (Timeline | None, None, set()),
    ],
)
def test_field_that_may_be_null_is_looked_into(kind, value, paths):
    found = set()
    _finder(inspect.type_info(kind))(value, found)

    assert found == paths


@pytest.mark.parametrize("kind", [str, int | None, dict[str, int], list[str] | None, Any])
def test_what_holds_no_model_is_not_looked_into(kind):
    assert _finder(inspect.type_info(kind)) is None


def test_text_is_one_line_with_the_most_frequent_first(drift):
    drift.record_values([("status", "rare"), ("status", "frequent"), ("status", "frequent")])
    drift.record_fields(PageModel, encoded({"surprise": 1}))

    assert str(drift) == (
        f"beyond specification {SPEC_VERSION}: "
        "unrecognized status 'frequent' ×2, status 'rare' ×1; unknown fields surprise ×1"
    )
    assert repr(drift) == f"<Drift {drift}>"


@pytest.mark.parametrize(("count", "end"), [(10, "f09 ×1"), (11, "f09 ×1 and 1 more")])
def test_text_names_ten_of_each_and_counts_the_others(drift, count, end):
    drift.record_values(("status", f"v{number:02}") for number in range(13))
    drift.record_fields(PageModel, encoded({f"f{number:02}": 1 for number in range(count)}))

    assert "status 'v09' ×1 and 3 more; " in str(drift)
    assert str(drift).endswith(end)


@pytest.mark.parametrize("name", ["a\nb", "a\r\nb", "a\u2028b", "a\x1b[31mb"])
def test_text_is_one_line_whatever_the_server_makes_up(drift, name):
    drift.record_values([("status", name)])
    drift.record_fields(PageModel, encoded({name: 1}))

    for text in (str(drift), repr(drift)):
        assert len(text.splitlines()) == 1
        assert text.isprintable()


def test_text_is_of_a_bearable_length(drift):
    drift.record_values([("status", "v" * 10_000)])
    drift.record_fields(PageModel, encoded({"f" * 10_000: 1}))

    assert len(str(drift)) < 400


def test_drift_holds_no_user_data(drift):
    document = page({**user(1), "name": "Somebody", "tags": {"somebody@example.com": "Somebody"}})
    document["data"][0]["provider"]["oura"]["pulled"]["sleep"]["trace_id"] = "a-trace"

    drift.record_fields(PageModel, encoded(document))

    held = json.dumps([drift.unknown_fields, drift.unrecognized_values, str(drift)])
    assert drift.unknown_fields == {"data[].name": 1, "data[].tags": 1}
    assert not any(text in held for text in ("omebody", str(user_id(1)), "a-trace", "oura"))


def test_what_drift_gives_out_is_a_copy(drift):
    drift.record_values([("status", "a")])
    drift.record_fields(PageModel, encoded({"surprise": 1}))
    drift.unrecognized_values["status"]["a"] = 9
    drift.unknown_fields["surprise"] = 9

    assert drift.unrecognized_values == {"status": {"a": 1}}
    assert drift.unknown_fields == {"surprise": 1}


def test_threads_lose_no_count(drift):
    body = encoded({"surprise": 1})

    def record(_):
        for _ in range(100):
            drift.record_values([("status", "a"), ("status", "b")])
            drift.record_fields(PageModel, body)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(record, range(8)))

    assert drift.unrecognized_values == {"status": {"a": 800, "b": 800}}
    assert drift.unknown_fields == {"surprise": 800}


ERRORS = "HistoricalPullRetriableErrorDetails | HistoricalPullNonRetriableErrorDetails"
STRANGE = page(
    {
        "user_id": str(user_id(1)),
        "provider": {
            "new_ring": {
                "pulled": {
                    "new_pulled": statistics(status="paused", error_details="solar_flare"),
                },
                "not_pulled": ["new_not_pulled"],
            }
        },
    }
)


def test_client_counts_unrecognized_values_wherever_they_stand(scripted):
    junction, _ = scripted(encoded(STRANGE))
    for _ in range(2):
        list(junction.historical_pulls())

    assert junction.drift.unrecognized_values == {
        "Providers": {"new_ring": 2},
        "ClientFacingResource": {"new_pulled": 2, "new_not_pulled": 2},
        "HistoricalPullStatus": {"paused": 2},
        ERRORS: {"solar_flare": 2},
    }


def test_client_counts_a_page_that_it_refuses_for_its_values(scripted):
    junction, _ = scripted(encoded(STRANGE), strict_enums=True)

    with pytest.raises(Exception, match="unrecognized"):
        next(junction.historical_pulls())
    assert set(junction.drift.unrecognized_values) == {
        "Providers",
        "ClientFacingResource",
        "HistoricalPullStatus",
        ERRORS,
    }


def test_client_looks_for_unknown_fields_on_the_first_page_and_every_fiftieth_after(connect):
    def answer(request):
        number = int(request.url.params.get("next_cursor", "0"))
        following = str(number + 1) if number < 120 else None
        return httpx.Response(
            200, content=encoded(page(next_cursor=following, **{f"f{number}": 1}))
        )

    junction = connect(answer)
    list(junction.historical_pulls())
    sampled_at = sorted(int(name[1:]) for name in junction.drift.unknown_fields)

    assert sampled_at == [0, 50, 100]


def test_client_counts_the_pages_of_all_its_listings(scripted):
    junction, _ = scripted(encoded(page(surprise=1)))
    for _ in range(49):
        list(junction.historical_pulls())
        junction.with_options(deadline=5).historical_pulls()
    assert junction.drift.unknown_fields == {"surprise": 1}

    for _ in range(2):
        list(junction.with_options(deadline=5).historical_pulls())
    assert junction.drift.unknown_fields == {"surprise": 2}


def test_threads_look_at_every_fiftieth_page_together(drift):
    body = encoded({"surprise": 1})

    def sample(_):
        for _ in range(100):
            drift.sample_fields(PageModel, body)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(sample, range(8)))

    assert drift.unknown_fields == {"surprise": 16}


def test_value_of_an_enum_of_integers_is_counted(drift):
    drift.record_values([("Level", 7)])

    assert drift.unrecognized_values == {"Level": {"7": 1}}


@pytest.mark.usefixtures("_no_waits")
def test_retried_page_is_counted_once(scripted):
    junction, server = scripted(503, b"<html>", encoded(page(surprise=1)))
    list(junction.historical_pulls())

    assert len(server.requests) == 3
    assert junction.drift.unknown_fields == {"surprise": 1}


@pytest.mark.parametrize("odd", [b"1e400", b"1" * 5000, b"NaN", b'"\xff"', rb'"\ud83d"', b'"\x01"'])
def test_odd_value_does_not_hide_the_fields_of_its_page(drift, odd):
    drift.record_fields(PageModel, b'{"unheard_of": ' + odd + b"}")

    assert drift.unknown_fields == {"unheard_of": 1}
