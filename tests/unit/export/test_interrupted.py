"""Signals at random moments of an export, and disks that are full."""

import errno
import os
import random
import shutil
import signal
import subprocess
from contextlib import contextmanager
from math import inf
from time import perf_counter

import pytest

from junction_introspect.errors import ExportWriteError
from junction_introspect.export import export, listed
from junction_introspect.mock import MockServer, Population
from tests.support.payloads import user
from tests.unit.export.test_killed import contents
from tests.unit.store.interrupting import Signalled
from tests.unit.store.scripted import Team

resource = pytest.importorskip("resource", reason="there is neither fork nor a limit to files")

PARTS = "--rows-per-part=100"


@pytest.fixture(scope="module")
def processes(s3_variables):
    with (
        MockServer(Population(30, seed=1)) as server,
        Signalled(
            **s3_variables, JUNCTION_API_KEY=server.api_key, JUNCTION_BASE_URL=server.url
        ) as processes,
    ):
        yield processes


@pytest.mark.proof(only=True)
@pytest.mark.parametrize("place", ["folder", "s3"])
def test_export_that_is_signalled_at_any_moment_says_so_and_is_resumed(
    processes, s3_prefix, tmp_path, place
):
    def ask(trial, **how):
        to = f"{tmp_path if place == 'folder' else s3_prefix}/{trial}/p-*.ndjson"
        return to, *processes.run("export", "--to", to, PARTS, **how)

    ask("warm")
    lasted = inf
    rng = random.Random()
    stopped = 0
    for trial in range(25):
        number = rng.choice([signal.SIGINT, signal.SIGTERM])
        # The shortest run says how long they take: a busy machine may have become less so.
        begun = perf_counter()
        assert ask(f"whole-{trial}")[1] == 0
        lasted = min(lasted, perf_counter() - begun)
        after = rng.uniform(0, lasted)
        to, status, said = ask(trial, number=number, after=after)
        assert status in {128 + number, 0}, (number, after, said)
        if status:
            stopped += 1
            assert said[-1].startswith("junction-introspect: interrupted"), (number, after, said)
            assert ask(trial)[1] == 0, (number, after)
        manifest, _ = contents(to)
        assert manifest["users"] >= 30
    assert stopped


@contextmanager
def files_of_at_most(size):
    """Have the system refuse to write more into a file, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def pulls():
    with Team(*[[user(number)] for number in range(40)]).client() as junction:
        yield listed(junction, prefetch=0)


def test_part_that_does_not_fit_leaves_those_before_it(pulls, tmp_path):
    to = tmp_path / "*.ndjson"
    pieces = []

    def limit(piece):
        pieces.append(piece)
        if len(pieces) == 20:
            limits.__enter__()

    limits = files_of_at_most(2_000)
    with pytest.raises(ExportWriteError, match=os.strerror(errno.EFBIG)):
        export(pulls, to, rows_per_part=30, on_piece=limit)
    limits.__exit__(None, None, None)

    assert not list(tmp_path.glob(".*.tmp"))
    exported = export(pulls, to, rows_per_part=30)
    assert (exported.resumed, exported.written, len(exported.manifest.parts)) == (True, 3, 4)
    contents(to)


@pytest.mark.proof(only=True)
@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_disk_that_is_full_at_any_moment_leaves_what_can_be_resumed(pulls, tmp_path, ending):
    mount, umount = shutil.which("mount"), shutil.which("umount")
    disk = tmp_path / "disk"
    disk.mkdir()
    for kilobytes in range(8, 208, 8):
        command = [mount, "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", disk]
        if not mount or subprocess.run(command, check=False, capture_output=True).returncode:  # noqa: S603
            pytest.skip("this user may not mount a file system")
        try:
            to = disk / f"*.{ending}"
            try:
                export(pulls, to, rows_per_part=6)
            except ExportWriteError as error:
                assert os.strerror(errno.ENOSPC) in str(error)  # noqa: PT017 - it may fit, too
            else:
                break
            subprocess.run([mount, "-o", "remount,size=10m", disk], check=True)  # noqa: S603
            assert export(pulls, to, rows_per_part=6).manifest.rows == 120
            contents(to)
        finally:
            subprocess.run([umount, disk], check=True)  # noqa: S603
    assert kilobytes > 8
