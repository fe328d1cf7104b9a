"""The settings of schemathesis, from schemathesis.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

SETTINGS: Final[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("schemathesis.toml").read_text(encoding="utf-8")
)
