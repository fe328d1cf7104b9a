"""The connections of one user: one request, no pages, and nothing personal where it shows."""

from datetime import UTC, datetime

import httpx
import pytest

from junction_introspect import (
    Connection,
    NotFoundError,
    ResourceAvailability,
    ResponseDecodeError,
    Scopes,
)
from junction_introspect.operations.connections import CONNECTIONS
from tests.support.payloads import encoded, user_id

PERSONAL = "ada@example.com"
ERROR = {
    "error_type": "token_refresh_failed",
    "error_message": f"token of {PERSONAL} was revoked",
    "errored_at": "2026-01-05T10:00:00Z",
}
SCOPES = {
    "user_granted": {"required": ["read"], "optional": []},
    "user_denied": {"required": ["sleep"], "optional": ["naps"]},
}


def provider(slug="oura", **changes):
    return {
        "name": slug.title(),
        "slug": slug,
        "logo": "https://example.com/logo.png",
        "created_on": "2026-01-01T00:00:00Z",
        "status": "connected",
        "external_user_id": PERSONAL,
        "resource_availability": {"sleep": {"status": "available"}},
        **changes,
    }


@pytest.fixture
def serve(connect):
    """Returns a client that is answered with these connections, and its requests."""

    def start(*providers, status=200, **options):
        requests = []

        def answer(request):
            requests.append(request)
            body = {"providers": list(providers)} if status == 200 else {"detail": "no such user"}
            return httpx.Response(status, content=encoded(body))

        return connect(answer, max_retries=0, **options), requests

    return start


def test_every_field_becomes_one_of_the_connection(serve):
    availability = {"sleep": {"status": "unavailable", "scope_requirements": SCOPES}}
    junction, requests = serve(
        provider(status="error", error_details=ERROR, resource_availability=availability)
    )

    assert junction.connections(user_id(1)) == [
        Connection(
            provider="oura",
            name="Oura",
            created_on=datetime(2026, 1, 1, tzinfo=UTC),
            status="error",
            error_type="token_refresh_failed",
            error_message=ERROR["error_message"],
            errored_at=datetime(2026, 1, 5, 10, tzinfo=UTC),
            resources={
                "sleep": ResourceAvailability(
                    status="unavailable",
                    granted=Scopes(required=("read",)),
                    denied=Scopes(required=("sleep",), optional=("naps",)),
                )
            },
            external_user_id=PERSONAL,
        )
    ]
    assert [each.url.path for each in requests] == [f"/v2/user/providers/{user_id(1)}"]
    assert not requests[0].url.params


@pytest.mark.parametrize("absent", [None, "left out"])
def test_what_the_server_leaves_out_is_none(serve, absent):
    record = provider(external_user_id=None, error_details=None)
    if absent == "left out":
        del record["external_user_id"], record["error_details"]
    junction, _ = serve(record)

    (connection,) = junction.connections(str(user_id(1)))

    assert connection.external_user_id is None
    assert connection.error_type is connection.error_message is connection.errored_at is None
    assert connection.resources == {"sleep": ResourceAvailability(status="available")}


def test_invalid_record_is_set_apart(serve):
    junction, _ = serve(provider("oura"), provider("fitbit", created_on="yesterday"))
    invalid = []

    (connection,) = junction.connections(user_id(1), on_invalid=invalid.append)

    assert connection.provider == "oura"
    assert [each.path for each in invalid] == ["$.providers[1].created_on"]
    with pytest.raises(ResponseDecodeError) as caught:
        junction.connections(user_id(1))
    assert len(caught.value.page.data) == 1


def test_user_who_does_not_exist_is_an_error_of_its_own(serve):
    junction, _ = serve(status=404)

    with pytest.raises(NotFoundError):
        junction.connections(user_id(1))


def test_absurd_user_id_is_refused_before_a_request(serve):
    junction, requests = serve()

    for given, error in {"me": ValueError, None: TypeError, 7: TypeError}.items():
        with pytest.raises(error, match="user_id"):
            junction.connections(given)
    assert requests == []


def test_unlisted_values_are_kept_and_counted(serve):
    details = {**ERROR, "error_type": "moon_phase"}
    junction, _ = serve(provider(status="asleep", error_details=details))

    (connection,) = junction.connections(user_id(1))

    assert (connection.status, connection.error_type) == ("asleep", "moon_phase")
    assert "moon_phase" in str(junction.drift)


def test_nothing_personal_is_shown(serve):
    junction, _ = serve(provider(error_details=ERROR), provider(created_on=PERSONAL))
    invalid = []

    (connection,) = junction.connections(user_id(1), on_invalid=invalid.append)
    with pytest.raises(ResponseDecodeError) as caught:
        junction.connections(user_id(1))

    for shown in (connection, invalid, caught.value, str(caught.value), caught.value.page):
        assert PERSONAL not in repr(shown)
    assert not {column.name for column in CONNECTIONS.columns} & {
        "external_user_id",
        "error_message",
    }
