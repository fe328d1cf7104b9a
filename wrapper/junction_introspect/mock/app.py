"""The mock API: a FastAPI application that serves its users as the vendor documents them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from hmac import compare_digest
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response

from junction_api.models import UserHistoricalPullsResponse, UserResourcesResponse
from junction_introspect.mock import specification
from junction_introspect.mock.control import (
    KEY_HEADER,
    PREFIX,
    TOKEN_HEADER,
    Control,
    documentation,
    respond,
    routes,
)
from junction_introspect.mock.cursors import Cursors
from junction_introspect.mock.faults import Operation
from junction_introspect.mock.faulty import Faulty
from junction_introspect.mock.pages import page
from junction_introspect.mock.parameters import (
    PROVIDERS,
    PROVIDERS_AND_LABS,
    read_query,
    read_user_id,
)
from junction_introspect.mock.population import Population
from junction_introspect.mock.world import UnknownUserError, World

PATH: Final = "/v2/introspect/historical_pull"
RESOURCES_PATH: Final = "/v2/introspect/resources"
CONNECTIONS_PATH: Final = "/v2/user/providers/"

_OPERATIONS: Final[Mapping[str, Operation]] = {
    PATH: "historical_pull",
    RESOURCES_PATH: "resources",
    CONNECTIONS_PATH: "providers",
}

# Neither has the prefix of an environment, so neither can be mistaken for a live credential.
DEFAULT_API_KEY: Final = "mock-api-key"
DEFAULT_ACCESS_TOKEN: Final = "mock-access-token"  # noqa: S105  it only opens the mock


def create_app(
    users: Population | World,
    *,
    api_key: str = DEFAULT_API_KEY,
    access_token: str = DEFAULT_ACCESS_TOKEN,
    control: Control | None = None,
    allow_hosts: Collection[str] = (),
    control_token: str | None = None,
) -> FastAPI:
    """Return the mock API as an ASGI application.

    | request | response |
    | --- | --- |
    | `GET /v2/introspect/historical_pull` | how backfills are doing, page by page |
    | `GET /v2/introspect/resources` | how the data is doing, page by page |
    | `GET /v2/user/providers/{user_id}` | the connections of a user; 404 for an unknown user |
    | `GET /openapi.yaml`, `/openapi.json` | the specification; needs no credential |

    Each operation answers 401 if there is no valid credential, before it checks anything else, and
    422 if the query breaks the specification. Other paths and methods get 404 or 405 from FastAPI.
    No state is kept between requests.

    Args:
        users: The users to serve: a `Population`, or a `World` in which time passes.
        api_key: The key that `x-vital-api-key` must contain.
        access_token: The token that may be sent instead, as `Authorization: Bearer ...`.
        control: If given, opens the endpoints under `/_mock/` (see `control.routes`), with the same
            credentials. Its world should be `users`.
        allow_hosts: Hosts besides loopback that ``Host`` may name for these endpoints.
        control_token: The token that these endpoints need in `x-mock-token`, instead of the
            credentials of the API.
    """
    world = users if isinstance(users, World) else World(users)

    authorise = _require(partial(_may_ask, api_key=api_key, access_token=access_token))

    # The mock serves the vendor's schema, so FastAPI's own schema and pages are off. Redirects
    # are off too: they would send a credential to the host that the Host header names.
    app = FastAPI(openapi_url=None, redirect_slashes=False)

    app.include_router(_operations(world), dependencies=[authorise])

    @app.exception_handler(UnknownUserError)
    async def unknown_user(_request: Request, error: UnknownUserError) -> Response:
        return respond({"detail": str(error)}, status=404)

    @app.get("/openapi.yaml")
    async def openapi_yaml() -> Response:
        return Response(specification.as_yaml(), media_type="application/yaml")

    @app.get("/openapi.json")
    async def openapi_json() -> Response:
        return Response(specification.as_json(), media_type="application/json")

    if control is not None:
        if control_token is not None:
            authorise = _require(
                lambda request: _equal(request.headers.get(TOKEN_HEADER, ""), control_token)
            )
        app.include_router(routes(control, allow_hosts), dependencies=[authorise])

        @app.get(PREFIX)
        @app.get(PREFIX + "/")
        async def document_control() -> Response:
            header = KEY_HEADER if control_token is None else TOKEN_HEADER
            return respond(documentation(header))

        app.add_middleware(Faulty, operations=_OPERATIONS, faults=control.faults)
    return app


def _require(authorised: Callable[[Request], bool]) -> Any:
    """Return a dependency that answers 401 unless a request is authorised."""

    async def authorise(request: Request) -> None:
        if not authorised(request):
            raise HTTPException(
                401, "Invalid or missing credential", {"WWW-Authenticate": "Bearer"}
            )

    return Depends(authorise)


def _may_ask(request: Request, *, api_key: str, access_token: str) -> bool:
    """Tell whether a request has the key, or the token in its place."""
    key = request.headers.get(KEY_HEADER)
    if key is not None:
        return _equal(key, api_key)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and _equal(token.strip(), access_token)


def _equal(given: str, expected: str) -> bool:
    # As bytes, because compare_digest refuses non-ASCII text, which a header may contain.
    return compare_digest(given.encode(), expected.encode())


def _operations(world: World) -> APIRouter:
    """Return the vendor's three operations."""
    router = APIRouter()
    # A cursor is valid only in the listing that issued it, so each listing has its own key.
    pull_cursors = Cursors(world.key(b"cursors"))
    resource_cursors = Cursors(world.key(b"cursors of resources"))

    @router.get(PATH)
    async def list_historical_pulls(request: Request) -> Response:
        listing = read_query(request.query_params, pull_cursors, PROVIDERS_AND_LABS)
        data, cursor = page(world, world.user, pull_cursors, listing)
        return respond(UserHistoricalPullsResponse(data=data, next=cursor, next_cursor=cursor))

    @router.get(RESOURCES_PATH)
    async def list_resources(request: Request) -> Response:
        listing = read_query(request.query_params, resource_cursors, PROVIDERS)
        data, cursor = page(world, world.resources, resource_cursors, listing)
        return respond(UserResourcesResponse(data=data, next=cursor, next_cursor=cursor))

    @router.get(CONNECTIONS_PATH + "{user_id}")
    async def list_connections(user_id: str) -> Response:
        return respond(world.connections(read_user_id(user_id)))

    return router
