"""The command `mock`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from junction_introspect.cli import exits, options
from junction_introspect.cli.app import app


@app.command()
def mock(
    *,
    users: Annotated[int, typer.Option(min=0, help="How many users to generate.")] = 120,
    seed: Annotated[int, typer.Option(help="The same seed generates the same users.")] = 1,
    host: Annotated[
        str, typer.Option(help="The address to listen on; 0.0.0.0 is every one of IPv4.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free port.")] = 8080,
    # The mock's own default, which cannot be imported here: the mock is another extra.
    api_key: Annotated[
        str, typer.Option(help="The key that requests must carry.")
    ] = "mock-api-key",
    control: Annotated[
        bool, typer.Option("--control", help="Accept commands at /_mock/, which lists them.")
    ] = False,
    control_token: Annotated[
        str | None, typer.Option(help="What requests at /_mock/ must carry instead of the key.")
    ] = None,
    speed: Annotated[
        float,
        typer.Option(
            help="Seconds on the mock's clock per real second; 600 is ten minutes, 0 stops it."
        ),
    ] = 1.0,
    at: Annotated[
        datetime | None,
        typer.Option(
            help="When the mock's clock starts, in UTC; by default now.",
            formats=["%Y-%m-%dT%H:%M:%S"],
            metavar="2026-01-31T08:00:00",
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A Host header to accept at /_mock/ besides loopback; may be repeated."),
    ] = None,
    verbose: options.Traceback = False,  # noqa: ARG001 - `running.run` reads it
) -> None:
    """Serve a mock API until Ctrl-C.

    It listens on loopback unless --host says otherwise, prints its URL, and ends with Ctrl-C or
    SIGTERM. Where other machines can reach it, --control needs --allow-host and --control-token.
    """
    from junction_introspect.mock.serving import OptionError, open_server  # noqa: PLC0415

    try:
        server = open_server(
            users=users,
            seed=seed,
            host=host,
            port=port,
            api_key=api_key,
            control=control,
            control_token=control_token,
            allow_host=allow_host or (),
            speed=speed,
            at=at,
        )
    except OptionError as error:
        raise typer.BadParameter(str(error), param_hint=error.option) from None
    except OSError as error:
        raise exits.PortError(error.strerror) from None
    server.serve()
