"""The options that several commands take, each with its one help text."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from junction_introspect import Environment as _Environment

UserId: TypeAlias = Annotated[str | None, typer.Option(help="That user alone.")]
Provider: TypeAlias = Annotated[
    str | None, typer.Option(help="Users of that provider or lab alone.")
]
Environment: TypeAlias = Annotated[
    _Environment | None,
    typer.Option(help="Or JUNCTION_ENVIRONMENT; by default, told from the key's prefix."),
]
BaseUrl: TypeAlias = Annotated[
    str | None, typer.Option(help="An address to use instead; or JUNCTION_BASE_URL.")
]
Verbose: TypeAlias = Annotated[bool, typer.Option("--verbose", "-v", help="Tell of each retry.")]
