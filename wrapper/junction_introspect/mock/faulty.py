"""ASGI middleware that produces faults between the mock and the socket."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from junction_introspect.mock.faults import (
    UNKNOWN_AVAILABILITY,
    UNKNOWN_ERROR,
    UNKNOWN_PROVIDER,
    UNKNOWN_RESOURCE,
    UNKNOWN_STATUS,
    Delay,
    Fault,
    Faults,
    LoopingCursor,
    MalformedRecord,
    Operation,
    Reset,
    Status,
    Truncated,
    UnknownValues,
)

_LINGER_NOT: Final = struct.pack("ii", 1, 0)


class Faulty:
    """Serves an application, and applies the waiting faults to its requests.

    Args:
        app: Answers requests that do not meet a fault.
        operations: The operation of each path prefix. Only requests of these paths meet faults.
        faults: The waiting faults.
    """

    def __init__(self, app: ASGIApp, operations: Mapping[str, Operation], faults: Faults) -> None:
        self._app = app
        self._operations = operations
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        fault = None
        for path, operation in self._operations.items():
            if scope.get("path", "").startswith(path):
                fault = self._faults.take(operation)
        match fault:
            case None:
                await self._app(scope, receive, send)
            case Status():
                body = msgspec.json.encode({"detail": "A fault that was requested"})
                headers = [(b"content-type", b"application/json"), *fault.headers]
                await _answer(send, fault.status, headers, body)
            case Reset():
                await _reset(receive)
            case Delay():
                if not await _gone(receive, fault.seconds):
                    await self._app(scope, receive, send)
            case _:
                await self._spoil(fault, scope, receive, send)

    async def _spoil(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page, changed by a fault.

        A response that the fault does not apply to, such as an error or an empty page, is sent
        unchanged, and leaves the fault to the next request.
        """
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, keep)
        start, *chunks = sent
        body = b"".join(chunk.get("body", b"") for chunk in chunks)
        headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        if isinstance(fault, Truncated):
            length = (b"content-length", b"%d" % len(body))
            await send({**start, "headers": [*headers, length]})
            half = body[: len(body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            await _close(receive)
            return
        document = msgspec.json.decode(body)
        if start["status"] == 200 and _spoiled(fault, document, scope):  # noqa: PLR2004  OK
            body = msgspec.json.encode(document)
        else:
            self._faults.put_back(fault)
        await _answer(send, start["status"], headers, body)


def _spoiled(fault: Fault, document: Any, scope: Scope) -> bool:
    """Change a response, and return whether the fault applied to it."""
    is_page = "data" in document
    records: list[Any] = document["data" if is_page else "providers"]
    match fault:
        case LoopingCursor():
            return is_page and _looped(document, scope)
        case MalformedRecord() if records:
            del records[0]["user_id" if is_page else "slug"]
            return True
        case UnknownValues():
            # The first record that has something to change.
            return any(map(_changed_user if is_page else _changed_connection, records))
        case _:
            return False


def _looped(page: Any, scope: Scope) -> bool:
    """Make a page's next cursor its own, and return whether it has one."""
    query = QueryParams(scope["query_string"])
    own = query.get("next_cursor", query.get("cursor"))
    if own in {None, "null"}:
        return False
    page["next_cursor"] = page["next"] = own
    return True


def _changed_user(user: Any) -> bool:
    """Put unknown values into a user's first resource, and return whether there is one."""
    for name, provider in user["provider"].items():
        # Backfills have their resources under `pulled`; statistics are the map itself.
        resources = provider.get("pulled", provider)
        for resource, of_it in resources.items():
            if "status" in of_it:
                of_it |= {"status": UNKNOWN_STATUS, "error_details": UNKNOWN_ERROR}
            elif of_it.get("last_attempt"):
                of_it["last_attempt"]["status"] = UNKNOWN_STATUS
            resources[UNKNOWN_RESOURCE] = resources.pop(resource)
            user["provider"][UNKNOWN_PROVIDER] = user["provider"].pop(name)
            return True
    return False


def _changed_connection(connection: Any) -> bool:
    """Put unknown values into a connection; there is always one to change."""
    if connection.get("error_details"):
        connection["error_details"]["error_type"] = UNKNOWN_ERROR
    else:
        connection["status"] = UNKNOWN_STATUS
    resources = connection["resource_availability"]
    for resource in [*resources][:1]:
        resources[UNKNOWN_RESOURCE] = {**resources.pop(resource), "status": UNKNOWN_AVAILABILITY}
    return True


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def _reset(receive: Receive) -> None:
    transport = _transport(receive)
    # A linger time of 0 makes the kernel send RST instead of FIN when the socket is closed.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()
    await _disconnected(receive)


async def _close(receive: Receive) -> None:
    _transport(receive).close()
    await _disconnected(receive)


async def _disconnected(receive: Receive) -> None:
    # Otherwise the server would log that the response is unfinished.
    while (await receive())["type"] != "http.disconnect":
        pass


async def _gone(receive: Receive, seconds: float) -> bool:
    """Wait, and return whether the caller disconnected meanwhile."""
    try:
        await asyncio.wait_for(_disconnected(receive), seconds)
    except TimeoutError:
        return False
    return True


def _transport(receive: Receive) -> Any:
    """Return the connection's transport.

    Raises:
        ConnectionResetError: There is no transport, because the mock runs in process. The error
            is the closest match to the fault there.
    """
    # ASGI cannot break a connection, but `receive` is a bound method of uvicorn's connection.
    bound: Any = receive
    try:
        return bound.__self__.transport
    except AttributeError:
        raise ConnectionResetError("a fault breaks the connection to the mock") from None
