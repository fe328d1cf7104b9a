"""Faults of meaning: pulls of the right shape that contradict themselves."""

from __future__ import annotations

from typing import Any

from tests.contract.mutants.registry import mutant
from tests.contract.mutants.wrapping import paging, providers, pulling


def _swap(mapping: dict[str, Any], one: str, other: str) -> None:
    if mapping.get(one) and mapping.get(other):
        mapping[one], mapping[other] = mapping[other], mapping[one]


@mutant("timestamps_are_ordered")
def ended_before_it_started(app: Any, _key: str) -> Any:
    """`ended_at` and `started_at` are exchanged."""
    return pulling(app, lambda pull: _swap(pull["timeline"], "started_at", "ended_at"))


@mutant("timestamps_are_ordered")
def started_before_it_was_scheduled(app: Any, _key: str) -> Any:
    """`started_at` and `scheduled_at` are exchanged."""
    return pulling(app, lambda pull: _swap(pull["timeline"], "scheduled_at", "started_at"))


@mutant("a_range_begins_before_it_ends")
def range_backwards(app: Any, _key: str) -> Any:
    """`range_start` and `range_end` are exchanged."""
    return pulling(app, lambda pull: _swap(pull, "range_start", "range_end"))


@mutant("a_final_status_has_ended")
def success_without_an_end(app: Any, _key: str) -> Any:
    """What has succeeded has no `ended_at`."""
    return pulling(app, lambda pull: pull["timeline"].update(ended_at=None), "success")


@mutant("a_final_status_has_ended")
def failure_without_an_end(app: Any, _key: str) -> Any:
    """What has failed has no `ended_at`."""
    return pulling(app, lambda pull: pull["timeline"].pop("ended_at"), "failure")


@mutant("what_is_under_way_has_not_ended")
def progress_with_an_end(app: Any, _key: str) -> Any:
    """What is in progress has ended."""

    def change(pull: Any) -> None:
        pull["timeline"]["ended_at"] = pull["timeline"]["started_at"]

    return pulling(app, change, "in_progress")


@mutant("only_what_went_wrong_has_an_error")
def success_with_an_error(app: Any, _key: str) -> Any:
    """What has succeeded bears an error."""
    return pulling(app, lambda x: x.update(error_details="provider_unavailable"), "success")


@mutant("an_error_is_of_the_kind_of_its_status")
def failure_with_a_retriable_error(app: Any, _key: str) -> Any:
    """What has failed for good bears an error that would be retried."""
    return pulling(app, lambda x: x.update(error_details="provider_unavailable"), "failure")


@mutant("an_error_is_of_the_kind_of_its_status")
def retrying_with_a_final_error(app: Any, _key: str) -> Any:
    """What is retried bears an error that nobody retries."""
    return pulling(app, lambda x: x.update(error_details="retry_quota_exhausted"), "retrying")


@mutant("no_resource_is_both_pulled_and_not_pulled")
def resource_pulled_and_not(app: Any, _key: str) -> Any:
    """`not_pulled` names what was pulled as well."""

    def change(page: Any, _query: Any) -> None:
        for each in providers(page):
            each["not_pulled"] += each["pulled"]

    return paging(app, change)
