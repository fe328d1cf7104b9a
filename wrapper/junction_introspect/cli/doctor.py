"""The command `doctor`."""

from __future__ import annotations

import os
import platform
import sys
import textwrap
import time
from enum import StrEnum
from importlib import metadata
from typing import IO, TYPE_CHECKING, Annotated, Final

import attrs
import httpx
import msgspec
import typer
from rich.text import Text

from junction_api import SPEC_VERSION
from junction_introspect import (
    APIConnectionError,
    APIError,
    APIStatusError,
    ConfigurationError,
    Environment,
    Junction,
    PaginationError,
    Transport,
    __version__,
)
from junction_introspect._http.configuration import (
    BASE_URL_VARIABLE,
    ENVIRONMENT_VARIABLE,
    KEY_VARIABLE,
    configure,
    transport_by_variables,
)
from junction_introspect._http.credentials import hidden
from junction_introspect._http.deadlines import within
from junction_introspect._http.session import forget_location
from junction_introspect._texts import json_escaped
from junction_introspect.cli import checks, diagnosis, options, reaching, sheet
from junction_introspect.cli.app import app
from junction_introspect.cli.checks import Check, skipped
from junction_introspect.cli.streams import take_any_text
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from junction_introspect import InvalidRecord
    from junction_introspect._http.credentials import Secret

# Seconds that each of the two requests may take.
_TIMEOUT: Final = 15.0

_REQUEST: Final = HISTORICAL_PULLS.request(user_limit=1)

_STYLES: Final = {"ok": "green", "look": "yellow", "wrong": "bold red", "skipped": "bright_black"}
_MARK_WIDTH: Final = 9
_NAME_WIDTH: Final = 15
_INDENT: Final = " " * (_MARK_WIDTH + _NAME_WIDTH)
_LEAST_WIDTH: Final = 30


class Format(StrEnum):
    """How to show checks."""

    TABLE = "table"
    JSON = "json"


@app.command()
def doctor(
    *,
    show: Annotated[Format, typer.Option("--format", help="How to show checks.")] = Format.TABLE,
    environment: options.Environment = None,
    base_url: options.BaseUrl = None,
    verbose: options.Verbose = False,  # noqa: ARG001 - `commands.run` reads it
) -> int:
    """Check the key, address, network, clock and specification.

    Sends two requests: one without the key, and one for a page of one user. Nothing about the user
    is shown.
    """
    take_any_text(sys.stdout, exact=show is Format.JSON)
    examined = examine(environment, base_url)
    if show is Format.JSON:
        made = list(examined)
        encoded = msgspec.json.encode([attrs.asdict(check) for check in made])
        sys.stdout.write(json_escaped(msgspec.json.format(encoded).decode()) + "\n")
        return checks.status_of(made)
    return checks.status_of(_shown(examined, sys.stdout))


def examine(environment: Environment | None, base_url: str | None) -> Iterator[Check]:
    """Make the checks one by one, and yield each when it is made.

    Args:
        environment: The command's option.
        base_url: The command's option.
    """
    yield _versions()
    key = hidden(os.environ.get(KEY_VARIABLE) or None)
    credential = diagnosis.credential(key)
    yield credential
    if credential.mark == "wrong":
        key = None
    check, url = _address(key, environment, base_url)
    yield check
    network = reaching.network(os.environ, _refused_settings(url))
    yield network
    if url is None or network.mark == "wrong":
        reason = "there is no address" if url is None else "the network settings are wrong"
        for name in ("reachability", "clock", "answer", "response", "specification"):
            yield skipped(name, reason)
        return
    reachability, date = _reach(url)
    yield reachability
    unreached = reachability.mark == "wrong"
    yield skipped("clock", "no answer came") if unreached else reaching.clock(date, now())
    if key is None or unreached:
        reason = "nothing answers" if unreached else "there is no credential"
        for name in ("answer", "response", "specification"):
            yield skipped(name, reason)
        return
    yield from _ask(environment, base_url)


def _versions() -> Check:
    packages = {
        "junction-introspect": __version__,
        "specification": SPEC_VERSION,
        "Python": platform.python_version(),
        httpx.__name__: httpx.__version__,
    }
    try:
        requirements = metadata.requires("junction-introspect") or []
    except metadata.PackageNotFoundError:  # run from source, not installed
        requirements = []
    return diagnosis.versions(packages, diagnosis.installed_extras(requirements, _is_installed))


def _is_installed(package: str) -> bool:
    try:
        metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def _address(
    key: Secret | None, environment: Environment | None, base_url: str | None
) -> tuple[Check, httpx.URL | None]:
    sources = {
        "--base-url": base_url,
        "--environment": environment,
        BASE_URL_VARIABLE: os.environ.get(BASE_URL_VARIABLE),
        ENVIRONMENT_VARIABLE: os.environ.get(ENVIRONMENT_VARIABLE),
    }
    source = next((name for name, value in sources.items() if value), "the key's prefix")
    if key is None and source not in sources:
        return skipped("address", "there is no key whose prefix names an environment"), None
    try:
        url, _ = configure(
            api_key=None,
            # Without a key, the address can still be found; nothing is sent with this token.
            access_token=None if key else "none",
            environment=environment,
            base_url=base_url,
            environ=os.environ,
        )
    except ConfigurationError as error:
        return diagnosis.no_address(error), None
    return diagnosis.address(url, source, key), url


def _refused_settings(url: httpx.URL | None) -> Exception | None:
    try:
        _http(url or httpx.URL(Environment.PRODUCTION.base_url)).close()
    except (ImportError, OSError, ValueError) as error:
        return error
    return None


def _reach(url: httpx.URL) -> tuple[Check, str | None]:
    """Send a request without a credential, and read only the headers of the response."""
    until = time.monotonic() + _TIMEOUT
    with _http(url) as http:
        try:
            with (
                within(lambda: until - time.monotonic()),
                http.stream(**_REQUEST) as response,
            ):
                headers = response.headers
                check = reaching.reached(response.status_code, headers.get("content-type", ""))
                return check, headers.get("date")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return reaching.unreachable(error), None


def now() -> float:
    """Return the time, in seconds since the epoch."""
    return time.time()


def _http(url: httpx.URL) -> httpx.Client:
    return httpx.Client(
        base_url=url,
        timeout=_TIMEOUT,
        transport=transport_by_variables(Transport, url),
        event_hooks={"response": [forget_location]},
    )


def _ask(environment: Environment | None, base_url: str | None) -> Iterator[Check]:
    """Send a request for a page of one user, and judge the result."""
    invalid: list[InvalidRecord] = []
    with Junction(
        environment=environment, base_url=base_url, retries=0, deadline=_TIMEOUT
    ) as junction:
        listing = junction.historical_pulls(user_limit=1, on_invalid=invalid.append)
        try:
            page = next(listing.pages())
        except (APIConnectionError, APIStatusError) as error:
            yield diagnosis.refused(error)
            yield skipped("response", "there is no response")
            yield skipped("specification", "there is no response")
            return
        except APIError as error:
            yield diagnosis.answered()
            yield diagnosis.undecodable(error)
            if not isinstance(error, PaginationError):
                yield skipped("specification", "the response cannot be decoded")
                return
        else:
            yield diagnosis.answered()
            yield diagnosis.decoded(page)
        yield diagnosis.specification(junction.drift)


def _shown(examined: Iterable[Check], out: IO[str]) -> Iterator[Check]:
    """Show each check as it is made, and pass it on."""
    console = sheet.console(out)
    width = max(_LEAST_WIDTH, console.width - len(_INDENT)) if out.isatty() else sys.maxsize
    for check in examined:
        # Captured, because rich exits the process itself when it writes to a closed pipe.
        with console.capture() as captured:
            for line in _lines(check, width):
                console.print(line, soft_wrap=True)
        out.write(captured.get())
        out.flush()
        yield check


def _lines(check: Check, width: int) -> Iterator[Text]:
    mark = Text(check.mark.ljust(_MARK_WIDTH), _STYLES[check.mark])
    first, *more = textwrap.wrap(check.found, width) or [""]
    yield Text.assemble(mark, check.name.ljust(_NAME_WIDTH), first)
    for text in (*more, *textwrap.wrap(check.advice or "", width)):
        yield Text(_INDENT + text)
