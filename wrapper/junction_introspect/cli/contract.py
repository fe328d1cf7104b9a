"""The command `contract`."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias
from uuid import uuid4

import httpx
import typer

from junction_introspect import (
    APIConnectionError,
    APIError,
    AuthenticationError,
    Junction,
    PermissionDeniedError,
)
from junction_introspect._http.addresses import is_loopback
from junction_introspect._http.configuration import KEY_VARIABLE
from junction_introspect._texts import counted, escaped
from junction_introspect.cli import exits, options
from junction_introspect.cli.app import app
from junction_introspect.cli.notices import Notices
from junction_introspect.teams import Team, read_key

if TYPE_CHECKING:
    from collections.abc import Generator

    from junction_introspect.contract import Report

# Enough for pages of every size to follow each other.
_USERS: Final = 60

_Folder: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--reports",
        parser=options.file_named,
        metavar="DIRECTORY",
        help="Write junit.xml and har.json there.",
    ),
]


@app.command()
def contract(
    *,
    url: Annotated[
        str | None, typer.Option("--url", "--base-url", help="The server's address.")
    ] = None,
    mock: Annotated[
        bool, typer.Option("--mock", help="Start the mock, and check that instead.")
    ] = False,
    key_env: Annotated[
        str | None, typer.Option(help=f"The variable that has the key; by default {KEY_VARIABLE}.")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file that has the key.")
    ] = None,
    # The suite's own default, which cannot be imported here: the suite is another extra.
    examples: Annotated[int, typer.Option(min=1, help="How many cases to send, about.")] = 1_000,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Only warn of what the vendor does not document.")
    ] = False,
    folder: _Folder = None,
    verbose: options.Traceback = False,  # noqa: ARG001 - `running.run` reads it
) -> int:
    """Hold a server to the specification.

    It also checks what a specification cannot say. The server is sent GET and OPTIONS only, at
    most ten requests per second, and the key only over https or to loopback. Each promise that is
    broken is a line; the last line counts. The exit status is 1 if one is broken.
    """
    from junction_introspect.contract import check_server, write_reports  # noqa: PLC0415, I001
    from hypothesis import configuration  # noqa: PLC0415 - of the extra, which the line above names

    if mock:
        options.exclude("--mock", {"--url": url, "--key-env": key_env, "--key-file": key_file})
    elif url is None:
        raise typer.BadParameter("give an address, or --mock instead", param_hint="--url")
    notices = Notices(sys.stderr)
    with ExitStack() as stack:
        # Hypothesis, which schemathesis runs on, would write into the current directory.
        configuration.set_hypothesis_home_dir(stack.enter_context(TemporaryDirectory()))
        stack.callback(configuration.set_hypothesis_home_dir, None)
        if url is None:
            address, key = stack.enter_context(_mock())
        else:
            named = key_env if key_file is not None else key_env or KEY_VARIABLE
            team = Team(name="contract", base_url=url, key_env=named, key_file=key_file)
            address, key = str(team.url).rstrip("/"), read_key(team).reveal()
        if is_loopback(httpx.URL(address).host):
            # A proxy of the environment cannot reach this machine's loopback.
            names = {"NO_PROXY", "no_proxy"}
            before = {name: os.environ[name] for name in names & os.environ.keys()}
            stack.callback(os.environ.update, before)
            for name in names:
                stack.callback(os.environ.pop, name)
                os.environ[name] = "*"
        _reach(address, key)
        report = check_server(
            address,
            key,
            examples=examples,
            considerate=not mock,
            lenient=lenient,
            progress=lambda count: notices.progress_of(count, "request"),
        )
    notices.clear()
    lines = [*_lines(report)]
    if folder is not None:
        lines.append(" ".join(["reports:", *map(str, write_reports(report, folder, key))]))
    for line in lines:
        typer.echo(escaped(line.replace(key, "[Filtered]")))
    return exits.DONE if report.kept else exits.FOUND


def _reach(url: str, key: str) -> None:
    """Ask for a page.

    Raises:
        APIConnectionError: There is no server.
        AuthenticationError: It does not accept the key.
        PermissionDeniedError: As before.
    """
    with Junction(api_key=key, base_url=url, max_retries=0) as junction:
        try:
            next(iter(junction.historical_pulls(user_limit=1).pages()), None)
        except APIError as error:
            # Whatever else is wrong with the page is a broken promise.
            if isinstance(error, APIConnectionError | AuthenticationError | PermissionDeniedError):
                raise


def _lines(report: Report) -> Generator[str]:
    """Yield a line for each finding that is not kept, and the counts."""
    from junction_introspect.contract import State  # noqa: PLC0415 - as above

    reasons: dict[str, list[str]] = {}
    for finding in report.of(State.UNTESTED):
        reasons.setdefault("".join(finding.details), []).append(finding.name)
    for reason, names in reasons.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield f"untested {names[0]}{more}: {reason}"
    for state in (State.WARNING, State.BROKEN):
        yield from map(str, report.of(state))
    phases = ", ".join(f"{count} {phase}" for phase, count in report.cases.items())
    yield (
        f"{report.cases.total():,} cases ({phases};"
        f" {counted(report.pages_followed, 'page')} followed)"
        f" and {counted(report.requests, 'request')} beyond them:"
        f" {counted(len(report.findings), 'promise')}, {len(report.of(State.BROKEN))} broken"
    )


@contextmanager
def _mock() -> Generator[tuple[str, str]]:
    """Serve the mock, and yield its address and key."""
    from junction_introspect.mock import MockServer, Population  # noqa: PLC0415 - an extra

    logger = logging.getLogger("uvicorn.error")
    level = logger.level
    # Requests are broken on purpose, and the server would say so of each.
    logger.setLevel(logging.CRITICAL)
    # A random key: hypothesis takes strings from the literals in local modules, and would guess a
    # key that stands in one.
    key = f"mock_{uuid4().hex}"
    population = Population(_USERS, seed=3)
    try:
        with MockServer(population, api_key=key, access_token=uuid4().hex) as server:
            yield server.url, key
    finally:
        logger.setLevel(level)
