"""Decides which address and key a command uses, and where each of them comes from. No I/O.

An option beats the profile that ``--profile`` names; that beats the ``JUNCTION_*`` variables; those
beat the profile that ``JUNCTION_PROFILE`` names. The library knows no profiles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

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
    options = Settings(
        environment=environment,
        base_url=base_url,
        address_from="--environment" if base_url is None else "--base-url",
    )
    given = {name: value for name, value in environ.items() if value}
    variables = Settings(
        environment=given.get(ENVIRONMENT_VARIABLE),
        base_url=given.get(BASE_URL_VARIABLE),
        address_from=BASE_URL_VARIABLE if BASE_URL_VARIABLE in given else ENVIRONMENT_VARIABLE,
        key=KEY_VARIABLE if KEY_VARIABLE in given else None,
        key_from=KEY_VARIABLE,
    )
    nothing = named = Settings()
    if profile is not None:
        named = Settings(
            profile=profile.name,
            profile_from="--profile" if by_option else "JUNCTION_PROFILE",
            environment=profile.environment,
            base_url=profile.base_url,
            address_from=f"profile {profile.name}",
            key=profile.key_env or profile.key_file,
            key_from=f"profile {profile.name}",
        )
    layers = (options, named, variables) if by_option else (options, variables, named)
    address = next(
        (each for each in layers if (each.environment, each.base_url) != (None, None)), nothing
    )
    key = next((each for each in layers if each.key is not None), nothing)
    return evolve(
        address,
        profile=named.profile,
        profile_from=named.profile_from,
        key=key.key,
        key_from=key.key_from,
    )
