"""The command line (extra `cli`): ``junction-introspect pulls``, ``junction-introspect mock``.

Exit statuses:

    0    done
    1    an extra is not installed, a port is taken, output cannot be written
    2    wrong usage
    3    configuration: credential, environment, address
    4    the credential was refused (401, 403)
    5    no complete response: connection, timeout
    6    another status than 200
    7    a response that is not what the specification promises
    130  interrupted
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the entry point of ``junction-introspect``.

    Args:
        argv: The arguments; by default those of the process.

    Returns:
        The exit status. Errors are one line on stderr.
    """
    try:
        # Here, so that a missing extra is a sentence and not a traceback.
        from junction_introspect.cli.commands import run  # noqa: PLC0415
    except ModuleNotFoundError as error:
        extra = f"{error.name} is missing; pip install 'junction-introspect[cli]'"
        print(f"junction-introspect: {extra}", file=sys.stderr)  # noqa: T201
        return 1
    return run(argv)
