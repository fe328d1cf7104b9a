"""Walks through the pages of a listing for a command, with progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from junction_introspect import PaginationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from junction_introspect import Listing, Page
    from junction_introspect.cli.notices import Notices


def pages(listing: Listing[Any, Any], notices: Notices) -> Iterator[Page[Any]]:
    """Yield the pages of a listing. Before each request, show how far it has come.

    A page whose cursor is wrong is yielded as well, since only its cursor is wrong. Its invalid
    records are reported, and the `PaginationError` follows.
    """
    users = number = 0
    walk = listing.pages()
    while True:
        notices.progress(users, number)
        try:
            page = next(walk, None)
        except PaginationError as error:
            notices.clear()
            for record in error.page.invalid:
                notices.left_out(record)
            yield error.page
            raise
        if page is None:
            return
        notices.clear()
        yield page
        users += len(page.data)
        number += 1
