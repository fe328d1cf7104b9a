"""The generated package by itself: a client, a credential and a call; nothing of the wrapper."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
import uuid
from pathlib import Path

import httpx
import msgspec
import pytest

import junction_api
from junction_api import AuthenticatedClient, Client, api, errors
from junction_api.api.introspect import list_historical_pulls
from junction_api.models import (
    Problem,
    SingleHistoricalPullStatistics,
    UserHistoricalPullsResponse,
)
from junction_api.types import UNSET, as_path, as_query, as_texts
from junction_introspect.mock import MockServer, Population

DOCS = Path(__file__).parents[3] / "docs" / "generated-client.md"
KEY = "sk_us_a-key-that-nobody-may-see"
PAGE = b'{"data": [], "next_cursor": null}'


@pytest.fixture(scope="module")
def server():
    with MockServer(Population(3, seed=1), api_key=KEY) as running:
        yield running


@pytest.fixture
def client(server):
    quiet = {"trust_env": False}
    with AuthenticatedClient(base_url=server.url, token=KEY, httpx_args=quiet) as opened:
        yield opened


def test_page_of_the_mock_is_listed(client):
    response = list_historical_pulls.sync_detailed(client=client, user_limit=2)
    assert response.status_code == 200
    assert isinstance(response.parsed, UserHistoricalPullsResponse)
    assert len(response.parsed.data) <= 2
    assert list_historical_pulls.sync(client=client, user_limit=2) == response.parsed


def test_example_in_the_docs_runs(server, capsys, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    url = "https://api.sandbox.us.junction.com"
    assert url in code
    exec(code.replace(url, server.url), {"KEY": KEY})  # noqa: S102 - our own docs
    assert re.fullmatch(r"200 \d+\n", capsys.readouterr().out)


def test_whole_listing_of_the_mock_is_walked(client):
    users, cursor = [], None
    while True:
        page = list_historical_pulls.sync(client=client, user_limit=1, next_cursor=cursor)
        users += page.data
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len({user.user_id for user in users}) == len(users) > 0


@pytest.mark.anyio
async def test_page_of_the_mock_is_listed_asynchronously(server):
    client = AuthenticatedClient(base_url=server.url, token=KEY, httpx_args={"trust_env": False})
    async with client:
        response = await list_historical_pulls.asyncio_detailed(client=client)
        assert response.status_code == 200
        assert await list_historical_pulls.asyncio(client=client) == response.parsed


def test_wrong_key_is_a_problem_and_no_page(server):
    with AuthenticatedClient(
        base_url=server.url, token="wrong", httpx_args={"trust_env": False}
    ) as client:
        response = list_historical_pulls.sync_detailed(client=client)
    assert response.status_code == 401
    assert isinstance(response.parsed, Problem)


def scripted(answer, kind=Client, **options):
    """Return a client whose requests are answered by a function, and the requests."""
    requests = []

    def handle(request):
        requests.append(request)
        return answer

    client = kind(base_url="http://localhost", **options)
    transport = httpx.MockTransport(handle)
    arguments = {"base_url": "http://localhost", "transport": transport}
    headers = client.get_httpx_client().headers
    client.set_httpx_client(httpx.Client(**arguments, headers=headers))
    return client, requests


def test_status_without_a_name_is_a_number():
    client, _ = scripted(httpx.Response(520, text="Web server is returning an unknown error"))
    response = list_historical_pulls.sync_detailed(client=client)
    assert (response.status_code, response.parsed) == (520, None)


def test_key_is_sent_in_its_header_without_a_prefix():
    client, requests = scripted(httpx.Response(200, content=PAGE), AuthenticatedClient, token=KEY)
    list_historical_pulls.sync_detailed(client=client)
    assert requests[0].headers["x-vital-api-key"] == KEY
    assert "authorization" not in requests[0].headers


def test_token_can_be_sent_as_a_bearer_token():
    client, requests = scripted(
        httpx.Response(200, content=PAGE),
        AuthenticatedClient,
        token=KEY,
        prefix="Bearer",
        auth_header_name="Authorization",
    )
    list_historical_pulls.sync_detailed(client=client)
    assert requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("kind", [Client, AuthenticatedClient])
def test_no_repr_shows_a_secret(kind):
    secrets = {
        "headers": {"x-vital-api-key": KEY},
        "cookies": {"session": KEY},
        "httpx_args": {"auth": ("user", KEY)},
    }
    token = {"token": KEY} if kind is AuthenticatedClient else {}
    client = kind(base_url="http://localhost", **secrets, **token)
    assert KEY not in repr(client)
    client.get_httpx_client()
    client.get_async_httpx_client()
    assert KEY not in repr(client)


def test_unset_and_null_parameters_are_not_sent():
    assert list_historical_pulls.build_request(user_limit=UNSET, next_cursor=None) == {
        "method": "get",
        "url": "/v2/introspect/historical_pull",
        "params": {},
    }


def test_parameters_are_sent_in_their_wire_form():
    user_id = uuid.uuid4()
    request = list_historical_pulls.build_request(user_id=user_id, provider="new_ring")
    assert request["params"] == {
        "user_id": str(user_id),
        "provider": "new_ring",
        "user_limit": 50,
    }


def test_unexpected_status_is_raised_only_where_that_was_asked_for():
    client, _ = scripted(httpx.Response(418))
    assert list_historical_pulls.sync(client=client) is None

    client, _ = scripted(httpx.Response(418), raise_on_unexpected_status=True)
    with pytest.raises(errors.UnexpectedStatus):
        list_historical_pulls.sync(client=client)


def test_body_that_breaks_the_promise_names_the_place():
    client, _ = scripted(httpx.Response(200, content=b'{"data": [1], "next_cursor": null}'))
    with pytest.raises(msgspec.ValidationError, match=r"\$\.data\[0\]"):
        list_historical_pulls.sync(client=client)


def endpoints():
    for module in pkgutil.walk_packages(api.__path__, f"{api.__name__}."):
        if not module.ispkg:
            yield importlib.import_module(module.name)


@pytest.mark.parametrize("module", [*endpoints()], ids=lambda module: module.__name__)
def test_every_endpoint_has_a_public_request_builder_and_four_ways_to_call_it(module):
    given = [*inspect.signature(module.build_request).parameters]
    for name in ("sync", "sync_detailed", "asyncio", "asyncio_detailed"):
        assert {"client", *given} == {*inspect.signature(getattr(module, name)).parameters}
    assert not hasattr(module, "_get_kwargs")


def test_wire_forms_of_headers_and_paths():
    values = {"flag": True, "number": 7, "text": "a b/c", "unset": UNSET, "null": None}
    assert as_texts(values) == {"flag": "true", "number": "7", "text": "a b/c"}
    assert as_query(values) == {"flag": True, "number": 7, "text": "a b/c"}
    assert [as_path(values[name]) for name in ("flag", "text")] == ["true", "a%20b%2Fc"]


STATISTICS = {
    "status": "success",
    "timeline": {"scheduled_at": "2024-01-01T00:00:00.500+00:00"},
    "release": "1",
    "range_start": "2024-01-01T02:00:00+02:00",
    "more": 1,
}


def test_encoding_what_was_decoded_changes_unknown_keys_and_spellings_alone():
    decoded = SingleHistoricalPullStatistics.from_dict(STATISTICS)
    assert decoded.to_dict() == {
        "status": "success",
        "timeline": {"scheduled_at": "2024-01-01T00:00:00.500000Z"},
        "release": "1",
        "range_start": "2024-01-01T02:00:00+02:00",
    }


def test_default_of_the_specification_is_not_filled_in():
    assert SingleHistoricalPullStatistics.from_dict(STATISTICS).days_with_data is UNSET


def test_who_only_decodes_imports_no_http_client():
    code = "import sys, junction_api.models, junction_api.leniency; print('httpx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "False\n"


def test_package_has_no_other_names():
    assert set(junction_api.__all__) == {"SPEC_VERSION", "AuthenticatedClient", "Client"}
    with pytest.raises(AttributeError, match="has no attribute 'Nobody'"):
        junction_api.Nobody  # noqa: B018
