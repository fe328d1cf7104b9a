"""Sweeps of many teams: in this process, in threads of Dask, and in processes that are killed."""

import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import anyio
import dask
import pyarrow as pa
import pytest
from many_mocks import key_of

from junction_introspect import AuthenticationError
from junction_introspect.arrow import utc_now
from junction_introspect.errors import ExportError
from junction_introspect.export import Destination
from junction_introspect.mock import Population
from junction_introspect.mock.faults import LoopingCursor
from junction_introspect.pages import Page
from junction_introspect.sweep import Sweep, parts, read, sweep
from junction_introspect.teams import Team
from tests.support.pulls import record_batch

pytestmark = pytest.mark.any_specification

KEY = ["team", "user_id", "provider", "resource"]


def expected(populations):
    """Return the keys of all rows that are to be there."""
    tables = []
    for team, users in populations.items():
        page = Page([users.user(number) for number in range(len(users))], None)
        keys = pa.Table.from_batches([record_batch(page, utc_now())]).select(KEY[1:])
        tables.append(as_text(keys).append_column("team", pa.array([team] * keys.num_rows)))
    return pa.concat_tables(tables).select(KEY)


def as_text(table):
    return table.cast(pa.schema([(name, pa.string()) for name in table.column_names]))


def each_once(url, populations):
    """Tell whether every key that is to be there is there once, and no other."""
    there, wanted = as_text(read(url).to_table(columns=KEY)), expected(populations)
    sides = pa.array([1] * there.num_rows + [1_000_000] * wanted.num_rows)
    both = pa.concat_tables([there, wanted]).append_column("side", sides)
    return set(both.group_by(KEY).aggregate([("side", "sum")])["side_sum"].to_pylist()) == {
        1_000_001
    }


@pytest.fixture(scope="module")
def threads():
    """A cluster in this process, quick to set up."""
    from distributed import Client, LocalCluster  # noqa: PLC0415 - takes long, here alone

    with (
        LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address="127.0.0.1:0"
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture(params=["this process", "dask"])
def client(request):
    return None if request.param == "this process" else request.getfixturevalue("threads")


def test_union_holds_every_key_once(serve, client, tmp_path):
    teams, servers = zip(*(serve(name) for name in ("acme", "globex", "initech")), strict=True)
    seen = []
    outcomes = sweep(
        teams,
        destination=str(tmp_path),
        client=client,
        user_limit=7,
        rows_per_part=100,
        requests_per_second=1000,
        on_outcome=seen.append,
    )
    assert [outcome.team for outcome in outcomes] == ["acme", "globex", "initech"]
    assert {outcome.team for outcome in seen} == {"acme", "globex", "initech"}
    assert each_once(
        str(tmp_path),
        {team.name: server.population for team, server in zip(teams, servers, strict=True)},
    )


def test_failing_team_stops_no_other_and_is_done_later(serve, client, tmp_path, monkeypatch):
    acme, server = serve("acme", key="sk_us_wrong")
    globex, other = serve("globex")
    teams = [acme, globex]
    failed, done = sweep(teams, str(tmp_path), client=client)
    assert isinstance(failed.error, AuthenticationError)
    assert (done.result.manifest.users, done.error) == (30, None)

    monkeypatch.setenv("ACME_KEY", server.api_key)
    late, as_before = sweep(teams, str(tmp_path), client=client)
    assert late.result.written
    assert not as_before.result.written
    assert each_once(str(tmp_path), {"acme": server.population, "globex": other.population})


def test_destination_that_cannot_be_written_fails_its_teams(serve, client, tmp_path):
    acme, _ = serve("acme")
    (tmp_path / "in-the-way").write_text("")
    (outcome,) = sweep([acme], str(tmp_path / "in-the-way"), client=client)
    assert isinstance(outcome.error, ExportError)


def test_sweep_works_where_an_event_loop_runs_as_in_a_notebook(serve, tmp_path):
    acme, _ = serve("acme")

    async def cell():
        return sweep([acme], str(tmp_path))

    (outcome,) = anyio.run(cell)
    assert outcome.result.manifest.users == 30


def test_two_teams_of_a_name_are_refused(tmp_path):
    teams = [
        Team(name=name, environment="Sandbox", key_env="ACME_KEY") for name in ("acme", "Acme")
    ]
    with pytest.raises(ValueError, match="two teams have the same name"):
        sweep(teams, str(tmp_path))


def test_asynchronous_client_is_refused(tmp_path):
    team = Team(name="acme", environment="Sandbox", key_env="ACME_KEY")

    class Asynchronous:
        asynchronous = True

    with pytest.raises(TypeError, match="not asynchronous"):
        sweep([team], str(tmp_path), client=Asynchronous())


def test_what_is_broken_off_is_taken_from_the_cluster(serve, threads, tmp_path):
    teams = [serve(name)[0] for name in ("acme", "globex", "initech")]

    def interrupt(_outcome):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(teams, str(tmp_path), client=threads, on_outcome=interrupt)
    assert not threads.futures


def test_error_travels_without_the_page_it_stands_for(serve, threads, tmp_path):
    acme, server = serve("acme", users=200)
    server.control.faults.add(LoopingCursor(times=3))
    (outcome,) = sweep([acme], str(tmp_path), client=threads)
    assert outcome.error.page is None


def test_task_is_small_and_has_no_key(monkeypatch, tmp_path):
    monkeypatch.setenv("ACME_KEY", "sk_us_Zm9vYmFyYmF6cXV4")
    team = Team(name="acme", environment="Sandbox", key_env="ACME_KEY")
    task = pickle.dumps((team, Sweep(destination=Destination(tmp_path))))
    assert len(task) < 1500
    assert b"Zm9vYmFy" not in task


@pytest.fixture
def sizes(at_length):
    """How many teams, how many users each has, and how many workers are killed."""
    return at_length((6, 60, 1), (40, 500, 10))


@pytest.fixture
def many(sizes):
    """A process that serves them all, by their keys."""
    script = Path(__file__).with_name("many_mocks.py")
    # Without coverage, which would slow down what is not under test.
    environ = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    with (
        subprocess.Popen(  # noqa: S603 - this project
            [sys.executable, script, *map(str, sizes[:2])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environ,
            text=True,
        ) as process
    ):
        yield process
        process.stdin.close()


@pytest.fixture
def _environment_of_nannies():
    """Dask has its processes inherit variables that it leaves in this one's environment."""
    with patch.dict(os.environ):
        yield


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.proof(only=True))])
def url(request, tmp_path):
    """A destination that every worker can reach."""
    return (
        f"file://{tmp_path}/out"
        if request.param == "local"
        else request.getfixturevalue("s3_prefix")
    )


@pytest.mark.usefixtures("_environment_of_nannies")
@pytest.mark.proof
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_workers_killed_half_way_cost_nothing(many, sizes, tmp_path, monkeypatch, url):
    from distributed import Client, LocalCluster  # noqa: PLC0415 - as above

    count, users, kills = sizes
    for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
        monkeypatch.delenv(name)  # as above
    teams, populations = [], {}
    address = many.stdout.readline().strip()
    for number in range(count):
        name, path = f"team-{number}", tmp_path / f"{number}.key"
        path.touch(mode=0o600)
        path.write_text(key_of(number))
        teams.append(Team(name=name, base_url=address, key_file=path))
        populations[name] = Population(users, seed=number)
    killed, seen = [], []

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 2 * kills}),
        LocalCluster(
            n_workers=2 if kills == 1 else 3,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
        ) as cluster,
        Client(cluster) as client,
    ):

        def kill_a_busy_one(outcome):
            seen.append(outcome)
            busy = {address for address, keys in client.processing().items() if keys}
            if len(seen) % 3 == 0 and busy and len(killed) < kills:
                nanny = next(
                    each for each in cluster.workers.values() if each.worker_address in busy
                )
                os.kill(nanny.pid, signal.SIGKILL)
                killed.append(nanny.worker_address)
            if len(killed) == kills or len(seen) == count - 1:
                # Until now the last team was waiting for an answer, so one of them was busy.
                many.stdin.write("answer\n")
                many.stdin.flush()

        outcomes = sweep(
            teams,
            destination=url,
            client=client,
            user_limit=users // 5,
            rows_per_part=4 * users,
            on_outcome=kill_a_busy_one,
        )

    assert len(killed) == kills
    assert [outcome.team for outcome in outcomes] == [team.name for team in teams]
    assert [outcome.error for outcome in outcomes] == [None] * count
    assert len(parts(url, verify=True)) > count
    assert each_once(url, populations)
