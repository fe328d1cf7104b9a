"""A listing from its first to its last page, over loopback."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.benchmarks.contenders import OURS, RAW, VENDORS, our_walk, raw_walk, vendors_walk
from tests.benchmarks.measuring import Answer, at_least, gain, interleaved

if TYPE_CHECKING:
    from tests.benchmarks.setting import Setting

_PAGES = 200
_RUNS = 7


def ask(setting: Setting) -> Answer:
    """Walk the same pages by every contender."""
    url = setting.url(_PAGES)
    with ExitStack() as stack:
        series = interleaved(
            {
                OURS: our_walk(url, stack),
                RAW: raw_walk(url, stack),
                VENDORS: vendors_walk(url, stack),
            },
            _RUNS,
            busy=setting.busy,
        )
    ours, raw, vendors = series
    return Answer(
        f"Walk {_PAGES} pages",
        series,
        [gain(ours, vendors, at_least(3)), gain(ours, raw, at_least(1))],
        "Synchronous, one warm connection, no gzip, no latency: what is left is the client's own "
        "work. httpx + json.loads validates nothing and hands over dicts.",
    )
