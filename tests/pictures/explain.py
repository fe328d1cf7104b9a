"""``python -m tests.pictures.explain``: the answer that the README opens with, by the mock."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Final
from unittest.mock import patch
from uuid import UUID

from rich.console import Console
from rich.text import Text

from junction_introspect import Junction, tracking
from junction_introspect.cli.explain import _Explained, _Words
from junction_introspect.mock import MockServer, Population
from tests.pictures.watch import _FROM_ELSEWHERE

PICTURE: Final = Path(__file__).parents[2] / "docs" / "pictures" / "explain.svg"

_COLUMNS: Final = 100
_USER: Final = UUID("0b6ab5a4-6a62-4d31-a4f8-8a1e4bd7c9d1")
_DAY: Final = timedelta(days=1).total_seconds()


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def answer() -> str:
    """Return what the command prints about a user with three connections, two of them in need."""
    with (
        MockServer(Population(0, seed=1), control=True) as server,
        Junction(api_key=server.api_key, base_url=server.url) as junction,
    ):
        world = server.control.world
        chosen = {"fitbit": ["sleep"], "garmin": ["steps", "sleep"], "oura": ["sleep", "hrv"]}
        world.add_user(chosen, user_id=_USER)
        for provider, resources in chosen.items():
            for resource in resources:
                world.set_pull(_USER, provider, resource, "success")
        world.clock.change(advance=_DAY)
        world.break_connection(_USER, "fitbit", "token_refresh_failed", ago=_DAY / 2)
        world.deny(_USER, "oura", "hrv", scopes=["heart_health"])
        diagnoses = tracking.explain(junction, _USER, now=world.clock.now())
    out = _Terminal()
    terminal = {"COLUMNS": str(_COLUMNS), "TERM": "xterm-256color"}
    with patch.dict("os.environ", terminal), redirect_stdout(out):
        _Words(None, everything=False).add(_Explained(_USER, diagnoses, {}))
    return out.getvalue().rstrip()


def picture() -> str:
    """Return the answer as an SVG, the same each time, which asks no network for anything."""
    console = Console(
        file=io.StringIO(),
        record=True,
        width=_COLUMNS,
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
    )
    console.print(Text(f"$ junction-introspect explain {_USER}"))
    console.print(Text.from_ansi(answer()))
    svg = console.export_svg(title="junction-introspect explain", unique_id="explain")
    return _FROM_ELSEWHERE.sub("", svg)


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
