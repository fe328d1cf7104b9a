"""Decides where requests go: to an environment's address, or to one that the caller gives."""

from __future__ import annotations

import ipaddress
from typing import Final, TypeAlias

import httpx

from junction_introspect._http.credentials import Secret
from junction_introspect._http.proxies import check_host
from junction_introspect.environments import (
    Environment,
    environment_of_host,
    environment_of_key,
)
from junction_introspect.errors import ConfigurationError

Origin: TypeAlias = tuple[str, str, int | None]

_NAMES: Final = ", ".join(Environment)


def resolve_base_url(
    *,
    api_key: Secret | None,
    environment: str | None,
    base_url: str | None,
) -> httpx.URL:
    """Decide where requests go.

    Args:
        api_key: The team API key, or None if an access token is used.
        environment: The name of an environment, or None.
        base_url: An address that replaces the environment's, or None.

    Raises:
        ConfigurationError: The environment is unknown, missing, or not the key's; or the address is
            not a URL, has more than a scheme, host, port and path, or is not encrypted.
    """
    of_key = environment_of_key(api_key.reveal()) if api_key is not None else None
    wanted = _environment(environment) if environment is not None else None
    if base_url is not None:
        url = _url(base_url)
        wanted = environment_of_host(url.host) or wanted
    elif wanted is not None or of_key is not None:
        url = httpx.URL((wanted or of_key or Environment.PRODUCTION).base_url)
    else:
        credential = "an access token" if api_key is None else "the key's prefix"
        raise ConfigurationError(
            f"{credential} does not say which environment to use;"
            f" pass environment= ({_NAMES}) or base_url="
        )
    if of_key is not None and wanted is not None and of_key is not wanted:
        raise ConfigurationError(f"the key belongs to {of_key}, not to {wanted}")
    return url


def _environment(name: str) -> Environment:
    if name not in list(Environment):
        raise ConfigurationError(f"unknown environment {name!r}; choose from {_NAMES}")
    return Environment(name)


def _url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
        host = url.host
    except (httpx.InvalidURL, TypeError, ValueError):  # ValueError: IDNA cannot encode the host
        raise ConfigurationError("base_url is not a URL") from None
    if url.scheme not in {"http", "https"} or not host:
        raise ConfigurationError("base_url is not an http(s) URL")
    try:
        check_host(url)
    except ValueError as error:
        raise ConfigurationError(f"base_url is not an address: {error}") from None
    if url.userinfo or url.query or url.fragment:
        raise ConfigurationError("base_url may have only a scheme, a host, a port and a path")
    if url.scheme == "http" and not is_loopback(host):
        raise ConfigurationError("base_url must be https:// (http:// is for loopback only)")
    return url


def origin(url: httpx.URL) -> Origin:
    """Return scheme, host and port of an address; the port is None for the scheme's default."""
    return url.scheme, url.host, url.port


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, by its name or address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
