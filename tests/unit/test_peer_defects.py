"""Nine things that go wrong in a client of this API that we measured, and do not in this one."""

import copy
import gzip
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import respx
import stamina

from junction_introspect import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    Environment,
    InternalServerError,
    Junction,
    PaginationError,
    RateLimitError,
    ResponseDecodeError,
    ResponseTooLargeError,
)
from tests.support.drivers import KEY
from tests.support.payloads import encoded, page, statistics, user, user_id


def _serve(document):
    return lambda _: httpx.Response(200, content=encoded(document))


@pytest.fixture
def api():
    """The API's one path, as respx answers it below every client that is opened."""
    with respx.mock(base_url=Environment.SANDBOX.base_url, assert_all_called=False) as router:
        yield router.get("/v2/introspect/historical_pull")


@pytest.fixture
def retried():
    """Waits are skipped; what was to be waited is recorded."""
    waits = []
    stamina.instrumentation.set_on_retry_hooks([lambda details: waits.append(details.caused_by)])
    with stamina.set_testing(True, attempts=5, cap=True):
        yield waits
    stamina.instrumentation.set_on_retry_hooks(None)


def test_known_non_retriable_error_is_not_taken_for_a_retriable_one(connect):
    document = page(user(1, sleep=statistics(error_details="retry_quota_exhausted")))
    row = next(connect(_serve(document)).historical_pulls().rows())

    assert row.error_details == "retry_quota_exhausted"
    assert row.error_kind == "non_retriable"


def test_two_unknown_values_stay_two(connect):
    record = user(1, sleep=statistics(status="paused"), activity=statistics(status="parked"))
    record["provider"]["oura"]["not_pulled"] = ["dream", "soul"]
    pulls = next(connect(_serve(page(record))).historical_pulls()).provider["oura"]

    assert [pull.status for pull in pulls.pulled.values()] == ["paused", "parked"]
    assert pulls.not_pulled == ["dream", "soul"]


def test_response_already_held_never_changes(connect):
    statuses = iter(["paused", "parked"])
    client = connect(
        lambda _: httpx.Response(
            200, content=encoded(page(user(1, sleep=statistics(status=next(statuses)))))
        )
    )
    held = next(client.historical_pulls())
    before = copy.deepcopy(held)
    next(client.historical_pulls())

    assert held == before


def test_eight_threads_each_get_their_own_response():
    """1,600 requests, each with a filter and an unknown status of its own."""

    def answer(request):
        name = request.url.params["provider"]
        return httpx.Response(200, content=encoded(page(user(1, sleep=statistics(status=name)))))

    barrier = threading.Barrier(8)

    def lists(thread):
        barrier.wait()
        names = [f"neo_{thread}_{number}" for number in range(200)]
        return [
            (name, row.status)
            for name in names
            for row in junction.historical_pulls(provider=name).rows()
            if row.pulled
        ]

    with (
        Junction(api_key=KEY, transport=httpx.MockTransport(answer)) as junction,
        ThreadPoolExecutor(8) as threads,
    ):
        pairs = [pair for own in threads.map(lists, range(8)) for pair in own]

    assert len(pairs) == 1600
    assert all(asked == got for asked, got in pairs)


@pytest.mark.parametrize("location", ["https://elsewhere.example/", "http://api.us.junction.com/"])
def test_redirect_is_not_followed_and_takes_no_key_along(connect, api, location):
    api.respond(302, headers={"Location": location})

    with pytest.raises(APIStatusError, match="302"):
        next(connect().historical_pulls())

    assert [call.request.url.host for call in api.calls] == ["api.sandbox.us.junction.com"]


def test_key_is_in_no_debug_log(connect, caplog):
    caplog.set_level("DEBUG")
    next(connect(_serve(page(user(1)))).historical_pulls())

    assert caplog.records
    assert KEY not in caplog.text
    assert all(KEY not in repr(vars(record)) for record in caplog.records)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (httpx.ReadTimeout("slow"), APITimeoutError),
        (httpx.ConnectTimeout("slow"), APITimeoutError),
        (httpx.PoolTimeout("full"), APITimeoutError),
        (httpx.ReadError("reset"), APIConnectionError),
        (httpx.RemoteProtocolError("closed"), APIConnectionError),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_fault_of_the_network_is_retried_and_then_an_error_of_ours(
    connect, api, retried, fault, error
):
    api.mock(side_effect=fault)

    with pytest.raises(error) as caught:
        next(connect().historical_pulls())

    assert api.call_count == 5
    assert len(retried) == 4
    assert caught.value.__context__ is None


def test_long_retry_after_is_not_cut_short(connect, api, retried):
    api.respond(429, headers={"Retry-After": "120"})

    with pytest.raises(RateLimitError) as caught:
        next(connect(deadline=100).historical_pulls())

    assert caught.value.retry_after == 120
    assert api.call_count == 1
    assert retried == []


@pytest.mark.parametrize("status", [501, 505])
def test_status_that_will_not_change_is_not_retried(connect, api, retried, status):
    api.respond(status)

    with pytest.raises(InternalServerError):
        next(connect().historical_pulls())

    assert api.call_count == 1
    assert retried == []


def test_malformed_record_costs_neither_its_page_nor_a_secret(connect):
    document = page(user(1), {**user(2), "user_id": "private"}, user(3), next_cursor="c")

    with pytest.raises(ResponseDecodeError) as caught:
        next(connect(_serve(document)).historical_pulls())

    error = caught.value
    assert [each.user_id for each in error.page.data] == [user_id(1), user_id(3)]
    assert error.next_cursor == "c"
    assert str(user_id(1)) not in str(error)
    assert "private" not in str(error)


def test_missing_next_cursor_is_not_the_last_page(connect):
    with pytest.raises(PaginationError):
        list(connect(_serve({"data": [user(1)]})).historical_pulls())


def test_gzip_bomb_is_refused(connect, api):
    bomb = httpx.ByteStream(gzip.compress(b" " * 10_000_000))
    api.respond(200, headers={"Content-Encoding": "gzip"}, stream=bomb)

    with pytest.raises(ResponseTooLargeError):
        next(connect(max_response_bytes=1_000_000).historical_pulls())


def test_deep_nesting_and_invalid_utf8_are_errors_of_ours(connect, api, retried):
    for body in (b"[" * 100_000, b'{"data": [], "next_cursor": "\xff"}'):
        api.respond(200, content=body)
        with pytest.raises(ResponseDecodeError):
            next(connect().historical_pulls())
    assert retried


def test_listing_pages_by_itself_with_a_key_from_the_environment(connect, monkeypatch):
    monkeypatch.setenv("JUNCTION_API_KEY", KEY)
    documents = {None: page(user(1), next_cursor="A"), "A": page(user(2))}

    def answer(request):
        document = documents[request.url.params.get("next_cursor")]
        return httpx.Response(200, content=encoded(document))

    junction = connect(answer, api_key=None)
    assert len(list(junction.historical_pulls(provider="quest"))) == 2


@pytest.mark.parametrize(
    "arguments",
    [{"user_id": ""}, {"provider": ""}, {"cursor": "a\0b"}, {"user_limit": "abc"}],
    ids=str,
)
def test_absurd_argument_is_never_sent(connect, api, arguments):
    api.respond(200, json=page())

    with pytest.raises((TypeError, ValueError)):
        next(connect().historical_pulls(**arguments))

    assert not api.called


def test_unencrypted_address_is_refused():
    with pytest.raises(ConfigurationError, match="https"):
        Junction(api_key=KEY, base_url="http://api.sandbox.us.junction.com")
