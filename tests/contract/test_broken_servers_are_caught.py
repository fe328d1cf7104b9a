"""The conformance run can fail: each fault here is caught, by the check that is meant for it."""

from __future__ import annotations

import json

import pytest
from conformance import judge

from junction_introspect.mock import create_app

CHEAP = frozenset({"examples", "coverage"})


def answering(app, change):
    """Wrap an ASGI application so that `change` rewrites the status and the document it answers."""

    async def broken(scope, receive, send):
        if scope["type"] != "http":
            return await app(scope, receive, send)
        messages = []

        async def collect(message):
            messages.append(message)

        await app(scope, receive, collect)
        start, *chunks = messages
        body = b"".join(chunk.get("body", b"") for chunk in chunks)
        start["status"], document = change(start["status"], json.loads(body))
        body = json.dumps(document).encode()
        headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        start["headers"] = [*headers, (b"content-length", b"%d" % len(body))]
        await send(start)
        return await send({"type": "http.response.body", "body": body})

    return broken


def asked(app, change):
    """Wrap an ASGI application so that `change` rewrites the scope of each request."""

    async def broken(scope, receive, send):
        await app(change(scope) if scope["type"] == "http" else scope, receive, send)

    return broken


def statistics(document):
    for user in document.get("data", []):
        for provider in user["provider"].values():
            yield from provider["pulled"].values()


def days_as_text(app, _api_key):
    def change(status, document):
        for one in statistics(document):
            one["days_with_data"] = str(one.get("days_with_data", 0))
        return status, document

    return answering(app, change)


def labs_as_keys(app, _api_key):
    def change(status, document):
        for user in document.get("data", []):
            user["provider"] = {"labcorp": next(iter(user["provider"].values()))}
        return status, document

    return answering(app, change)


def undeclared_status(app, _api_key):
    return answering(app, lambda status, body: (400 if status == 422 else status, body))


def open_to_anybody(app, api_key):
    def change(scope):
        headers = [pair for pair in scope["headers"] if pair[0] != b"x-vital-api-key"]
        return scope | {"headers": [*headers, (b"x-vital-api-key", api_key.encode())]}

    return asked(app, change)


def query_ignored(app, _api_key):
    return asked(app, lambda scope: scope | {"query_string": b"user_limit=1"})


def failing_on_a_filter(app, _api_key):
    async def broken(scope, receive, send):
        failing = b"provider=" in scope.get("query_string", b"")
        fault = answering(app, lambda status, body: (500 if failing else status, body))
        await fault(scope, receive, send)

    return broken


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        (days_as_text, "response_schema_conformance"),
        (labs_as_keys, "response_schema_conformance"),
        (undeclared_status, "status_code_conformance"),
        (open_to_anybody, "ignored_auth"),
        (query_ignored, "negative_data_rejection"),
        (failing_on_a_filter, "not_a_server_error"),
    ],
)
def test_a_broken_server_is_caught(population, api_key, fault, check):
    app = create_app(population, api_key=api_key)
    verdict = judge(fault(app, api_key), api_key, phases=CHEAP)
    assert check in verdict.failures


def test_the_same_server_unbroken_passes(population, api_key):
    verdict = judge(create_app(population, api_key=api_key), api_key, phases=CHEAP)
    assert verdict.failures == {}
