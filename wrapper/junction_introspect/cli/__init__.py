"""The command line (extra `cli`): ``junction-introspect --help`` lists the commands.

`junction_introspect.cli.exits` maps errors to exit statuses and to what is printed.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from junction_introspect._extras import extra_of
from junction_introspect._version import __version__
from junction_introspect.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the entry point of ``junction-introspect``.

    Args:
        argv: The arguments; by default those of the process.

    Returns:
        The exit status. Each error is printed as one line on stderr.
    """
    try:
        # Imported here, so that a missing extra gives a sentence and not a traceback.
        with extra_of("junction_introspect.cli"):
            from junction_introspect.cli.running import run  # noqa: PLC0415
        return run(argv)
    except MissingExtraError as error:
        if (sys.argv[1:] if argv is None else [*argv]) == ["--version"]:
            print(versions())  # noqa: T201
            return 0
        print(f"junction-introspect: {error}", file=sys.stderr)  # noqa: T201
        return 9  # `exits.UNEQUIPPED`; `exits` itself may fail to import
    except KeyboardInterrupt:
        # Ctrl-C while modules load.
        return 130
    except Exception as error:  # noqa: BLE001 - raised outside the part of `run` that handles errors
        print(f"junction-introspect: unforeseen error: {type(error).__name__}", file=sys.stderr)  # noqa: T201
        return 70  # `exits.UNFORESEEN`; `exits` itself may fail to import


def versions() -> str:
    """Return what ``--version`` prints. It works without the extra."""
    from junction_api import SPEC_VERSION  # noqa: PLC0415 - seldom needed

    return f"junction-introspect {__version__} (specification {SPEC_VERSION})"
