"""Which headers a caller may add to requests, and which of a response are kept. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import httpx

from junction_introspect._http.credentials import Secret
from junction_introspect.errors import ConfigurationError
from junction_introspect.pages import KEPT_HEADERS

# What the clients set themselves, and what HTTP/1.1 needs to frame a message on a connection.
_RESERVED: Final = frozenset({
    "accept", "accept-encoding", "authorization", "connection", "content-length", "cookie",
    "expect", "host", "keep-alive", "proxy-authorization", "proxy-connection", "range", "te",
    "trailer", "transfer-encoding", "upgrade", "user-agent", "x-vital-api-key",
})  # fmt: skip
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token (RFC 9110, 5.6.2)
_VALUE: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?")

# Request headers whose values are no secret of the caller.
_COMMON: Final = frozenset({"accept", "accept-encoding", "connection", "host", "user-agent"})
_LONGEST: Final = 200
# A shorter word may be part of an id by chance.
_TELLING: Final = 8


def checked_headers(given: Secret | None) -> Secret:
    """Return the headers that a caller adds to every request; none for None.

    Args:
        given: The caller's ``default_headers``. Wrapped, because a header may be a credential, and
            a traceback keeps the locals of its frames.

    Raises:
        ConfigurationError: A header is one that the clients set themselves, or is not valid. The
            text names the header and never shows a value.
        TypeError: It is not a mapping of strings to strings.
    """
    if given is None:
        return Secret({})
    if not isinstance(given.reveal(), Mapping):
        raise TypeError("default_headers must be a mapping of names to values")
    kind, problem = _problem(given.reveal())
    if problem:
        raise kind(f"default_headers: {problem}")
    return Secret(dict(given.reveal()))


def _problem(headers: Mapping[object, object]) -> tuple[type[Exception], str]:
    """Return what is wrong with headers, without their values, and the class of its error."""
    seen: set[str] = set()
    for name, value in headers.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            # Not repeated: it may be a value that stands in the place of a name.
            return ConfigurationError, "a name is not valid in HTTP"
        if name.lower() in _RESERVED:
            return ConfigurationError, f"{name} is set by the client and cannot be replaced"
        if name.lower() in seen:
            return ConfigurationError, f"{name} is given twice (upper and lower case are the same)"
        seen.add(name.lower())
        if not isinstance(value, str):
            return TypeError, f"the value of {name} must be a string"
        if not _VALUE.fullmatch(value):
            return ConfigurationError, (
                f"the value of {name} is empty, or has white space around it, a control character"
                " or a non-ASCII character"
            )
    return ConfigurationError, ""


def kept(response: httpx.Response) -> dict[str, str]:
    """Return the headers of a response that pages and errors show, under lower-case names.

    A value that repeats part of what was sent is left out: these headers end up in logs, and a
    server may echo a credential, a cursor or a user's id.
    """
    found = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    if not found:
        return found
    sent = _sent(response.request)
    return {
        name: value
        for name, value in found.items()
        if len(value) <= _LONGEST
        and _VALUE.fullmatch(value)
        and not any(word in value for word in sent)
    }


def _sent(request: httpx.Request) -> list[str]:
    texts = [
        value
        for name, value in request.headers.items()
        if name not in _COMMON and name not in KEPT_HEADERS
    ]
    texts += request.url.params.values()
    # A segment with a digit may be an id; the other segments are names of the API.
    texts += [each for each in request.url.path.split("/") if any(map(str.isdigit, each))]
    return [word for text in texts for word in text.split() if len(word) >= _TELLING]
