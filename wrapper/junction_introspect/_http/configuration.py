"""Where requests go and with what credential: arguments first, then environment variables."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager

import httpx

from junction_introspect._http.addresses import resolve_base_url
from junction_introspect._http.auth import AsyncTokenSource, JunctionAuth
from junction_introspect._http.credentials import Secret, checked, hidden
from junction_introspect.errors import ConfigurationError

KEY_VARIABLE = "JUNCTION_API_KEY"
ENVIRONMENT_VARIABLE = "JUNCTION_ENVIRONMENT"
BASE_URL_VARIABLE = "JUNCTION_BASE_URL"


def configure(
    *,
    api_key: str | Secret | None,
    access_token: str | Secret | AsyncTokenSource | None,
    environment: str | None,
    base_url: str | httpx.URL | None,
    environ: Mapping[str, str],
) -> tuple[httpx.URL, JunctionAuth]:
    """Return the API's address and what authenticates requests to it.

    An argument beats its variable. Either argument that says where to go beats both variables that
    do, so that no variable left over in a shell sends a key elsewhere. An empty variable is unset.

    Raises:
        ConfigurationError: As `resolve_base_url` and `JunctionAuth`, or there is no credential.
    """
    key, token = hidden(api_key), hidden(access_token)
    if key is None and token is None:
        key = hidden(environ.get(KEY_VARIABLE) or None)
    if environment is None and base_url is None:
        environment = environ.get(ENVIRONMENT_VARIABLE) or None
        base_url = environ.get(BASE_URL_VARIABLE) or None
    # A traceback keeps the locals of its frames, and these hold the credential in the clear.
    del api_key, access_token, environ
    if key is None and token is None:
        raise ConfigurationError(
            f"no credential: pass api_key= or access_token=, or set {KEY_VARIABLE}"
        )
    url = resolve_base_url(
        api_key=None if key is None else checked(key, "api_key"),
        environment=environment,
        base_url=None if base_url is None else str(base_url),
    )
    return url, JunctionAuth(url, api_key=key, access_token=token)


@contextmanager
def network_settings() -> Generator[None]:
    """Build an httpx client in this context, which reads proxies and certificates from variables.

    What httpx says of one that it cannot use may quote a proxy's password.

    Raises:
        ConfigurationError: One cannot be used.
    """
    try:
        yield
    except ImportError:
        raise ConfigurationError(
            "a SOCKS proxy is set, which needs another package: pip install 'httpx[socks]'"
        ) from None
    except OSError:
        raise ConfigurationError(
            "certificates cannot be read: see SSL_CERT_FILE and SSL_CERT_DIR"
        ) from None
    except (ValueError, httpx.InvalidURL):
        raise ConfigurationError(
            "the address of a proxy, or one in NO_PROXY, cannot be used: see HTTP_PROXY,"
            " HTTPS_PROXY, ALL_PROXY and NO_PROXY"
        ) from None
