"""The links of the documentation, in the repository and on the site, and the check of a site."""

from __future__ import annotations

import posixpath
import re
import zlib

import pytest

from docs.site import check, filled, reference
from docs.site.links import rewritten
from tests.docs.pages import ROOT, read

PAGES = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/*.md")),
]


@pytest.mark.parametrize("page", PAGES)
def test_files_that_a_page_links_to_exist(page):
    text = re.sub(r"^```.*?^```", "", read(page), flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^()\s]+)\)", text):
        if not re.match(r"[a-z]+:|#", link):
            path = link.partition("#")[0]
            assert (ROOT / page).parent.joinpath(path).exists(), link


def test_every_page_is_in_one_table_of_contents():
    listed = []
    for page in PAGES:
        for block in re.findall(
            r"^```\{toctree\}\n(.*?)^```", read(page), re.DOTALL | re.MULTILINE
        ):
            lines = [line for line in block.splitlines() if line and not line.startswith(":")]
            names = [re.sub(r".*<(.*)>", r"\1", line) for line in lines]
            listed += [posixpath.join(posixpath.dirname(page), f"{name}.md") for name in names]
    assert sorted([*listed, "docs/index.md"]) == [page for page in PAGES if page[:5] == "docs/"]


def test_everything_that_a_page_asks_for_is_generated():
    shown = {page: filled(read(page), page) for page in PAGES if page[:5] == "docs/"}
    assert not [page for page, text in shown.items() if "<!-- generated" in text]
    assert "## What is promised" in shown["docs/security.md"]
    assert "](architecture.md)" in shown["docs/contributing.md"]
    assert ".. option:: --show-personal" in shown["docs/reference/commands.md"]
    assert "| 130 |" in shown["docs/reference/commands.md"]


def test_what_nothing_generates_is_an_error():
    with pytest.raises(ValueError, match="nothing generates"):
        filled("<!-- generated: magic -->", "docs/x.md")


@pytest.mark.parametrize(
    ("link", "on_the_site"),
    [
        ("[x](data.md#schema)", "[x](data.md#schema)"),
        ("[x](../SECURITY.md)", "[x](security.md)"),
        ("[x](../README.md)", "[x](index.md)"),
        ("[`x`](../wrapper/x.py)", "[`x`](https://host/files/wrapper/x.py)"),
        ("[x](https://elsewhere)", "[x](https://elsewhere)"),
        ("[x](#here)", "[x](#here)"),
        ("![x](pictures/x.svg)", "![x](pictures/x.svg)"),
        ("```python\na[0](b)\n```", "```python\na[0](b)\n```"),
    ],
)
def test_link_of_a_page_fits_the_site(link, on_the_site):
    page = "docs/tracking.md"
    assert rewritten(link, source=page, page=page, repository="https://host/files") == on_the_site


def test_file_of_the_repository_is_only_named_when_its_address_is_unknown():
    page = "docs/how-to/contract-in-ci.md"
    text = "see [its page](../../tests/contract/README.md)"
    assert rewritten(text, source=page, page=page, repository=None) == "see its page"


def test_included_file_is_rewritten_from_where_it_is():
    text = rewritten(
        "[a](docs/architecture.md)", source="CONTRIBUTING.md", page="docs/x/y.md", repository=None
    )
    assert text == "[a](../architecture.md)"


@pytest.fixture
def site(tmp_path):
    """Writes a site of some pages that has every public name but one: `site(name=html)`."""

    def write(missing="", **pages):
        for name, html in pages.items():
            (tmp_path / f"{name}.html").write_text(html)
        names = [
            f"{module}.{name} py:class 1 x.html#$ -"
            for module, each in reference.described().items()
            for name in each
        ]
        lines = "\n".join(line for line in names if not missing or f".{missing} " not in line)
        (tmp_path / "objects.inv").write_bytes(b"#\n#\n#\n#\n" + zlib.compress(lines.encode()))
        return tmp_path

    return write


def test_site_without_faults_passes(site):
    folder = site(
        a='<p id="top"><a href="b.html#end">b</a> <a href="https://elsewhere/x">x</a>',
        b='<p id="end"><a href="a.html">a</a> <a href="#end">here</a>',
    )
    assert check.main([str(folder)]) == 0


@pytest.mark.parametrize("link", ["c.html", "b.html#nowhere", "#nowhere", "pictures/x.svg"])
def test_dead_link_is_found(site, capsys, link):
    folder = site(a=f'<a href="{link}">x</a>', b="<p>b")
    assert check.main([str(folder)]) == 1
    assert f"a.html: {link}" in capsys.readouterr().err


def test_missing_name_is_found(site, capsys):
    assert check.main([str(site(missing="HistoricalPulls"))]) == 1
    assert "junction_introspect.HistoricalPulls" in capsys.readouterr().err
