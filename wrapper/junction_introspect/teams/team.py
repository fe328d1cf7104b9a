"""`Team`: a name, an address, and where the key is. Pure; no key is ever part of one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import field, frozen

from junction_introspect._http.addresses import resolve_base_url
from junction_introspect.environments import Environment, EnvironmentName
from junction_introspect.errors import ConfigurationError

if TYPE_CHECKING:
    from httpx import URL
else:
    URL = Any  # a team is data, and httpx does I/O

# Fit for the name of a directory, of a prefix in an object store, and of a Hive partition.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# Prefixes of keys, by the vendor's documentation; not as part of a longer word or of a path.
_KEY: Final = re.compile(r"(?<![\w/\\.-])[ps]k_(?:us|eu)_[A-Za-z0-9]")

Origin: TypeAlias = tuple[str, str, int | None]


def holds_key(text: str) -> bool:
    """Tell whether something in a text looks like a team API key."""
    return _KEY.search(text) is not None


def _path(value: Any) -> Path | None:
    return None if value is None else Path(value)


@frozen(kw_only=True)
class Team:
    """A team, and where its key is to be found. Can be pickled, shown and logged: it has no secret.

    Attributes:
        name: Letters, digits, hyphens, dots and underscores; begins with a letter or digit.
        environment: The environment's name, as in the specification's servers.
        base_url: An address to use instead of the environment's.
        key_env: The environment variable that holds the key.
        key_file: The file that holds the key, in the place of a variable.

    Raises:
        ConfigurationError: A field is missing, malformed, or holds a key itself.
    """

    name: str
    environment: Environment | EnvironmentName | None = None
    base_url: str | None = None
    key_env: str | None = None
    key_file: Path | None = field(default=None, converter=_path)

    def __attrs_post_init__(self) -> None:
        for name in ("name", "environment", "base_url", "key_env", "key_file"):
            value = getattr(self, name)
            if isinstance(value, str | Path) and holds_key(str(value)):
                # Not repeated: whoever reads the message is not always who may know the key.
                raise ConfigurationError(f"{name} holds what looks like a key; give key_env")
        if not _NAME.fullmatch(self.name):
            raise ConfigurationError(
                f"the name {self.name[:64]!r} has to be of letters, digits, '-', '.' and '_', 64 at"
                " most, and to begin with a letter or digit"
            )
        if (self.key_env is None) == (self.key_file is None):
            raise ConfigurationError("give either key_env or key_file")
        if self.key_env is not None and not _VARIABLE.fullmatch(self.key_env):
            raise ConfigurationError("key_env is no name of an environment variable")
        if self.environment is None and self.base_url is None:
            raise ConfigurationError("give environment, or base_url")
        self.url  # noqa: B018 - refuses what is no address

    @property
    def url(self) -> URL:
        """The address of the team's API."""
        return resolve_base_url(api_key=None, environment=self.environment, base_url=self.base_url)

    @property
    def origin(self) -> Origin:
        """Scheme, host and port of the address."""
        return origin(self.url)


def origin(url: URL) -> Origin:
    """Return scheme, host and port of an address; the port is None where it is the scheme's own."""
    return url.scheme, url.host, url.port
