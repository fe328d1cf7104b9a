"""The vendor's environments, and the environment that a key belongs to.

Source: the vendor's documentation of environments and API keys. US data is under HIPAA and EU data
under GDPR, so a key for the wrong region is refused before anything is sent.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

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
        """The prefix of every team API key of the environment."""
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
    """Return the environment that a key's prefix stands for, or None for an unknown prefix."""
    return next((env for env in Environment if api_key.startswith(env.key_prefix)), None)


def environment_of_host(host: str) -> Environment | None:
    """Return the environment whose API a host is, or None."""
    host = host.rstrip(".")
    return next((env for env in Environment if env.base_url == f"https://{host}"), None)


def is_quoted(api_key: str) -> bool:
    """Tell whether a key begins or ends with a quotation mark, as when pasted with its quotes."""
    return bool(api_key) and (api_key[0] in _QUOTES or api_key[-1] in _QUOTES)


_QUOTES = "'\"`\u2018\u2019\u201c\u201d"
