"""Many walks at once on one client, as in a server that lists for several callers."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import httpx
from anyio.from_thread import start_blocking_portal

from junction_introspect import AsyncJunction
from tests.benchmarks.contenders import HEADERS, OURS, PATH, RAW, parameters
from tests.benchmarks.measuring import Answer, at_least, gain, interleaved
from tests.benchmarks.setting import API_KEY

if TYPE_CHECKING:
    from tests.benchmarks.setting import Setting

_WALKS = 64
_PAGES = 10
_RUNS = 3


async def _ours(client: AsyncJunction) -> None:
    async def walk() -> None:
        async for _ in client.historical_pulls():
            pass

    await asyncio.gather(*(walk() for _ in range(_WALKS)))


async def _raw(client: httpx.AsyncClient) -> None:
    async def walk() -> None:
        cursor = None
        while True:
            response = await client.get(PATH, params=parameters(cursor))
            page = json.loads(response.content)
            for _ in page["data"]:
                pass
            cursor = page["next_cursor"]
            if cursor is None:
                return

    await asyncio.gather(*(walk() for _ in range(_WALKS)))


def ask(setting: Setting) -> Answer:
    """Let each walk in 64 tasks at once; an error or a pool timeout in any would end the run."""
    url = setting.url(_PAGES)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(AsyncJunction(api_key=API_KEY, base_url=url)) as ours,
        portal.wrap_async_context_manager(
            httpx.AsyncClient(base_url=url, headers=HEADERS, timeout=30)
        ) as raw,
    ):
        series = interleaved(
            {
                OURS: lambda: portal.call(_ours, ours),
                RAW: lambda: portal.call(_raw, raw),
            },
            _RUNS,
            busy=setting.busy,
        )
    return Answer(
        f"{_WALKS} concurrent async walks of {_PAGES} pages, one client",
        series,
        [gain(series[0], series[1], at_least(0.9))],
        "Each client as it is by default: ours fetches ahead and keeps 100 connections, httpx keeps"
        " 20. No run had an error.",
    )
