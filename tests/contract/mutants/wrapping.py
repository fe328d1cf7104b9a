"""Ways to break a server from outside: wrappers around an ASGI application."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Answer:
    """What an application answered, to be changed before it is sent."""

    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status = status
        self.headers = dict(headers)
        self.body = body


async def called(app: Any, scope: Any, receive: Any) -> Answer:
    """Call an application and return what it answers."""
    messages = []

    async def collect(message: Any) -> None:
        messages.append(message)

    await app(scope, receive, collect)
    start, *chunks = messages
    body = b"".join(chunk.get("body", b"") for chunk in chunks)
    return Answer(start["status"], start["headers"], body)


async def sent(answer: Answer, send: Any) -> None:
    """Send an answer, with the length that it has now."""
    headers = {**answer.headers, b"content-length": b"%d" % len(answer.body)}
    await send(
        {"type": "http.response.start", "status": answer.status, "headers": [*headers.items()]}
    )
    await send({"type": "http.response.body", "body": answer.body})


def answering(app: Any, change: Callable[[Answer, dict[str, str]], None]) -> Any:
    """Have `change` alter each answer; it is told the query."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        answer = await called(app, scope, receive)
        change(answer, query_of(scope))
        await sent(answer, send)

    return broken


def paging(app: Any, change: Callable[[Any, dict[str, str]], Any]) -> Any:
    """Have `change` alter the document of each page; what it returns is served instead."""

    def alter(answer: Answer, query: dict[str, str]) -> None:
        if answer.status == 200:
            page = json.loads(answer.body)
            changed = change(page, query)
            answer.body = json.dumps(page if changed is None else changed).encode()

    return answering(app, alter)


def pulling(app: Any, change: Callable[[Any], None], status: str | None = None) -> Any:
    """Have `change` alter every pull, or those of one status."""

    def alter(page: Any, _query: dict[str, str]) -> None:
        for response in providers(page):
            for pull in response["pulled"].values():
                if status in {None, pull["status"]}:
                    change(pull)

    return paging(app, alter)


def telling(app: Any, change: Callable[[Any], None]) -> Any:
    """Have `change` alter how every resource is doing."""

    def alter(page: Any, _query: dict[str, str]) -> None:
        for resources in providers(page):
            for statistics in resources.values():
                change(statistics)

    return paging(app, alter)


def connecting(app: Any, change: Callable[[Any], Any], status: str | None = None) -> Any:
    """Have `change` alter every connection, or those of one status."""

    def alter(document: Any, _query: dict[str, str]) -> None:
        for connection in document["providers"]:
            if status in {None, connection["status"]}:
                change(connection)

    return paging(app, alter)


def granting(app: Any, change: Callable[[Any], Any], status: str | None = None) -> Any:
    """Have `change` alter the availability of every resource, or of those of one status."""

    def alter(connection: Any) -> None:
        for availability in connection["resource_availability"].values():
            if status in {None, availability["status"]}:
                change(availability)

    return connecting(app, alter)


def asking(app: Any, change: Callable[[dict[str, str]], Any]) -> Any:
    """Have `change` alter the query of each request."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        query = query_of(scope)
        change(query)
        await app({**scope, "query_string": urlencode(query).encode()}, receive, send)

    return broken


def refusing(app: Any, status: int, when: Callable[[dict[str, str]], bool]) -> Any:
    """Have some requests that would succeed be answered with a status and a sentence."""

    def alter(answer: Answer, query: dict[str, str]) -> None:
        if answer.status == 200 and when(query):
            answer.status, answer.body = status, b'{"detail": "no"}'

    return answering(app, alter)


def providers(page: Any) -> Iterator[Any]:
    """Yield what every user has of every provider."""
    for user in page["data"]:
        yield from user["provider"].values()


def query_of(scope: Any) -> dict[str, str]:
    """Return the query of a request; of a parameter given twice, the last."""
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return dict(pairs)


def keyed(scope: Any, key: str) -> Any:
    """Return a request with this key, whatever credential it bore."""
    others = [
        pair for pair in scope["headers"] if pair[0] not in {b"x-vital-api-key", b"authorization"}
    ]
    return {**scope, "headers": [*others, (b"x-vital-api-key", key.encode())]}


async def page_of(app: Any, scope: Any, receive: Any, **query: str) -> Any:
    """Ask an application for a page of the listing that a request is about."""
    asked = {**scope, "query_string": urlencode(query).encode()}
    return json.loads((await called(app, asked, receive)).body)
