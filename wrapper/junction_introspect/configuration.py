"""Where requests go and with what credential: arguments first, then environment variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from junction_introspect.auth import JunctionAuth, checked
from junction_introspect.environments import resolve_base_url
from junction_introspect.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from junction_introspect.auth import AsyncTokenSource

KEY_VARIABLE = "JUNCTION_API_KEY"
ENVIRONMENT_VARIABLE = "JUNCTION_ENVIRONMENT"
BASE_URL_VARIABLE = "JUNCTION_BASE_URL"


def configure(
    *,
    api_key: str | None,
    access_token: str | AsyncTokenSource | None,
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
    if api_key is None and access_token is None:
        api_key = environ.get(KEY_VARIABLE) or None
        if api_key is None:
            raise ConfigurationError(
                f"no credential: pass api_key= or access_token=, or set {KEY_VARIABLE}"
            )
    if environment is None and base_url is None:
        environment = environ.get(ENVIRONMENT_VARIABLE) or None
        base_url = environ.get(BASE_URL_VARIABLE) or None
    if api_key is not None:
        api_key = checked(api_key, "api_key").reveal()
    url = resolve_base_url(
        api_key=api_key,
        environment=environment,
        base_url=None if base_url is None else str(base_url),
    )
    return url, JunctionAuth(url, api_key=api_key, access_token=access_token)
