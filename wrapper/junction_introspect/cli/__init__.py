"""The command line (extra `cli`): ``junction-introspect --help`` names the commands.

What becomes of an error, and with which exit status, is in `junction_introspect.cli.exits`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from junction_introspect.cli.extras import MissingExtraError, extra

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
        with extra("cli"):
            from junction_introspect.cli.commands import run  # noqa: PLC0415
        return run(argv)
    except MissingExtraError as error:
        print(f"junction-introspect: {error}", file=sys.stderr)  # noqa: T201
        return 9  # as `exits.UNEQUIPPED`, which may lack what it imports
    except KeyboardInterrupt:
        # While modules load.
        return 130
    except Exception as error:  # noqa: BLE001 - before or after what handles the others
        print(f"junction-introspect: unforeseen error: {type(error).__name__}", file=sys.stderr)  # noqa: T201
        return 70  # as `exits.UNFORESEEN`, which may be what cannot be imported
