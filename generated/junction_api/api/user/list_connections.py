from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from ... import errors
from ...models.connected_providers import ConnectedProviders
from ...models.http_validation_error import HTTPValidationError
from ...models.problem import Problem
from ...types import Response, as_path, decoded

if TYPE_CHECKING:
    from ...client import AuthenticatedClient, Client
else:
    AuthenticatedClient = Client = Any  # `build_request` needs no client


def build_request(
    user_id: UUID,
) -> dict[str, Any]:
    """Return the request as keyword arguments for `httpx.Client.request`."""
    return {
        "method": "get",
        "url": "/v2/user/providers/{user_id}".format(
            user_id=as_path(user_id),
        ),
    }


def _parse(
    client: AuthenticatedClient | Client, response: httpx.Response
) -> ConnectedProviders | HTTPValidationError | Problem | None:
    if response.status_code == 200:
        response_200: ConnectedProviders = decoded(response.content, ConnectedProviders)
        return response_200
    if response.status_code in (401, 404, 429, 503):
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
) -> Response[ConnectedProviders | HTTPValidationError | Problem]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse(client, response),
    )


def sync_detailed(
    user_id: UUID,
    *,
    client: AuthenticatedClient | Client,
) -> Response[ConnectedProviders | HTTPValidationError | Problem]:
    """Get Connected Providers.

    GET Users connected providers

    Args:
        client: The client that sends the request.

    Raises:
        errors.UnexpectedStatus: The server returned a status that the specification does not list, and
            `client.raise_on_unexpected_status` is true.
        httpx.TimeoutException: The request took longer than the client's timeout.
        msgspec.DecodeError: The body does not match the specification for its status.
    """
    request = build_request(
        user_id=user_id,
    )
    return _response(client, client.get_httpx_client().request(**request))


async def asyncio_detailed(
    user_id: UUID,
    *,
    client: AuthenticatedClient | Client,
) -> Response[ConnectedProviders | HTTPValidationError | Problem]:
    """As `sync_detailed`, awaited."""
    request = build_request(
        user_id=user_id,
    )
    return _response(client, await client.get_async_httpx_client().request(**request))


def sync(
    user_id: UUID,
    *,
    client: AuthenticatedClient | Client,
) -> ConnectedProviders | HTTPValidationError | Problem | None:
    """As `sync_detailed`, but return only the parsed body."""
    return sync_detailed(
        user_id=user_id,
        client=client,
    ).parsed


async def asyncio(
    user_id: UUID,
    *,
    client: AuthenticatedClient | Client,
) -> ConnectedProviders | HTTPValidationError | Problem | None:
    """As `sync`, awaited."""
    response = await asyncio_detailed(
        user_id=user_id,
        client=client,
    )
    return response.parsed
