"""The least that a server can do for a listing, so that it is never what is measured.

``python -m tests.benchmarks.page_server`` prints its port and serves until its input ends. The base
URL says what is listed: ``/200/50`` are 200 pages with 50 ms before each response, and in
``/200/50/distinct`` no user comes twice. A cursor is the number of its page. ``/busy`` tells how
many seconds of CPU the server has had.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Final
from urllib.parse import parse_qs, urlsplit

from tests.benchmarks import workload

_HEAD: Final = (
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
)


class _Connection(asyncio.Protocol):
    def __init__(self, records: list[bytes]) -> None:
        self._records = records
        self._received = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            request, _, self._received = self._received.partition(b"\r\n\r\n")
            self._answer(request.split(b" ", 2)[1].decode())

    def _answer(self, target: str) -> None:
        url = urlsplit(target)
        if url.path == "/busy":
            self._send(repr(time.process_time()).encode())
            return
        _, pages, latency, *more = url.path.split("/")
        number = int(parse_qs(url.query).get("next_cursor", ["0"])[0])
        following = str(number + 1) if number + 1 < int(pages) else None
        times, number = divmod(number, len(self._records))
        data = self._records[number]
        if "distinct" in more:
            data = workload.renamed(data, times)
        page = workload.body(data, following)
        if int(latency):
            asyncio.get_running_loop().call_later(int(latency) / 1000, self._send, page)
        else:
            self._send(page)

    def _send(self, content: bytes) -> None:
        self._transport.write(_HEAD.format(length=len(content)).encode() + content)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    records = workload.records()
    server = await loop.create_server(lambda: _Connection(records), "127.0.0.1", backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - for the runner
    await loop.run_in_executor(None, sys.stdin.read)  # ends when the runner does, however that ends


if __name__ == "__main__":
    asyncio.run(_serve())
