"""Faults of the answer as a whole: its status, headers, credentials, and which queries it takes."""

from __future__ import annotations

from typing import Any

from tests.contract.mutants.registry import mutant
from tests.contract.mutants.wrapping import (
    Answer,
    answering,
    asking,
    called,
    keyed,
    query_of,
    refusing,
    sent,
)


@mutant("response_schema_conformance", every_listing=True)
def body_truncated(app: Any, _key: str) -> Any:
    """The body of a page breaks off in the middle."""

    def cut(answer: Answer, _query: Any) -> None:
        if answer.status == 200:
            answer.body = answer.body[: len(answer.body) // 2]

    return answering(app, cut)


@mutant("content_type_conformance", every_listing=True)
def content_type_html(app: Any, _key: str) -> Any:
    """JSON is called HTML."""
    return answering(app, lambda answer, _: answer.headers.update({b"content-type": b"text/html"}))


@mutant("content_type_conformance", every_listing=True)
def content_type_missing(app: Any, _key: str) -> Any:
    """Nothing says what the body is."""
    return answering(app, lambda answer, _: answer.headers.pop(b"content-type", None))


@mutant("status_code_conformance", every_listing=True)
def undocumented_status(app: Any, _key: str) -> Any:
    """400 where the specification says 422."""

    def change(answer: Answer, _query: Any) -> None:
        if answer.status == 422:
            answer.status = 400

    return answering(app, change)


@mutant("status_code_conformance", every_listing=True)
def success_is_206(app: Any, _key: str) -> Any:
    """A page comes as Partial Content."""

    def change(answer: Answer, _query: Any) -> None:
        if answer.status == 200:
            answer.status = 206

    return answering(app, change)


@mutant("not_a_server_error", every_listing=True)
def failing_on_a_filter(app: Any, _key: str) -> Any:
    """500 when a provider is asked for."""
    return refusing(app, 500, lambda query: "provider" in query)


@mutant("not_a_server_error", every_listing=True)
def failing_on_odd_input(app: Any, _key: str) -> Any:
    """500 instead of 422."""

    def change(answer: Answer, _query: Any) -> None:
        if answer.status == 422:
            answer.status = 500

    return answering(app, change)


@mutant("every_answer_can_be_used")
def failing_on_large_pages(app: Any, _key: str) -> Any:
    """500 for a page of 50 users."""
    return refusing(app, 500, lambda query: query.get("user_limit") == "50")


@mutant("response_headers_conformance", every_listing=True)
def retry_after_missing(app: Any, _key: str) -> Any:
    """429 without Retry-After."""
    return refusing(app, 429, lambda query: "user_id" in query)


@mutant("response_headers_conformance", every_listing=True)
def retry_after_missing_on_503(app: Any, _key: str) -> Any:
    """503 without Retry-After."""
    return refusing(app, 503, lambda query: "user_id" in query)


@mutant("unsupported_method", every_listing=True)
def other_methods_answered(app: Any, _key: str) -> Any:
    """Any method is answered as GET is."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "method": "GET"}, receive, send)

    return broken


@mutant("unsupported_method", every_listing=True)
def allow_missing(app: Any, _key: str) -> Any:
    """405 does not say what is allowed."""
    return answering(app, lambda answer, _: answer.headers.pop(b"allow", None))


@mutant("allow_header_conformance", every_listing=True)
def allow_without_get(app: Any, _key: str) -> Any:
    """Allow leaves out the one method that there is."""

    def change(answer: Answer, _query: Any) -> None:
        if answer.status == 405:
            answer.headers[b"allow"] = b"POST"

    return answering(app, change)


@mutant("ignored_auth", every_listing=True)
def key_ignored(app: Any, key: str) -> Any:
    """Everybody is served, with a key or without."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await app(keyed(scope, key), receive, send)

    return broken


@mutant("ignored_auth", every_listing=True)
def any_key_accepted(app: Any, key: str) -> Any:
    """Any key will do, as long as there is one."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        given = any(name == b"x-vital-api-key" for name, _ in scope["headers"])
        await app(keyed(scope, key) if given else scope, receive, send)

    return broken


@mutant("a_wrong_key_is_401_whatever_else_is_asked", every_listing=True)
def query_read_before_the_key(app: Any, key: str) -> Any:
    """A bad query is 422 for everybody, so that strangers learn about parameters."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        trial = await called(app, keyed(scope, key), receive)
        if trial.status == 422:
            await sent(trial, send)
        else:
            await app(scope, receive, send)

    return broken


@mutant("a_wrong_key_is_401_whatever_else_is_asked", every_listing=True)
def wrong_key_is_403(app: Any, _key: str) -> Any:
    """A wrong key is 403."""

    def change(answer: Answer, _query: Any) -> None:
        if answer.status == 401:
            answer.status = 403

    return answering(app, change)


@mutant("negative_data_rejection", every_listing=True)
def query_ignored(app: Any, _key: str) -> Any:
    """Parameters are not read."""
    return asking(app, dict.clear)


@mutant("negative_data_rejection", every_listing=True)
def user_id_unchecked(app: Any, _key: str) -> Any:
    """A `user_id` that is no UUID is taken for nobody's, and left out."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        answer = await called(app, scope, receive)
        if answer.status == 422 and b'"user_id"' in answer.body:
            await asking(app, lambda query: query.pop("user_id"))(scope, receive, send)
        else:
            await sent(answer, send)

    return broken


@mutant("positive_data_acceptance")
def labs_refused(app: Any, _key: str) -> Any:
    """422 when a lab is asked for, which the specification allows."""
    names = {"quest", "labcorp", "bioreference", "crl", "omega", "spiriplex", "ulta_lab"}
    return refusing(app, 422, lambda query: query.get("provider") in names)


@mutant("positive_data_acceptance", every_listing=True)
def integers_refused(app: Any, _key: str) -> Any:
    """422 for a `user_limit` that is allowed, if unusual."""
    return refusing(app, 422, lambda query: query.get("user_limit", "1").startswith(("-", "0")))


@mutant("a_refusal_says_what_is_wrong", every_listing=True)
def refusal_of_another_shape(app: Any, _key: str) -> Any:
    """422 has a sentence for a `detail`."""

    def change(answer: Answer, _query: Any) -> None:
        if answer.status == 422:
            answer.body = b'{"detail": "Unprocessable"}'

    return answering(app, change)


@mutant("a_refusal_says_what_is_wrong", every_listing=True)
def refusal_of_nobody(app: Any, _key: str) -> Any:
    """422 does not name the parameter."""

    def change(answer: Answer, query: Any) -> None:
        for name in query if answer.status == 422 else ():
            answer.body = answer.body.replace(f'"{name}"'.encode(), b'"body"')

    return answering(app, change)


@mutant("a_foreign_cursor_is_422", every_listing=True)
def foreign_cursor_starts_over(app: Any, _key: str) -> Any:
    """A cursor that cannot be read leads to the first page."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        answer = await called(app, scope, receive)
        if answer.status == 422 and query_of(scope).keys() & {"cursor", "next_cursor"}:
            first = asking(app, lambda query: (query.pop("cursor", 0), query.pop("next_cursor", 0)))
            await first(scope, receive, send)
        else:
            await sent(answer, send)

    return broken
