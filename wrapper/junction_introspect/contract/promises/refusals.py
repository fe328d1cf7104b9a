"""Promises about refusals: wrong keys, foreign cursors, and what a refusal says."""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid4

from httpx import Response

from junction_introspect.contract.api import Api, require
from junction_introspect.contract.promises.registry import promise

FOREIGN: Final = ("None", "undefined", "0", "eyJvZmZzZXQiOjUwfQ", "A" * 32)
BAD: Final[tuple[dict[str, Any], ...]] = (
    {"user_limit": "x"},
    {"user_id": "x"},
    {"provider": "nokia"},
)


@promise(documented=False, every_listing=True)
def a_foreign_cursor_is_422(api: Api) -> None:
    """A cursor that the server has not issued is refused under either name."""
    for name in ("cursor", "next_cursor"):
        for cursor in FOREIGN:
            status = api.get(None, **{name: cursor}).status_code
            require(status == 422, f"{status} for {name}={cursor}")


@promise(documented=False, every_listing=True)
def a_wrong_key_is_401_whatever_else_is_asked(api: Api) -> None:
    """Without a valid credential the status is 401, whether the query is valid or not."""
    for headers in wrong_credentials():
        for query in ({}, {"provider": "oura"}, *BAD, {"next_cursor": FOREIGN[0]}):
            status = api.get(headers, **query).status_code
            require(status == 401, f"{status} for {query} with {[*headers] or 'no credential'}")


@promise(documented=False, every_listing=True)
def a_refusal_says_what_is_wrong(api: Api) -> None:
    """The `detail` of a 422 is a list of `loc`, `msg` and `type`, and names the parameter."""
    for query in BAD:
        named = named_in(api.get(None, **query), query)
        require({*query} <= {*named}, f"{named} for {query}")


def wrong_credentials() -> list[dict[str, str]]:
    """Return headers with which a request has no valid credential."""
    altered = uuid4().hex
    keys = [{"x-vital-api-key": key} for key in ("", altered)]
    return [{}, *keys, {"authorization": f"Bearer {altered}"}]


def named_in(response: Response, asked: object) -> list[Any]:
    """Return what a 422 names: the parts of each `loc`.

    Raises:
        BrokenPromiseError: It is no 422, or its `detail` is no list of `loc`, `msg` and `type`.
    """
    require(response.status_code == 422, f"{response.status_code} for {asked}")
    detail = response.json().get("detail")
    require(isinstance(detail, list), f"the detail is {detail!r} for {asked}")
    for problem in detail:
        require({"loc", "msg", "type"} <= {*problem}, f"the detail has {problem!r} for {asked}")
    return [part for problem in detail for part in problem["loc"]]
