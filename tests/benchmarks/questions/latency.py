"""A server that thinks and a consumer that works: whether one waits for the other."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import httpx
from anyio.from_thread import start_blocking_portal

from junction_introspect import AsyncJunction
from tests.benchmarks.contenders import HEADERS, OURS, PATH, RAW, parameters
from tests.benchmarks.measuring import Answer, Claim, at_most, interleaved
from tests.benchmarks.setting import API_KEY

if TYPE_CHECKING:
    from tests.benchmarks.setting import Setting

_PAGES = 40
_LATENCY = 50  # milliseconds
_WORK = 20  # milliseconds
_RUNS = 3


async def _work() -> None:
    await asyncio.sleep(_WORK / 1000)


async def _ours(client: AsyncJunction) -> None:
    async for _ in client.historical_pulls().pages():
        await _work()


async def _raw(client: httpx.AsyncClient) -> None:
    cursor = None
    while True:
        response = await client.get(PATH, params=parameters(cursor))
        cursor = json.loads(response.content)["next_cursor"]
        await _work()
        if cursor is None:
            return


def ask(setting: Setting) -> Answer:
    """Walk with a consumer that awaits something for every page."""
    url = setting.url(_PAGES, _LATENCY)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(AsyncJunction(api_key=API_KEY, base_url=url)) as ours,
        portal.wrap_async_context_manager(httpx.AsyncClient(base_url=url, headers=HEADERS)) as raw,
    ):
        series = interleaved(
            {
                OURS: lambda: portal.call(_ours, ours),
                RAW: lambda: portal.call(_raw, raw),
            },
            _RUNS,
        )
    least = max(_LATENCY, _WORK) * _PAGES
    return Answer(
        f"Async walk: the server takes {_LATENCY} ms a page, the consumer {_WORK} ms",
        series,
        [
            Claim(
                f"{OURS} / longer of both × pages",
                series[0].median / least,
                series[0].minimum / least,
                at_most(1.1),
            )
        ],
        f"{_PAGES} pages, warm connections. The loop over httpx fetches when it needs a page: what "
        "prefetching saves is what the consumer takes.",
    )
