"""Documents that many of these tests read are parsed once."""

import pytest

from tests.support.reading import read_once


@pytest.fixture(autouse=True, scope="session")
def _documents_are_parsed_once():
    with read_once():
        yield
