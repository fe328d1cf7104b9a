"""The listing of resources: what is asked for, its rows, and everything that listing has."""

from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from junction_introspect import ResourceStatistics, ResponseDecodeError
from junction_introspect.operations.resources import RESOURCES
from tests.support.drivers import BOTH_WAYS
from tests.support.payloads import encoded, page, user_id

ATTEMPT = {"timestamp": "2026-01-05T10:00:00Z", "status": "success"}
STATISTICS = {
    "last_attempt": ATTEMPT,
    "oldest_data": "2025-10-01T00:00:00Z",
    "newest_data": "2026-01-05T09:00:00+02:00",
    "sent_count": 70,
}


def user(number=1, **resources):
    return {"user_id": str(user_id(number)), "provider": {"oura": resources or {"sleep": {}}}}


@pytest.fixture
def serve(connect):
    """Returns a client that is given these pages, and the requests that it sends."""

    def start(*pages, **options):
        requests = []

        def answer(request):
            requests.append(request)
            number = int(request.url.params.get("next_cursor", "0"))
            following = str(number + 1) if number + 1 < len(pages) else None
            return httpx.Response(200, content=encoded(page(*pages[number], next_cursor=following)))

        return connect(answer, **options), requests

    return start


@BOTH_WAYS
def test_every_field_becomes_one_of_the_row(serve):
    junction, _ = serve([user(sleep=STATISTICS)])

    (row,) = junction.resources().rows()

    assert row == ResourceStatistics(
        user_id=user_id(1),
        provider="oura",
        resource="sleep",
        last_attempt_at=datetime(2026, 1, 5, 10, tzinfo=UTC),
        last_attempt_status="success",
        oldest_data=datetime(2025, 10, 1, tzinfo=UTC),
        newest_data=datetime.fromisoformat("2026-01-05T09:00:00+02:00"),
        sent_count=70,
    )


@pytest.mark.parametrize("absent", [{}, dict.fromkeys(STATISTICS)], ids=["left out", "null"])
def test_what_the_server_leaves_out_is_none(serve, absent):
    junction, _ = serve([user(sleep=absent)])

    (row,) = junction.resources().rows()

    assert row == ResourceStatistics(user_id=user_id(1), provider="oura", resource="sleep")


@BOTH_WAYS
def test_pages_are_walked_and_resumed(serve):
    junction, requests = serve([user(1)], [], [user(2)])
    listing = junction.resources(provider="oura", user_limit=1)

    assert [each.user_id for each in listing] == [user_id(1), user_id(2)]
    assert [each.url.path for each in requests] == ["/v2/introspect/resources"] * 3
    assert dict(requests[0].url.params) == {"provider": "oura", "user_limit": "1"}
    assert [each.user_id for each in junction.resources(cursor="2")] == [user_id(2)]


@BOTH_WAYS
def test_answer_is_held_against_what_was_asked_for(serve):
    junction, requests = serve([user(2)])

    with pytest.raises(ResponseDecodeError, match="a user other than"):
        list(junction.resources(user_id=user_id(1)))
    assert requests[0].url.params["user_id"] == str(user_id(1))
    assert list(junction.resources(user_id=user_id(2)))


@BOTH_WAYS
def test_invalid_record_is_set_apart(serve):
    junction, _ = serve([user(1), user(2, sleep={"sent_count": "many"}), user(3)])
    invalid = []

    listed = list(junction.resources(on_invalid=invalid.append))

    assert [each.user_id for each in listed] == [user_id(1), user_id(3)]
    assert [each.index for each in invalid] == [1]
    with pytest.raises(ResponseDecodeError):
        list(junction.resources())


def test_unlisted_values_are_kept_and_counted(serve):
    attempt = {**ATTEMPT, "status": "postponed"}
    junction, _ = serve([{**user(), "provider": {"new_ring": {"aura": {"last_attempt": attempt}}}}])

    (row,) = junction.resources().rows()

    found = {row.provider, row.resource, row.last_attempt_status}
    assert found == {"new_ring", "aura", "postponed"}
    counted = junction.drift.unrecognized_values.values()
    assert {value for values in counted for value in values} == found


def test_rows_become_arrow(serve):
    junction, _ = serve([user(sleep=STATISTICS, steps={})])

    (batch,) = junction.resources().to_arrow()

    assert batch.schema.names == [*(column.name for column in RESOURCES.columns), "observed_at"]
    assert batch.column("sent_count").to_pylist() == [70, None]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"user_id": "me"}, ValueError),
        ({"user_id": 7}, TypeError),
        ({"provider": ""}, ValueError),
        ({"user_limit": 0}, ValueError),
        ({"user_limit": True}, TypeError),
    ],
    ids=str,
)
def test_absurd_arguments_are_refused_before_a_request(given, error):
    with pytest.raises(error):
        RESOURCES.arguments(**{"user_id": None, "provider": None, "user_limit": 50, **given})


def test_user_id_is_taken_in_any_spelling():
    spelt = RESOURCES.arguments(user_id=user_id(1).hex.upper(), provider=None, user_limit=1)

    assert spelt["user_id"] == UUID(int=user_id(1).int)
