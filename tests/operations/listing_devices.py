"""Listing the made-up operation. Run by `test_another_operation`, beside its generated package."""

from __future__ import annotations

import httpx
import pytest
from devices import DEVICES, Device, arguments

from junction_introspect import ResponseDecodeError, UnrecognizedValueError
from tests.support.drivers import AHEAD, DRIVERS
from tests.support.payloads import encoded, user_id

both_ways = pytest.mark.parametrize("connect", [*DRIVERS, *AHEAD], indirect=True)
pytestmark = both_ways


def device(serial="a", **changes):
    return {"serial": serial, "kind": "ring", "battery": 80, "states": {"worn": 5}, **changes}


def user(number, *devices):
    return {"user_id": str(user_id(number)), "devices": list(devices or [device()])}


@pytest.fixture
def pages(connect):
    """Returns a client that is given these pages, and the requests that it sends."""

    def serve(*pages, **options):
        requests = []

        def answer(request):
            requests.append(request)
            number = int(request.url.params.get("next_cursor", "0"))
            document = {"data": pages[number], "next": None, "next_cursor": None}
            if number + 1 < len(pages):
                document["next_cursor"] = str(number + 1)
            return httpx.Response(200, content=encoded(document))

        return connect(answer, **options), requests

    return serve


def test_records_rows_and_requests(pages):
    junction, requests = pages([user(1), user(2, device("b"), device("c"))], [], [user(3)])

    listing = junction.listing(DEVICES, arguments(kind="ring", page_size=2))
    assert [each.user_id for each in listing] == [user_id(1), user_id(2), user_id(3)]
    rows = list(junction.listing(DEVICES, {}).rows())
    assert [row.serial for row in rows] == ["a", "b", "c", "a"]
    assert rows[0] == Device(user_id=user_id(1), serial="a", kind="ring", battery=80)
    assert {request.url.path for request in requests} == {"/v2/introspect/devices"}
    assert dict(requests[1].url.params) == {"kind": "ring", "page_size": "2", "next_cursor": "1"}


def test_invalid_record_is_set_apart(pages):
    junction, _ = pages([user(1), user(2, device(kind=7)), user(3)])
    invalid = []

    found = list(junction.listing(DEVICES, {}, on_invalid=invalid.append))

    assert [each.user_id for each in found] == [user_id(1), user_id(3)]
    assert [(each.index, each.path) for each in invalid] == [(1, "$.data[1].devices[0].kind")]
    with pytest.raises(ResponseDecodeError) as caught:
        list(junction.listing(DEVICES, {}))
    assert len(caught.value.page.data) == 2


def test_unlisted_values_and_unknown_fields_are_counted(pages):
    odd = device(kind="brooch", states={"lost": 1}, colour="red")
    junction, _ = pages([user(1, odd)])

    (row,) = junction.listing(DEVICES, {}).rows()

    assert row.kind == "brooch"
    assert junction.drift.unrecognized_values == {
        "DeviceKind": {"brooch": 1},
        "DeviceState": {"lost": 1},
    }
    assert junction.drift.unknown_fields == {"data[].devices[].colour": 1}


def test_unlisted_value_is_refused_where_the_caller_is_strict(pages):
    junction, _ = pages([user(1, device(kind="brooch"))], strict_enums=True)

    with pytest.raises(UnrecognizedValueError) as caught:
        list(junction.listing(DEVICES, {}))

    assert (caught.value.enum, caught.value.value) == ("DeviceKind", "brooch")


def test_listing_resumes_at_its_cursor(pages):
    junction, _ = pages([user(1)], [user(2)], [user(3)])
    listing = junction.listing(DEVICES, {})
    next(listing)

    rest = junction.listing(DEVICES, {}, cursor=listing.next_cursor)

    assert [each.user_id for each in rest] == [user_id(2), user_id(3)]


def test_rows_become_arrow(pages):
    junction, _ = pages([user(1, device(battery=None))], [user(2)])

    batches = list(junction.listing(DEVICES, {}).to_arrow())

    assert batches[0].schema.names == ["user_id", "serial", "kind", "battery", "observed_at"]
    assert [each.to_pylist()[0]["battery"] for each in batches] == [None, 80]
