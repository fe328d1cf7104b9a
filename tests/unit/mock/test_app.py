"""The mock API in process: credentials, statuses and bodies as the vendor documents them."""

from __future__ import annotations

from uuid import UUID

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_api.models import UserHistoricalPullsResponse
from junction_introspect.mock import (
    DEFAULT_ACCESS_TOKEN,
    DEFAULT_API_KEY,
    Population,
    create_app,
    specification,
)
from junction_introspect.mock.app import PATH
from openapi.documents import SPEC, load_plain

POPULATION = Population(30, seed=1)
APP = create_app(POPULATION, api_key="the-key", access_token="the-token")
KEY = {"x-vital-api-key": "the-key"}


def request(path=PATH, *, app=APP, method="GET", headers=KEY, **options):
    async def send():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
            return await client.request(method, path, headers=headers, **options)

    return anyio.run(send)


def test_a_page_is_json_that_the_models_read():
    response = request(params={"user_limit": 500})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    page = UserHistoricalPullsResponse.from_dict(response.json())
    assert page.data == [POPULATION.user(index) for index in range(len(page.data))]


def test_next_and_next_cursor_are_both_served_and_equal():
    document = request(params={"user_limit": 1}).json()
    assert document["next"] == document["next_cursor"] is not None


@pytest.mark.parametrize("name", ["cursor", "next_cursor"])
def test_a_cursor_leads_on_under_either_name(name):
    seen, cursor = [], None
    while cursor is not None or not seen:
        params = {"user_limit": 50} | ({name: cursor} if cursor else {})
        document = request(params=params).json()
        seen += [user["user_id"] for user in document["data"]]
        cursor = document["next_cursor"]
    assert seen == [str(POPULATION.user_id(index)) for index in range(30)]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-vital-api-key": ""},
        {"x-vital-api-key": "the-keY"},
        {"x-vital-api-key": "the-token"},
        {"x-vital-api-key": b"the-k\xebey"},
        {"x-vital-api-key": "wrong", "authorization": "Bearer the-token"},
        {"authorization": "the-token"},
        {"authorization": "Bearer"},
        {"authorization": "Bearer the-key"},
        {"authorization": "Basic the-token"},
    ],
)
@pytest.mark.parametrize("params", [{}, {"user_limit": "x"}, {"next_cursor": "foreign"}])
def test_without_a_valid_credential_the_answer_is_401_whatever_else_is_asked(headers, params):
    response = request(headers=headers, params=params)
    assert response.status_code == 401
    assert response.json().keys() == {"detail"}
    assert "www-authenticate" in response.headers


@pytest.mark.parametrize(
    "headers",
    [KEY, {"authorization": "Bearer the-token"}, {"authorization": "bearer  the-token"}],
)
def test_either_credential_opens_the_mock(headers):
    assert request(headers=headers).status_code == 200


def test_the_default_credentials_open_a_mock_that_was_given_none():
    app = create_app(POPULATION)
    assert request(app=app, headers={"x-vital-api-key": DEFAULT_API_KEY}).status_code == 200
    bearer = {"authorization": f"Bearer {DEFAULT_ACCESS_TOKEN}"}
    assert request(app=app, headers=bearer).status_code == 200


def test_a_bad_query_is_422_with_loc_msg_and_type_of_each_fault():
    response = request(params={"user_limit": "x", "user_id": "y"})
    assert response.status_code == 422
    detail = response.json()["detail"]
    assert [problem["loc"] for problem in detail] == [["query", "user_id"], ["query", "user_limit"]]
    assert all(problem.keys() == {"loc", "msg", "type"} for problem in detail)


@pytest.mark.parametrize("method", ["DELETE", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", "QUERY"])
def test_another_method_is_405_and_says_which_is_allowed(method):
    response = request(method=method)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET"


@pytest.mark.parametrize("path", ["/", f"{PATH}/", PATH.upper(), "/docs", "/redoc", "/_mock/clock"])
def test_any_other_path_is_404(path):
    response = request(path)
    assert response.status_code == 404
    assert response.json().keys() == {"detail"}


def test_the_specification_is_served_as_it_was_built():
    response = request("/openapi.yaml", headers={})
    assert response.headers["content-type"] == "application/yaml"
    assert response.content == SPEC.read_bytes()


def test_the_specification_is_the_same_in_json():
    response = request("/openapi.json", headers={})
    assert response.headers["content-type"] == "application/json"
    assert response.json() == load_plain(SPEC)


def test_a_timestamp_without_quotes_is_a_text_in_json():
    assert specification.parsed(b"a: 2025-10-01T12:00:00Z") == {"a": "2025-10-01T12:00:00Z"}


@pytest.mark.parametrize(("first", "last", "status"), [("x", "1", 200), ("1", "x", 422)])
def test_of_a_parameter_given_twice_the_last_counts(first, last, status):
    response = request(params=[("user_limit", first), ("user_limit", last)])
    assert response.status_code == status


@given(st.binary())
def test_no_query_is_beyond_an_answer(query):
    async def app(scope, receive, send):
        await APP(scope | {"query_string": query}, receive, send)

    assert request(app=app).status_code in {200, 422}


def test_connections_are_those_of_the_user_and_404_for_nobody():
    user = POPULATION.user(0)
    found = request(f"/v2/user/providers/{user.user_id}")
    assert {each["slug"] for each in found.json()["providers"]} == {*user.provider}
    assert request(f"/v2/user/providers/{UUID(int=0, version=4)}").status_code == 404
    refused = request("/v2/user/providers/nobody")
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["path", "user_id"])


def test_cursor_leads_on_in_its_own_listing_alone():
    paths = (PATH, "/v2/introspect/resources")
    for one, other in (paths, paths[::-1]):
        cursor = request(one, params={"user_limit": 1}).json()["next_cursor"]
        assert request(one, params={"next_cursor": cursor}).status_code == 200
        assert request(other, params={"next_cursor": cursor}).status_code == 422
