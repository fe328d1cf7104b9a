"""Faults of the listing: filters, page sizes, and cursors that loop, skip, repeat or never end."""

from __future__ import annotations

import json
from itertools import count
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.contract.mutants.registry import mutant
from tests.contract.mutants.wrapping import asking, called, page_of, paging, query_of, sent


def _cursor(query: dict[str, str]) -> str | None:
    return query.get("next_cursor") or query.get("cursor")


def _lead(page: Any, cursor: str | None) -> None:
    page["next_cursor"] = page["next"] = cursor


def _nothing(others: Any) -> Any:
    """Return an empty entry for a provider, of the shape of the others."""
    return {"pulled": {}, "not_pulled": []} if "pulled" in next(iter(others.values())) else {}


@mutant("a_provider_filter_returns_only_that_provider", every_listing=True)
def provider_filter_ignored(app: Any, _key: str) -> Any:
    """`provider` is checked, and then not applied."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        answer = await called(app, scope, receive)
        if answer.status == 200:
            await asking(app, lambda query: query.pop("provider", None))(scope, receive, send)
        else:
            await sent(answer, send)

    return broken


@mutant("a_provider_filter_returns_only_that_provider", every_listing=True)
def provider_filter_keeps_the_others(app: Any, _key: str) -> Any:
    """A filtered user comes with an empty entry for another provider."""

    def change(page: Any, query: dict[str, str]) -> None:
        for user in page["data"] if "provider" in query else ():
            user["provider"].setdefault("zwift", _nothing(user["provider"]))

    return paging(app, change)


@mutant("a_provider_filter_loses_nobody", every_listing=True)
def provider_filter_loses_users(app: Any, _key: str) -> Any:
    """A filtered page leaves out its first user."""

    def change(page: Any, query: dict[str, str]) -> None:
        if "provider" in query:
            del page["data"][:1]

    return paging(app, change)


@mutant("a_user_filter_returns_only_that_user", every_listing=True)
def user_filter_ignored(app: Any, _key: str) -> Any:
    """`user_id` is checked, and then not applied."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        answer = await called(app, scope, receive)
        if answer.status == 200:
            await asking(app, lambda query: query.pop("user_id", None))(scope, receive, send)
        else:
            await sent(answer, send)

    return broken


@mutant("a_user_filter_finds_no_strangers", every_listing=True)
def stranger_is_made_up(app: Any, _key: str) -> Any:
    """Somebody is found under any `user_id`, with nothing connected."""

    def change(page: Any, query: dict[str, str]) -> None:
        if not page["data"] and query.get("user_id", "null").lower() != "null":
            page["data"] = [{"user_id": query["user_id"], "provider": {}}]

    return paging(app, change)


@mutant("user_limit_is_never_exceeded", every_listing=True)
def limit_exceeded_by_one(app: Any, _key: str) -> Any:
    """Pages hold one user more than asked for."""

    def change(query: dict[str, str]) -> None:
        if query.get("user_limit", "").isdecimal():
            query["user_limit"] = str(int(query["user_limit"]) + 1)

    return asking(app, change)


@mutant("user_limit_is_never_exceeded", every_listing=True)
def limit_ignored(app: Any, _key: str) -> Any:
    """`user_limit` is checked, and then taken for fifty."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        answer = await called(app, scope, receive)
        if answer.status == 200:
            await asking(app, lambda query: query.pop("user_limit", 0))(scope, receive, send)
        else:
            await sent(answer, send)

    return broken


@mutant("no_cursor_repeats", every_listing=True)
def cursor_loops(app: Any, _key: str) -> Any:
    """The second page leads to itself."""
    return paging(app, lambda page, query: _lead(page, _cursor(query) or page["next_cursor"]))


@mutant("no_cursor_repeats", every_listing=True)
def cursors_in_a_cycle(app: Any, _key: str) -> Any:
    """The last page leads back to the second one."""
    second: dict[str, str] = {}

    def change(page: Any, query: dict[str, str]) -> None:
        size = query.get("user_limit", "")
        if _cursor(query) is None and page["next_cursor"]:
            second[size] = page["next_cursor"]
        elif page["next_cursor"] is None and size in second:
            _lead(page, second[size])

    return paging(app, change)


@mutant("the_listing_ends", every_listing=True)
def listing_without_end(app: Any, _key: str) -> Any:
    """Where the listing should end it begins again, with new cursors for ever."""
    numbers = count()

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        query = query_of(scope)
        if (_cursor(query) or "").startswith("again-"):
            query = {name: value for name, value in query.items() if "cursor" not in name}
        asked = asking(app, lambda given: (given.clear(), given.update(query)))
        answer = await called(asked, scope, receive)
        if answer.status == 200:
            page = json.loads(answer.body)
            _lead(page, page["next_cursor"] or f"again-{next(numbers)}")
            answer.body = json.dumps(page).encode()
        await sent(answer, send)

    return broken


@mutant("every_page_size_lists_the_same_users", every_listing=True)
def cursor_skips_a_user(app: Any, _key: str) -> Any:
    """Every page after the first leaves out its first user."""

    def change(page: Any, query: dict[str, str]) -> None:
        if _cursor(query):
            del page["data"][:1]

    return paging(app, change)


@mutant("every_page_size_lists_the_same_users", every_listing=True)
def empty_page_ends_the_listing(app: Any, _key: str) -> Any:
    """A page that happens to be empty, or short, is said to be the last."""

    def change(page: Any, query: dict[str, str]) -> None:
        if len(page["data"]) < int(query.get("user_limit") or 50):
            _lead(page, None)

    return paging(app, change)


@mutant("no_user_comes_twice", every_listing=True)
def user_repeated_on_the_next_page(app: Any, _key: str) -> Any:
    """A page begins with the last user of the one before."""
    last: dict[str, Any] = {}

    def change(page: Any, query: dict[str, str]) -> None:
        before = last.get(_cursor(query) or "")
        if before and "user_id" not in query:
            page["data"] = [before, *page["data"]][: max(len(page["data"]), 1)]
        if page["data"] and page["next_cursor"]:
            last[page["next_cursor"]] = page["data"][-1]

    return paging(app, change)


@mutant("no_user_comes_twice", every_listing=True)
def user_repeated_on_the_page(app: Any, _key: str) -> Any:
    """A page of two users or more holds its first one in place of its last as well."""

    def change(page: Any, _query: dict[str, str]) -> None:
        if len(page["data"]) > 1:
            page["data"][-1] = page["data"][0]

    return paging(app, change)


@mutant("every_page_size_lists_in_the_same_order", every_listing=True)
def order_depends_on_the_page_size(app: Any, _key: str) -> Any:
    """Users come in another order on large pages than on small ones."""

    def change(page: Any, query: dict[str, str]) -> None:
        if query.get("user_limit") == "50":
            page["data"].sort(key=lambda user: uuid5(NAMESPACE_URL, user["user_id"]))

    return paging(app, change)


@mutant("next_agrees_with_next_cursor", every_listing=True)
def next_says_otherwise(app: Any, _key: str) -> Any:
    """`next` is null on every page."""
    return paging(app, lambda page, _query: page.update(next=None))


@mutant("the_deprecated_cursor_leads_on", every_listing=True)
def deprecated_cursor_ignored(app: Any, _key: str) -> Any:
    """`cursor` is checked, and then not followed."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        answer = await called(app, scope, receive)
        if answer.status == 200:
            await asking(app, lambda query: query.pop("cursor", None))(scope, receive, send)
        else:
            await sent(answer, send)

    return broken


@mutant("no_cursor_repeats", every_listing=True)
def cursor_is_the_text_none(app: Any, _key: str) -> Any:
    """The last page's cursor is the text "None", which leads to that page again."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        query = query_of(scope)
        if _cursor(query) == "None":
            page = await page_of(app, scope, receive, user_limit="1", user_id="null")
            page["data"] = []
            page["next_cursor"] = page["next"] = "None"
            answer = await called(app, {**scope, "query_string": b""}, receive)
        else:
            answer = await called(app, scope, receive)
            page = json.loads(answer.body)
            if answer.status == 200:
                _lead(page, page["next_cursor"] or "None")
        if answer.status == 200:
            answer.body = json.dumps(page).encode()
        await sent(answer, send)

    return broken
