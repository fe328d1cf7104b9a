"""Promises about resources: the fields of their statistics do not contradict each other."""

from __future__ import annotations

from junction_introspect.contract.api import Api, require, require_order
from junction_introspect.contract.promises.registry import promise


@promise(documented=False)
def the_oldest_data_is_not_newer_than_the_newest(api: Api) -> None:
    """`oldest_data` is not after `newest_data`, and there are both or none."""
    for place, statistics in api.statistics():
        bounds = [statistics.get(name) for name in ("oldest_data", "newest_data")]
        require(any(bounds) == all(bounds), f"{bounds} at {place}")
        require_order(place, *bounds)


@promise(documented=False)
def no_count_is_negative(api: Api) -> None:
    """`sent_count` is 0 or more."""
    for place, statistics in api.statistics():
        sent = statistics.get("sent_count") or 0
        require(sent >= 0, f"{sent} at {place}")


@promise(documented=False)
def what_was_sent_has_a_time(api: Api) -> None:
    """There is `newest_data` if and only if `sent_count` is above 0."""
    for place, statistics in api.statistics():
        sent, newest = statistics.get("sent_count") or 0, statistics.get("newest_data")
        require(bool(sent) == bool(newest), f"{sent} sent, the newest of {newest}, at {place}")
