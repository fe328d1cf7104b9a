"""`make contract`: puts the contract to the mock, or to any server, and tells what is broken."""

# ruff: noqa: T201  a command-line face prints

from __future__ import annotations

import argparse
import logging
import os
import sys
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch
from urllib.parse import urlsplit
from uuid import uuid4

from junction_introspect import ConfigurationError, Junction
from junction_introspect.mock import MockServer, Population
from tests.contract import reports
from tests.contract.engine import ROOT
from tests.contract.suite import EXAMPLES, State, hold

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT, BROKEN, USAGE = 0, 1, 2

# Enough for pages of every size to follow each other.
USERS = 60


def main(argv: Sequence[str] | None = None) -> int:
    """Run the suite and return the exit status: 0 only when everything held."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.contract",
        description="Put the contract to a server. The key is read from JUNCTION_API_KEY.",
    )
    parser.add_argument("--url", help="its base URL; without one, a mock is started")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="cases of schemathesis")
    parser.add_argument("--lenient", action="store_true", help="only warn of what is undocumented")
    parser.add_argument("--reports", type=Path, default=ROOT / "build" / "contract")
    arguments = parser.parse_args(argv)
    if arguments.examples < 1:
        parser.error("there must be an example at least")
    with ExitStack() as stack:
        if arguments.url:
            url, api_key = arguments.url.rstrip("/"), os.environ.get("JUNCTION_API_KEY", "")
            if refusal := _refusal(url, api_key):
                print(f"contract: {refusal}", file=sys.stderr)
                return USAGE
        else:
            population = Population(USERS, seed=3)
            # Made up on the spot: hypothesis draws strings from the literals in local modules, and
            # would guess a key that stands in one.
            # What it says of broken requests is no news: they are broken on purpose.
            logger = logging.getLogger("uvicorn.error")
            stack.callback(logger.setLevel, logger.level)
            logger.setLevel(logging.CRITICAL)
            mock = MockServer(population, api_key=f"mock_{uuid4().hex}", access_token=uuid4().hex)
            server = stack.enter_context(mock)
            url, api_key = server.url, server.api_key
        if _is_loopback(url):
            # A proxy that the environment names cannot reach this machine's loopback.
            stack.enter_context(patch.dict(os.environ, {"NO_PROXY": "*", "no_proxy": "*"}))
        report = hold(
            url,
            api_key,
            examples=arguments.examples,
            considerate=bool(arguments.url),
            lenient=arguments.lenient,
        )
    files = reports.write(report, arguments.reports, api_key)
    for state in (State.UNTESTED, State.WARNING, State.BROKEN):
        for finding in report.of(state):
            print(reports.scrubbed(str(finding), api_key))
    phases = ", ".join(f"{count} {phase}" for phase, count in report.cases.items())
    print(
        f"{report.cases.total():,} cases ({phases}; {report.pages_followed} pages followed) and "
        f"{report.requests} requests beyond them: {len(report.findings)} promises, "
        f"{len(report.of(State.BROKEN))} broken"
    )
    print("reports:", *(_shown(path) for path in files))
    return KEPT if report.kept else BROKEN


def _refusal(url: str, api_key: str) -> str | None:
    """Return why a server is not to be asked with that key, if it is not."""
    if not api_key:
        return "a URL needs its key in JUNCTION_API_KEY"
    try:
        # The product's own rules: plain HTTP for loopback only, a key for its own region only.
        Junction(api_key=api_key, base_url=url).close()
    except ConfigurationError as error:
        return str(error)
    return None


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    sys.exit(main())
