"""Files that hold users: what their names mean, who may read them, and how they are written."""

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from junction_introspect import _files
from tests.support.limits import LIMIT

posix = pytest.mark.skipif(os.name != "posix", reason="there are no such modes or links")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777], ids=oct)
def _umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_tilde_is_a_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert _files.local_path("~/pulls.duckdb") == tmp_path / "pulls.duckdb"
    assert _files.local_path(_files.local_path("./~/x")) == Path("~/x").absolute()
    assert _files.local_path("out/part-*.csv") == Path("out/part-*.csv")


URLS = [
    "s3://bucket/x",
    "gs://b/x",
    "https://example.org/x",
    "file:///x",
    "abfs+ssl://x/y",
    "a_b::s3://c",
]


@pytest.mark.parametrize("kind", [str, Path])
@pytest.mark.parametrize("url", URLS)
def test_url_is_no_file(url, kind):
    with pytest.raises(ValueError, match=r"^[\w+]+:// is a URL, but a file on this "):
        _files.local_path(kind(url))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("pulls\0.duckdb", "has a NUL"),
        ("pulls\udcff.duckdb", "not UTF-8"),
        ("~no-such-user-here/pulls.duckdb", "is not the home of any user"),
    ],
)
def test_what_no_file_is_called_is_refused(name, reason):
    with pytest.raises(ValueError, match=reason):
        _files.local_path(name)


@posix
def test_link_that_leads_back_to_itself_is_refused(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(ValueError, match="a symbolic link that leads back to itself"):
        _files.local_path(tmp_path / "a" / "pulls.duckdb")


@posix
@pytest.mark.usefixtures("_umask")
@pytest.mark.parametrize(
    ("wanted", "folders"), [(0o600, 0o700), (0o640, 0o750), (0o664, 0o775), (0o644, 0o755)]
)
def test_new_files_and_folders_are_of_the_mode_whatever_the_umask(tmp_path, wanted, folders):
    folder = tmp_path / "a" / "b"
    _files.make_folder(folder, wanted)
    _files.put(folder / "x", b"x", aside=folder / "draft", mode=wanted)
    assert [mode(tmp_path / "a"), mode(folder), mode(folder / "x")] == [folders, folders, wanted]
    assert not (folder / "draft").exists()


@posix
def test_files_and_folders_that_are_there_keep_their_modes(tmp_path):
    path = tmp_path / "x"
    path.touch()
    for kept in (0o600, 0o644, 0o660):
        path.chmod(kept)
        tmp_path.chmod(kept | 0o111)
        _files.make_folder(tmp_path)
        _files.put(path, b"x", aside=tmp_path / "draft", mode=_files.mode_of(path))
        assert (mode(path), mode(tmp_path)) == (kept, kept | 0o111)


@posix
@pytest.mark.usefixtures("_umask")
def test_what_others_create_meanwhile_is_private(tmp_path):
    outside = os.umask(0)
    os.umask(outside)
    with _files.created_with(0o600):
        (tmp_path / "inner").mkdir()
        (tmp_path / "inner" / "x").touch()
        with _files.created_with(0o640):
            (tmp_path / "y").touch()
    assert [mode(tmp_path / name) for name in ("inner", "inner/x", "y")] == [0o700, 0o600, 0o600]
    assert os.umask(outside) == outside


@posix
def test_umask_is_put_back_however_threads_overlap():
    before = os.umask(0o022)
    first, second = threading.Event(), threading.Event()

    def work():
        with _files.created_with(0o600):
            first.set()
            second.wait(LIMIT)

    try:
        thread = threading.Thread(target=work)
        thread.start()
        assert first.wait(LIMIT)
        with _files.created_with(0o640):
            second.set()
            thread.join()
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


@pytest.mark.parametrize("error", [OSError(28, "full"), KeyboardInterrupt()])
def test_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch, error):
    path = tmp_path / "x"
    path.write_bytes(b"before")

    def fail(_):
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(error)):
        _files.put(path, b"after", aside=tmp_path / "draft", mode=None)
    assert [each.name for each in tmp_path.iterdir()] == ["x"]
    assert path.read_bytes() == b"before"


def test_name_that_is_a_file_is_no_folder(tmp_path):
    (tmp_path / "x").touch()
    with pytest.raises(OSError, match="exists"):
        _files.make_folder(tmp_path / "x")


@pytest.mark.parametrize("number", [errno.ENAMETOOLONG, errno.ESTALE])
def test_fault_other_than_of_a_link_is_left_to_the_system(tmp_path, monkeypatch, number):
    def stat(_):
        raise OSError(number, "no link")

    monkeypatch.setattr(Path, "stat", stat)
    assert _files.local_path(tmp_path / "x") == tmp_path / "x"


def test_unknown_home_is_named_without_the_rest():
    with pytest.raises(ValueError, match=r"^~nobody-of-that-name is not the home of any user$"):
        _files.local_path("~nobody-of-that-name/exports")


@posix
def test_file_that_is_there_keeps_its_mode_and_a_new_one_is_private(tmp_path):
    there = tmp_path / "there"
    there.touch()
    there.chmod(0o640)
    assert _files.mode_of(there) == 0o640
    assert _files.mode_of(tmp_path / "new") == 0o600
    assert _files.mode_of(there, 0o604) == 0o604


def test_who_reads_the_files_lists_their_folder():
    for files in range(0o1000):
        folder = _files.folder_mode(files)
        for read, listed in ((0o400, 0o100), (0o040, 0o010), (0o004, 0o001)):
            assert folder & listed == (listed if files & read else files & listed)
        assert folder & 0o666 == files & 0o666


@posix
def test_folder_that_another_makes_meanwhile_keeps_its_mode(tmp_path, monkeypatch):
    make = Path.mkdir

    def make_twice(path):
        make(path, 0o711)
        make(path)

    monkeypatch.setattr(Path, "mkdir", make_twice)
    _files.make_folder(tmp_path / "a")
    assert mode(tmp_path / "a") == 0o711


@pytest.fixture
def _pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    # Held open, so that a test that fails does not wait for a writer.
    descriptor = os.open(tmp_path / "pipe", os.O_RDWR)
    yield
    os.close(descriptor)


@posix
@pytest.mark.usefixtures("_pipe")
def test_regular_file_alone_is_opened(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    with _files.open_regular(tmp_path / "file") as file:
        assert file.read() == b"content"
    for path in (tmp_path / "pipe", Path(os.devnull)):
        with pytest.raises(ValueError, match=f"^{path} is not a regular file$"):
            _files.open_regular(path)


@posix
@pytest.mark.usefixtures("_pipe")
def test_pipe_is_not_waited_for(tmp_path):
    descriptor = _files._without_waiting(tmp_path / "pipe", os.O_RDONLY)
    assert not os.get_blocking(descriptor)
    os.close(descriptor)


@posix
def test_strictest_of_several_modes_holds_until_its_context_ends():
    def umask():
        now = os.umask(0o777)
        os.umask(now)
        return now

    before = umask()
    with _files.created_with(0o640):
        assert umask() == 0o027
        with _files.created_with(0o604):
            assert umask() == 0o077
        assert umask() == 0o027
    assert umask() == before


@posix
def test_child_process_that_is_forked_in_the_context_can_leave_it():
    before = os.umask(0o022)
    try:
        with _files.created_with(0o640):
            _files._LOCK.after_fork()  # as if this were the child
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)


@posix
def test_child_process_has_the_umask_that_its_parents_threads_limit():
    before = os.umask(0o022)
    started, forked = threading.Event(), threading.Event()

    def work():
        with _files.created_with(0o600):
            started.set()
            forked.wait(LIMIT)

    thread = threading.Thread(target=work)
    try:
        thread.start()
        assert started.wait(LIMIT)
        here = (list(_files._masks), os.umask(0o077))
        _files._LOCK.after_fork()  # as if this were the child
        in_child = (list(_files._masks), os.umask(0o022))
        _files._masks[:] = here[0]
    finally:
        forked.set()
        thread.join()
        os.umask(before)
    assert here == ([0o077], 0o077)
    assert in_child == ([], 0o022)


@posix
def test_umask_decides_where_no_mode_is_asked_for(tmp_path):
    before = os.umask(0o020)
    try:
        _files.put(tmp_path / "file", b"", aside=tmp_path / "aside", mode=None)
    finally:
        os.umask(before)
    assert mode(tmp_path / "file") == 0o646


@posix
def test_file_is_private_from_the_moment_it_exists(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "chmod", lambda _path, _mode: None)  # later, it widens the mode
    _files.put(tmp_path / "file", b"", aside=tmp_path / "aside", mode=0o644)
    assert mode(tmp_path / "file") == 0o600
