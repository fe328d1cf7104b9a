"""Documents that many of these tests read are parsed once."""

import pytest

from openapi import drift
from tests.support.reading import read_once


@pytest.fixture(autouse=True, scope="session")
def _documents_are_parsed_once():
    with read_once():
        yield


@pytest.fixture
def _nothing_is_generated(monkeypatch):
    """Have `drift` only compare, which takes a tenth of the time."""
    monkeypatch.setattr(drift, "build", lambda *_: None)
