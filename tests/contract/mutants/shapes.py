"""Faults of shape: fields of another type, missing or unknown; one a field of the specification."""

from __future__ import annotations

from typing import Any

from tests.contract.mutants.registry import mutant
from tests.contract.mutants.wrapping import paging, providers, pulling

SCHEMA = "response_schema_conformance"


def _setting(name: str, value: Any) -> Any:
    return lambda app, _key: pulling(app, lambda pull: pull.update({name: value}))


def _without(name: str) -> Any:
    return lambda app, _key: pulling(app, lambda pull: pull.pop(name, None))


def _timed(name: str, value: Any) -> Any:
    return lambda app, _key: pulling(app, lambda pull: pull["timeline"].update({name: value}))


def _page(change: Any) -> Any:
    return lambda app, _key: paging(app, lambda page, _query: change(page))


def _users(change: Any) -> Any:
    return _page(lambda page: [change(user) for user in page["data"]] and None)


def _providers(change: Any) -> Any:
    return _page(lambda page: [change(each) for each in providers(page)] and None)


def _renamed(mapping: dict[str, Any], name: str) -> None:
    for old in [*mapping][:1]:
        mapping[name] = mapping.pop(old)


_FAULTS = {
    "status_unknown": ("A status that is not in the enum.", _setting("status", "paused")),
    "status_null": ("`status` is null.", _setting("status", None)),
    "status_missing": ("A pull has no `status`.", _without("status")),
    "days_as_text": ("`days_with_data` is a text.", _setting("days_with_data", "70")),
    "days_as_fraction": ("`days_with_data` is no whole number.", _setting("days_with_data", 0.5)),
    "release_missing": ("A pull has no `release`.", _without("release")),
    "release_as_number": ("`release` is a number.", _setting("release", 4)),
    "trace_id_as_number": ("`trace_id` is a number.", _setting("trace_id", 51)),
    "error_unknown": ("An error that is in neither enum.", _setting("error_details", "gremlins")),
    "error_as_object": ("`error_details` is an object.", _setting("error_details", {})),
    "range_start_without_zone": (
        "`range_start` has no zone.",
        _setting("range_start", "2025-10-01T00:00:00"),
    ),
    "range_end_as_number": ("`range_end` is a Unix time.", _setting("range_end", 1759276800)),
    "timeline_missing": ("A pull has no `timeline`.", _without("timeline")),
    "timeline_null": ("`timeline` is null.", _setting("timeline", None)),
    "scheduled_at_missing": (
        "A timeline has no `scheduled_at`.",
        lambda app, _key: pulling(app, lambda pull: pull["timeline"].pop("scheduled_at")),
    ),
    "date_without_time": ("`scheduled_at` is a date.", _timed("scheduled_at", "2025-10-01")),
    "started_at_as_prose": ("`started_at` is no timestamp.", _timed("started_at", "yesterday")),
    "bad_uuid": ("`user_id` is no UUID.", _users(lambda user: user.update(user_id="user-1"))),
    "user_id_missing": ("A user has no `user_id`.", _users(lambda user: user.pop("user_id"))),
    "provider_missing": ("A user has no `provider`.", _users(lambda user: user.pop("provider"))),
    "provider_as_list": (
        "`provider` is a list.",
        _users(lambda user: user.update(provider=[*user["provider"].values()])),
    ),
    "lab_as_key": (
        "A lab stands as a key of `provider`.",
        _users(lambda user: _renamed(user["provider"], "labcorp")),
    ),
    "resource_unknown": (
        "A key of `pulled` is no resource.",
        _providers(lambda each: _renamed(each["pulled"], "dreams")),
    ),
    "pulled_as_list": (
        "`pulled` is a list.",
        _providers(lambda each: each.update(pulled=[*each["pulled"]])),
    ),
    "pulled_missing": ("A provider has no `pulled`.", _providers(lambda each: each.pop("pulled"))),
    "not_pulled_null": ("`not_pulled` is null.", _providers(lambda x: x.update(not_pulled=None))),
    "not_pulled_unknown": (
        "`not_pulled` names no resource.",
        _providers(lambda each: each["not_pulled"].append("dreams")),
    ),
    "data_missing": ("A page has no `data`.", _page(lambda page: page.pop("data") and None)),
    "data_null": ("`data` is null.", _page(lambda page: page.update(data=None))),
    "page_as_list": ("The page is the list of its users.", _page(lambda page: page["data"])),
    "next_cursor_missing": (
        "A page has no `next_cursor`.",
        _page(lambda page: page.pop("next_cursor") and None),
    ),
    "next_cursor_as_number": (
        "`next_cursor` is a number.",
        _page(lambda page: page.update(next_cursor=len(page["data"]))),
    ),
}

for _name, (_text, _fault) in _FAULTS.items():
    _fault.__name__, _fault.__doc__ = _name, _text
    mutant(SCHEMA)(_fault)
