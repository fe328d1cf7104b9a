"""`sync --teams`: a line a team, an exit status, and nothing lost."""

import os
import signal

import anyio
import pytest

from junction_introspect.cli import main
from junction_introspect.cli.sync_teams import TeamNotices
from junction_introspect.mock.faults import MalformedRecord, Status, UnknownValues
from junction_introspect.store import Store, sync_async

pytestmark = pytest.mark.any_specification


@pytest.fixture
def written(tmp_path):
    """Writes a teams.toml for teams, and returns its path."""

    def write(*teams, more=""):
        path = tmp_path / "teams.toml"
        path.write_text(
            "".join(
                f'[[team]]\nname = "{team.name}"\nbase_url = "{team.base_url}"\n'
                f'key_env = "{team.key_env}"\n'
                for team in teams
            )
            + more
        )
        return path

    return write


@pytest.fixture
def sync(tmp_path, capsys):
    """Runs the command, and returns its exit status and what it told."""

    def run(teams, *options):
        status = main(["sync", "--to", str(tmp_path / "s.duckdb"), "--teams", str(teams), *options])
        captured = capsys.readouterr()
        assert not captured.out
        return status, captured.err.replace("junction-introspect: ", "").splitlines()

    return run


def teams_in(tmp_path):
    with Store.open(tmp_path / "s.duckdb", read_only=True) as store:
        return {run.team: (run.state, run.users) for run in store.runs()}


def test_every_team_has_a_line(serve, written, sync, tmp_path):
    acme, globex = serve("acme")[0], serve("globex", users=7)[0]
    status, lines = sync(written(acme, globex), "--jobs", "2", "--requests-per-second", "500")
    assert status == 0
    assert sorted(line.partition(" pulls")[0].rpartition(",")[0] for line in lines[:2]) == [
        "acme: run 1 of team acme: 30 users",
        "globex: run 1 of team globex: 7 users",
    ]
    assert lines[2:] == ["2 of 2 teams done"]
    assert teams_in(tmp_path) == {"acme": ("complete", 30), "globex": ("complete", 7)}


def test_failing_team_is_told_and_decides_the_status(serve, written, sync, tmp_path, monkeypatch):
    lost = '[[team]]\nname = "lost"\nenvironment = "Sandbox"\nkey_env = "NO_SUCH_KEY"\n'
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    wrong, good = serve("acme", key="sk_us_wrong")[0], serve("globex")[0]
    status, lines = sync(written(wrong, good, more=lost))
    assert status == 4  # acme's, which comes first in the file
    assert "acme: failed: 401 Unauthorized" in lines
    assert "lost: failed: the variable NO_SUCH_KEY is not set" in lines
    assert lines[-2:] == [
        "1 of 3 teams done",
        "failed: acme, lost; the same command resumes them",
    ]
    _, lines = sync(written(wrong, good, more=lost), "--fresh")
    assert lines[-1] == "failed: acme, lost; without --fresh the same command resumes them"
    assert teams_in(tmp_path)["globex"] == ("complete", 30)


def test_status_does_not_depend_on_who_fails_first(serve, written, sync):
    wrong, _ = serve("acme", key="sk_us_wrong")
    lost = serve("lost")[0]
    path = written(lost, wrong)
    path.write_text(path.read_text().replace("LOST_KEY", "NO_SUCH_KEY"))
    assert sync(path)[0] == 3


def test_retries_and_invalid_records_are_told_with_their_team(serve, written, sync):
    (acme, server), (globex, _) = serve("acme"), serve("globex")
    server.control.faults.add(Status(status=503))
    server.control.faults.add(MalformedRecord())
    status, lines = sync(written(acme, globex), "-v")
    assert status == 7
    assert any(line.startswith("acme: left out an invalid record: ") for line in lines)
    assert any(line.startswith("acme: attempt 1 failed") for line in lines)


def test_what_the_specification_does_not_list_is_told_once(serve, written, sync):
    (acme, first), (globex, second) = serve("acme"), serve("globex")
    for server in (first, second):
        server.control.faults.add(UnknownValues())
    status, lines = sync(written(acme, globex))
    assert status == 0
    (line,) = [line for line in lines if "beyond specification" in line]
    assert "x2" in line.replace("×", "x")


def test_exposed_key_file_is_told(serve, written, sync, tmp_path):
    acme, server = serve("acme")
    key = tmp_path / "acme.key"
    key.write_text(server.api_key)
    key.chmod(0o644)
    path = written(acme)
    path.write_text(path.read_text().replace('key_env = "ACME_KEY"', 'key_file = "acme.key"'))
    status, lines = sync(path)
    assert status == 0
    assert lines[0] == f"acme: everybody on this machine may read or change {key}"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--team", "acme"), "--teams cannot be combined with --team"),
        (
            ("--base-url", "https://example.org", "--environment", "Sandbox"),
            "--teams cannot be combined with --environment or --base-url",
        ),
        (
            ("--user-id", "5c1b9e6e-7c7b-4b6e-9d5c-000000000000"),
            "--teams cannot be combined with --user-id",
        ),
        (
            ("--requests-per-second", "0"),
            "--requests-per-second must be more than 0",
        ),
        (("--jobs", "0"), "--jobs"),
    ],
)
def test_options_that_do_not_go_with_teams_are_refused(sync, tmp_path, options, reason):
    status, lines = sync(tmp_path / "none.toml", *options)
    assert status == 2
    assert reason in lines[0]


def test_file_that_is_not_as_it_should_be_is_refused_before_anything_is_sent(sync, tmp_path):
    path = tmp_path / "teams.toml"
    path.write_text('[[team]]\nname = "acme"\napi_key = "hunter2"\n')
    status, (line,) = sync(path)
    assert status == 3
    assert "a key does not belong here" in line
    assert not (tmp_path / "s.duckdb").exists()


def test_defect_is_70_after_the_others_are_done(serve, written, sync, monkeypatch):
    acme, globex = serve("acme")[0], serve("globex")[0]

    async def defective(*arguments, team, **options):
        if team == "acme":
            raise ZeroDivisionError
        return await sync_async(*arguments, team=team, **options)

    monkeypatch.setattr("junction_introspect.store.sync_async", defective)
    status, lines = sync(written(acme, globex))
    assert status == 70
    assert lines[-1].startswith("unforeseen error: ZeroDivisionError at sync_teams.py:")
    assert lines[-2] == "failed: acme; the same command resumes them"


@pytest.mark.skipif(os.name != "posix", reason="signals go to threads there")
def test_interrupt_ends_all_and_the_same_command_goes_on(
    serve, written, sync, tmp_path, monkeypatch
):
    (acme, server), (globex, _) = serve("acme"), serve("globex")
    path = written(acme, globex)
    server.control.faults.add(Status(status=503, retry_after="60"))
    monkeypatch.setattr(TeamNotices, "_retry", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    status, lines = sync(path, "-v")
    assert status == 130
    assert lines[-1] == "interrupted; the same command resumes the syncs"
    status, lines = sync(path)
    assert status == 0
    assert teams_in(tmp_path) == {"acme": ("complete", 30), "globex": ("complete", 30)}


@pytest.mark.skipif(os.name != "posix", reason="signals go to threads there")
@pytest.mark.parametrize("early", [True, False])
def test_interrupt_beside_the_work_does_not_raise_in_the_event_loop(
    serve, written, sync, monkeypatch, early
):
    run, reached = anyio.run, []

    def interrupt():
        os.kill(os.getpid(), signal.SIGINT)
        reached.append("the next step")

    def interrupted(*arguments):
        if early:
            interrupt()
        outcomes = run(*arguments)
        interrupt()
        return outcomes

    monkeypatch.setattr("junction_introspect.cli.sync_teams.anyio.run", interrupted)
    status, lines = sync(written(serve("acme")[0]))
    assert status == 130
    assert lines[-1] == "interrupted; the same command resumes the syncs"
    assert reached
    assert (len(lines) == 1) is early  # else the team has a line


@pytest.mark.parametrize("option", [("--jobs", "2"), ("--requests-per-second", "1")])
def test_options_for_teams_are_refused_without_them(tmp_path, capsys, option):
    assert main(["sync", "--to", str(tmp_path / "pulls.duckdb"), *option]) == 2
    assert "--jobs and --requests-per-second work only with --teams" in capsys.readouterr().err
