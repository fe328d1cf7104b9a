"""``python -m junction_introspect``: the command line."""

import sys

from junction_introspect.cli import main

sys.exit(main())
