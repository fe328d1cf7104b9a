"""What a teams.toml may say, and that no key in one is accepted or repeated."""

import pickle
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect import ConfigurationError
from junction_introspect.teams import Team, parse_teams, read_teams

pytestmark = pytest.mark.any_specification

HERE = Path("/etc/teams")
KEY = "pk_us_Zm9vYmFyYmF6cXV4"

ACME = """
[[team]]
name = "acme"
environment = "Production"
key_env = "ACME_KEY"
"""


def refusal(text):
    with pytest.raises(ConfigurationError) as caught:
        parse_teams(text, HERE)
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def team(**fields):
    lines = (f'{name} = "{value}"' for name, value in fields.items())
    return "\n".join(["[[team]]", *lines, ""])


def test_teams_come_in_the_order_of_the_file():
    text = ACME + team(name="globex-eu", base_url="https://eu.example", key_file="keys/globex")
    assert parse_teams(text, HERE) == (
        Team(name="acme", environment="Production", key_env="ACME_KEY"),
        Team(name="globex-eu", base_url="https://eu.example", key_file=HERE / "keys/globex"),
    )


def test_absolute_key_file_stays_where_it_is():
    text = team(name="acme", environment="Sandbox", key_file="/run/secrets/pk_us_acme")
    assert parse_teams(text, HERE)[0].key_file == Path("/run/secrets/pk_us_acme")


@pytest.mark.parametrize(
    "line",
    [
        f'api_key = "{KEY}"',
        f'key_env = "{KEY}"',
        f'key_file = "{KEY}"',
        f'name = "{KEY}"',
        f"# was {KEY}",
        f'"{KEY}" = 1',
        f"notes={KEY}",
        'key_env = "sk_eu_a"',
    ],
)
def test_key_in_the_file_is_refused_with_its_line_and_not_repeated(line):
    message = refusal(ACME + line + "\n")
    assert message.startswith("line 6 has what looks like a key")


@pytest.mark.parametrize("name", ["api_key", "API-KEY", "token", "secret"])
def test_field_for_a_key_is_refused_whatever_is_in_it(name):
    message = refusal(ACME + f'{name} = "hunter2"\n')
    assert "a key does not belong here; give key_env" in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no [[team]]"),
        ("[team]\nname = 'a'", "has no [[team]]"),
        ("team = [1]", "has no [[team]]"),
        ("[[team", "is not TOML: "),
        ("jobs = 4\n" + ACME, "jobs: unknown; teams are tables named [[team]]"),
        (
            ACME + "region = 'us'",
            "team 1 ('acme'): region: unknown; the fields of a team are name, ",
        ),
        (ACME + team(key_env="B", environment="Sandbox"), "team 2: has no name"),
        (team(name="b", environment="Sandbox"), "team 1 ('b'): give either key_env or key_file"),
        (ACME + "key_file = 'k'", "team 1 ('acme'): give either key_env or key_file"),
        (team(name="b", key_env="B"), "team 1 ('b'): give environment or base_url"),
        (team(name="b", environment="Mars", key_env="B"), "team 1 ('b'): unknown environment"),
        (team(name="b", base_url="http://example.org", key_env="B"), "base_url must be https://"),
        (team(name="b", base_url="https://u:p@example.org", key_env="B"), "may have only a scheme"),
        (
            team(name="b", environment="Sandbox", key_env="not one"),
            "not a valid name of an environment",
        ),
        (team(name="../b", environment="Sandbox", key_env="B"), "is not valid: use"),
        (team(name="b" * 65, environment="Sandbox", key_env="B"), "is not valid: use"),
        (team(name="", environment="Sandbox", key_env="B"), "name is empty"),
        ("[[team]]\nname = 7", "team 1: name must be a string"),
        (ACME + ACME, "there is more than one team 'acme'"),
        (ACME + ACME.replace("acme", "Acme"), "there is more than one team 'acme'"),
        (ACME + ACME.replace("acme", "b"), "'acme' and 'b' have the same key and address"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(text, reason):
    assert reason in refusal(text)


def test_same_variable_for_two_addresses_is_no_mistake():
    text = ACME + team(name="mock", base_url="http://127.0.0.1:8080", key_env="ACME_KEY")
    assert len(parse_teams(text, HERE)) == 2


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with suppress(ConfigurationError):
        parse_teams(text, HERE)


def test_file_is_named_in_what_is_wrong_with_it(tmp_path):
    path = tmp_path / "teams.toml"
    for content, reason in (
        (None, "No such file"),
        (b"\xff", "is not in UTF-8"),
        (b"[[team]]", "team 1: has no name"),
        (b"#" * (4 * 1024 * 1024 + 1), "is larger than 4,194,304 bytes"),
    ):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ConfigurationError) as caught:
            read_teams(path)
        assert str(path) in str(caught.value)
        assert reason in str(caught.value)


def test_key_files_are_relative_to_the_file(tmp_path, monkeypatch):
    path = tmp_path / "teams.toml"
    path.write_text("\ufeff" + team(name="acme", environment="Sandbox", key_file="keys/acme"))
    monkeypatch.chdir(tmp_path.parent)
    (found,) = read_teams(path.relative_to(tmp_path.parent))
    assert found.key_file == tmp_path / "keys" / "acme"


def test_team_made_in_python_is_held_to_the_same():
    with pytest.raises(ConfigurationError, match="key_file has what looks like a key") as caught:
        Team(name="acme", environment="Production", key_file=KEY)
    assert KEY not in str(caught.value)


def test_team_travels_with_where_its_key_is():
    (found,) = parse_teams(ACME, HERE)
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own
    assert found.origin == ("https", "api.us.junction.com", None)


@pytest.mark.parametrize("opening", ["[", "{a="])
def test_deep_nesting_is_refused(opening):
    with pytest.raises(ConfigurationError, match=r"nested too deeply|is not TOML"):
        parse_teams(f"x = {opening * 900}", Path())


@pytest.mark.parametrize(
    ("name", "reason"),
    [("a\\u0000b", "NUL"), ("s3://b/key", "is a URL"), ("~no-such-user-here/k", "of any user")],
)
def test_key_file_that_is_no_file_is_refused_with_its_team(name, reason):
    text = f'[[team]]\nname = "acme"\nenvironment = "Sandbox"\nkey_file = "{name}"\n'
    with pytest.raises(ConfigurationError, match=rf"^team 1 \('acme'\): key_file: .*{reason}"):
        parse_teams(text, Path())


@pytest.mark.parametrize("name", ["a\0b", "s3://bucket/teams.toml"])
def test_list_that_is_no_file_is_refused(name):
    with pytest.raises(ConfigurationError, match=r"NUL|is a URL"):
        read_teams(name)
