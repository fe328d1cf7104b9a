"""What a shell sets, and no test may depend on: terminals, time zones, languages, proxies, keys."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

_OF_A_SHELL = re.compile(
    r"""
    COLUMNS | LINES | TERM | COLORTERM | TERMINAL_WIDTH | JUPYTER_\w+ | GITHUB_ACTIONS
    | NO_COLOR | FORCE_COLOR | CLICOLOR\w* | PY_COLORS | TTY_\w+ | _TYPER_\w+
    | TZ | LANG | LANGUAGE | LC_\w+
    | \w+_PROXY | SSL_CERT_\w+ | SSLKEYLOGFILE | NETRC | OTEL_\w+
    | JUNCTION_(?!CHROMIUM$)\w+
    | PYTHON(IOENCODING|UTF8|COERCECLOCALE|LEGACY\w+|WARNINGS|OPTIMIZE|DEVMODE|UNBUFFERED)
    | PYTHONDONTWRITEBYTECODE
    """,
    re.VERBOSE | re.IGNORECASE,
)


def forget() -> None:
    """Remove from the environment what may differ from one shell to the next."""
    for name in filter(_OF_A_SHELL.fullmatch, list(os.environ)):
        del os.environ[name]
    if hasattr(time, "tzset"):
        time.tzset()


def seen() -> dict[str, str]:
    """Return the environment, without what pytest and polars keep there, and where we are."""
    kept = ("PYTEST_", "_RJEM_MALLOC_CONF")
    environ = {name: text for name, text in os.environ.items() if not name.startswith(kept)}
    return environ | {"the working directory": str(Path.cwd())}
