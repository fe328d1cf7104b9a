"""Commits faults: an ASGI layer between the mock and the socket."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from junction_introspect.mock.faults import (
    UNKNOWN_ERROR,
    UNKNOWN_PROVIDER,
    UNKNOWN_RESOURCE,
    UNKNOWN_STATUS,
    Delay,
    Fault,
    Faults,
    LoopingCursor,
    MalformedRecord,
    Reset,
    Status,
    Truncated,
    UnknownValues,
)

_LINGER_NOT: Final = struct.pack("ii", 1, 0)


class Faulty:
    """Serves an application, and commits the faults that are waiting.

    Args:
        app: Answers what meets no fault.
        path: The only path where faults are met.
        faults: Those waiting.
    """

    def __init__(self, app: ASGIApp, path: str, faults: Faults) -> None:
        self._app = app
        self._path = path
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        fault = None
        if scope["type"] == "http" and scope["path"] == self._path:
            fault = self._faults.take()
        if fault is None:
            await self._app(scope, receive, send)
        elif isinstance(fault, Status):
            body = msgspec.json.encode({"detail": "A fault that was asked for"})
            headers = [(b"content-type", b"application/json"), *fault.headers]
            await _answer(send, fault.status, headers, body)
        elif isinstance(fault, Reset):
            await _reset(receive)
        elif isinstance(fault, Delay):
            if not await _gone(receive, fault.seconds):
                await self._app(scope, receive, send)
        else:
            await self._spoil(fault, scope, receive, send)

    async def _spoil(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page, changed by a fault; what is no page is answered as it is."""
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
        if start["status"] == 200:  # noqa: PLR2004  OK
            page = msgspec.json.decode(body)
            if not _spoiled(fault, page, scope):
                self._faults.put_back(fault)
            body = msgspec.json.encode(page)
        await _answer(send, start["status"], headers, body)


def _spoiled(fault: Fault, page: Any, scope: Scope) -> bool:
    """Change a page, and return whether there was anything in it to change."""
    if isinstance(fault, LoopingCursor):
        query = parse_qs(scope["query_string"].decode("latin-1"))
        asked = [*query.get("cursor", []), *query.get("next_cursor", []), page["next_cursor"]]
        page["next_cursor"] = page["next"] = asked[0]
        return asked[0] is not None
    users = [user for user in page["data"] if _pulled(user)]
    if not users:
        return False
    if isinstance(fault, MalformedRecord):
        del users[0]["user_id"]
    elif isinstance(fault, UnknownValues):
        name, provider, resource = _pulled(users[0])[0]
        pull = provider["pulled"].pop(resource)
        pull |= {"status": UNKNOWN_STATUS, "error_details": UNKNOWN_ERROR}
        provider["pulled"][UNKNOWN_RESOURCE] = pull
        users[0]["provider"][UNKNOWN_PROVIDER] = users[0]["provider"].pop(name)
    return True


def _pulled(user: Any) -> list[tuple[str, Any, str]]:
    return [
        (name, provider, resource)
        for name, provider in user["provider"].items()
        for resource in provider["pulled"]
    ]


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def _reset(receive: Receive) -> None:
    transport = _transport(receive)
    # Closing at once, with nothing lingering, is what makes the kernel send RST instead of FIN.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()
    await _disconnected(receive)


async def _close(receive: Receive) -> None:
    _transport(receive).close()
    await _disconnected(receive)


async def _disconnected(receive: Receive) -> None:
    # Or else the server would find the response unfinished, and say so in its log.
    while (await receive())["type"] != "http.disconnect":
        pass


async def _gone(receive: Receive, seconds: float) -> bool:
    """Wait, and return whether the caller has gone meanwhile."""
    try:
        await asyncio.wait_for(_disconnected(receive), seconds)
    except TimeoutError:
        return False
    return True


def _transport(receive: Receive) -> Any:
    """Return the connection's transport.

    Raises:
        ConnectionResetError: There is none, in process: the nearest thing to the fault there.
    """
    # ASGI has no way to break a connection; the bound method that uvicorn passes leads to it.
    bound: Any = receive
    try:
        return bound.__self__.transport
    except AttributeError:
        raise ConnectionResetError("the mock was asked to break the connection") from None
