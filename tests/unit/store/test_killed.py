"""A process that is killed at any moment, and one that goes on after it, are as good as one."""

import shutil
import signal
import sys

import pytest

from junction_introspect import Junction
from junction_introspect.mock import MockServer, Population
from junction_introspect.store import Store, sync
from tests.unit.store.killing import Victims, moments
from tests.unit.store.reading import contents, is_interrupted

pytestmark = [
    pytest.mark.any_specification,
    pytest.mark.proof,
    pytest.mark.skipif(sys.platform == "win32", reason="there is neither fork nor SIGKILL"),
]

USERS = 40


@pytest.fixture(scope="module")
def server():
    with MockServer(Population(USERS, seed=1), control=True) as server:
        yield server


@pytest.fixture(scope="module")
def victims(server):
    with Victims(server) as victims:
        yield victims


@pytest.fixture
def earlier(server, tmp_path):
    """A store of some time ago: users have left since, and pulls have moved."""
    path = tmp_path / "earlier.duckdb"
    server.control.reset()
    with (
        MockServer(Population(USERS + 5, seed=1)) as before,
        Junction(api_key=before.api_key, base_url=before.url) as junction,
        Store.open(path) as store,
    ):
        sync(junction, store)
    for index in range(0, USERS, 3):
        user = server.population.user(index)
        provider, pulls = next(iter(user.provider.items()))
        for resource in pulls.pulled:
            server.control.world.set_pull(user.user_id, provider, resource, "retrying")
    yield path
    server.control.reset()


def test_sync_killed_at_any_moment_ends_as_if_nothing_had_happened(
    victims, earlier, tmp_path, at_length
):
    def copied(name):
        return shutil.copy(earlier, tmp_path / f"{name}.duckdb")

    kill_after = moments(lambda: victims.run("sync", copied("undisturbed")), at_length(3, 100))
    expected = contents(tmp_path / "undisturbed.duckdb")
    rows, changes = expected["pulls"]
    assert {kind for _, _, _, kind, *_ in changes} >= {"appeared", "moved", "vanished"}
    assert len(rows) == len({row[:4] for row in rows})  # each key once
    assert expected["resources"][0]

    # One dies in the middle however fast the machine has become meanwhile.
    for trial, seconds in enumerate([None, *kill_after]):
        path = copied(trial)
        checkpoints = trial % 2 == 1
        status = victims.run(
            "sync", path, kill_after=seconds, checkpoints=checkpoints, dies=seconds is None
        )
        assert status in {0, -signal.SIGKILL}
        assert is_interrupted(path) or seconds is not None
        if status:
            assert victims.run("sync", path) == 0
        assert contents(path) == expected


def test_first_sync_killed_at_any_moment_leaves_what_the_next_can_use(victims, tmp_path, at_length):
    assert victims.run("sync", tmp_path / "undisturbed.duckdb") == 0
    expected = contents(tmp_path / "undisturbed.duckdb")

    # The file is made within a few milliseconds.
    for trial in range(at_length(2, 40)):
        path = tmp_path / f"{trial}.duckdb"
        victims.run("sync", path, kill_after=trial % 10 * 0.004)
        assert victims.run("sync", path) == 0
        assert contents(path) == expected


def test_sync_killed_after_every_page_gets_to_its_end(victims, earlier, tmp_path):
    path = shutil.copy(earlier, tmp_path / "again.duckdb")
    assert victims.run("sync", shutil.copy(earlier, tmp_path / "undisturbed.duckdb")) == 0

    killed = 0
    while victims.run("sync", path, dies=killed % 11 != 10):
        killed += 1

    assert killed > 5
    assert contents(path) == contents(tmp_path / "undisturbed.duckdb")
