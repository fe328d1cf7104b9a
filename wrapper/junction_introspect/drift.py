"""What the server says that the specification does not list."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from typing import TYPE_CHECKING, Final

from junction_api import SPEC_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger("junction_introspect")

# A server that makes up a new value a record must not fill the memory or the log.
_MOST_VALUES: Final = 1000


class Drift:
    """Counts unrecognized values per field, and logs each once at WARNING.

    Holds enum values and counts, no user data. Safe to share between threads.

    Attributes:
        spec_version: The version of the specification that the values were held against.
    """

    def __init__(self) -> None:
        self.spec_version = SPEC_VERSION
        self._values: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def record(self, values: Iterable[tuple[str, str]]) -> None:
        """Count some (field, value) pairs, as `enums.unrecognized_values` yields them."""
        for field, value in values:
            with self._lock:
                new = (field, value) not in self._values
                if new and len(self._values) >= _MOST_VALUES:
                    continue
                self._values[field, value] += 1
            if new:
                logger.warning(
                    "unrecognized %s %.80r: specification %s does not list it",
                    field,
                    value,
                    self.spec_version,
                )
