"""An export that is killed at any moment, and the next one, are as good as one, in any place."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from operator import itemgetter
from unittest.mock import patch

import pytest

from junction_introspect.arrow import schema
from junction_introspect.errors import ExportLockedError
from junction_introspect.export import export, files_named, listed
from junction_introspect.export.formats import read
from junction_introspect.mock import MockServer, Population
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from tests.support.payloads import user
from tests.unit.store.killing import Victims, moments
from tests.unit.store.scripted import Team

pytestmark = [
    pytest.mark.any_specification,
    pytest.mark.skipif(sys.platform == "win32", reason="there is neither fork nor SIGKILL"),
]

USERS = 40


@pytest.fixture(scope="module")
def server():
    with MockServer(Population(USERS, seed=1)) as server:
        yield server


@pytest.fixture(scope="module")
def victims(server):
    with Victims(server) as victims:
        yield victims


@pytest.fixture(scope="module")
def s3_victims(server, s3_variables):
    with ExitStack() as stack:
        with patch.dict(os.environ, s3_variables):  # they keep what they start with
            both = [stack.enter_context(Victims(server)) for _ in range(2)]
        yield both


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.proof(only=True))])
def place(request, tmp_path):
    """Victims, and a function that returns a place in which there is nothing."""
    if request.param == "folder":
        return request.getfixturevalue("victims"), lambda name: str(tmp_path / str(name))
    victims, _ = request.getfixturevalue("s3_victims")
    prefix = request.getfixturevalue("s3_prefix")
    return victims, lambda name: f"{prefix}/{name}"


def contents(to):
    """Return what counts of an export: the manifest and its parts; each key is there once."""
    files = files_named(to)
    manifest = json.loads(files.destination.get(files.manifest))
    found = {part["name"]: files.destination.get(part["name"]) for part in manifest["parts"]}
    key = itemgetter(*HISTORICAL_PULLS.key)
    keys = [
        key(row)
        for content in found.values()
        for row in read(content, files.format, schema(HISTORICAL_PULLS)).to_pylist()
    ]
    assert len(keys) == len(set(keys))
    for part in manifest["parts"]:
        part.pop("tag")
    return manifest, found


@pytest.mark.proof
@pytest.mark.parametrize(
    "ending", ["parquet", pytest.param("csv", marks=pytest.mark.proof(only=True))]
)
def test_export_killed_at_any_moment_ends_as_if_nothing_had_happened(place, ending, at_length):
    victims, named = place
    runs = iter(range(10))

    def undisturbed():
        to = f"{named(f'undisturbed-{next(runs)}')}/part-*.{ending}"
        assert victims.run("export", to) == 0
        return to

    expected = contents(undisturbed())
    assert len(expected[1]) > 3
    kill_after = moments(undisturbed, at_length(2, 25))

    # One dies in the middle however fast the machine has become meanwhile.
    killed = 0
    for trial, seconds in enumerate([None, *kill_after]):
        to = f"{named(trial)}/part-*.{ending}"
        status = victims.run("export", to, kill_after=seconds, dies=seconds is None)
        assert status in {0, -signal.SIGKILL}
        if status:
            killed += 1
            assert victims.run("export", to) == 0
        assert contents(to) == expected
        if "://" not in to:
            # Whoever reads all files of the folder reads each key once, too.
            names = {name for name in files_named(to).destination.names() if name[0] != "."}
            assert names == {*expected[1], f"part-manifest.{ending}.json"}
    assert killed


@pytest.mark.proof(only=True)
def test_two_processes_that_export_to_one_url_at_once_leave_a_whole_export(s3_victims, s3_prefix):
    with ThreadPoolExecutor() as threads:
        for trial in range(10):
            to = f"{s3_prefix}/{trial}/part-*.parquet"
            both = [threads.submit(each.run, "export", to) for each in s3_victims]
            assert [each.result() for each in both] == [0, 0]
            manifest, _ = contents(to)
            assert manifest["users"] == USERS


HOLDER = """
import filelock, sys
with filelock.FileLock(sys.argv[1], timeout=0):
    print(flush=True)
    sys.stdin.read()
"""


def test_folder_that_another_process_writes_into_is_free_when_that_is_killed(tmp_path):
    lock = files_named(tmp_path / "*.csv").lock
    with (
        subprocess.Popen(  # noqa: S603 - this interpreter, and code that stands above
            [sys.executable, "-c", HOLDER, tmp_path / lock],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as holder,
        Team([user(1)]).client() as junction,
    ):
        holder.stdout.readline()
        with pytest.raises(ExportLockedError, match="another export is writing into"):
            export(listed(junction), tmp_path / "*.csv")
        holder.kill()
        holder.wait()
        assert export(listed(junction), tmp_path / "*.csv").written == 1
