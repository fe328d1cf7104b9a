"""``make demo``: starts a mock server and runs some commands against it over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from junction_introspect._http.transport import Transport
from junction_introspect.client import Junction
from junction_introspect.mock.app import DEFAULT_API_KEY

_CLI: Final = (sys.executable, "-m", "junction_introspect")
_USERS: Final = 120

_SOMEBODY_HAS_TO_ACT: Final = 1
_INTERRUPTED: Final = 130
_UNREAD: Final = 141

_WHO_HAS_TO_ACT: Final = """\
SELECT provider, count(*) AS pulls, count(DISTINCT user_id) AS users
FROM pulls WHERE error_kind = 'non_retriable'
GROUP BY provider ORDER BY pulls DESC, provider LIMIT 3"""

_NEXT: Final = """
The mock has been stopped. Next: `make mock` or `junction-introspect mock` starts one, and
docs/tutorial.md goes on from there to tests of your own code. With a key, set JUNCTION_API_KEY."""


def main() -> int:
    """Count the backfills of 120 made-up users, ask a store of them in SQL, and explain one user.

    Returns:
        The exit status of the first command that fails, or of the server if it does not start.
    """
    command = [*_CLI, "mock", "--users", str(_USERS), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None  # noqa: S101 - stdout is a pipe
        try:
            url = server.stdout.readline().strip()
            if not url:
                return server.wait() or 1
            environ = {
                **os.environ,
                "JUNCTION_API_KEY": DEFAULT_API_KEY,
                "JUNCTION_BASE_URL": url,
                # A proxy from the environment could not reach the loopback of this machine.
                "NO_PROXY": "*",
                "no_proxy": "*",
            }
            _say(f"A mock of the API with {_USERS} made-up users is running at {url}.")
            return _list_and_sync(environ) or _explain(url, environ)
        except KeyboardInterrupt:
            return _INTERRUPTED
        except BrokenPipeError:
            # The reader has closed the pipe. Without this, the flush at exit would fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return _UNREAD
        finally:
            server.terminate()


def _list_and_sync(environ: dict[str, str]) -> int:
    with tempfile.TemporaryDirectory() as directory:
        store = Path(directory) / "pulls.duckdb"
        status = _run(
            ["summary", "--by", "total"], environ, "How are the backfills doing?"
        ) or _run(
            ["sync", "--to", str(store)],
            environ,
            "Keep their state and history in a file, and ask it with SQL.",
        )
        if status:
            return status
        _say(f"{_WHO_HAS_TO_ACT};\n{_answer(store)}")
    return 0


def _explain(url: str, environ: dict[str, str]) -> int:
    """Explain the user with a broken connection of whom there is least to say."""
    with Junction(api_key=DEFAULT_API_KEY, base_url=url, transport=Transport()) as junction:
        users = sorted(junction.resources(), key=lambda user: len(user.provider))
        user_id = next(
            user.user_id
            for user in users
            if any(each.status == "error" for each in junction.connections(user.user_id))
        )
    status = _run(["explain", str(user_id)], environ, "Why does this user have no data?")
    if status != _SOMEBODY_HAS_TO_ACT:
        return status
    _say(_NEXT)
    return 0


def _run(command: Sequence[str], environ: dict[str, str], purpose: str) -> int:
    # Without the folder of a temporary file.
    shown = " ".join(word.rpartition("/")[2] for word in command)
    _say(f"\n{purpose}\n$ junction-introspect {shown}")
    return subprocess.run([*_CLI, *command], env=environ, check=False).returncode


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a demo prints


def _answer(store: Path) -> str:
    import duckdb  # noqa: PLC0415 - only this function needs the extra

    with closing(duckdb.connect(str(store), read_only=True)) as connection:
        answers = connection.execute(_WHO_HAS_TO_ACT).fetchall()
    return "\n".join(f"{provider:24}{pulls:6}{users:6}" for provider, pulls, users in answers)


if __name__ == "__main__":
    sys.exit(main())
