from __future__ import annotations

import errno
import shutil
import signal
from pathlib import Path

import pytest

from openapi.replacing import replace_together

pytestmark = pytest.mark.any_specification


def contents(root):
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def tree(tmp_path):
    for path in ("tree/a.txt", "tree/package/old.py", "tree/package/both.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("old")
    for path in ("new/a.txt", "new/b.txt", "new/package/both.py", "new/package/new.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("new")
    return tmp_path / "tree"


@pytest.fixture
def replacements(tree):
    return {name: tree.parent / "new" / name for name in ("a.txt", "package", "b.txt")}


def test_files_and_folders_are_replaced_whole(tree, replacements):
    replace_together(tree, replacements)
    paths = ("a.txt", "b.txt", "package/both.py", "package/new.py")
    assert contents(tree) == dict.fromkeys(paths, "new")


def test_rights_of_a_file_stay(tree, replacements):
    (tree / "a.txt").chmod(0o640)
    replace_together(tree, replacements)
    assert (tree / "a.txt").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("copier", ["copyfile", "copytree"])
def test_full_disk_changes_nothing(copier, tree, replacements, monkeypatch):
    def fail(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    before = contents(tree)
    monkeypatch.setattr(shutil, copier, fail)
    with pytest.raises(OSError, match="No space left"):
        replace_together(tree, replacements)
    assert contents(tree) == before


@pytest.mark.parametrize("failing", range(5))
@pytest.mark.parametrize("error", [PermissionError, KeyboardInterrupt])
def test_failure_half_way_is_undone(failing, error, tree, replacements, monkeypatch):
    calls = iter(range(100))
    rename = Path.rename

    def rename_until(self, target):
        if next(calls) == failing:
            raise error
        return rename(self, target)

    before = contents(tree)
    monkeypatch.setattr(Path, "rename", rename_until)
    with pytest.raises(error):
        replace_together(tree, replacements)
    assert contents(tree) == before


def test_signal_waits_until_all_is_replaced(tree, replacements, monkeypatch):
    rename = Path.rename

    def interrupt(self, target):
        signal.raise_signal(signal.SIGINT)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace_together(tree, replacements)
    assert set(contents(tree).values()) == {"new"}
