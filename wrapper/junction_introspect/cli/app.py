"""The typer application, its root options, and the list of commands.

A command's module is imported only when that command runs. The commands' imports take four times
as long as this module's, and ``--help`` does not need them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from junction_introspect._extras import extra_of
from junction_introspect.cli import exits, versions

# The module of each command, and the first sentence of its docstring; a test compares them.
COMMANDS: Final = {
    "explain": (
        "explaining",
        "Explain why a user has no data, and whose turn it is.",
    ),
    "pulls": ("pulls", "List backfills and their status."),
    "summary": ("tracking", "Count pulls by state, and show how long they took."),
    "stuck": (
        "tracking",
        "List pulls that are overdue or contradict themselves.",
    ),
    "coverage": ("tracking", "Show how many days of each settled pull's range have data."),
    "watch": (
        "watching",
        "Follow backfills until all have settled.",
    ),
    "report": (
        "reporting",
        "Write a report to forward, as one HTML file.",
    ),
    "sync": (
        "storing",
        "Bring a store up to date, and record what has changed.",
    ),
    "changes": ("storing", "List the changes that syncs have seen, oldest first."),
    "export": (
        "storing",
        "Write pulls to Parquet, CSV or NDJSON files.",
    ),
    "doctor": (
        "doctor",
        "Check the key, address, network, clock and specification.",
    ),
    "contract": ("contract", "Check a server against the specification, and more."),
    "mock": ("mocking", "Serve a mock of the API until Ctrl-C or SIGTERM."),
}

_EXITS: Final = "\n".join(f"  {status:>3}  {text}" for status, text in exits.MEANINGS.items())


class _Commands(TyperGroup):
    """A group that knows every command by name, and imports the one that runs."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = {
            name: self.commands.get(name) or TyperCommand(name, help=sentence)
            for name, (_, sentence) in COMMANDS.items()
        }

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in COMMANDS:
            self.commands[args[0]] = loaded(args[0])
        return super().resolve_command(ctx, args)


def loaded(name: str) -> TyperCommand:
    """Import a command and return it.

    Raises:
        MissingExtraError: A package of the extra `cli` is missing.
    """
    with extra_of("junction_introspect.cli"):
        import_module(f"junction_introspect.cli.{COMMANDS[name][0]}")
    command = typer.main.get_group(app).commands[name]
    assert isinstance(command, TyperCommand)  # noqa: S101 - typer makes this of a function
    return command


app = typer.Typer(
    cls=_Commands,
    help="Show how the historical backfill of every Junction user went.",
    # \b stops typer from wrapping the paragraph.
    epilog=f"\b\nExit statuses:\n{_EXITS}",
    add_completion=False,
    pretty_exceptions_enable=False,
    # No boxes: they cut options short in a narrow terminal, and are written to pipes too.
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(versions())
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print versions.")
    ] = False,
) -> None:
    """Show how the historical backfill of every Junction user went."""
