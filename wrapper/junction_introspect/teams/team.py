"""`Team`: a name, an address and the place of the key, but never the key itself. No I/O."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import asdict, field, frozen

from junction_introspect._http.addresses import Origin, origin, resolve_base_url
from junction_introspect.environments import Environment, EnvironmentName
from junction_introspect.errors import ConfigurationError

if TYPE_CHECKING:
    from httpx import URL
else:
    URL = Any  # this module must not import httpx: a team is data, and httpx does I/O

# Valid as the name of a directory, of a prefix in an object store, and of a Hive partition.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# The vendor's documented key prefixes, but not inside a longer word or a path.
_KEY: Final = re.compile(r"(?<![\w/\\.-])[ps]k_(?:us|eu)_[A-Za-z0-9]")


def holds_key(text: str) -> bool:
    """Tell whether a text has something that looks like a team API key."""
    return _KEY.search(text) is not None


def _path(value: Any) -> Path | None:
    return None if value is None else Path(value)


@frozen(kw_only=True)
class Team:
    """A team, and the place of its key. Has no secret, so it can be pickled, shown and logged.

    Attributes:
        name: Letters, digits, hyphens, dots and underscores; starts with a letter or digit.
        environment: The environment's name, as in the specification's servers.
        base_url: An address to use instead of the environment's.
        key_env: The environment variable that has the key.
        key_file: The file that has the key, instead of a variable.

    Raises:
        ConfigurationError: A field is missing, is malformed, or has a key itself.
    """

    name: str
    environment: Environment | EnvironmentName | None = None
    base_url: str | None = None
    key_env: str | None = None
    key_file: Path | None = field(default=None, converter=_path)

    def __attrs_post_init__(self) -> None:
        for name, value in asdict(self).items():
            if isinstance(value, str | Path) and holds_key(str(value)):
                # Does not repeat the value: readers of the message may not be allowed to see a key.
                raise ConfigurationError(f"{name} has what looks like a key; give key_env instead")
        if not _NAME.fullmatch(self.name):
            raise ConfigurationError(
                f"the name {self.name[:64]!r} is not valid: use at most 64 letters, digits, '-',"
                " '.' and '_', and start with a letter or digit"
            )
        if (self.key_env is None) == (self.key_file is None):
            raise ConfigurationError("give either key_env or key_file")
        if self.key_env is not None and not _VARIABLE.fullmatch(self.key_env):
            raise ConfigurationError("key_env is not a valid name of an environment variable")
        if self.environment is None and self.base_url is None:
            raise ConfigurationError("give environment or base_url")
        self.url  # noqa: B018 - raises if the address is not valid

    @property
    def url(self) -> URL:
        """The address of the team's API."""
        return resolve_base_url(api_key=None, environment=self.environment, base_url=self.base_url)

    @property
    def origin(self) -> Origin:
        """Scheme, host and port of the address."""
        return origin(self.url)
