"""Replace several files and folders together: all of them, or none.

A bump writes five that fit together only: a full disk or Ctrl-C halfway would leave a client that
does not import. Git could bring back what was committed, but not what somebody was working on.
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
    """Put copies of files and folders in the place of those of a tree.

    What can fail for want of room or rights, the copying, is done beside the tree's own files
    first. Then everything is renamed; a failure there is undone, and a signal waits.

    Args:
        root: The tree.
        replacements: By path below `root`, what to put there.

    Raises:
        OSError: Nothing has been replaced.
    """
    # Below root, so that renaming is all that is left to do: it cannot cross file systems.
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
    """Keep Ctrl-C and a request to end waiting until all is renamed."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
