"""Reads ``teams.toml`` and checks all of it, so that no work starts with half a list.

    [[team]]
    name = "acme"
    environment = "Production"
    key_env = "ACME_JUNCTION_KEY"

    [[team]]
    name = "globex-eu"
    environment = "ProductionEU"
    key_file = "keys/globex-eu"     # relative to this file

A table may have the fields of `Team`. A key does not belong in the file. The command line's
``config.toml`` is written in the same way, with ``[[profile]]`` in place of ``[[team]]``.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path
from typing import Any, Final

import msgspec
from attrs import evolve, fields

from junction_introspect._files import local_path
from junction_introspect.errors import ConfigurationError
from junction_introspect.teams.keys import content_of
from junction_introspect.teams.team import Team, holds_key

_LARGEST: Final = 4 * 1024 * 1024

_FIELDS: Final = tuple(each.name for each in fields(Team))
_WHERE_KEYS_ARE: Final = "give key_env, a variable's name, or key_file, a path"


def read_teams(path: str | PathLike[str]) -> tuple[Team, ...]:
    """Read a ``teams.toml``.

    Args:
        path: The file, in UTF-8, of 4 MiB at most.

    Raises:
        ConfigurationError: The file cannot be read or is malformed. The text names the file and the
            team, and never has a key.
    """
    return _read(path, parse_teams)


def read_profiles(path: str | PathLike[str]) -> tuple[Team, ...]:
    """Read a ``config.toml``; as `read_teams`, and the file may have no profile."""
    return _read(path, parse_profiles)


def _read(
    path: str | PathLike[str], parse: Callable[[str, Path], tuple[Team, ...]]
) -> tuple[Team, ...]:
    path, content = content_of(path, _LARGEST)
    if len(content.reveal()) > _LARGEST:
        raise ConfigurationError(f"{path} is larger than {_LARGEST:,} bytes")
    try:
        return parse(content.reveal().decode("utf-8-sig"), path.absolute().parent)
    except UnicodeDecodeError:
        reason = "is not in UTF-8"
    except ConfigurationError as error:
        reason = str(error)
    # Raised outside the `except` blocks: a decoding error has the file's whole content.
    raise ConfigurationError(f"{path}: {reason}", path=path)


def parse_teams(text: str, directory: Path) -> tuple[Team, ...]:
    """Return the teams in a text, in its order. Reads no key.

    Args:
        text: The content of a ``teams.toml``.
        directory: The directory that a relative ``key_file`` is relative to.

    Raises:
        ConfigurationError: The text is malformed.
    """
    teams = _parsed("team", text, directory)
    if not teams:
        raise ConfigurationError("has no [[team]]")
    first: dict[object, str] = {}
    for team in teams:
        key = team.key_env, team.key_file, team.url
        if first.setdefault(key, team.name) != team.name:
            raise ConfigurationError(
                f"teams {first[key]!r} and {team.name!r} have the same key and address"
            )
    return teams


def parse_profiles(text: str, directory: Path) -> tuple[Team, ...]:
    """Return the profiles in a text; as `parse_teams`, and there may be none."""
    return _parsed("profile", text, directory)


def _parsed(kind: str, text: str, directory: Path) -> tuple[Team, ...]:
    for number, line in enumerate(text.split("\n"), 1):
        if holds_key(line):
            raise ConfigurationError(
                f"line {number} has what looks like a key, which does not belong here;"
                f" {_WHERE_KEYS_ARE}"
            )
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"is not TOML: {error}") from None
    except RecursionError:
        raise ConfigurationError("is nested too deeply") from None
    if unknown := document.keys() - {kind}:
        raise ConfigurationError(
            f"{_listed(unknown)}: unknown; {kind}s are tables named [[{kind}]]"
        )
    try:
        tables = msgspec.convert(document.get(kind, []), list[dict[str, Any]])
    except msgspec.ValidationError:
        raise ConfigurationError(f"has no [[{kind}]]") from None
    teams = tuple(_entry(kind, number, table, directory) for number, table in enumerate(tables, 1))
    # Ignores case, because the name becomes a directory and some file systems ignore case.
    names = Counter(team.name.casefold() for team in teams)
    for team in teams:
        if names[team.name.casefold()] > 1:
            raise ConfigurationError(
                f"there is more than one {kind} {team.name!r} (upper and lower case are the same)"
            )
    return teams


def _entry(kind: str, number: int, values: dict[str, Any], directory: Path) -> Team:
    which = f"{kind} {number}"
    if isinstance(name := values.get("name"), str):
        which += f" ({name[:64]!r})"
    try:
        return _checked(kind, values, directory)
    except ConfigurationError as error:
        raise ConfigurationError(f"{which}: {error}") from None


def _checked(kind: str, values: dict[str, Any], directory: Path) -> Team:
    unknown = values.keys() - set(_FIELDS)
    if secret := {name for name in unknown if name.replace("-", "_").lower() in _FOR_A_KEY}:
        raise ConfigurationError(
            f"{_listed(secret)}: a key does not belong here; {_WHERE_KEYS_ARE}"
        )
    if unknown:
        raise ConfigurationError(
            f"{_listed(unknown)}: unknown; the fields of a {kind} are {', '.join(_FIELDS)}"
        )
    for name, value in values.items():
        if not isinstance(value, str):
            raise ConfigurationError(f"{name} must be a string")
        if not value:
            raise ConfigurationError(f"{name} is empty")
    if "name" not in values:
        raise ConfigurationError("has no name")
    team = Team(**values)
    if team.key_file is not None:
        try:
            # Before joining with the directory: ~ and a URL's scheme are at the start of the path.
            team = evolve(team, key_file=directory / local_path(team.key_file))
        except ValueError as error:
            raise ConfigurationError(f"key_file: {error}") from None
    return team


# Names that people use for a key.
_FOR_A_KEY: Final = frozenset(
    {"access_token", "api_key", "apikey", "credential", "key", "password", "secret", "token"}
)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(name[:64] for name in names))
