"""The typer application, its root options, and the list of commands.

A command's module is imported only when that command runs. The commands' imports take four times
as long as this module's, and ``--help`` does not need them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from junction_introspect._extras import extra_of
from junction_introspect.cli import exits, versions
from junction_introspect.cli.examples import epilog

# The first sentence of each command's docstring; a test compares them.
COMMANDS: Final = {
    "explain": "Explain why a user has no data.",
    "pulls": "List backfills and their status.",
    "summary": "Count pulls by state, with times.",
    "stuck": "List overdue or contradictory pulls.",
    "stale": "List resources that went silent.",
    "coverage": "Show which part of a range has data.",
    "watch": "Follow backfills until all settle.",
    "report": "Write an HTML report to forward.",
    "sync": "Bring a store up to date.",
    "changes": "List changes that syncs have seen.",
    "export": "Write Parquet, CSV or NDJSON files.",
    "doctor": "Check key, address, network, clock.",
    "profiles": "List and check profiles.",
    "contract": "Hold a server to the specification.",
    "mock": "Serve a mock API until Ctrl-C.",
}

# The commands that share a module. Every other has a module of its name.
_MODULES: Final[dict[str, str]] = dict.fromkeys(
    ("summary", "stuck", "stale", "coverage"), "tracking"
)

# What the command line reads; `--help` lists it.
VARIABLES: Final = {
    "JUNCTION_API_KEY": "the team API key",
    "JUNCTION_ENVIRONMENT": "Production, ProductionEU, Sandbox or SandboxEU",
    "JUNCTION_BASE_URL": "an address to use instead of an environment's",
    "JUNCTION_PROFILE": "the profile for what the three above leave open",
}

_VARIABLES: Final = "\n".join(f"  {name:<21} {text}" for name, text in VARIABLES.items())
_EXITS: Final = "\n".join(f"  {status:>3}  {text}" for status, text in exits.MEANINGS.items())

_CONTEXT: Final = {"help_option_names": ["-h", "--help"]}


class _Commands(TyperGroup):
    """A group that knows every command by name, and imports the one that runs."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = {
            name: self.commands.get(name) or TyperCommand(name, help=sentence)
            for name, sentence in COMMANDS.items()
        }

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in COMMANDS:
            self.commands[args[0]] = loaded(args[0])
        return super().resolve_command(ctx, args)


@cache
def group() -> TyperGroup:
    """Return the group of all commands; `loaded` returns one of them with its options."""
    commands = typer.main.get_command(app)  # not get_group, which leaves completion out
    assert isinstance(commands, TyperGroup)  # noqa: S101 - typer makes this of several commands
    return commands


@cache
def loaded(name: str) -> TyperCommand:
    """Import a command and return it.

    Raises:
        MissingExtraError: A package of the extra `cli` is missing.
    """
    with extra_of("junction_introspect.cli"):
        import_module(f"junction_introspect.cli.{_MODULES.get(name, name)}")
    command = typer.main.get_group(app).commands[name]
    assert isinstance(command, TyperCommand)  # noqa: S101 - typer makes this of a function
    command.epilog = epilog(name)
    # The help option is made once, perhaps in a context without the group's.
    command.context_settings = _CONTEXT
    return command


app = typer.Typer(
    cls=_Commands,
    help="Show how the historical backfill of every Junction user went.",
    # \b stops typer from wrapping the paragraph.
    epilog=f"\b\nEnvironment variables:\n{_VARIABLES}\n\n\b\nExit statuses:\n{_EXITS}",
    context_settings=_CONTEXT,
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
