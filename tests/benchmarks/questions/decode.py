"""Bytes to models, in one process, without a network."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

from junction.core.pydantic_utilities import parse_obj_as
from junction.types.user_historical_pulls_response import UserHistoricalPullsResponse

from junction_introspect._http.bodies import Body
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from tests.benchmarks import stock, structs
from tests.benchmarks.contenders import OURS, VENDORS
from tests.benchmarks.measuring import Answer, Claim, at_least, at_most, cost, gain, interleaved
from tests.support.pulls import decode_page

if TYPE_CHECKING:
    from junction_api.leniency import Found
    from tests.benchmarks.setting import Setting

_RUNS = 50
_CHUNK = 64 * 1024  # what httpx reads at a time


def ask(setting: Setting) -> Answer:
    """Decode the same page by every contender."""
    page = setting.page
    packed = gzip.compress(page, 6)
    users = decode_page(page).data
    stock_page = stock.page_from_dict()

    def inflate() -> None:
        body = Body("gzip", len(page))
        for start in range(0, len(packed), _CHUNK):
            body.feed(packed[start : start + _CHUNK])
        body.finish()

    def look() -> None:
        found: Found = []
        for user in users:
            HISTORICAL_PULLS.unlisted(user, found)

    series = interleaved(
        {
            OURS: lambda: decode_page(page),
            "msgspec Structs": lambda: structs.DECODER.decode(page),
            VENDORS: lambda: parse_obj_as(UserHistoricalPullsResponse, json.loads(page)),
            "the generator's stock client": lambda: stock_page(json.loads(page)),
            "json.loads": lambda: json.loads(page),
            "look for unlisted values": look,
            "inflate the page": inflate,
        },
        _RUNS,
    )
    ours, limit, vendors, stocks, plain, leniency, _ = series
    return Answer(
        "Decode one page",
        series,
        [
            gain(ours, vendors, at_least(5)),
            cost(ours, limit, at_most(1.6)),
            gain(ours, stocks),
            gain(ours, plain),
            Claim(
                "enum leniency: share of a decode",
                100 * leniency.median / ours.median,
                100 * leniency.minimum / ours.minimum,
                at_most(10, "%"),
                "%",
            ),
        ],
        "All but json.loads validate every field. Ours looks for unlisted values afterwards, on "
        f"every page. Inflating is what gzip costs: {len(packed) / 1000:.0f} kB instead of "
        f"{len(page) / 1000:.0f} kB come over the wire.",
    )
