"""``make demo``: a mock server, and the command line that lists it over HTTP, in two processes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

from junction_introspect.mock.app import DEFAULT_API_KEY

_CLI: Final = (sys.executable, "-m", "junction_introspect")
_USERS: Final = 120

_INTERRUPTED: Final = 130


def main() -> int:
    """List the backfills of 120 made-up users.

    Returns:
        The listing's exit status, or the server's when that does not start.
    """
    command = [*_CLI, "mock", "--users", str(_USERS), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None  # noqa: S101 - it was asked for
        try:
            url = server.stdout.readline().strip()
            if not url:
                return server.wait() or 1
            environ = {
                **os.environ,
                "JUNCTION_API_KEY": DEFAULT_API_KEY,
                "JUNCTION_BASE_URL": url,
                # A proxy that the environment names cannot reach this machine's loopback.
                "NO_PROXY": "*",
                "no_proxy": "*",
            }
            return subprocess.run([*_CLI, "pulls"], env=environ, check=False).returncode
        except KeyboardInterrupt:
            return _INTERRUPTED
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.exit(main())
