"""Faults of the listing of resources: of shape, of meaning, and of what it says beside another."""

from __future__ import annotations

from typing import Any

from junction_introspect.contract.api import RESOURCES
from tests.contract.mutants.registry import mutant
from tests.contract.mutants.wrapping import asking, called, paging, providers, sent, telling

SCHEMA = "response_schema_conformance"


def _setting(**values: Any) -> Any:
    return lambda app, _key: telling(app, lambda statistics: statistics.update(values))


def _attempt(**values: Any) -> Any:
    def change(statistics: Any) -> None:
        if statistics.get("last_attempt"):
            statistics["last_attempt"] |= values

    return lambda app, _key: telling(app, change)


def _without(name: str) -> Any:
    def change(statistics: Any) -> None:
        if statistics.get("last_attempt"):
            del statistics["last_attempt"][name]

    return lambda app, _key: telling(app, change)


def _users(change: Any) -> Any:
    return lambda app, _key: paging(
        app, lambda page, _query: [change(user) for user in page["data"]] and None
    )


def _renamed(mapping: dict[str, Any], name: str) -> None:
    for old in [*mapping][:1]:
        mapping[name] = mapping.pop(old)


def _resources(user: Any) -> None:
    for resources in user["provider"].values():
        _renamed(resources, "dreams")


_SHAPES = {
    "attempt_of_unknown_status": ("The last attempt is paused.", _attempt(status="paused")),
    "attempt_without_status": ("The last attempt has no `status`.", _without("status")),
    "attempt_without_time": ("The last attempt has no `timestamp`.", _without("timestamp")),
    "attempt_at_a_date": ("`timestamp` is a date.", _attempt(timestamp="2025-10-01")),
    "attempt_as_text": ("`last_attempt` is a text.", _setting(last_attempt="success")),
    "newest_data_as_prose": ("`newest_data` is no timestamp.", _setting(newest_data="today")),
    "oldest_data_as_number": ("`oldest_data` is a Unix time.", _setting(oldest_data=1759276800)),
    "count_as_text": ("`sent_count` is a text.", _setting(sent_count="70")),
    "count_as_fraction": ("`sent_count` is no whole number.", _setting(sent_count=0.5)),
    "statistics_of_unknown_resource": (
        "A key below a provider is no resource.",
        _users(_resources),
    ),
    "statistics_of_a_lab": (
        "A lab stands as a key of `provider`.",
        _users(lambda user: _renamed(user["provider"], "labcorp")),
    ),
    "statistics_as_list": (
        "The resources of a provider are a list.",
        _users(lambda x: x.update(provider={name: [] for name in x["provider"]})),
    ),
    "statistics_without_user_id": (
        "A user has no `user_id`.",
        _users(lambda user: user.pop("user_id")),
    ),
    "statistics_without_provider": (
        "A user has no `provider`.",
        _users(lambda user: user.pop("provider")),
    ),
    "resources_without_data": (
        "A page has no `data`.",
        lambda app, _key: paging(app, lambda page, _query: page.pop("data") and None),
    ),
    "resources_without_cursor": (
        "A page has no `next_cursor`.",
        lambda app, _key: paging(app, lambda page, _query: page.pop("next_cursor") and None),
    ),
}

for _name, (_text, _fault) in _SHAPES.items():
    _fault.__name__, _fault.__doc__ = _name, _text
    mutant(SCHEMA, RESOURCES)(_fault)


@mutant("negative_data_rejection", RESOURCES)
def labs_accepted(app: Any, _key: str) -> Any:
    """A provider that is none is taken for one that nobody has."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        answer = await called(app, scope, receive)
        if answer.status == 422 and b'"provider"' in answer.body:
            await asking(app, lambda query: query.update(provider="renpho"))(scope, receive, send)
        else:
            await sent(answer, send)

    return broken


@mutant("the_oldest_data_is_not_newer_than_the_newest", RESOURCES)
def data_backwards(app: Any, _key: str) -> Any:
    """`oldest_data` and `newest_data` are exchanged."""

    def change(statistics: Any) -> None:
        if statistics.get("newest_data"):
            bounds = statistics["newest_data"], statistics["oldest_data"]
            statistics["oldest_data"], statistics["newest_data"] = bounds

    return telling(app, change)


@mutant("the_oldest_data_is_not_newer_than_the_newest", RESOURCES)
def newest_data_without_oldest(app: Any, _key: str) -> Any:
    """`oldest_data` is always null."""
    return telling(app, lambda statistics: statistics.update(oldest_data=None))


@mutant("no_count_is_negative", RESOURCES)
def count_below_zero(app: Any, _key: str) -> Any:
    """`sent_count` is negative."""
    return telling(app, lambda statistics: statistics.update(sent_count=-1))


@mutant("what_was_sent_has_a_time", RESOURCES)
def sent_and_of_no_time(app: Any, _key: str) -> Any:
    """What was sent has neither a newest nor an oldest time."""
    return telling(app, lambda each: each.update(oldest_data=None, newest_data=None))


@mutant("what_was_sent_has_a_time", RESOURCES)
def nothing_was_ever_sent(app: Any, _key: str) -> Any:
    """`sent_count` is 0 whatever came."""
    return telling(app, lambda statistics: statistics.update(sent_count=0))


@mutant("both_listings_hold_the_same_users", RESOURCES)
def users_without_resources(app: Any, _key: str) -> Any:
    """Whoever comes first on a page is left out."""
    return paging(app, lambda page, _query: page.update(data=page["data"][1:]))


@mutant("both_listings_hold_the_same_providers", RESOURCES)
def providers_without_resources(app: Any, _key: str) -> Any:
    """The last provider of a user is left out."""

    def change(page: Any, query: dict[str, str]) -> None:
        for user in page["data"] if "provider" not in query else ():
            user["provider"].popitem()

    return paging(app, change)


@mutant("a_resource_that_was_pulled_has_statistics", RESOURCES)
def resources_without_statistics(app: Any, _key: str) -> Any:
    """A provider's first resource is left out."""

    def change(page: Any, _query: Any) -> None:
        for resources in providers(page):
            for name in [*resources][:1]:
                del resources[name]

    return paging(app, change)


@mutant("a_user_filter_means_the_same_in_both_listings", RESOURCES)
def user_without_resources(app: Any, _key: str) -> Any:
    """Asked for a user, it knows nobody."""

    def change(page: Any, query: dict[str, str]) -> None:
        if "user_id" in query:
            page["data"] = []

    return paging(app, change)


@mutant("a_provider_filter_means_the_same_in_both_listings", RESOURCES)
def provider_filter_drops_every_other_user(app: Any, _key: str) -> Any:
    """Asked for a provider, it leaves out every other user."""

    def change(page: Any, query: dict[str, str]) -> None:
        if "provider" in query:
            page["data"] = page["data"][::2]

    return paging(app, change)


@mutant("a_cursor_leads_on_in_its_own_listing_only", RESOURCES)
def cursor_of_the_other_listing_accepted(app: Any, _key: str) -> Any:
    """A cursor that it did not issue is taken for the first page's."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        answer = await called(app, scope, receive)
        if answer.status == 422 and b"issued" in answer.body:
            await app({**scope, "query_string": b""}, receive, send)
        else:
            await sent(answer, send)

    return broken


@mutant("nothing_comes_over_a_broken_connection", RESOURCES)
def attempts_go_on_for_ever(app: Any, _key: str) -> Any:
    """Every last attempt was just now."""

    def change(statistics: Any) -> None:
        attempt = {"timestamp": "2025-10-01T12:00:00Z", "status": "success"}
        statistics["last_attempt"] = attempt

    return telling(app, change)
