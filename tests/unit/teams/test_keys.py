"""Keys are read where a team says they are, and shown nowhere."""

import logging
import os
import pickle

import pytest

from junction_introspect import ConfigurationError
from junction_introspect.teams import Team, is_exposed, open_client, read_key

pytestmark = pytest.mark.any_specification

KEY = "sk_us_Zm9vYmFyYmF6cXV4"


@pytest.fixture
def of_file(tmp_path):
    def make(content, mode=0o600):
        path = tmp_path / "acme.key"
        path.write_bytes(content)
        path.chmod(mode)
        return Team(name="acme", environment="Sandbox", key_file=path)

    return make


def of_variable(environment="Sandbox"):
    return Team(name="acme", environment=environment, key_env="ACME_KEY")


def refusal(team, environ=None):
    with pytest.raises(ConfigurationError) as caught:
        read_key(team, environ)
    assert "Zm9vYmFy" not in str(caught.value)
    frame = caught.value.__traceback__
    while frame is not None:
        # The test's own frame holds the variables.
        if frame.tb_frame.f_code.co_filename != __file__:
            held = {k: v for k, v in frame.tb_frame.f_locals.items() if k != "environ"}
            assert "Zm9vYmFy" not in repr(held)
        frame = frame.tb_next
    return str(caught.value)


@pytest.mark.parametrize("content", [KEY, KEY + "\n", KEY + "\r\n"])
def test_line_break_at_the_end_of_a_file_is_no_part_of_the_key(of_file, content):
    assert read_key(of_file(content.encode())).reveal() == KEY


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (f"{KEY}\n{KEY}\n".encode(), "contains white space"),
        (f" {KEY}".encode(), "contains white space"),
        (KEY.encode() + b"\xff", "non-ASCII"),
        (KEY.encode() * 1000, "is larger than 4,096 bytes"),
        (KEY.replace("sk_us", "pk_us").encode(), "belongs to Production, not to Sandbox"),
    ],
)
def test_what_is_no_key_of_the_team_is_refused_and_not_repeated(of_file, content, reason):
    assert reason in refusal(of_file(content))


def test_file_that_is_not_there_is_named(tmp_path):
    team = Team(name="acme", environment="Sandbox", key_file=tmp_path / "none")
    assert refusal(team) == f"cannot read {tmp_path / 'none'}: No such file or directory"
    assert not is_exposed(tmp_path / "none")


def test_variable_that_is_not_set_is_named():
    assert refusal(of_variable(), {}) == "the variable ACME_KEY is not set"
    assert refusal(of_variable(), {"ACME_KEY": ""}) == "the variable ACME_KEY is not set"


def test_key_of_another_environment_is_refused():
    message = refusal(of_variable("Production"), {"ACME_KEY": KEY})
    assert message == "the key belongs to Sandbox, not to Production"


@pytest.mark.skipif(os.name != "posix", reason="there are no such modes")
@pytest.mark.parametrize(
    ("mode", "told"), [(0o600, False), (0o640, False), (0o644, True), (0o602, True)]
)
def test_file_that_everybody_may_read_is_told_and_used(of_file, mode, told, caplog):
    team = of_file(KEY.encode(), mode)
    with caplog.at_level(logging.WARNING, "junction_introspect"):
        assert read_key(team).reveal() == KEY
    assert bool(caplog.records) == told
    assert KEY not in caplog.text


def test_key_cannot_be_pickled():
    key = read_key(of_variable(), {"ACME_KEY": KEY})
    with pytest.raises(TypeError, match="a credential cannot be pickled"):
        pickle.dumps(key)
    assert KEY not in repr(key)


def test_variables_of_the_process_lead_no_team_elsewhere(monkeypatch):
    monkeypatch.setenv("JUNCTION_API_KEY", "pk_eu_other")
    monkeypatch.setenv("JUNCTION_ENVIRONMENT", "ProductionEU")
    monkeypatch.setenv("JUNCTION_BASE_URL", "https://elsewhere.example")
    monkeypatch.setenv("ACME_KEY", KEY)
    assert "api.sandbox.us.junction.com" in repr(open_client(of_variable()))


@pytest.mark.skipif(os.name != "posix", reason="there are no such pipes")
def test_pipe_is_refused_rather_than_waited_for(tmp_path):
    path = tmp_path / "key"
    os.mkfifo(path)
    with pytest.raises(ConfigurationError, match="key is not a regular file"):
        read_key(Team(name="a", environment="Sandbox", key_file=path))


def test_folder_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match=r"not a regular file|cannot read"):
        read_key(Team(name="a", environment="Sandbox", key_file=tmp_path))


@pytest.mark.parametrize("name", ["a\0b", "https://example.org/key", "~no-such-user-here/key"])
def test_name_of_no_file_is_refused(name):
    with pytest.raises(ConfigurationError, match=r"NUL|is a URL|is not the home of any user"):
        read_key(Team(name="a", environment="Sandbox", key_file=name))


def test_key_that_was_pasted_with_its_quotes_is_told_so():
    assert refusal(of_variable(), {"ACME_KEY": f'"{KEY}"'}) == (
        "the key in the variable ACME_KEY was pasted with its quotes: remove them"
    )
