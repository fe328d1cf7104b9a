"""The vendor's environments, and which of them a credential belongs to.

Source: the vendor's documentation of environments and API keys. US data is under HIPAA and EU data
under GDPR, so a key sent to the wrong region is stopped before the request.
"""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from typing import Literal, TypeAlias

import httpx

from junction_introspect.credentials import Secret, hidden
from junction_introspect.errors import ConfigurationError

EnvironmentName: TypeAlias = Literal["Production", "ProductionEU", "Sandbox", "SandboxEU"]


class Environment(StrEnum):
    """The environments, named as in the specification's servers."""

    PRODUCTION = "Production"
    PRODUCTION_EU = "ProductionEU"
    SANDBOX = "Sandbox"
    SANDBOX_EU = "SandboxEU"

    @property
    def base_url(self) -> str:
        """The address of the environment's API."""
        return _BASE_URLS[self]

    @property
    def key_prefix(self) -> str:
        """What every team API key of the environment begins with."""
        return _KEY_PREFIXES[self]


_BASE_URLS = {
    Environment.PRODUCTION: "https://api.us.junction.com",
    Environment.PRODUCTION_EU: "https://api.eu.junction.com",
    Environment.SANDBOX: "https://api.sandbox.us.junction.com",
    Environment.SANDBOX_EU: "https://api.sandbox.eu.junction.com",
}
_KEY_PREFIXES = {
    Environment.PRODUCTION: "pk_us_",
    Environment.PRODUCTION_EU: "pk_eu_",
    Environment.SANDBOX: "sk_us_",
    Environment.SANDBOX_EU: "sk_eu_",
}


def environment_of_key(api_key: str) -> Environment | None:
    """Return the environment that a key's prefix tells, or None for an unknown prefix."""
    return next((env for env in Environment if api_key.startswith(env.key_prefix)), None)


def resolve_base_url(
    *,
    api_key: str | Secret | None,
    environment: str | None,
    base_url: str | None,
) -> httpx.URL:
    """Decide where requests go.

    Args:
        api_key: The team API key, or None when an access token is used.
        environment: The name of an environment, or None.
        base_url: An address that replaces the environment's, or None.

    Raises:
        ConfigurationError: The environment is unknown, cannot be told, or is not the key's; or the
            address is no URL, carries more than scheme, host, port and path, or is not encrypted.
    """
    key = hidden(api_key)
    del api_key
    of_key = environment_of_key(key.reveal()) if key is not None else None
    wanted = _environment(environment) if environment is not None else None
    if base_url is not None:
        url = _url(base_url)
        host = url.host.rstrip(".")
        of_host = next((env for env in Environment if httpx.URL(env.base_url).host == host), None)
        wanted = of_host or wanted
    elif wanted is not None or of_key is not None:
        url = httpx.URL((wanted or of_key or Environment.PRODUCTION).base_url)
    else:
        credential = "an access token" if key is None else "the key's prefix"
        raise ConfigurationError(
            f"{credential} names no environment; pass environment= ({_names()}) or base_url="
        )
    if of_key is not None and wanted is not None and of_key is not wanted:
        raise ConfigurationError(f"the key is one of {of_key}, not of {wanted}")
    return url


def _names() -> str:
    return ", ".join(Environment)


def _environment(name: str) -> Environment:
    if name not in list(Environment):
        raise ConfigurationError(f"unknown environment {name!r}; choose from {_names()}")
    return Environment(name)


def _url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
        host = url.host
    except (httpx.InvalidURL, TypeError, ValueError):  # ValueError: no name of a host by IDNA
        raise ConfigurationError("base_url is not a URL") from None
    if url.scheme not in {"http", "https"} or not host:
        raise ConfigurationError("base_url is not an http(s) URL")
    if url.userinfo or url.query or url.fragment:
        raise ConfigurationError("base_url may have a scheme, host, port and path, nothing else")
    if url.scheme == "http" and not _is_loopback(host):
        raise ConfigurationError("base_url must be https:// (http:// is for loopback alone)")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
