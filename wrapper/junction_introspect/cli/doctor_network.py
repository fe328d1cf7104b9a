"""Judges the network for `doctor`: proxies, certificates, whether a response comes, its date."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx

from junction_introspect import APIConnectionError, ConfigurationError
from junction_introspect._texts import escaped
from junction_introspect.cli import checks
from junction_introspect.tracking.text import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from junction_introspect.cli.checks import Check

# The variables that httpx honours, in either case.
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")

# Seconds. A Date has whole seconds, and a response may take some seconds to arrive.
_SKEW: Final = 60


def network(environ: Mapping[str, str], error: Exception | None) -> Check:
    """Judge the environment variables for proxies and certificates.

    Args:
        environ: The environment variables.
        error: The error that was raised when they were read, if any.
    """
    name = "network"
    found = list(_settings(environ))
    if error is None:
        return checks.ok(name, ", ".join(found) or "no variables set a proxy or certificates")
    if isinstance(error, ImportError):
        why, advice = "a SOCKS proxy needs another package", "pip install 'httpx[socks]'"
    elif isinstance(error, OSError):
        why, advice = "certificates cannot be read", "correct or unset SSL_CERT_FILE, SSL_CERT_DIR"
    else:
        why, advice = (
            "the address of a proxy cannot be used",
            "correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY",
        )
    return checks.wrong(name, ConfigurationError(), f"{why}: {', '.join(found)}", advice)


def _settings(environ: Mapping[str, str]) -> Iterable[str]:
    for variable, value in sorted(environ.items()):
        if not value:
            continue
        if variable.upper() in _PROXIES:
            yield f"{variable}={_host(value)}"
        elif variable.upper() == "NO_PROXY":
            yield f"{variable}={escaped(value)}"
        elif variable in _CERTIFICATES:
            yield f"{variable} is set"  # the path may contain a user's name


def _host(proxy: str) -> str:
    """Return a proxy's scheme, host and port, without its credentials."""
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(unreadable)"
    return escaped(f"{parts.scheme}://{parts.hostname or ''}{port}")


def reached(status_code: int, content_type: str) -> Check:
    """Judge the response to a request without a credential. Any response shows a server.

    Args:
        status_code: The response's status.
        content_type: The response's ``Content-Type``.
    """
    name = "reachability"
    phrase = httpx.codes.get_reason_phrase(status_code)
    found = f"a server answers, with {status_code} {phrase}".rstrip()
    if status_code == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return checks.look(name, f"{found}: a proxy wants credentials", "put them in HTTPS_PROXY")
    if status_code == HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED or (
        status_code == HTTPStatus.OK and "html" in content_type.lower()
    ):
        return checks.look(
            name,
            f"{found} and a web page: this is not the API",
            "log in to the network if it asks for a login, or correct the base URL",
        )
    if HTTPStatus(300) <= status_code < HTTPStatus.BAD_REQUEST:
        return checks.look(
            name,
            f"{found}: a redirect, which the client does not follow",
            "correct the base URL, or log in to the network if it asks for a login",
        )
    return checks.ok(name, found)


def unreachable(error: httpx.HTTPError | httpx.InvalidURL) -> Check:
    """Judge a request that got no response, by the causes of its error."""
    name = "reachability"
    causes = list(_causes(error))
    found, advice = "no response came", "check for a firewall or a proxy in between"
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        found = "the server's certificate is not trusted"
        advice = (
            "if a proxy inspects traffic, set SSL_CERT_FILE to its certificates; check the clock"
        )
    elif any(isinstance(cause, ssl.SSLError) for cause in causes):
        found = "the TLS handshake with the server failed"
        advice = "check the address's scheme and port, and that no proxy interferes"
    elif any(isinstance(cause, socket.gaierror) for cause in causes):
        found = "the name of the host, or of its proxy, cannot be resolved"
        advice = "check the address for typing errors, and whether this machine has DNS"
    elif isinstance(error, httpx.ProxyError):
        found, advice = "the proxy refused the connection", "check HTTPS_PROXY and NO_PROXY"
    elif any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        found = "the server, or its proxy, refused the connection"
        advice = "check both addresses; nothing listens there, or a firewall rejects"
    elif isinstance(error, httpx.TimeoutException):
        found = "no response came in time"
    return checks.wrong(name, APIConnectionError(""), f"{found} ({type(error).__name__})", advice)


def _causes(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def clock(date: str | None, now: float) -> Check:
    """Compare this machine's clock with the server's.

    Args:
        date: The ``Date`` header of a response, if it had one.
        now: The local time when the response came, in seconds since the epoch.
    """
    name = "clock"
    try:
        moment = parsedate_to_datetime(date or "")
        served = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return checks.skipped(name, "the response has no valid date")
    ahead = now - served
    if abs(ahead) <= _SKEW:
        return checks.ok(name, f"within {_SKEW} s of the server's")
    return checks.look(
        name,
        f"{in_words(timedelta(seconds=abs(ahead)))} {'ahead of' if ahead > 0 else 'behind'} the"
        " server's",
        "synchronize it (NTP): dates in Retry-After and stuck pulls are compared with it",
    )
