"""The command `mock`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from junction_introspect.cli import exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.extras import extra


@app.command()
def mock(
    *,
    users: Annotated[int, typer.Option(min=0, help="Users to make up.")] = 120,
    seed: Annotated[int, typer.Option(help="The same seed makes up the same users.")] = 1,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")] = 8080,
    # The mock's own default, which cannot be imported here: the mock is another extra.
    api_key: Annotated[str, typer.Option(help="The key that requests must bear.")] = "mock-api-key",
    control: Annotated[
        bool, typer.Option("--control", help="Take orders at /_mock/, which says what they are.")
    ] = False,
    speed: Annotated[
        float, typer.Option(help="Seconds that pass in one; 600 is ten minutes, 0 stands still.")
    ] = 1.0,
    at: Annotated[
        datetime | None,
        typer.Option(help="When it begins, in UTC; by default now.", formats=["%Y-%m-%dT%H:%M:%S"]),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A name of this machine that Host may bear at /_mock/, beside loopback."),
    ] = None,
    verbose: options.Verbose = False,  # noqa: ARG001 - `commands.run` reads it
) -> None:
    """Serve a mock of the API on loopback until Ctrl-C or SIGTERM. Prints its URL."""
    with extra("mock"):
        from junction_introspect.mock import MockServer, Population  # noqa: PLC0415
    if not api_key:
        raise typer.BadParameter("a key must not be empty", param_hint="--api-key")
    try:
        population = Population(users, seed, (at or datetime.now(UTC)).replace(tzinfo=UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--users") from None
    try:
        server = MockServer(
            population,
            api_key=api_key,
            port=port,
            control=control,
            speed=speed,
            allow_hosts=allow_host or (),
        )
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--speed") from None
    except OSError as error:
        raise exits.PortError(error.strerror) from None
    server.serve()
