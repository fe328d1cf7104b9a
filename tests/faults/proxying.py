"""What makes a proxy of the misbehaving server: requests passed on, tunnels dug."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.faults.behaviours import does
from tests.faults.misbehaving import close

if TYPE_CHECKING:
    from tests.faults.misbehaving import Behaviour, Exchange

# RFC 9110, 7.6.1 and 11.7.2: for the proxy itself, and not to be passed on.
_FOR_THE_PROXY = {"connection", "proxy-authorization", "proxy-connection", "keep-alive"}


async def _forward(exchange: Exchange) -> None:
    """Send a request on to where its absolute target says, and the answer back."""
    request = exchange.request
    url = urlsplit(request.target)
    target = f"{url.path}?{url.query}"
    fields = {name: text for name, text in request.headers.items() if name not in _FOR_THE_PROXY}
    lines = [f"{request.method} {target} HTTP/1.1"]
    lines += [f"{name}: {text}" for name, text in fields.items()]
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        writer.write("\r\n".join([*lines, "connection: close", "", ""]).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        await exchange.send(head)
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if length:
            await exchange.send(await reader.readexactly(int(length[1])))
        else:
            while data := await reader.read(65536):
                await exchange.send(data)
    finally:
        writer.close()


async def _tunnel(exchange: Exchange) -> None:
    """Connect to where a CONNECT says, and pass bytes both ways until either end is reached."""
    host, _, port = exchange.request.target.rpartition(":")
    await relay(exchange, host, int(port), b"HTTP/1.1 200 Connection established\r\n\r\n")


async def relay(exchange: Exchange, host: str, port: int, greeting: bytes) -> None:
    """Connect to an address, say so, and pass bytes both ways until either end is reached."""
    reader, writer = await asyncio.open_connection(host, port)

    async def upstream() -> None:
        with contextlib.suppress(OSError):
            while data := await exchange.reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    sending = asyncio.create_task(upstream())
    try:
        await exchange.send(greeting)
        while data := await reader.read(65536):
            await exchange.send(data)
    finally:
        writer.close()
        exchange.writer.close()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


forward = does("forward", _forward)
tunnel = does("tunnel", _tunnel)


def refusal(reason: str = "Proxy Authentication Required") -> Behaviour:
    """Return a refusal by the proxy itself, in words of its own."""
    line = f"HTTP/1.1 407 {reason}\r\ncontent-length: 0\r\n\r\n"
    return does(f"407 {reason}", line.encode(), close)
