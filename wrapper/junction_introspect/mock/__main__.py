"""``python -m junction_introspect.mock``: serves the mock without the extra `cli`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime

from junction_introspect.mock.serving import OptionError, open_server


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the mock until Ctrl-C or SIGTERM, with the options of ``junction-introspect mock``.

    Args:
        argv: The arguments; by default those of the process.

    Returns:
        The exit status: 0, or 9 if the address cannot be bound. Wrong usage exits with 2.
    """
    parser = argparse.ArgumentParser(
        prog="python -m junction_introspect.mock",
        description="Serve a mock of the API until Ctrl-C or SIGTERM. Prints its URL.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    add = parser.add_argument
    add("--users", type=int, metavar="N", help="how many users to generate")
    add("--seed", type=int, metavar="N", help="the same seed generates the same users")
    add("--host", help="the address to listen on")
    add("--port", type=int, metavar="N", help="0 picks a free one")
    add("--api-key", metavar="KEY", help="the key that requests must carry")
    add("--control", action="store_true", help="accept orders at /_mock/, which lists them")
    add("--control-token", metavar="TOKEN", help="what orders must carry instead of the key")
    add("--allow-host", action="append", metavar="HOST", help="accept orders at this host too")
    add("--speed", type=float, metavar="N", help="seconds on the mock's clock per real second")
    add("--at", type=_time, metavar="TIME", help="when the mock's clock starts, in UTC")
    options = vars(parser.parse_args(argv))
    try:
        server = open_server(**options)
    except OptionError as error:
        parser.error(f"{error.option}: {error}")
    except OSError as error:
        sys.stderr.write(f"{parser.prog}: {error.strerror}\n")
        return 9
    server.serve()
    return 0


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007 - UTC, as the help says


if __name__ == "__main__":
    sys.exit(main())
