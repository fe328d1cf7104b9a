"""Which setting wins: every combination of options, profiles and variables."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from junction_introspect.cli.settings import Settings, choose
from junction_introspect.teams import Team

pytestmark = pytest.mark.any_specification

BY_VARIABLE = Team(name="p", environment="Sandbox", key_env="P_KEY")
BY_FILE = Team(name="q", base_url="http://127.0.0.1:1", key_file=Path("/keys/q"))
VARIABLES = {
    "JUNCTION_API_KEY": "sk_us_1",
    "JUNCTION_ENVIRONMENT": "SandboxEU",
    "JUNCTION_BASE_URL": "http://127.0.0.1:2",
}


def chosen(*, environment=None, base_url=None, profile=None, by_option=False, environ=None):
    return choose(
        environment=environment,
        base_url=base_url,
        profile=profile,
        by_option=by_option,
        environ=environ or {},
    )


def test_nothing_given_chooses_nothing():
    assert chosen() == Settings()
    assert chosen(environ=dict.fromkeys(VARIABLES, "")) == Settings()


@pytest.mark.parametrize(
    ("given", "address", "key"),
    [
        # (environment, base URL, where from), (key, where from)
        (
            {"environ": VARIABLES},
            ("SandboxEU", "http://127.0.0.1:2", "JUNCTION_BASE_URL"),
            ("JUNCTION_API_KEY", "JUNCTION_API_KEY"),
        ),
        (
            {"profile": BY_VARIABLE, "environ": VARIABLES},
            ("SandboxEU", "http://127.0.0.1:2", "JUNCTION_BASE_URL"),
            ("JUNCTION_API_KEY", "JUNCTION_API_KEY"),
        ),
        (
            {"profile": BY_VARIABLE, "by_option": True, "environ": VARIABLES},
            ("Sandbox", None, "profile p"),
            ("P_KEY", "profile p"),
        ),
        (
            {"profile": BY_VARIABLE, "environ": {"JUNCTION_API_KEY": "x"}},
            ("Sandbox", None, "profile p"),
            ("JUNCTION_API_KEY", "JUNCTION_API_KEY"),
        ),
        (
            {"profile": BY_FILE, "environ": {"JUNCTION_ENVIRONMENT": "Sandbox"}},
            ("Sandbox", None, "JUNCTION_ENVIRONMENT"),
            (Path("/keys/q"), "profile q"),
        ),
        (
            {"profile": BY_FILE},
            (None, "http://127.0.0.1:1", "profile q"),
            (Path("/keys/q"), "profile q"),
        ),
        (
            {"profile": BY_FILE, "by_option": True, "environment": "Production"},
            ("Production", None, "--environment"),
            (Path("/keys/q"), "profile q"),
        ),
        (
            {"base_url": "http://127.0.0.1:3", "environ": VARIABLES},
            (None, "http://127.0.0.1:3", "--base-url"),
            ("JUNCTION_API_KEY", "JUNCTION_API_KEY"),
        ),
        (
            {"base_url": "http://127.0.0.1:3", "environment": "Sandbox"},
            ("Sandbox", "http://127.0.0.1:3", "--base-url"),
            (None, None),
        ),
        # An empty option is a mistake, which the client reports; a profile does not hide it.
        (
            {"base_url": "", "profile": BY_VARIABLE, "by_option": True},
            (None, "", "--base-url"),
            ("P_KEY", "profile p"),
        ),
    ],
)
def test_first_that_says_something_wins(given, address, key):
    found = chosen(**given)

    assert (found.environment, found.base_url, found.address_from) == address
    assert (found.key, found.key_from) == key


def test_order_is_option_named_profile_variables_profile_of_the_variable():
    ranks = {"option": 0, "named": 1, "variable": 2, "fallback": 3}
    for option, named, variable, fallback in product([False, True], repeat=4):
        if named and fallback:
            continue  # one profile is read: a named one hides that of the variable
        found = chosen(
            environment="ProductionEU" if option else None,
            profile=BY_VARIABLE if named or fallback else None,
            by_option=named,
            environ={"JUNCTION_ENVIRONMENT": "SandboxEU"} if variable else None,
        )
        given = {"option": option, "named": named, "variable": variable, "fallback": fallback}
        first = min(
            (name for name, is_given in given.items() if is_given), key=ranks.get, default=None
        )
        assert found.environment == {
            "option": "ProductionEU",
            "named": "Sandbox",
            "variable": "SandboxEU",
            "fallback": "Sandbox",
            None: None,
        }[first]  # fmt: skip


def test_settings_tell_which_profile_was_named_and_how():
    assert chosen(profile=BY_FILE, by_option=True).profile_from == "--profile"
    unused = chosen(profile=BY_FILE, environ=VARIABLES)
    assert (unused.profile, unused.profile_from) == ("q", "JUNCTION_PROFILE")
