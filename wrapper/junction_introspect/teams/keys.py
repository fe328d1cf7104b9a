"""Reads a team's key from its variable or file, and opens a client with it."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from junction_introspect._files import local_path, open_regular
from junction_introspect._http.addresses import resolve_base_url
from junction_introspect._http.credentials import Secret, checked
from junction_introspect.async_client import AsyncJunction
from junction_introspect.environments import is_quoted
from junction_introspect.errors import ConfigurationError
from junction_introspect.teams.team import Team

_logger = logging.getLogger("junction_introspect")

# A key has some fifty characters; a file larger than this is not a key.
_LARGEST: Final = 4096

_EVERYBODY: Final = stat.S_IROTH | stat.S_IWOTH


def read_key(team: Team, environ: Mapping[str, str] | None = None) -> Secret:
    """Read a team's key from its variable or file, each time it is called.

    Trailing line breaks of a file are ignored. For a file that everybody may read or change, this
    logs a warning but uses the key, because orchestrators mount secrets like that.

    Args:
        team: The team.
        environ: Environment variables; by default those of the process.

    Raises:
        ConfigurationError: The key is missing or malformed, or belongs to another environment than
            the team's. The text does not repeat the key.
    """
    key = key_at(team.key_env or team.key_file, os.environ if environ is None else environ)
    resolve_base_url(api_key=key, environment=team.environment, base_url=team.base_url)
    return key


def key_at(place: str | Path | None, environ: Mapping[str, str]) -> Secret:
    """Read a key from its place.

    Args:
        place: The name of an environment variable, or the path of a file.
        environ: Environment variables.

    Raises:
        ConfigurationError: The key is missing or malformed. The text does not repeat it.
    """
    if isinstance(place, str):
        key = Secret(environ.get(place))
        if not key.reveal():
            raise ConfigurationError(f"{described(place)} is not set")
    else:
        assert place is not None  # noqa: S101 - a Team has one of the two
        key = _from_file(place)
    what = described(place)
    key = checked(key, f"the key in {what}")
    if is_quoted(key.reveal()):
        raise ConfigurationError(f"the key in {what} was pasted with its quotes: remove them")
    return key


def described(place: str | Path) -> str:
    """Return how texts name the place of a key."""
    return f"the variable {place}" if isinstance(place, str) else str(place)


def _from_file(path: Path) -> Secret:
    path, content = content_of(path, _LARGEST)
    if len(content.reveal()) > _LARGEST:
        raise ConfigurationError(f"{path} is not a key: it is larger than {_LARGEST:,} bytes")
    if is_exposed(path):
        _logger.warning("everybody on this machine may read or change the key file %s", path)
    # latin-1 decodes every byte, so that `checked` refuses non-ASCII bytes with its own text.
    return Secret(content.reveal().decode("latin-1").rstrip("\r\n"))


def content_of(path: str | os.PathLike[str], largest: int) -> tuple[Path, Secret]:
    """Read a file that has a key, or might have one by mistake.

    Args:
        path: Its name.
        largest: How many bytes it may have. Of a larger file, one byte more is read.

    Returns:
        The path that the name stands for, and the content.

    Raises:
        ConfigurationError: It is not a regular file, or cannot be read.
    """
    try:
        path = local_path(path)
        with open_regular(path) as file:
            return path, Secret(file.read(largest + 1))
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}") from None


def is_exposed(path: Path) -> bool:
    """Tell whether everybody on the machine may read or change a file. Always False on Windows."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return os.name == "posix" and stat.S_ISREG(mode) and bool(mode & _EVERYBODY)


def open_client(team: Team, **options: Any) -> AsyncJunction:
    """Return a client for a team, with the team's key.

    Args:
        team: The team.
        options: Further options of `AsyncJunction`.

    Raises:
        ConfigurationError: As `read_key`.
    """
    key = read_key(team)
    return AsyncJunction(
        api_key=key.reveal(), environment=team.environment, base_url=team.base_url, **options
    )
