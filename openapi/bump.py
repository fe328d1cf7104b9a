"""Bump the specification: load, slice, compare, correct, generate, test, and only then write.

All steps run in a copy of the tree. If all succeed, their results replace the tree's files together
at the end. If one fails, the tree stays unchanged.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openapi import changelog, trial
from openapi.diff.changes import Grade
from openapi.diff.rendering import FORMATS
from openapi.documents import HERE, StepError, dumps, load, load_plain, refuse
from openapi.drift import Drift, drift
from openapi.fetch import PUBLISHED
from openapi.generate import differences
from openapi.replacing import replace_together
from openapi.slice import refuse_missing
from openapi.stale import Finding, correct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openapi.trial import Commands

ROOT = HERE.parent
_JUNCTION = "openapi/junction.yaml"
_OVERLAY = "openapi/overlay.yaml"
_OPERATIONS = "openapi/operations.yaml"
_CHANGELOG = "CHANGELOG.md"
_GENERATED = ("openapi/spec.yaml", "generated/junction_api")

_INTERRUPTED = 130


@dataclass(frozen=True)
class Bump:
    """The result of a bump."""

    drift: Drift
    written: list[str] = field(default_factory=list)
    """The files and folders that have changed; empty if there was nothing to do."""
    stale: list[Finding] = field(default_factory=list)
    """The corrections that were left out because they match nothing."""

    @property
    def status(self) -> int:
        """The exit status: 0 for nothing to do or absorbed, 3 for attention, 4 for breaking."""
        return max(self.drift.grade.status, Grade.ATTENTION.status if self.stale else 0)

    def render(self, layout: str) -> str:
        """Return the summary as ``text``, ``json`` or ``markdown``."""
        summary = self.drift.render(layout)
        if layout == "json":
            stale = [
                {**vars(one.stale), "repaired": one.repaired, "because": one.because}
                for one in self.stale
            ]
            return json.dumps({**json.loads(summary), "stale": stale}, indent=2, ensure_ascii=False)
        if layout == "markdown" and self.stale:
            blocks = "\n\n".join(f"```text\n{one}\n```" for one in self.stale)
            return f"{summary}\n\n### Corrections left out\n\n{blocks}"
        nothing = [] if self.written else ["nothing to do"]
        return "\n".join((summary, *map(str, self.stale), *nothing))


def bump(
    source: str = PUBLISHED,
    root: Path = ROOT,
    *,
    operations: Path | None = None,
    stale_stops: bool = True,
    tests: Commands = trial.TESTS,
) -> Bump:
    """Update a tree to another version of the specification.

    Args:
        source: A file or an https URL of a whole or sliced document, in YAML or JSON.
        root: The tree, with `openapi/`, `generated/`, `CHANGELOG.md` and their tests.
        operations: The list of operations to include; by default the tree's own. The tree's list
            is not changed, so a document with fewer operations can be used on purpose.
        stale_stops: Whether a correction that matches nothing stops the bump. Otherwise it is left
            out. The overlay itself is not changed, so `make check` fails until somebody has decided
            about the correction.
        tests: The commands that must succeed in a copy of the tree; they run in parallel.

    Raises:
        DocumentError: A document cannot be read.
        SliceError: The new version lacks an operation.
        StepError: Corrections match nothing; the message describes each of them.
        OverlayError: A correction cannot be applied to what it matches.
        TrialError: Lint, generator, decoders or tests have failed.
        ChangelogError: The changelog has no section for the entry.
        OSError: A file cannot be read or written.
    """
    found = drift(source, root / _JUNCTION, operations or root / _OPERATIONS)
    refuse_missing(found.missing)
    if found.text.encode() == (root / _JUNCTION).read_bytes():
        return Bump(found)
    corrections = load_plain(root / _OVERLAY)
    _, stale = correct(found.document, corrections, found.before)
    if stale and stale_stops:
        advice = "Delete or fix these actions, or continue without them: make bump STALE=warn"
        raise StepError("\n".join((*map(str, stale), advice)))
    with trial.copy_of(root) as copy:
        (copy / _JUNCTION).write_bytes(found.text.encode())
        if stale:
            (copy / _OVERLAY).write_text(_without(load(root / _OVERLAY), stale), encoding="utf-8")
        trial.run(copy, trial.GENERATION)
        trial.run(copy, tests, "\nTo adapt our code to the new version: make bump UNTESTED=1")
        item = changelog.entry(found.changes, *found.versions)
        before = (root / _CHANGELOG).read_bytes().decode()
        (copy / _CHANGELOG).write_bytes(changelog.add(before, item).encode())
        results = {path: copy / path for path in (_JUNCTION, *_GENERATED, _CHANGELOG)}
        changed = {path: new for path, new in results.items() if _differs(root / path, new)}
        replace_together(root, changed)
    return Bump(found, [*changed], stale)


def _without(corrections: Any, stale: list[Finding]) -> str:
    for one in reversed(stale):
        del corrections["actions"][one.stale.number - 1]
    return dumps(corrections)


def _differs(old: Path, new: Path) -> bool:
    if new.is_dir():
        return any(True for _ in differences(new, old))
    return not old.is_file() or old.read_bytes() != new.read_bytes()


def main(argv: Sequence[str] | None = None) -> int:
    """Bump the tree and print the summary.

    Exits with 0 (nothing to do, or absorbed), 3 (attention) or 4 (breaking) if the tree has the new
    version, and with 1 or 130 (interrupted) if it is unchanged.
    """
    parser = argparse.ArgumentParser(description="Update the client to another specification.")
    parser.add_argument("spec", nargs="?", default=PUBLISHED, help="a file or an https URL")
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument(
        "--operations", type=Path, help="a list of operations other than the tree's"
    )
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument(
        "--stale",
        choices=("stop", "warn"),
        default="stop",
        help="what to do about a correction that matches nothing",
    )
    parser.add_argument(
        "--untested",
        action="store_true",
        help="write the generated code without running the tests, to adapt other code to it",
    )
    arguments = parser.parse_args(argv)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        done = bump(
            arguments.spec,
            arguments.root,
            operations=arguments.operations,
            stale_stops=arguments.stale == "stop",
            tests=() if arguments.untested else trial.TESTS,
        )
    except KeyboardInterrupt:
        print("bump: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except (StepError, OSError, UnicodeError) as error:
        return refuse("bump", error)
    finally:
        signal.signal(signal.SIGTERM, before)
    print(done.render(arguments.format))
    return done.status


if __name__ == "__main__":
    sys.exit(main())
