"""One run of the command line: the steps before and after every command."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import typer
from typer.completion import shell_complete

from junction_introspect import redact_urls
from junction_introspect.cli import exits
from junction_introspect.cli.app import group
from junction_introspect.cli.notices import Notices
from junction_introspect.cli.options import is_verbose
from junction_introspect.cli.signals import Signals, unwinding
from junction_introspect.cli.streams import discard, fill_closed, let_go

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME: Final = "junction-introspect"

# Set by the scripts that `--install-completion` writes; typer derives it from the name.
COMPLETION_VARIABLE: Final = "_JUNCTION_INTROSPECT_COMPLETE"


def run(argv: Sequence[str] | None) -> int:
    """Run the commands and return the exit status; every error is one line on stderr."""
    arguments = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    if argv is None:
        fill_closed()
        # A page has thousands of objects and no cycles. With Python's default, looking for cycles
        # among all objects of the process every few pages takes longer than decoding them.
        gc.set_threshold(10_000)
    notices = Notices(sys.stderr)
    if sys.stdout is None:
        notices.tell("there is no standard output to write to")
        return exits.UNWRITABLE
    redact_urls()
    with unwinding(for_good=argv is None) as signals:
        status: int | None = None
        try:
            status = _status(arguments, notices, signals)
            let_go(sys.stdout)
            signals.settle(signals.status or status)
        except KeyboardInterrupt:
            discard(sys.stdout)
            # If a second signal came while the first was reported, the report is not repeated:
            # whoever reads it may have stopped. But the command may also have just ended.
            if status not in {None, exits.INTERRUPTED}:
                with suppress(KeyboardInterrupt):
                    _report(KeyboardInterrupt(), notices)
            status = exits.INTERRUPTED
        return signals.settle(signals.status or status)


def _status(arguments: list[str], notices: Notices, signals: Signals) -> int:
    context = None
    try:
        # Not `app()`, which handles closed pipes and Ctrl-C in its own way.
        command = group()
        if instruction := os.environ.get(COMPLETION_VARIABLE):
            return shell_complete(command, {}, NAME, COMPLETION_VARIABLE, instruction)
        _check_encoding(arguments)
        with command.make_context(NAME, arguments) as context:
            status = command.invoke(context)
        sys.stdout.flush()
        signals.check()
    except typer.Exit as exit_:
        return exit_.exit_code
    except SystemExit as exit_:
        # How typer ends completion.
        return exit_.code if isinstance(exit_.code, int) else exits.DONE
    except BrokenPipeError:
        # The reader closed the pipe because it needs no more. Whether somebody has to act is not
        # known, so the command ends as other programs do that the signal for it ends.
        return exits.UNREAD
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - a defect is reported in one line too
        verbose = context is not None and is_verbose(context.meta)
        _report(signals.cause_of(error), notices, verbose=verbose)
        return exits.status_of(error)
    return status if isinstance(status, int) else exits.DONE


def _check_encoding(arguments: list[str]) -> None:
    # Neither a server nor DuckDB takes other texts, and no name of a file may be one.
    for text in arguments:
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise typer.BadParameter(f"{text!r} has bytes that are not UTF-8")


def _report(error: BaseException, notices: Notices, *, verbose: bool = False) -> None:
    for line in exits.lines(error, verbose=verbose):
        notices.tell(line)
