from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from ... import errors
from ...models.http_validation_error import HTTPValidationError
from ...models.problem import Problem
from ...models.providers import Providers
from ...models.user_resources_response import UserResourcesResponse
from ...types import UNSET, Response, Unset, as_query, decoded

if TYPE_CHECKING:
    from ...client import AuthenticatedClient, Client
else:
    AuthenticatedClient = Client = Any  # `build_request` needs no client


def build_request(
    *,
    user_id: None | Unset | UUID = UNSET,
    provider: None | Providers | Unset = UNSET,
    user_limit: int | Unset = 50,
    cursor: None | str | Unset = UNSET,
    next_cursor: None | str | Unset = UNSET,
) -> dict[str, Any]:
    """Return the request as keyword arguments for `httpx.Client.request`.

    Args:
        user_id: Filter by user ID.
        next_cursor: The cursor for fetching the next page, or `null` to fetch the first page.
    """
    return {
        "method": "get",
        "url": "/v2/introspect/resources",
        "params": as_query(
            {
                "user_id": user_id,
                "provider": provider,
                "user_limit": user_limit,
                "cursor": cursor,
                "next_cursor": next_cursor,
            }
        ),
    }


def _parse(
    client: AuthenticatedClient | Client, response: httpx.Response
) -> HTTPValidationError | Problem | UserResourcesResponse | None:
    if response.status_code == 200:
        response_200: UserResourcesResponse = decoded(response.content, UserResourcesResponse)
        return response_200
    if response.status_code in (401, 429, 503):
        response_401: Problem = decoded(response.content, Problem)
        return response_401
    if response.status_code == 422:
        response_422: HTTPValidationError = decoded(response.content, HTTPValidationError)
        return response_422
    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return None


def _response(
    client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[HTTPValidationError | Problem | UserResourcesResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse(client, response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    user_id: None | Unset | UUID = UNSET,
    provider: None | Providers | Unset = UNSET,
    user_limit: int | Unset = 50,
    cursor: None | str | Unset = UNSET,
    next_cursor: None | str | Unset = UNSET,
) -> Response[HTTPValidationError | Problem | UserResourcesResponse]:
    """Introspect Resources.

    Args:
        client: The client that sends the request.
        user_id: Filter by user ID.
        next_cursor: The cursor for fetching the next page, or `null` to fetch the first page.

    Raises:
        errors.UnexpectedStatus: The server returned a status that the specification does not list, and
            `client.raise_on_unexpected_status` is true.
        httpx.TimeoutException: The request took longer than the client's timeout.
        msgspec.DecodeError: The body does not match the specification for its status.
    """
    request = build_request(
        user_id=user_id,
        provider=provider,
        user_limit=user_limit,
        cursor=cursor,
        next_cursor=next_cursor,
    )
    return _response(client, client.get_httpx_client().request(**request))


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    user_id: None | Unset | UUID = UNSET,
    provider: None | Providers | Unset = UNSET,
    user_limit: int | Unset = 50,
    cursor: None | str | Unset = UNSET,
    next_cursor: None | str | Unset = UNSET,
) -> Response[HTTPValidationError | Problem | UserResourcesResponse]:
    """As `sync_detailed`, awaited."""
    request = build_request(
        user_id=user_id,
        provider=provider,
        user_limit=user_limit,
        cursor=cursor,
        next_cursor=next_cursor,
    )
    return _response(client, await client.get_async_httpx_client().request(**request))


def sync(
    *,
    client: AuthenticatedClient | Client,
    user_id: None | Unset | UUID = UNSET,
    provider: None | Providers | Unset = UNSET,
    user_limit: int | Unset = 50,
    cursor: None | str | Unset = UNSET,
    next_cursor: None | str | Unset = UNSET,
) -> HTTPValidationError | Problem | UserResourcesResponse | None:
    """As `sync_detailed`, but return only the parsed body."""
    return sync_detailed(
        client=client,
        user_id=user_id,
        provider=provider,
        user_limit=user_limit,
        cursor=cursor,
        next_cursor=next_cursor,
    ).parsed


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    user_id: None | Unset | UUID = UNSET,
    provider: None | Providers | Unset = UNSET,
    user_limit: int | Unset = 50,
    cursor: None | str | Unset = UNSET,
    next_cursor: None | str | Unset = UNSET,
) -> HTTPValidationError | Problem | UserResourcesResponse | None:
    """As `sync`, awaited."""
    response = await asyncio_detailed(
        client=client,
        user_id=user_id,
        provider=provider,
        user_limit=user_limit,
        cursor=cursor,
        next_cursor=next_cursor,
    )
    return response.parsed
