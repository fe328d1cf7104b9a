"""Replace several files and folders together: all of them, or none.

A bump writes five files and folders that must match. A full disk or Ctrl-C between them would leave
a client that cannot be imported. Git could restore what was committed, but not uncommitted work.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def replace_together(root: Path, replacements: Mapping[str, Path]) -> None:
    """Replace files and folders of a tree by copies of others.

    Everything is first copied next to the tree's own files, because copying can fail if the disk is
    full or permissions are missing. Then everything is renamed. If renaming fails, it is undone;
    signals are held back until it is finished.

    Args:
        root: The tree.
        replacements: The file or folder to copy to each path below `root`.

    Raises:
        OSError: Copying or renaming failed; nothing has been replaced.
    """
    # Below root, because renaming works only within one file system.
    staging = Path(tempfile.mkdtemp(prefix=".bump-", dir=root))
    try:
        for number, source in enumerate(replacements.values()):
            copied = staging / f"new-{number}"
            if source.is_dir():
                shutil.copytree(source, copied)
            else:
                shutil.copyfile(source, copied)
                target = root / [*replacements][number]
                if target.exists():
                    shutil.copymode(target, copied)
        with _signals_held():
            _rename_all(root, staging, [*replacements])
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _rename_all(root: Path, staging: Path, paths: list[str]) -> None:
    done: list[tuple[Path, Path]] = []
    try:
        for number, path in enumerate(paths):
            target, kept = root / path, staging / f"old-{number}"
            if target.exists():
                target.rename(kept)
                done.append((kept, target))
            new = staging / f"new-{number}"
            new.rename(target)
            done.append((target, new))
    except BaseException:
        for source, back in reversed(done):
            source.rename(back)
        raise


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold back SIGINT and SIGTERM until the block has ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
