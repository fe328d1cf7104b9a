"""Reads profiles from ``config.toml``, and the key from where a profile says that it is.

    [[profile]]
    name = "staging"
    environment = "Sandbox"
    key_env = "STAGING_JUNCTION_KEY"

It is written like a ``teams.toml``, with the same fields, and read by the same code.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from junction_introspect import ConfigurationError
from junction_introspect._extras import extra_of
from junction_introspect._http.configuration import KEY_VARIABLE
from junction_introspect._nearest import did_you_mean
from junction_introspect.cli.settings import Settings, choose
from junction_introspect.environments import is_quoted
from junction_introspect.teams.keys import is_exposed, key_at
from junction_introspect.teams.reading import read_profiles
from junction_introspect.teams.team import holds_key

if TYPE_CHECKING:
    from junction_introspect._http.credentials import Secret
    from junction_introspect.cli.notices import Notices
    from junction_introspect.teams import Team

PROFILE_VARIABLE: Final = "JUNCTION_PROFILE"

QUOTED: Final = f"{KEY_VARIABLE} was pasted with its quotes: remove the quotes"


def config_path() -> Path:
    """Return the path of ``config.toml``, in the folder that the platform has for such files.

    Raises:
        MissingExtraError: A package of the extra `cli` is missing.
    """
    with extra_of("junction_introspect.cli"):
        from platformdirs import user_config_path  # noqa: PLC0415 - only where profiles are used
    return user_config_path("junction-introspect", appauthor=False) / "config.toml"


def profiles() -> tuple[Team, ...]:
    """Return the profiles of ``config.toml``; none if the file does not exist.

    Raises:
        ConfigurationError: The file cannot be read or is malformed. The text never has a key.
    """
    path = config_path()
    try:
        path.lstat()  # not `stat`: a link to nowhere is a mistake to report
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError:
        pass  # `read_profiles` says why the file cannot be read
    return read_profiles(path)


def settings(profile: str | None, environment: str | None, base_url: str | None) -> Settings:
    """Return what applies to a command, from its options, the environment and ``config.toml``.

    The file is read only if a profile is named.

    Args:
        profile: The option ``--profile``.
        environment: The option ``--environment``.
        base_url: The option ``--base-url``.

    Raises:
        ConfigurationError: There is no such profile, or the file cannot be used.
    """
    name = profile if profile is not None else os.environ.get(PROFILE_VARIABLE) or None
    return choose(
        environment=environment,
        base_url=base_url,
        profile=None if name is None else _named(name),
        by_option=profile is not None,
        environ=os.environ,
    )


def _named(name: str) -> Team:
    if holds_key(name):
        raise ConfigurationError("a key was given as the name of a profile")
    known = {each.name: each for each in profiles()}
    if name in known:
        return known[name]
    there = f"{config_path()} has {', '.join(known)}" if known else f"none is in {config_path()}"
    raise ConfigurationError(
        f"there is no profile {name[:64]!r}: {there}{did_you_mean(name[:64], known)}"
    )


def key_of(found: Settings) -> Secret | None:
    """Return the key that a profile refers to; None if no profile decides on the key.

    Raises:
        ConfigurationError: It is missing or malformed. The text does not repeat it.
    """
    if found.key is None or found.key_from == KEY_VARIABLE:
        return None
    try:
        return key_at(found.key, os.environ)
    except ConfigurationError as error:
        raise ConfigurationError(f"{found.key_from}: {error}") from None


def tell_exposed(place: str | Path | None, notices: Notices, before: str = "") -> None:
    """Report a key's file that everybody on the machine may read or change.

    Args:
        place: Where the key is.
        notices: Prints the report.
        before: What to print before it.
    """
    if isinstance(place, Path) and is_exposed(place):
        notices.tell(f"{before}everybody on this machine may read or change {place}")


def arguments(found: Settings) -> dict[str, Any]:
    """Return the arguments of `Junction` for a command.

    Raises:
        ConfigurationError: The key is missing or malformed.
    """
    key = key_of(found)
    if key is None and is_quoted(os.environ.get(KEY_VARIABLE, "")):
        raise ConfigurationError(QUOTED)
    return {"api_key": key, "environment": found.environment, "base_url": found.base_url}
