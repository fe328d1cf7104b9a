"""Signals at random moments: 130 or 143, one line, and what was done stays done."""

import random
import signal
import sys
from time import perf_counter

import pytest

from junction_introspect.mock import MockServer, Population
from junction_introspect.store import Store
from tests.unit.store.interrupting import Signalled

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(sys.platform == "win32", reason="there is neither fork nor SIGTERM"),
]

USERS = 20

COMMANDS = {
    "sync": "sync --to {folder}/new.duckdb",
    "teams": "sync --to {folder}/new.duckdb --teams {shared}/teams.toml",
    "stuck": "stuck --from {shared}/pulls.duckdb",
    "summary": "summary --from {shared}/pulls.duckdb --format json",
    "report": "report --from {shared}/pulls.duckdb -o {folder}/report.html",
    "changes": "changes --from {shared}/pulls.duckdb --since 2020-01-01",
    "stored": "export --from {shared}/pulls.duckdb --to {folder}/p-*.parquet --rows-per-part 100",
    "listed": "export --to {folder}/p-*.csv --rows-per-part 100",
    "pulls": "pulls",
}
FOUND = {"stuck": 1}
# What the other commands do, some of these do as well.
DIFFERENT = {"sync", "teams", "report", "listed"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def processes(shared):
    with (
        MockServer(Population(USERS, seed=1)) as server,
        Signalled(
            JUNCTION_API_KEY=server.api_key,
            JUNCTION_BASE_URL=server.url,
            ACME=server.api_key,
            GLOBEX=server.api_key,
        ) as processes,
    ):
        (shared / "teams.toml").write_text(
            "".join(
                f'[[team]]\nname = "{name}"\nbase_url = "{server.url}"\nkey_env = "{name}"\n'
                for name in ("ACME", "GLOBEX")
            )
        )
        assert processes.run("sync", "--to", shared / "pulls.duckdb")[0] == 0
        yield processes


@pytest.fixture
def trials(at_length):
    return at_length(1, 60)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(name, marks=() if name in DIFFERENT else pytest.mark.proof(only=True))
        for name in COMMANDS
    ],
)
def test_command_that_is_signalled_at_any_moment_says_so(
    processes, shared, tmp_path, trials, command
):
    def arguments(trial):
        folder = tmp_path / str(trial)
        folder.mkdir(exist_ok=True)
        return COMMANDS[command].format(folder=folder, shared=shared).split()

    done = FOUND.get(command, 0)
    begun = perf_counter()
    assert processes.run(*arguments("whole"))[0] == done
    lasted = perf_counter() - begun

    rng = random.Random()
    for trial in range(trials):
        number = rng.choice([signal.SIGINT, signal.SIGTERM])
        after = rng.uniform(0, lasted)
        status, said = processes.run(*arguments(trial), number=number, after=after)
        assert status in {128 + number, done}, (number, after, said)
        if status != done:
            assert said[-1].startswith("junction-introspect: interrupted"), (number, after)
            # The same command gets to its end.
            assert processes.run(*arguments(trial))[0] == done, (number, after)
        assert all(line.startswith("junction-introspect: ") for line in said)


def test_sync_that_is_signalled_again_and_again_ends_as_if_nothing_had_happened(
    processes, shared, tmp_path, trials
):
    path = tmp_path / "pulls.duckdb"
    rng = random.Random()
    for _ in range(trials):
        status, _ = processes.run("sync", "--to", path, after=rng.uniform(0.05, 0.3))
        assert status in {0, 130}
    assert processes.run("sync", "--to", path)[0] == 0
    with (
        Store.open(path, read_only=True) as store,
        Store.open(shared / "pulls.duckdb", read_only=True) as expected,
    ):
        assert list(store.rows()) == list(expected.rows())
