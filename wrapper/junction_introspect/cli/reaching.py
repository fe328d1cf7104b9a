"""What `doctor` makes of the network: proxies, certificates, an answer or none, its date."""

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
from junction_introspect.cli import checks
from junction_introspect.cli.plain_text import escaped
from junction_introspect.tracking.text import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from junction_introspect.cli.checks import Check

# The variables that httpx honours, in either case.
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")

# Seconds. A Date is whole seconds, and an answer may take some to come.
_SKEW: Final = 60


def network(environ: Mapping[str, str], error: Exception | None) -> Check:
    """Judge the variables that proxies and certificates come from.

    Args:
        environ: The environment variables.
        error: What was raised when they were read.
    """
    name = "network"
    found = list(_settings(environ))
    if error is None:
        return checks.ok(
            name, ", ".join(found) or "no proxy and no certificates are set by variables"
        )
    if isinstance(error, ImportError):
        why, advice = "a SOCKS proxy needs another package", "pip install 'httpx[socks]'"
    elif isinstance(error, OSError):
        why, advice = "certificates cannot be read", "correct or unset SSL_CERT_FILE, SSL_CERT_DIR"
    else:
        why, advice = "the address of a proxy cannot be used", "correct HTTPS_PROXY and the like"
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
            yield f"{variable} is set"  # a path may tell whose machine it is


def _host(proxy: str) -> str:
    """Return a proxy's scheme, host and port, without its credentials."""
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(unreadable)"
    return escaped(f"{parts.scheme}://{parts.hostname or ''}{port}")


def reached(status_code: int, content_type: str) -> Check:
    """Judge the answer to a request without a credential. Whatever it is, something answered.

    Args:
        status_code: Its status.
        content_type: Its ``Content-Type``.
    """
    name = "reachability"
    found = f"something answers, with {_status(status_code)}"
    if status_code == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return checks.look(name, f"{found}: a proxy wants credentials", "put them in HTTPS_PROXY")
    if status_code == HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED or (
        status_code == HTTPStatus.OK and "html" in content_type.lower()
    ):
        return checks.look(
            name,
            f"{found} and a page to look at: this is not the API",
            "log in to the network where it asks for that, or correct the base URL",
        )
    if HTTPStatus(300) <= status_code < HTTPStatus.BAD_REQUEST:
        return checks.look(
            name,
            f"{found}: it sends elsewhere, and the client follows no redirects",
            "correct the base URL, or log in to the network where it asks for that",
        )
    return checks.ok(name, found)


def unreachable(error: httpx.HTTPError | httpx.InvalidURL) -> Check:
    """Judge a request that got no answer, by what lies at the bottom of its error."""
    name = "reachability"
    causes = list(_causes(error))
    found, advice = "no answer came", "see whether a firewall or a proxy stands in between"
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        found = "the server's certificate is not trusted"
        advice = (
            "where a proxy inspects traffic, point SSL_CERT_FILE at its certificates; set the clock"
        )
    elif any(isinstance(cause, ssl.SSLError) for cause in causes):
        found = "no TLS can be spoken with the server"
        advice = "see that the address has the right scheme and port, and that no proxy interferes"
    elif any(isinstance(cause, socket.gaierror) for cause in causes):
        found = "the name of the host, or of its proxy, cannot be resolved"
        advice = "see the address for a typing error, and whether this machine has DNS"
    elif isinstance(error, httpx.ProxyError):
        found, advice = "the proxy refuses", "see HTTPS_PROXY and NO_PROXY"
    elif any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        found = "the connection was refused"
        advice = "see the host and the port; nobody listens there, or a firewall rejects"
    elif isinstance(error, httpx.TimeoutException):
        found = "no answer came in time"
    return checks.wrong(name, APIConnectionError(""), f"{found} ({type(error).__name__})", advice)


def _causes(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def clock(date: str | None, now: float) -> Check:
    """Judge this machine's clock by the server's.

    Args:
        date: The ``Date`` of an answer, if it had any.
        now: The local time when it came, in seconds since the epoch.
    """
    name = "clock"
    try:
        moment = parsedate_to_datetime(date or "")
        served = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return checks.skipped(name, "the answer has no date")
    ahead = now - served
    if abs(ahead) <= _SKEW:
        return checks.ok(name, f"within {_SKEW} s of the server's")
    return checks.look(
        name,
        f"{in_words(timedelta(seconds=abs(ahead)))} {'ahead of' if ahead > 0 else 'behind'} the"
        " server's",
        "synchronize it (NTP): dates in Retry-After and what is stuck are measured by it",
    )


def _status(status_code: int) -> str:
    try:
        return f"{status_code} {HTTPStatus(status_code).phrase}"
    except ValueError:
        return str(status_code)
