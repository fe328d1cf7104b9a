"""Replace several files and folders together: all of them, or none.

A bump writes five files and folders that must match. A full disk or Ctrl-C between them would leave
a client that cannot be imported. Git could restore what was committed, but not uncommitted work.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
from contextlib import ExitStack, contextmanager
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
        renames: list[tuple[Path, Path]] = []
        for number, (path, source) in enumerate(replacements.items()):
            target, new = root / path, staging / f"new-{number}"
            if source.is_dir():
                shutil.copytree(source, new)
            else:
                shutil.copyfile(source, new)
            if target.is_file():
                shutil.copymode(target, new)
            if target.exists():
                renames.append((target, staging / f"old-{number}"))
            renames.append((new, target))
        with _signals_held(), ExitStack() as undo:
            for old, new in renames:
                old.rename(new)
                undo.callback(new.rename, old)
            undo.pop_all()  # nothing is to be undone
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold back SIGINT and SIGTERM until the block has ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
