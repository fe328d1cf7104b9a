"""The mock API: a FastAPI application that serves its users as the vendor documents it."""

from __future__ import annotations

from collections.abc import Collection
from hmac import compare_digest
from typing import Final

import msgspec
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError

from junction_introspect.mock import specification
from junction_introspect.mock.control import Control, routes
from junction_introspect.mock.cursors import Cursors
from junction_introspect.mock.faulty import Faulty
from junction_introspect.mock.pages import Users, page
from junction_introspect.mock.parameters import InvalidQueryError, read_query

PATH: Final = "/v2/introspect/historical_pull"

# Without an environment's prefix, so that neither can be taken for a live credential.
DEFAULT_API_KEY: Final = "mock-api-key"
DEFAULT_ACCESS_TOKEN: Final = "mock-access-token"  # noqa: S105  opens nothing but the mock


def create_app(
    users: Users,
    *,
    api_key: str = DEFAULT_API_KEY,
    access_token: str = DEFAULT_ACCESS_TOKEN,
    control: Control | None = None,
    allow_hosts: Collection[str] = (),
) -> FastAPI:
    """Return the mock API as an ASGI application.

    `GET /v2/introspect/historical_pull` gives 401 without a valid credential whatever else the
    request holds, and 422 for a query that breaks the specification; what is none of it, 404 and
    405 as FastAPI gives them. The specification itself is at `/openapi.yaml` and `/openapi.json`,
    for everybody. Nothing is kept between requests.

    Args:
        users: Those it knows: a `Population`, or a `World` whose backfills move.
        api_key: What `x-vital-api-key` must hold.
        access_token: What may be sent instead, as `Authorization: Bearer ...`.
        control: Opens the endpoints under `/_mock/` (see `control.routes`), with the same
            credentials. Its world should be the users.
        allow_hosts: What ``Host`` may name there, beside loopback.
    """
    cursors = Cursors(users.key(b"cursors"))

    async def authorise(request: Request) -> None:
        key = request.headers.get("x-vital-api-key")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if key is not None:
            authorised = _equal(key, api_key)
        else:
            authorised = scheme.lower() == "bearer" and _equal(token.strip(), access_token)
        if not authorised:
            raise HTTPException(
                401, "Invalid or missing credential", {"WWW-Authenticate": "Bearer"}
            )

    # No schema and no pages of FastAPI's own making: the one served is the vendor's. And
    # no redirects, which would carry a caller's credential to wherever the Host header points.
    app = FastAPI(openapi_url=None, redirect_slashes=False)

    @app.get(PATH, dependencies=[Depends(authorise)])
    async def list_historical_pulls(request: Request) -> Response:
        try:
            listing = read_query(request.query_params, cursors)
        except InvalidQueryError as error:
            raise RequestValidationError(error.problems) from error
        body = msgspec.json.encode(page(users, cursors, listing))
        return Response(body, media_type="application/json")

    @app.get("/openapi.yaml")
    async def openapi_yaml() -> Response:
        return Response(specification.as_yaml(), media_type="application/yaml")

    @app.get("/openapi.json")
    async def openapi_json() -> Response:
        return Response(specification.as_json(), media_type="application/json")

    if control is not None:
        app.include_router(routes(control, allow_hosts), dependencies=[Depends(authorise)])
        app.add_middleware(Faulty, path=PATH, faults=control.faults)
    return app


def _equal(given: str, expected: str) -> bool:
    # Bytes: compare_digest refuses text beyond ASCII, which a header may hold.
    return compare_digest(given.encode(), expected.encode())
