"""What the figures hold for: machine, versions, date. No name of a host and no path of one."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MEASURED: Final = (
    "junction-introspect",
    "junction-api-sdk",
    "httpx",
    "msgspec",
    "attrs",
    "stamina",
    "pydantic",
    "pyarrow",
)


def described(pages: str, packages: Sequence[str] = MEASURED) -> dict[str, str]:
    """Return what to print above the results.

    Args:
        pages: What the workload's pages are, in words.
        packages: Whose versions to tell.
    """
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{_processor()}, {os.cpu_count()} cores, {_memory()}",
        "system": f"{platform.system()} {platform.machine()}, "
        f"{platform.python_implementation()} {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in packages),
        "workload": pages,
    }


def _processor() -> str:
    return _first(r"^model name\s*: (.+)$", "/proc/cpuinfo") or platform.processor() or "processor"


def _memory() -> str:
    kibibytes = _first(r"^MemTotal:\s+(\d+) kB$", "/proc/meminfo")
    return f"{int(kibibytes) / 2**20:.0f} GiB" if kibibytes else "memory unknown"


def _first(pattern: str, path: str) -> str:
    file = Path(path)  # of Linux; elsewhere there is none
    found = re.search(pattern, file.read_text(), re.MULTILINE) if file.exists() else None
    return found[1] if found else ""
