"""The vendor's environments, and the environment that a key belongs to.

Source: the vendor's documentation of environments and API keys. US data is under HIPAA and EU data
under GDPR, so a key for the wrong region is refused before anything is sent.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, Self, TypeAlias

EnvironmentName: TypeAlias = Literal["Production", "ProductionEU", "Sandbox", "SandboxEU"]


class Environment(StrEnum):
    """The environments, named as in the specification's servers.

    Attributes:
        base_url: The address of the environment's API.
        key_prefix: The prefix of every team API key of the environment.
    """

    _value_: str
    base_url: str
    key_prefix: str

    PRODUCTION = "Production", "https://api.us.junction.com", "pk_us_"
    PRODUCTION_EU = "ProductionEU", "https://api.eu.junction.com", "pk_eu_"
    SANDBOX = "Sandbox", "https://api.sandbox.us.junction.com", "sk_us_"
    SANDBOX_EU = "SandboxEU", "https://api.sandbox.eu.junction.com", "sk_eu_"

    # The defaults are for mypy, which takes `Environment("Sandbox")` for a call of this.
    def __new__(cls, name: str, base_url: str = "", key_prefix: str = "") -> Self:
        """Make a member whose value is its name."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.base_url, member.key_prefix = base_url, key_prefix
        return member


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
