"""Promises about pages: their size, their cursors, and that they list every user once, in order."""

from __future__ import annotations

from collections import Counter

from junction_introspect.contract.api import Api, UntestedError, Walk, require
from junction_introspect.contract.promises.registry import promise

_NAMES = ("cursor", "next_cursor")


@promise(documented=True, every_listing=True)
def user_limit_is_never_exceeded(api: Api) -> None:
    """No page holds more users than `user_limit`."""
    for size in (1, 2, 7, 50):
        most = max(len(page["data"]) for page in api.first_pages(10, user_limit=size))
        require(most <= size, f"a page of {most} users for user_limit={size}")


@promise(documented=True, every_listing=True)
def the_listing_ends(api: Api) -> None:
    """A listing ends with a null `next_cursor`."""
    for size, walk in _walks(api):
        pages = len(walk.pages)
        # A cursor that repeats is another promise.
        require(walk.ending != "limit", f"no end after {pages} pages of {size}")


@promise(documented=True, every_listing=True)
def no_cursor_repeats(api: Api) -> None:
    """No cursor is issued twice in one listing."""
    for size, walk in _walks(api):
        require(walk.ending != "repeat", f"a cursor comes again after {len(walk.pages)} of {size}")


@promise(documented=False, every_listing=True)
def no_user_comes_twice(api: Api) -> None:
    """No user is listed twice, as long as the users do not change."""
    for size, walk in _walks(api):
        twice = [user_id for user_id, times in Counter(walk.ids).items() if times > 1]
        require(not twice, f"{len(twice)} users come twice at user_limit={size}")


@promise(documented=False, every_listing=True)
def every_page_size_lists_the_same_users(api: Api) -> None:
    """Pages of 1, 7 and 50 users list the same users."""
    everybody = {*api.listing.ids}
    for size, walk in api.sizes():
        missing, extra = everybody - {*walk.ids}, {*walk.ids} - everybody
        require(
            not missing | extra,
            f"user_limit={size} loses {len(missing)} users and finds {len(extra)} others",
        )


@promise(documented=False, every_listing=True)
def every_page_size_lists_in_the_same_order(api: Api) -> None:
    """Pages of 1, 7 and 50 users list the users in the same order."""
    for size, walk in api.sizes():
        # That users are missing or come twice is another promise.
        both = {*walk.ids} & {*api.listing.ids}
        orders = [
            [each for each in dict.fromkeys(one.ids) if each in both] for one in (walk, api.listing)
        ]
        require(orders[0] == orders[1], f"another order at user_limit={size}")


@promise(documented=True, every_listing=True)
def next_agrees_with_next_cursor(api: Api) -> None:
    """If a page has `next`, the deprecated name of `next_cursor`, both are equal."""
    for _, walk in _walks(api):
        for page in walk.pages:
            require(page.get("next", page["next_cursor"]) == page["next_cursor"], "they differ")


@promise(documented=True, every_listing=True)
def the_deprecated_cursor_leads_on(api: Api) -> None:
    """A cursor leads to the same page as `cursor` and as `next_cursor`."""
    page = api.page(user_limit=1)
    for cursor in [page["next_cursor"], *api.listing.cursors][:3]:
        if cursor is None:
            raise UntestedError("the listing has a single page")
        # Without the next cursor, which a server may encrypt anew each time.
        old, new = (api.page(user_limit=1, **{name: cursor})["data"] for name in _NAMES)
        require(old == new, f"they lead to different users: {cursor}")


def _walks(api: Api) -> list[tuple[int, Walk]]:
    """Return the walks of all page sizes; of the largest only, if there are many users."""
    try:
        return [*api.sizes()]
    except UntestedError:
        return [(50, api.listing)]
