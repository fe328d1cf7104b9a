"""Decides which address and key a command uses, and where each of them comes from. No I/O.

An option beats the profile that ``--profile`` names; that beats the ``JUNCTION_*`` variables; those
beat the profile that ``JUNCTION_PROFILE`` names. The library knows no profiles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from junction_introspect._http.configuration import (
    BASE_URL_VARIABLE,
    ENVIRONMENT_VARIABLE,
    KEY_VARIABLE,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from junction_introspect.teams import Team


@frozen(kw_only=True)
class Settings:
    """Where a command sends requests, and where its key is.

    Attributes:
        profile: The name of the profile that was chosen, whether it decided anything or not.
        profile_from: ``--profile`` or ``JUNCTION_PROFILE``.
        environment: The environment's name.
        base_url: An address to use instead of the environment's.
        address_from: Which option, variable or profile says so; None if the key's prefix decides.
        key: The variable or the file that has the key; None if nothing says where it is.
        key_from: Which variable or profile says so.
    """

    profile: str | None = None
    profile_from: str | None = None
    environment: str | None = None
    base_url: str | None = None
    address_from: str | None = None
    key: str | Path | None = None
    key_from: str | None = None


@frozen
class _Layer:
    """What options, variables or a profile say, and how each is called."""

    environment: str | None = None
    base_url: str | None = None
    key: str | Path | None = None
    names: tuple[str | None, str | None, str | None] = (None, None, None)

    @property
    def gives_address(self) -> bool:
        return self.environment is not None or self.base_url is not None


def choose(
    *,
    environment: str | None,
    base_url: str | None,
    profile: Team | None,
    by_option: bool,
    environ: Mapping[str, str],
) -> Settings:
    """Return what applies.

    Environment and base URL are one setting, the address: what gives either of them replaces both.
    An empty variable counts as unset.

    Args:
        environment: The option ``--environment``.
        base_url: The option ``--base-url``.
        profile: The profile that was named, if any.
        by_option: Whether ``--profile`` named it, and not ``JUNCTION_PROFILE``.
        environ: Environment variables.
    """
    options = _Layer(environment, base_url, None, ("--environment", "--base-url", None))
    variables = _Layer(
        environ.get(ENVIRONMENT_VARIABLE) or None,
        environ.get(BASE_URL_VARIABLE) or None,
        KEY_VARIABLE if environ.get(KEY_VARIABLE) else None,
        (ENVIRONMENT_VARIABLE, BASE_URL_VARIABLE, KEY_VARIABLE),
    )
    layers = [options, variables]
    if profile is not None:
        name = f"profile {profile.name}"
        said = _Layer(
            profile.environment,
            profile.base_url,
            profile.key_env or profile.key_file,
            (name, name, name),
        )
        layers.insert(1 if by_option else 2, said)
    address = next((each for each in layers if each.gives_address), _Layer())
    key = next((each for each in layers if each.key is not None), _Layer())
    named = "--profile" if by_option else "JUNCTION_PROFILE"
    return Settings(
        profile=None if profile is None else profile.name,
        profile_from=None if profile is None else named,
        environment=address.environment,
        base_url=address.base_url,
        address_from=address.names[0 if address.base_url is None else 1],
        key=key.key,
        key_from=key.names[2],
    )
