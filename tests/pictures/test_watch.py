"""The picture of `watch`: the same each time, and complete in itself."""

import re
import xml.etree.ElementTree as ET

import pytest

from tests.pictures.watch import PICTURE, picture

pytestmark = pytest.mark.any_specification


def test_picture_is_the_same_each_time():
    assert picture() == picture()


def test_picture_asks_no_network_for_anything():
    for svg in (picture(), PICTURE.read_text(encoding="utf-8")):
        assert set(re.findall(r"[a-z]+://[^\"\s]*", svg)) == {"http://www.w3.org/2000/svg"}
        assert "url(http" not in svg


def test_picture_shows_the_board():
    words = "".join(ET.fromstring(picture()).itertext()).replace("\N{NO-BREAK SPACE}", " ")  # noqa: S314 - of our own making

    assert "$ junction-introspect watch" in words
    assert "next look in 4 s" in words
    assert re.search(r"total\D+655/814", words)
