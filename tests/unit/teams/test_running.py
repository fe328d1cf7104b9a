"""Work for many teams: some at a time, and each one's failure its own."""

import pickle
from functools import partial

import anyio
import pytest

from junction_introspect import AuthenticationError, ConfigurationError
from junction_introspect.store import Filters, Store, sync_async
from junction_introspect.teams import Outcome, Team, current_team, run_teams

pytestmark = pytest.mark.any_specification


@pytest.fixture(params=["asyncio", "trio"])
def run(request):
    return partial(anyio.run, backend=request.param)


async def ids(_team, junction):
    return {user.user_id async for user in junction.historical_pulls(user_limit=20)}


def local(number):
    """A team that nothing is sent for."""
    return Team(name=f"t{number}", base_url="http://127.0.0.1:9", key_env="SOME_KEY")


def test_every_team_gets_its_own_users(run, serve):
    teams, servers = zip(*(serve(name) for name in ("acme", "globex", "initech")), strict=True)
    outcomes = run(run_teams, teams, ids)
    assert [outcome.team for outcome in outcomes] == ["acme", "globex", "initech"]
    for outcome, server in zip(outcomes, servers, strict=True):
        users = server.population
        assert outcome.result == {users.user_id(number) for number in range(len(users))}


def test_one_failing_team_does_not_stop_the_others(run, serve, monkeypatch):
    acme, _ = serve("acme", key="sk_us_wrong")
    globex, _ = serve("globex")
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    lost = Team(name="lost", base_url=globex.base_url, key_env="NO_SUCH_KEY")
    seen = []
    outcomes = run(partial(run_teams, on_outcome=seen.append), [acme, lost, globex], ids)
    assert [type(outcome.error) for outcome in outcomes] == [
        AuthenticationError, ConfigurationError, type(None),
    ]  # fmt: skip
    assert len(outcomes[2].result) == 30
    assert sorted(seen, key=lambda outcome: outcome.team) == sorted(
        outcomes, key=lambda outcome: outcome.team
    )


def test_outcome_keeps_no_frames_and_can_be_pickled(run, serve):
    acme, _ = serve("acme", key="sk_us_wrong")
    (outcome,) = run(run_teams, [acme], ids)
    assert outcome.error.__traceback__ is None
    copy = pickle.loads(pickle.dumps(outcome))  # noqa: S301 - our own
    assert (copy.team, str(copy.error)) == ("acme", str(outcome.error))


def test_defect_is_an_outcome_and_logged_with_its_traceback(run, monkeypatch, caplog):
    monkeypatch.setenv("SOME_KEY", "sk_us_0123456789")

    async def defective(_team, _junction):
        return 1 / 0

    (outcome,) = run(run_teams, [local(1)], defective)
    assert isinstance(outcome.error, ZeroDivisionError)
    assert "the work for team t1 failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "0123456789" not in caplog.text


def test_no_more_teams_are_worked_for_than_asked(run, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "sk_us_0123456789")
    at_work, most = set(), 0

    async def work(team, _junction):
        nonlocal most
        at_work.add(team.name)
        most = max(most, len(at_work))
        for _ in range(10):
            await anyio.lowlevel.checkpoint()
        at_work.remove(team.name)

    run(partial(run_teams, jobs=3), [local(number) for number in range(12)], work)
    assert most == 3


def test_no_jobs_are_refused(run):
    with pytest.raises(ValueError, match="jobs must be 1 or more"):
        run(partial(run_teams, jobs=0), [], ids)


def test_work_can_tell_which_team_it_is_for(run, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "sk_us_0123456789")

    async def work(_team, _junction):
        await anyio.lowlevel.checkpoint()
        return current_team.get()

    outcomes = run(run_teams, [local(1), local(2)], work)
    assert outcomes == [Outcome("t1", "t1"), Outcome("t2", "t2")]
    assert current_team.get() is None


def test_teams_sync_into_one_store_at_the_same_time(run, serve, tmp_path):
    teams, _ = zip(*(serve(name) for name in ("acme", "globex", "initech")), strict=True)
    with Store.open(tmp_path / "all.duckdb") as store:

        async def work(team, junction):
            return await sync_async(junction, store, team=team.name, user_limit=5)

        outcomes = run(run_teams, teams, work)
        for outcome in outcomes:
            (synced,) = outcome.result.runs
            assert synced.users == 30
            assert store.count(filters=Filters(team=outcome.team)) == synced.rows


def test_no_key_is_logged(run, serve, caplog):
    (acme, first), (globex, second) = serve("acme", key="sk_us_wrong"), serve("globex")
    with caplog.at_level("DEBUG"):
        run(run_teams, [acme, globex], ids)
    assert caplog.records
    for key in ("sk_us_wrong", first.api_key, second.api_key):
        assert key not in caplog.text
