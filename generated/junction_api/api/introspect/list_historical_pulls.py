from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.http_validation_error import HTTPValidationError
from ...models.labs import Labs
from ...models.providers import Providers
from ...models.user_historical_pulls_response import UserHistoricalPullsResponse
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    user_id: None | Unset | UUID = UNSET,
    provider: Labs | None | Providers | Unset = UNSET,
    user_limit: int | Unset = 50,
    cursor: None | str | Unset = UNSET,
    next_cursor: None | str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_user_id: None | str | Unset
    if isinstance(user_id, Unset):
        json_user_id = UNSET
    elif isinstance(user_id, UUID):
        json_user_id = str(user_id)
    else:
        json_user_id = user_id
    params["user_id"] = json_user_id

    json_provider: None | str | Unset
    if isinstance(provider, Unset):
        json_provider = UNSET
    elif isinstance(provider, str):
        json_provider = provider
    elif isinstance(provider, str):
        json_provider = provider
    else:
        json_provider = provider
    params["provider"] = json_provider

    params["user_limit"] = user_limit

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    json_next_cursor: None | str | Unset
    if isinstance(next_cursor, Unset):
        json_next_cursor = UNSET
    else:
        json_next_cursor = next_cursor
    params["next_cursor"] = json_next_cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v2/introspect/historical_pull",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> HTTPValidationError | UserHistoricalPullsResponse | None:
    if response.status_code == 200:
        response_200 = UserHistoricalPullsResponse.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = HTTPValidationError.from_dict(response.json())

        return response_401

    if response.status_code == 422:
        response_422 = HTTPValidationError.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = HTTPValidationError.from_dict(response.json())

        return response_429

    if response.status_code == 503:
        response_503 = HTTPValidationError.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[HTTPValidationError | UserHistoricalPullsResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    user_id: None | Unset | UUID = UNSET,
    provider: Labs | None | Providers | Unset = UNSET,
    user_limit: int | Unset = 50,
    cursor: None | str | Unset = UNSET,
    next_cursor: None | str | Unset = UNSET,
) -> Response[HTTPValidationError | UserHistoricalPullsResponse]:
    """Introspect Historical Pulls

    Args:
        user_id (None | Unset | UUID): Filter by user ID.
        provider (Labs | None | Providers | Unset):
        user_limit (int | Unset):  Default: 50.
        cursor (None | str | Unset):
        next_cursor (None | str | Unset): The cursor for fetching the next page, or `null` to
            fetch the first page.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[HTTPValidationError | UserHistoricalPullsResponse]
    """

    kwargs = _get_kwargs(
        user_id=user_id,
        provider=provider,
        user_limit=user_limit,
        cursor=cursor,
        next_cursor=next_cursor,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    user_id: None | Unset | UUID = UNSET,
    provider: Labs | None | Providers | Unset = UNSET,
    user_limit: int | Unset = 50,
    cursor: None | str | Unset = UNSET,
    next_cursor: None | str | Unset = UNSET,
) -> HTTPValidationError | UserHistoricalPullsResponse | None:
    """Introspect Historical Pulls

    Args:
        user_id (None | Unset | UUID): Filter by user ID.
        provider (Labs | None | Providers | Unset):
        user_limit (int | Unset):  Default: 50.
        cursor (None | str | Unset):
        next_cursor (None | str | Unset): The cursor for fetching the next page, or `null` to
            fetch the first page.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        HTTPValidationError | UserHistoricalPullsResponse
    """

    return sync_detailed(
        client=client,
        user_id=user_id,
        provider=provider,
        user_limit=user_limit,
        cursor=cursor,
        next_cursor=next_cursor,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    user_id: None | Unset | UUID = UNSET,
    provider: Labs | None | Providers | Unset = UNSET,
    user_limit: int | Unset = 50,
    cursor: None | str | Unset = UNSET,
    next_cursor: None | str | Unset = UNSET,
) -> Response[HTTPValidationError | UserHistoricalPullsResponse]:
    """Introspect Historical Pulls

    Args:
        user_id (None | Unset | UUID): Filter by user ID.
        provider (Labs | None | Providers | Unset):
        user_limit (int | Unset):  Default: 50.
        cursor (None | str | Unset):
        next_cursor (None | str | Unset): The cursor for fetching the next page, or `null` to
            fetch the first page.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[HTTPValidationError | UserHistoricalPullsResponse]
    """

    kwargs = _get_kwargs(
        user_id=user_id,
        provider=provider,
        user_limit=user_limit,
        cursor=cursor,
        next_cursor=next_cursor,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    user_id: None | Unset | UUID = UNSET,
    provider: Labs | None | Providers | Unset = UNSET,
    user_limit: int | Unset = 50,
    cursor: None | str | Unset = UNSET,
    next_cursor: None | str | Unset = UNSET,
) -> HTTPValidationError | UserHistoricalPullsResponse | None:
    """Introspect Historical Pulls

    Args:
        user_id (None | Unset | UUID): Filter by user ID.
        provider (Labs | None | Providers | Unset):
        user_limit (int | Unset):  Default: 50.
        cursor (None | str | Unset):
        next_cursor (None | str | Unset): The cursor for fetching the next page, or `null` to
            fetch the first page.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        HTTPValidationError | UserHistoricalPullsResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            user_id=user_id,
            provider=provider,
            user_limit=user_limit,
            cursor=cursor,
            next_cursor=next_cursor,
        )
    ).parsed
