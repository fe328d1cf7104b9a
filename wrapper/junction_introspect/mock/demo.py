"""``make demo``: a mock server, and the command line that lists it over HTTP, in two processes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

from junction_introspect.mock.app import DEFAULT_API_KEY

_CLI: Final = (sys.executable, "-m", "junction_introspect")
_USERS: Final = 120


def main() -> int:
    """List the backfills of 120 made-up users; return the listing's exit status."""
    command = [*_CLI, "mock", "--users", str(_USERS), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None  # noqa: S101 - it was asked for
        try:
            url = server.stdout.readline().strip()
            environ = {**os.environ, "JUNCTION_API_KEY": DEFAULT_API_KEY, "JUNCTION_BASE_URL": url}
            return subprocess.run([*_CLI, "pulls"], env=environ, check=False).returncode
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.exit(main())
