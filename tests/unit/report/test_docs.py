"""What the documentation says of the report, and the pictures it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from junction_introspect.mock import MockServer, Population
from tests.pictures.report import FOLDER
from tests.unit.report.pages import read

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PICTURES = sorted(FOLDER.glob("report*.png"))


def test_example_runs_as_it_stands(monkeypatch, tmp_path):
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    with MockServer(Population(20, seed=1)) as server:
        monkeypatch.setenv("JUNCTION_API_KEY", server.api_key)
        monkeypatch.setenv("JUNCTION_BASE_URL", server.url)
        exec(compile(example, "report.md", "exec"), {})  # noqa: S102 - our own example

    page = read(Path("report.html").read_text(encoding="utf-8"))
    assert "20" in page.one("dl").text


def test_guide_names_every_part_of_the_page_by_its_heading():
    template = FOLDER.parents[1] / "wrapper/junction_introspect/report/templates/report.html.jinja"
    headings = re.findall(r"<h2 id=\"\w+\">(.*?)</h2>", template.read_text(encoding="utf-8"))
    parts = re.findall(r"^\| ([\w ]+?) \| ", GUIDE, flags=re.MULTILINE)
    assert {heading.lower() for heading in headings} <= set(parts)


def test_there_are_pictures():
    assert len(PICTURES) == 2


@pytest.mark.parametrize("picture", PICTURES, ids=lambda each: each.name)
def test_picture_is_shown_and_small(picture):
    assert f"](docs/pictures/{picture.name})" in README
    assert picture.stat().st_size < 200_000
