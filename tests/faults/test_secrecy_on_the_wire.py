"""The credential shows nowhere, whatever happens to the requests that carry it."""

import logging
import pickle
from contextlib import contextmanager

import anyio
import httpcore
import httpx
import pytest
import stamina
from stamina.instrumentation import set_on_retry_hooks

from junction_introspect import APIError, AsyncJunction, NotFoundError, redact_urls
from junction_introspect._http import redaction
from tests.faults import behaviours
from tests.faults.behaviours import (
    bomb,
    dripping_headers,
    good,
    good_and_closed,
    head,
    redirect,
    says,
    silent,
    status,
)
from tests.faults.expectations import CURSOR, assert_clean, failure_of, frames_of, users
from tests.faults.misbehaving import in_turn
from tests.support.limits import LIMIT
from tests.support.payloads import encoded, page, user

pytestmark = pytest.mark.any_specification

SECRET = "sk_us_5ecr3t-0123456789"
USER = "0b6ab5a4-6a62-4d31-a4f8-8a1e4bd7c9d1"
LOGGERS = ("junction_introspect", httpx.__name__, httpcore.__name__, "stamina")

each_credential = pytest.mark.parametrize(
    "credential",
    [
        pytest.param({"api_key": SECRET}, id="key"),
        pytest.param({"api_key": None, "access_token": SECRET}, id="token"),
        pytest.param({"api_key": None, "access_token": lambda: SECRET}, id="minted"),
    ],
)

FAULTS = [
    *behaviours.NO_RESPONSE,
    *behaviours.NO_BODY,
    *behaviours.HALF_A_BODY,
    *behaviours.NO_HTTP,
    *behaviours.NO_JSON,
    *(fault for faults in behaviours.WRONG_SHAPES.values() for fault in faults),
    *behaviours.TOO_DEEP,
    *behaviours.FOREIGN_ENCODINGS,
    bomb(),
    *(status(code) for code in (400, 401, 403, 404, 405, 422, 429, 500, 501, 503)),
    status(429, retry_after="3600"),
    redirect(302, "http://127.0.0.1:1/"),
    says("a bad record", encoded(page(user(1), {"user_id": "nobody"}))),
    says("no cursor", encoded({"data": []})),
    says("a cursor that repeats", encoded(page(next_cursor=CURSOR))),
]
# Whatever comes of these: they take longer than any deadline.
SLOW = [
    silent(),
    silent(head(200, content_length=9), "before the body"),
    dripping_headers(120.0),
]


@pytest.fixture
def logged(caplog):
    """Every record of the loggers that see requests, at DEBUG."""
    caplog.set_level(logging.DEBUG)
    yield lambda: [each for each in caplog.records if each.name.split(".")[0] in LOGGERS]
    caplog.clear()


def words_of(record):
    return f"{record.getMessage()} {vars(record)!r} {record.exc_text}"


@each_credential
def test_credential_is_in_no_log_and_no_repr_of_a_success(connect, serve, logged, credential):
    server = serve(good, good_and_closed, good)
    junction = connect(None, base_url=server.url, **credential)
    assert [users(junction) for _ in range(3)] == [[1]] * 3

    assert any(SECRET in text for text in server.requests[0].headers.values())
    assert {record.name.split(".")[0] for record in logged()} >= {httpx.__name__, httpcore.__name__}
    assert not [words for words in map(words_of, logged()) if SECRET in words]
    client = getattr(junction, "_client", junction)
    for thing in (client, client._http, client._http._transport._pool, client._http.auth):
        assert SECRET not in f"{thing!r} {thing} {vars(thing)}"


@each_credential
def test_credential_is_in_no_log_and_no_error_of_any_failure(connect, serve, logged, credential):
    server = serve(good)
    junction = connect(
        None,
        base_url=server.url,
        max_retries=0,
        max_response_bytes=100_000,
        **credential,
    )
    impatient = junction.with_options(deadline=0.1)
    for fault in [*FAULTS, *SLOW]:
        server.script = in_turn(fault)
        error = failure_of(impatient if fault in SLOW else junction)
        assert_clean(error, SECRET)
        assert SECRET not in repr(vars(error))
        assert SECRET.encode() not in pickle.dumps(error)

    assert {record.name.split(".")[0] for record in logged()} >= {httpx.__name__, httpcore.__name__}
    assert not [words for words in map(words_of, logged()) if SECRET in words]


@each_credential
def test_credential_is_in_no_log_of_a_retry(connect, serve, logged, credential):
    server = serve(status(503), behaviours.NO_RESPONSE[1], good)
    assert users(connect(None, base_url=server.url, **credential), cursor=CURSOR) == [1]

    retries = [record for record in logged() if record.name == "junction_introspect"]
    assert len(retries) == 2
    for words in map(words_of, retries):
        assert SECRET not in words
        assert CURSOR not in words
    assert not [words for words in map(words_of, logged()) if SECRET in words]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@each_credential
def test_credential_is_in_no_traceback_of_a_caller_who_does_not_wait(serve, backend, credential):
    """Frames of httpx are in it, with their locals, since the exception is not one of ours."""
    server = serve(silent())

    async def end_when_it_was_asked(scope):
        await anyio.to_thread.run_sync(server.wait_for, 1)
        scope.deadline = anyio.current_time()

    async def lose_patience():
        async with (
            AsyncJunction(base_url=server.url, **credential) as junction,
            anyio.create_task_group() as tasks,
        ):
            try:
                with anyio.fail_after(LIMIT) as scope:
                    tasks.start_soon(end_when_it_was_asked, scope)
                    await anext(junction.historical_pulls())
            except TimeoutError as error:
                return error

    error, frames = anyio.run(lose_patience, backend=backend), ""
    while error is not None:
        frames += frames_of(error)
        error = error.__cause__ or error.__context__
    assert "httpcore" in frames
    assert SECRET not in frames


# Instrumentation.


@pytest.mark.parametrize("retried", [status(503), behaviours.NO_RESPONSE[1], says("", b"<html>")])
def test_hook_of_the_callers_is_told_each_retry_once_without_its_arguments(
    connect, serve, told, retried
):
    server = serve(retried, retried, good)
    assert users(connect(None, base_url=server.url), cursor=CURSOR) == [1]

    assert [retry.name for retry in told] == ["junction_introspect.list_historical_pulls"] * 2
    assert [(retry.args, retry.kwargs) for retry in told] == [((), {})] * 2
    assert [retry.retry_num for retry in told] == [1, 2]
    for retry in told:
        assert isinstance(retry.caused_by, APIError)
        assert_clean(retry.caused_by)


def test_hook_of_the_callers_is_told_the_delay(connect, serve, told):
    server = serve(status(503, retry_after="0.015625"), status(429, retry_after_ms="31.25"), good)
    junction = connect(None, base_url=server.url)
    with stamina.set_testing(False):
        assert users(junction) == [1]

    assert [(retry.wait_for, retry.waited_so_far) for retry in told] == [
        (0.015625, 0.0),
        (0.03125, 0.015625),
    ]


def test_hook_of_the_callers_may_be_a_context(connect, serve):
    """As stamina allows: entered for the wait, and left after it."""
    entered, left = [], []

    @contextmanager
    def span(details):
        entered.append(details)
        yield
        left.append(details)

    set_on_retry_hooks([span])
    try:
        assert users(connect(None, base_url=serve(status(503), good).url)) == [1]
    finally:
        set_on_retry_hooks(None)
    assert len(entered) == len(left) == 1


# httpx's own log.


@pytest.fixture
def _unredacted(monkeypatch):
    """Begins without the filter, which a command of another test may have added for good."""
    for name in redaction._LOGGERS:
        logger = logging.getLogger(name)
        others = [each for each in logger.filters if each is not redaction._redact]
        monkeypatch.setattr(logger, "filters", others)


@pytest.mark.usefixtures("_unredacted")
def test_redaction_cuts_the_query_from_what_httpx_logs(connect, serve, caplog):
    caplog.set_level(logging.INFO, logger=httpx.__name__)
    server = serve(good)
    junction = connect(None, base_url=server.url)
    redact_urls()
    users(junction, cursor=CURSOR)

    (message,) = [each.getMessage() for each in caplog.records if each.name == httpx.__name__]
    assert f"GET {server.url}/v2/introspect/historical_pull " in message
    assert server.requests[0].query["next_cursor"] == CURSOR
    assert CURSOR not in message


@pytest.mark.usefixtures("_unredacted")
def test_redaction_cuts_a_user_from_the_path_that_httpx_logs(connect, serve, caplog):
    caplog.set_level(logging.INFO, logger=httpx.__name__)
    server = serve(status(404))
    redact_urls()
    with pytest.raises(NotFoundError):
        connect(None, base_url=server.url).connections(USER)

    (message,) = [each.getMessage() for each in caplog.records if each.name == httpx.__name__]
    assert f"GET {server.url}/v2/user/providers/* " in message
    assert server.requests[0].path.endswith(USER)


@pytest.mark.usefixtures("_unredacted")
@pytest.mark.parametrize("path", ["a%3Fb%23c", "%F0%9F%98%80", "a//b/../c", ""])
def test_redaction_leaves_the_paths_of_other_requests(path, caplog):
    caplog.set_level(logging.INFO, logger="httpx")
    redact_urls()
    url = httpx.URL(f"https://example.org/{path}")
    logging.getLogger("httpx").info("%s %s", url, url.copy_with(query=b"token=1"))

    assert caplog.messages == [f"{url} {url}"]


@pytest.mark.usefixtures("_unredacted")
@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_redaction_asked_for_again_changes_nothing(name):
    before = list(logging.getLogger(name).filters)
    redact_urls()
    redact_urls()

    assert logging.getLogger(name).filters == [*before, redaction._redact]


@pytest.mark.usefixtures("_unredacted")
def test_httpx_logs_the_query_where_nobody_asks_otherwise(connect, serve, caplog):
    """What redact_urls is for; should httpx stop, it may go."""
    caplog.set_level(logging.INFO, logger=httpx.__name__)
    users(connect(None, base_url=serve(good).url), cursor=CURSOR)

    assert CURSOR in caplog.text
