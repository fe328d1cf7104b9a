"""Writes the page of the commands from the command line itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import typer

from junction_introspect.cli import exits
from junction_introspect.cli.app import COMMANDS, app, loaded

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRAM = "junction-introspect"


def page() -> str:
    """Return the Markdown that describes each command: usage, help, options and examples."""
    group = typer.main.get_command(app)
    parent = group.make_context(_PROGRAM, [], resilient_parsing=True)
    options = "\n".join(_options("", group.get_params(parent), parent))
    commands = [_section(name, parent) for name in COMMANDS]
    return "\n\n".join([f"## `{_PROGRAM}`", options, *commands])


def statuses() -> str:
    """Return the Markdown table of exit statuses."""
    rows = [f"| {status} | {_escaped(text)} |" for status, text in exits.MEANINGS.items()]
    return "\n".join(["| status | meaning |", "| --- | --- |", *rows])


def _section(name: str, parent: Any) -> str:
    command = loaded(name)
    context = command.make_context(name, [], parent=parent, resilient_parsing=True)
    first, *others = (command.help or "").split("\n\n")
    usage = " ".join(command.get_usage(context).removeprefix("Usage: ").split())
    return "\n\n".join(
        [
            f"## `{name}`",
            _escaped(first),
            f"```text\n{usage}\n```",
            *map(_escaped, others),
            "\n".join(_options(name, command.get_params(context), context)),
            *_examples(command.epilog or ""),
        ]
    )


def _options(name: str, parameters: list[Any], context: Any) -> Iterator[str]:
    yield "```{eval-rst}"
    yield f".. program:: {_PROGRAM} {name}".rstrip()
    for parameter in parameters:
        if (record := parameter.get_help_record(context)) is not None:
            option, text = record
            yield f"\n.. option:: {option}\n\n   {_as_rst(text)}"
    yield "```"


def _examples(epilog: str) -> Iterator[str]:
    """Yield the examples of a command's help as a block: its lines that begin with the program."""
    lines = [line.strip() for line in epilog.splitlines() if line.strip().startswith(_PROGRAM)]
    if lines:
        yield "```console\n" + "".join(f"$ {line}\n" for line in lines) + "```"


def _as_rst(text: str) -> str:
    """Return a text of the help as reStructuredText that looks the same."""
    parts = re.split(r"`([^`]*)`", " ".join(text.split()))
    return "".join(
        f"``{part}``" if number % 2 else re.sub(r"([*|\\])", r"\\\1", part)
        for number, part in enumerate(parts)
    )


def _escaped(text: str) -> str:
    """Return a text of the help as Markdown that looks the same; `code` stays code."""
    words = " ".join(text.replace("\b", "").split())
    parts = re.split(r"(`[^`]*`)", words)
    return "".join(
        part if part.startswith("`") else re.sub(r"([*<>|\[\]])", r"\\\1", part) for part in parts
    )
