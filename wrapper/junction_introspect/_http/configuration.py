"""Combines arguments and environment variables into an address, a credential and a transport."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.request import getproxies

import httpx

from junction_introspect._http.addresses import resolve_base_url
from junction_introspect._http.auth import JunctionAuth
from junction_introspect._http.credentials import Secret, checked, hidden
from junction_introspect._http.headers import checked_headers
from junction_introspect._http.proxies import proxy_for
from junction_introspect.errors import ConfigurationError

Made = TypeVar("Made")

KEY_VARIABLE = "JUNCTION_API_KEY"
ENVIRONMENT_VARIABLE = "JUNCTION_ENVIRONMENT"
BASE_URL_VARIABLE = "JUNCTION_BASE_URL"


def configure(
    api_key: Secret | None,
    access_token: Secret | None,
    environment: str | None,
    base_url: str | httpx.URL | None,
    headers: Secret | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
) -> tuple[httpx.URL, JunctionAuth]:
    """Return the API's address and the `httpx.Auth` for requests to it.

    An argument overrides its variable. ``environment`` and ``base_url`` each override both of their
    variables, so that a variable left over in a shell cannot send a key elsewhere. An empty
    variable counts as unset.

    Raises:
        ConfigurationError: As `resolve_base_url`, `JunctionAuth` and `checked_headers`, or there is
            no credential.
    """
    if api_key is None and access_token is None:
        api_key = hidden(environ.get(KEY_VARIABLE) or None)
    if environment is None and base_url is None:
        environment = environ.get(ENVIRONMENT_VARIABLE) or None
        base_url = environ.get(BASE_URL_VARIABLE) or None
    del environ  # a traceback keeps the locals of its frames, and these show the credential
    if api_key is None and access_token is None:
        raise ConfigurationError(
            f"no credential: pass api_key= or access_token=, or set {KEY_VARIABLE}"
        )
    url = resolve_base_url(
        api_key=None if api_key is None else checked(api_key, "api_key"),
        environment=environment,
        base_url=None if base_url is None else str(base_url),
    )
    added = checked_headers(headers)
    return url, JunctionAuth(url, api_key=api_key, access_token=access_token, headers=added)


def transport_by_variables(make: Callable[..., Made], url: httpx.URL) -> Made:
    """Return a transport with the proxy and certificates that environment variables name for a URL.

    ``HTTP_PROXY``, ``HTTPS_PROXY`` or ``ALL_PROXY`` name the proxy, unless ``NO_PROXY`` lists the
    host. ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` name certificate authorities; httpx's own are the
    default.

    Args:
        make: `Transport` or `AsyncTransport`.
        url: Where requests go.

    Raises:
        ImportError: The proxy needs another package.
        OSError: The certificates cannot be read.
        ValueError: The proxy's address cannot be used.
    """
    proxy = proxy_for(url, getproxies())
    # Certificates take 20 ms to read, and are not needed without TLS.
    return make(verify=httpx.create_ssl_context() if url.scheme == "https" else True, proxy=proxy)


def default_transport(make: Callable[..., Made], url: httpx.URL) -> Made:
    """As `transport_by_variables`, for a client.

    Raises:
        ConfigurationError: A proxy or certificates that variables name cannot be used. The text
            leaves out httpx's message, which may quote a proxy's password.
    """
    try:
        return transport_by_variables(make, url)
    except ImportError:
        raise ConfigurationError(
            "a SOCKS proxy is set, and it needs another package: pip install 'httpx[socks]'"
        ) from None
    except OSError:
        raise ConfigurationError(
            "certificates cannot be read: see SSL_CERT_FILE and SSL_CERT_DIR"
        ) from None
    except ValueError:
        raise ConfigurationError(
            "the address of a proxy cannot be used: see HTTP_PROXY, HTTPS_PROXY and ALL_PROXY"
        ) from None
