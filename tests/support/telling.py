"""What the message of a failing test adds: how to run it again, and what its servers saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.faults import misbehaving

if TYPE_CHECKING:
    import pytest


def sections(item: pytest.Item) -> list[tuple[str, str]]:
    """Return titles and texts, for the report of a test that failed."""
    told = [("To run it again", _command(item))]
    if misbehaving.OPENED:
        logs = "\n".join(server.log() for server in misbehaving.OPENED)
        told.append(("Log of the fault servers", logs))
    return told


def _command(item: pytest.Item) -> str:
    options: dict[str, Any] = vars(item.config.option)
    seed = options.get("randomly_seed")
    order = f" --randomly-seed={seed}" if isinstance(seed, int) else ""
    profile = " --proof" if options["proof"] else ""
    return f"pytest '{item.nodeid}'{profile}{order}"
