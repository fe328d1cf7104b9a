"""``python -m tests.pictures.report``: the report that the README shows, from the mock's data."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from junction_introspect.report import Pseudonyms, build, render
from tests.unit.report.browser import chromium, open_browser
from tests.unit.report.data import NOW, mock_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"

# Where on the page, and how large: no larger than a README should load.
_REPORT: Final = {
    "report.png": ("", {"viewport": {"width": 1_180, "height": 1_240}}),
    "report-phone.png": (
        "#act",
        {"viewport": {"width": 390, "height": 900}, "device_scale_factor": 1.5},
    ),
}


def pictures(browser: Browser) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each picture."""
    page = render(build(mock_rows(), NOW, pseudonyms=Pseudonyms(b"pictures")))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "report.html")
        file.write_text(page, encoding="utf-8")
        for name, (place, options) in _REPORT.items():
            context = browser.new_context(color_scheme="light", **options)
            shown = context.new_page()
            shown.goto(file.as_uri() + place)
            yield name, shown.screenshot()
            context.close()


def main() -> int:
    """Make every picture anew; return 1 where there is no browser to make them with."""
    executable = chromium()
    if executable is None:
        print("there is no Chromium on the PATH, nor in JUNCTION_CHROMIUM", file=sys.stderr)  # noqa: T201
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open_browser(executable) as browser:
        for name, picture in pictures(browser):
            (FOLDER / name).write_bytes(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
