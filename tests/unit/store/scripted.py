"""A team whose users a test makes up: pages of documents, served without a network."""

import json
from itertools import count

import httpx

from junction_introspect import Junction


def page_by_page():
    """Return a clock for a sync that commits every page by itself."""
    return count().__next__


class Team:
    """Serves what `pages` holds; a cursor is a page's number.

    Attributes:
        pages: Lists of users, as `tests.support.payloads.user` makes them.
        refusals: Which answers come first, instead of a page.
    """

    def __init__(self, *pages):
        self.pages = list(pages)
        self.refusals = []
        self.asked = []

    def __call__(self, request):
        cursor = request.url.params.get("next_cursor")
        self.asked.append(cursor)
        if self.refusals:
            return httpx.Response(self.refusals.pop(0), json={"detail": "no"})
        number = int(cursor or 0)
        following = str(number + 1) if number + 1 < len(self.pages) else None
        data = self.pages[number] if self.pages else []
        content = json.dumps({"data": data, "next": following, "next_cursor": following})
        return httpx.Response(200, content=content)

    def client(self, **options):
        """Return a client of the team."""
        return Junction(
            api_key="sk_us_0123456789",
            transport=httpx.MockTransport(self),
            max_retries=0,
            **options,
        )
