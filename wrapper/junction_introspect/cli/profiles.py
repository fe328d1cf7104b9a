"""The command `profiles`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from junction_introspect import ConfigurationError
from junction_introspect.cli import checks, config, exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.notices import Notices
from junction_introspect.teams import read_key
from junction_introspect.teams.keys import described

if TYPE_CHECKING:
    from junction_introspect.cli.checks import Check
    from junction_introspect.teams import Team


@app.command()
def profiles(
    *,
    show: checks.Show = "table",
    verbose: options.Traceback = False,  # noqa: ARG001 - `running.run` reads it
) -> int:
    """List and check profiles.

    A profile has a name, an environment or a base URL, and says in which variable or file the key
    is. Profiles are tables [[profile]] in config.toml, whose path is printed. Sends nothing:
    `doctor --profile NAME` asks the API. Exits with 3 if a key cannot be read, or is for another
    environment.
    """
    path = config.config_path()
    found = config.profiles()
    notices = Notices(sys.stderr)
    if not found:
        missing = "does not exist" if not path.exists() else "has no [[profile]]"
        notices.tell(f"there are no profiles: {path} {missing}")
        if show == "table":
            return exits.DONE
    else:
        notices.tell(f"profiles of {path}")
    return checks.show(map(_check, found), show)


def _check(profile: Team) -> Check:
    """Tell where a profile's requests go and where its key is, and whether the key can be used."""
    place = profile.key_env or profile.key_file
    assert place is not None  # noqa: S101 - a Team has one of the two
    environment = f"{profile.environment}, " if profile.environment else ""
    said = f"{environment}{profile.url}, with the key in {described(place)}"
    if os.environ.get(config.PROFILE_VARIABLE) == profile.name:
        said += "; chosen by JUNCTION_PROFILE"
    try:
        read_key(profile)
    except ConfigurationError as error:
        return checks.wrong(profile.name, error, said, str(error))
    return checks.of_key(checks.ok(profile.name, said), place)
