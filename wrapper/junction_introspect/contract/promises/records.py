"""Promises about pulls: their fields do not contradict each other."""

from __future__ import annotations

from junction_introspect import NON_RETRIABLE_ERROR_VALUES, RETRIABLE_ERROR_VALUES
from junction_introspect.contract.api import Api, require, require_order
from junction_introspect.contract.promises.registry import promise


@promise(documented=False)
def timestamps_are_ordered(api: Api) -> None:
    """A pull is scheduled before it starts, and starts before it ends."""
    for place, pull in api.pulls():
        names = ("scheduled_at", "started_at", "ended_at")
        require_order(place, *(pull["timeline"].get(name) for name in names))


@promise(documented=False)
def a_range_begins_before_it_ends(api: Api) -> None:
    """`range_start` is not after `range_end`."""
    for place, pull in api.pulls():
        require_order(place, pull.get("range_start"), pull.get("range_end"))


@promise(documented=False)
def a_final_status_has_ended(api: Api) -> None:
    """A pull that has succeeded or failed has `ended_at`."""
    for place, pull in api.pulls():
        if pull["status"] in {"success", "failure"}:
            require(pull["timeline"].get("ended_at"), f"{pull['status']} without end at {place}")


@promise(documented=False)
def what_is_under_way_has_not_ended(api: Api) -> None:
    """A pull that is scheduled or in progress has no `ended_at`; a retried one may have it."""
    for place, pull in api.pulls():
        if pull["status"] in {"scheduled", "in_progress"}:
            require(not pull["timeline"].get("ended_at"), f"{pull['status']} has ended at {place}")


@promise(documented=False)
def only_what_went_wrong_has_an_error(api: Api) -> None:
    """Only a pull with the status `failure` or `retrying` has `error_details`."""
    for place, pull in api.pulls():
        if pull.get("error_details") is not None:
            require(pull["status"] in {"failure", "retrying"}, f"{pull['status']} at {place}")


@promise(documented=True)
def an_error_is_of_the_kind_of_its_status(api: Api) -> None:
    """A retriable error goes with `retrying`, a non-retriable one with `failure`."""
    kinds = {"failure": NON_RETRIABLE_ERROR_VALUES, "retrying": RETRIABLE_ERROR_VALUES}
    for place, pull in api.pulls():
        error, kind = pull.get("error_details"), kinds.get(pull["status"])
        if error is not None and kind is not None:
            require(error in kind, f"{error} with {pull['status']} at {place}")


@promise(documented=True)
def no_resource_is_both_pulled_and_not_pulled(api: Api) -> None:
    """No resource is both in `pulled` and in `not_pulled`."""
    for user in api.users:
        for provider, response in user["provider"].items():
            both = response["pulled"].keys() & {*response["not_pulled"]}
            require(not both, f"{sorted(both)} of {provider} of {user['user_id']}")
