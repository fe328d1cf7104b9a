"""The application that the commands join, and the root they share."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from junction_api import SPEC_VERSION
from junction_introspect import __version__
from junction_introspect.cli import exits

_EXITS: Final = "\n".join(f"  {status:>3}  {text}" for status, text in exits.MEANINGS.items())

app = typer.Typer(
    help="Tell how the historical backfill of every Junction user went.",
    # \b keeps a paragraph from being wrapped.
    epilog=f"\b\nExit statuses:\n{_EXITS}",
    add_completion=False,
    pretty_exceptions_enable=False,
    # Plain: boxes cut options short in a narrow terminal, and carry over into pipes.
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"junction-introspect {__version__} (specification {SPEC_VERSION})")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print versions.")
    ] = False,
) -> None:
    """Tell how the historical backfill of every Junction user went."""
