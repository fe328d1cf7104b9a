"""The credential: where it goes, where it does not, and when another is minted."""

import threading
from concurrent.futures import ThreadPoolExecutor

import anyio
import httpx
import pytest

from junction_introspect import AsyncJunction, AuthenticationError, ConfigurationError, Junction
from junction_introspect._http.auth import JunctionAuth
from junction_introspect._http.credentials import Secret, checked, hidden
from tests.support.limits import LIMIT
from tests.support.payloads import encoded, page

pytestmark = [pytest.mark.any_specification, pytest.mark.usefixtures("_no_waits")]

ORIGIN = httpx.URL("https://api.sandbox.us.junction.com")
EMPTY = encoded(page())
CROWD = 20


class Mint:
    """Mints token-1, token-2 and so on."""

    def __init__(self):
        self.minted = 0

    def __call__(self):
        self.minted += 1
        return f"token-{self.minted}"


@pytest.fixture
def mint():
    return Mint()


@pytest.fixture
def with_token(scripted):
    """Opens a client whose credential is a token or mints one."""

    def open_client(*answers, access_token, **options):
        options = {"api_key": None, "environment": "Sandbox", **options}
        return scripted(*answers, access_token=access_token, **options)

    return open_client


def tokens(server):
    return [request.headers["authorization"] for request in server.requests]


def authorized(**credential):
    return JunctionAuth(ORIGIN, **{name: hidden(value) for name, value in credential.items()})


def first_request(auth, url):
    return next(auth.sync_auth_flow(httpx.Request("GET", url)))


def test_credential_needs_to_be_exactly_one():
    for arguments in ({}, {"api_key": "x", "access_token": "y"}):
        with pytest.raises(ConfigurationError, match="either"):
            authorized(**arguments)


def test_key_goes_into_the_vendors_header():
    request = first_request(authorized(api_key="x"), ORIGIN)

    assert request.headers["x-vital-api-key"] == "x"
    assert "authorization" not in request.headers


def test_token_goes_into_the_bearer_header():
    request = first_request(authorized(access_token="x"), ORIGIN)

    assert request.headers["authorization"] == "Bearer x"
    assert "x-vital-api-key" not in request.headers


@pytest.mark.parametrize("path", ["", "/", "/v2/introspect/historical_pull?user_limit=50"])
@pytest.mark.parametrize(
    "origin",
    ["https://api.sandbox.us.junction.com:443", "HTTPS://API.SANDBOX.US.JUNCTION.COM"],
)
def test_same_origin_in_other_words_is_given_the_credential(origin, path):
    request = first_request(authorized(api_key="x"), origin + path)

    assert request.headers["x-vital-api-key"] == "x"


OTHER_ORIGINS = [
    "http://api.sandbox.us.junction.com",
    "https://api.sandbox.us.junction.com:8443",
    "https://api.us.junction.com",
    "https://junction.com",
    "https://api.sandbox.us.junction.com.evil.example",
]


@pytest.mark.parametrize("url", OTHER_ORIGINS)
@pytest.mark.parametrize("credential", [{"api_key": "x"}, {"access_token": "x"}])
def test_another_scheme_host_or_port_is_not_given_the_credential(url, credential):
    request = first_request(authorized(**credential), url)

    assert "x-vital-api-key" not in request.headers
    assert "authorization" not in request.headers


@pytest.mark.parametrize("url", OTHER_ORIGINS)
def test_token_is_not_minted_for_another_origin(url, mint):
    flow = authorized(access_token=mint).sync_auth_flow(httpx.Request("GET", url))
    next(flow)

    with pytest.raises(StopIteration):
        flow.send(httpx.Response(401))
    assert mint.minted == 0


@pytest.mark.anyio
async def test_another_origin_is_not_given_the_credential_by_the_async_client(mint):
    auth = authorized(access_token=mint)
    server = httpx.MockTransport(lambda request: httpx.Response(401, request=request))
    async with httpx.AsyncClient(auth=auth, transport=server) as client:
        response = await client.get(OTHER_ORIGINS[0])

    assert "authorization" not in response.request.headers
    assert mint.minted == 0


@pytest.mark.parametrize("credential", [{"api_key": "x"}, {"access_token": "x"}])
def test_refused_credential_that_cannot_be_renewed_is_tried_once(scripted, credential):
    junction, server = scripted(
        401, EMPTY, **{"api_key": None, "environment": "Sandbox", **credential}
    )

    with pytest.raises(AuthenticationError):
        next(junction.historical_pulls())
    assert len(server.requests) == 1


def test_token_is_minted_when_the_first_is_needed(with_token, mint):
    junction, _ = with_token(EMPTY, access_token=mint)
    listing = junction.historical_pulls()
    assert mint.minted == 0

    list(listing)
    assert mint.minted == 1


def test_token_is_used_again(with_token, mint):
    junction, server = with_token(EMPTY, access_token=mint)
    for _ in range(3):
        list(junction.historical_pulls())

    assert tokens(server) == ["Bearer token-1"] * 3
    assert mint.minted == 1


def test_refused_token_is_replaced_once_and_the_new_one_is_kept(with_token, mint):
    junction, server = with_token(401, EMPTY, access_token=mint, max_retries=0)
    for _ in range(2):
        list(junction.historical_pulls())

    assert tokens(server) == ["Bearer token-1", "Bearer token-2", "Bearer token-2"]


def test_second_refusal_is_an_authentication_error(with_token, mint):
    junction, server = with_token(401, access_token=mint)

    with pytest.raises(AuthenticationError):
        next(junction.historical_pulls())
    assert tokens(server) == ["Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param((401, {"content-encoding": "gzip"}, b"no gzip"), id="garbage"),
        pytest.param((401, {"content-encoding": "gzip"}, b"\x1f\x8b"), id="truncated"),
        pytest.param((401, {"content-encoding": "br"}, b"no brotli"), id="unknown encoding"),
        pytest.param((401, {}, b"\xff" * 100), id="binary"),
    ],
)
def test_token_is_replaced_whatever_the_body_of_the_refusal(with_token, mint, refusal):
    junction, server = with_token(refusal, EMPTY, access_token=mint, max_retries=0)

    assert list(junction.historical_pulls()) == []
    assert tokens(server) == ["Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_token_is_replaced_for_no_status_but_401(with_token, mint, status):
    junction, _ = with_token(status, access_token=mint)

    with pytest.raises(Exception, match=str(status)):
        next(junction.historical_pulls())
    assert mint.minted == 1


def test_token_is_replaced_within_every_attempt(with_token, mint):
    junction, server = with_token(503, 401, EMPTY, access_token=mint, max_retries=1)

    assert list(junction.historical_pulls()) == []
    assert tokens(server) == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize("token", ["", "a b", "a\n", "é", None, 5, b"a"])
def test_malformed_minted_token_is_a_configuration_error_before_any_request(with_token, token):
    junction, server = with_token(EMPTY, access_token=lambda: token)

    with pytest.raises(ConfigurationError, match="access_token"):
        next(junction.historical_pulls())
    assert server.requests == []


def test_callers_error_in_minting_reaches_the_caller_and_is_not_retried(with_token):
    calls = []

    def mint():
        calls.append(1)
        raise LookupError("the vault is sealed")

    junction, server = with_token(EMPTY, access_token=mint)

    with pytest.raises(LookupError, match="the vault is sealed"):
        next(junction.historical_pulls())
    assert len(calls) == 1
    assert server.requests == []


def test_minting_is_tried_again_after_it_failed(with_token):
    answers = iter([LookupError("the vault is sealed"), "token"])

    def mint():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    junction, server = with_token(EMPTY, access_token=mint)
    listing = junction.historical_pulls()

    with pytest.raises(LookupError):
        next(listing)
    assert list(listing) == []
    assert tokens(server) == ["Bearer token"]


@pytest.mark.anyio
async def test_async_client_awaits_what_an_async_callable_mints(mint):
    async def mint_later():
        await anyio.lowlevel.checkpoint()
        return mint()

    answers = iter([httpx.Response(401), *(httpx.Response(200, content=EMPTY) for _ in range(2))])
    sent = []

    def answer(request):
        sent.append(request.headers["authorization"])
        return next(answers)

    async with AsyncJunction(
        access_token=mint_later, environment="Sandbox", transport=httpx.MockTransport(answer)
    ) as junction:
        for _ in range(2):
            assert [user async for user in junction.historical_pulls()] == []

    assert sent == ["Bearer token-1", "Bearer token-2", "Bearer token-2"]


class Awaitable:
    """What can be awaited without being a coroutine, as a future can."""

    def __await__(self):
        yield


async def mint_async():
    return "token"


@pytest.mark.parametrize("source", [mint_async, Awaitable])
def test_async_callable_is_refused_by_the_sync_client_before_any_request(source):
    def answer(_):
        raise AssertionError("a request was sent")

    with (
        Junction(
            access_token=source, environment="Sandbox", transport=httpx.MockTransport(answer)
        ) as junction,
        pytest.raises(ConfigurationError, match="needs AsyncJunction"),
    ):
        next(junction.historical_pulls())


def test_threads_refused_at_the_same_time_mint_one_token(mint):
    everybody_was_sent = threading.Barrier(CROWD)

    def answer(request):
        if request.headers["authorization"] == "Bearer token-1":
            everybody_was_sent.wait(LIMIT)
            return httpx.Response(401)
        return httpx.Response(200, content=EMPTY)

    with (
        Junction(
            access_token=mint, environment="Sandbox", transport=httpx.MockTransport(answer)
        ) as junction,
        ThreadPoolExecutor(CROWD) as pool,
    ):
        listings = list(pool.map(lambda _: list(junction.historical_pulls()), range(CROWD)))

    assert listings == [[]] * CROWD
    assert mint.minted == 2


@pytest.mark.anyio
async def test_tasks_refused_at_the_same_time_mint_one_token(mint):
    sent = []
    everybody_was_sent = anyio.Event()
    listings = []

    async def mint_later():
        await anyio.lowlevel.checkpoint()
        return mint()

    async def answer(request):
        if request.headers["authorization"] != "Bearer token-1":
            return httpx.Response(200, content=EMPTY)
        sent.append(request)
        if len(sent) == CROWD:
            everybody_was_sent.set()
        await everybody_was_sent.wait()
        return httpx.Response(401)

    async with AsyncJunction(
        access_token=mint_later, environment="Sandbox", transport=httpx.MockTransport(answer)
    ) as junction:

        async def list_all():
            listings.append([user async for user in junction.historical_pulls()])

        async with anyio.create_task_group() as tasks:
            for _ in range(CROWD):
                tasks.start_soon(list_all)

    assert listings == [[]] * CROWD
    assert mint.minted == 2


def test_secrets_are_told_apart_by_what_they_hold():
    assert checked(Secret("a"), "api_key") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
