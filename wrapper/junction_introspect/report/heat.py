"""Lays out the settled share by provider and resource, in blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from junction_introspect.report.values import HeatBlock, HeatMap, Share
from junction_introspect.tracking import Tally
from junction_introspect.tracking.text import shown

# The number of columns that fit on a phone.
_BLOCK: Final = 10
_MOST_PROVIDERS: Final = 60
_MOST_RESOURCES: Final = 100


def share_of(tally: Tally) -> Share:
    """Return how many of a tally's pulls have settled, not counting those that were not pulled."""
    not_pulled = tally.states["not_pulled"]
    return Share(tally.settled - not_pulled, tally.pulls - not_pulled)


def heat_map(by_resource: Mapping[tuple[str, str], Tally]) -> HeatMap:
    """Lay out tallies by provider and resource, those with the most pulls first.

    Args:
        by_resource: The tallies; a tally in which nothing was pulled is left out.
    """
    shares = {
        name: share for name, tally in by_resource.items() if (share := share_of(tally)).pulled
    }
    by_provider: Counter[str] = Counter()
    by_name: Counter[str] = Counter()
    for (provider, resource), share in shares.items():
        by_provider[provider] += share.pulled
        by_name[resource] += share.pulled
    providers = _most(by_provider, _MOST_PROVIDERS)
    resources = _most(by_name, _MOST_RESOURCES)
    return HeatMap(
        tuple(
            _block(providers[place : place + _BLOCK], resources, shares)
            for place in range(0, len(providers), _BLOCK)
        ),
        len(by_provider) - len(providers),
        len(by_name) - len(resources),
    )


def _most(counts: Counter[str], number: int) -> list[str]:
    # Ties are ordered by name, so that the order of the rows makes no difference.
    return sorted(counts, key=lambda name: (-counts[name], name))[:number]


def _block(
    providers: Sequence[str], resources: Sequence[str], shares: Mapping[tuple[str, str], Share]
) -> HeatBlock:
    rows = (
        (resource, tuple(shares.get((provider, resource)) for provider in providers))
        for resource in resources
    )
    return HeatBlock(
        tuple(map(shown, providers)),
        tuple((shown(resource), row) for resource, row in rows if any(row)),
    )
