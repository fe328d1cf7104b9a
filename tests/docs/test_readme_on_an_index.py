"""The README's links and pictures on a package index, where the repository's files are not."""

from __future__ import annotations

import re

from hatch_build import ReadmeHook, absolute, repository
from tests.docs.pages import ROOT, read

ADDRESS = "https://host/owner/name"


def test_links_and_pictures_are_absolute_and_lead_to_files():
    text = absolute(read("README.md"), ADDRESS)
    links = re.findall(r"\]\(([^()\s]+)\)", text)
    assert all(re.match(r"https?://", link) for link in links)
    ours = [link.removeprefix(ADDRESS) for link in links if link.startswith(ADDRESS)]
    assert len(ours) > 10
    for link in ours:
        path = re.sub(r"^/(?:blob|raw)/HEAD/|[?#].*", "", link)
        assert (ROOT / path).exists(), link


def test_raw_picture_is_served_as_a_picture():
    assert absolute("![x](a/b.svg)", ADDRESS) == f"![x]({ADDRESS}/raw/HEAD/a/b.svg?sanitize=true)"


def test_without_an_address_no_link_is_left_dead():
    text = absolute("[the tutorial](docs/tutorial.md) ![x](y.svg) [z](https://z)", None)
    assert text == "the tutorial  [z](https://z)"


def test_address_is_what_a_workflow_says():
    environ = {"GITHUB_SERVER_URL": "https://host", "GITHUB_REPOSITORY": "owner/name"}
    assert repository(environ) == ADDRESS
    assert repository({}) is None


def test_hook_sets_the_readme():
    metadata = {}
    ReadmeHook(str(ROOT), {}).update(metadata)
    assert metadata["readme"]["content-type"] == "text/markdown"
    assert metadata["readme"]["text"].startswith("# junction-introspect\n")
