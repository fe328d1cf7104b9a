"""The command `report`."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from attrs import evolve

from junction_introspect import _files
from junction_introspect._texts import counted
from junction_introspect.cli import exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.option_groups import with_options
from junction_introspect.cli.plain_text import NOT_PULLED
from junction_introspect.cli.source import Source
from junction_introspect.cli.streams import take_any_text
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS

if TYPE_CHECKING:
    from collections.abc import Sequence

_STDOUT: Final = Path("-")


@app.command()
@with_options(without={"cursor"})
def report(
    *,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            parser=options.file_named,
            metavar="FILE",
            help="The file to write; - is standard output.",
        ),
    ] = Path("report.html"),
    show_user_ids: Annotated[
        bool,
        typer.Option(
            "--show-user-ids",
            help="Show ids, not pseudonyms; only the owner may read a new file.",
        ),
    ] = False,
    mode: Annotated[
        int | None,
        options.mode("Who may read the file, like 0640; by default, the umask decides."),
    ] = None,
    source: Source,
) -> int:
    """Write an HTML report to forward.

    The report is one file. It shows how much has settled, what is slow or stuck, what failed and
    why, and a table of the pulls that need somebody to act. Users appear under pseudonyms, because
    their data is health data. If the listing is interrupted, nothing is written.
    """
    from junction_introspect.report import build, render  # noqa: PLC0415

    if output == _STDOUT:
        options.exclude("--output -", {"--mode": mode})
    else:
        _try_out(output)
    notices = Notices(sys.stderr)
    with source.rows(notices, HISTORICAL_PULLS, resumable=False) as reading:
        built = build(
            {part.team or "": part.rows for part in reading.parts},
            reading.observed_at,
            subject=_subject(source, reading.teams),
            show_user_ids=show_user_ids,
        )
    page = render(evolve(built, complete=notices.status == exits.DONE))
    if output == _STDOUT:
        take_any_text(sys.stdout, exact=True)
        sys.stdout.write(page)
    else:
        write_whole(output, page, private=show_user_ids, mode=mode)
    return notices.status


def _subject(source: Source, teams: Sequence[str] | None) -> str:
    """Describe the rows of a report, without the id of a user."""
    filters = source.filters
    subject = "All users" if filters.user_id is None else "One user"
    if filters.team is not None:
        subject += f" of team {filters.team}"
    elif len(teams or ()) > 1:
        subject += f" of {counted(len(teams or ()), 'team')}"
    several = (filters.resources, filters.statuses, filters.errors)
    chosen = [str(filters.provider)] if filters.provider else []
    chosen += [
        " or ".join(sorted(each or NOT_PULLED for each in values)) for values in several if values
    ]
    return ", ".join([subject, *chosen])


def _try_out(path: Path) -> None:
    """Check that a file can be written, before the work that produces it begins.

    Raises:
        OSError: `write_whole` would raise this error.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if _is_replaced(path):
        draft = _draft(_target(path))
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _files.PRIVATE))
        draft.unlink()


def write_whole(path: Path, text: str, *, private: bool, mode: int | None = None) -> None:
    """Write a file in UTF-8. Readers see either the old content or all of the new content.

    Args:
        path: The file. A pipe or a device is written to directly.
        text: What to write.
        private: Whether the text identifies users. Then only owner and group may read the file.
        mode: The permissions that were asked for, if any.

    Raises:
        OSError: It cannot be written; nothing is left behind.
    """
    content = text.encode()
    if not _is_replaced(path):
        path.write_bytes(content)
        return
    path = _target(path)
    if mode is None and private:
        mode = _files.mode_of(path) & ~0o007
    elif mode is None and path.exists():
        mode = _files.mode_of(path)
    _files.put(path, content, aside=_draft(path), mode=mode)


def _is_replaced(path: Path) -> bool:
    return path.is_file() or not path.exists()


def _target(path: Path) -> Path:
    """Return what a link points to: the target is replaced, not the link."""
    return Path(os.path.realpath(path))


def _draft(path: Path) -> Path:
    """Return the path of a new temporary file in the same directory."""
    return path.with_name(f".{secrets.token_hex(8)}.tmp")
