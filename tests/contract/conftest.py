"""One mock server on a loopback port for the whole session, and the key that opens it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from junction_introspect.mock import MockServer, Population


@pytest.fixture(scope="session")
def population():
    return Population(32, seed=3)


@pytest.fixture(scope="session")
def api_key():
    # Made up on the spot: hypothesis draws strings from the literals in local modules, and would
    # guess a key that stands in one.
    return f"mock_{uuid4().hex}"


@pytest.fixture(scope="session")
def server(population, api_key):
    with MockServer(population, api_key=api_key, access_token=uuid4().hex) as running:
        yield running
