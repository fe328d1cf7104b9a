"""The system's Chromium, kept off the network."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_OFF_THE_NETWORK: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


def chromium() -> str | None:
    """Return the path of the Chromium to drive: ``JUNCTION_CHROMIUM``, or the first on the PATH."""
    given = os.environ.get("JUNCTION_CHROMIUM")
    return given or next(filter(None, map(shutil.which, _NAMES)), None)


@contextmanager
def open_browser(executable: str) -> Iterator[Browser]:
    """Open a headless browser.

    Args:
        executable: Its path.
    """
    # Chromium refuses to sandbox what root runs.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=[*_OFF_THE_NETWORK, *sandbox]
        )
        try:
            yield browser
        finally:
            browser.close()
