"""What every question is given: the server in its own process, pages, and interpreters."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.benchmarks import workload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT: Final = Path(__file__).parents[2]
BUILD: Final = ROOT / "build" / "bench"
SCRIPTS: Final = Path(__file__).parent / "scripts"

# The Makefile's environments: what the development needs; our package without extras; with `cli`;
# the vendor's SDK alone.
DEVELOPMENT: Final = ROOT / ".venv" / "bin" / "python"
BARE: Final = ROOT / ".venv-bench" / "bare" / "bin" / "python"
CLI: Final = ROOT / ".venv-bench" / "cli" / "bin" / "python"
VENDOR: Final = ROOT / ".venv-bench" / "vendor" / "bin" / "python"

# Of the form of a key; it opens nothing.
API_KEY: Final = "sk_us_benchmark"


@dataclass(frozen=True)
class Setting:
    """The server, and a page of what it serves.

    Attributes:
        page: A body of 50 users.
    """

    page: bytes
    _address: str

    def url(self, pages: int, latency: int = 0, *, distinct: bool = False) -> str:
        """Return the base URL of so many pages, with so many milliseconds before each.

        Args:
            pages: How many pages.
            latency: How many milliseconds.
            distinct: Whether no user comes twice.
        """
        return f"{self._address}/{pages}/{latency}{'/distinct' if distinct else ''}"

    def busy(self) -> float:
        """Return how many seconds of CPU the server has had."""
        with urllib.request.urlopen(f"{self._address}/busy") as response:  # noqa: S310 - loopback
            return float(response.read())


@contextmanager
def opened() -> Iterator[Setting]:
    """Start the server for the length of a ``with`` block."""
    # A proxy that the environment names cannot reach this machine's loopback.
    os.environ |= {"NO_PROXY": "*", "no_proxy": "*"}
    command = [sys.executable, "-m", "tests.benchmarks.page_server"]
    with subprocess.Popen(  # noqa: S603 - this package and nothing else
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            address = f"http://127.0.0.1:{int(server.stdout.readline())}"
            yield Setting(workload.body(workload.records()[0], None), address)
        finally:
            server.stdin.close()


def output_of(*command: str | Path, environ: Mapping[str, str] | None = None) -> str:
    """Run a command to its end and return what it printed.

    Raises:
        subprocess.CalledProcessError: It failed; what it said is on stderr.
    """
    # Nothing that stands in the current folder is to be imported.
    environ = {**os.environ, "PYTHONSAFEPATH": "1", **(environ or {})}
    return subprocess.run(  # noqa: S603 - commands of the benchmarks' own making
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def starting(
    *command: str | Path, environ: Mapping[str, str] | None = None
) -> Callable[[], object]:
    """Return what runs a command in a fresh process, to be timed from start to end."""
    return lambda: output_of(*command, environ=environ)
