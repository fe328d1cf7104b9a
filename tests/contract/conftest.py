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


@pytest.fixture(scope="module")
def _without_links(at_length):
    """In short, without the phase that follows links: it takes longest, and is tested elsewhere."""
    # Not above, where `make quick` would import schemathesis as well.
    from junction_introspect.contract import suite  # noqa: PLC0415
    from junction_introspect.contract.engine import PHASES  # noqa: PLC0415

    def judge(*args, phases=PHASES, **options):
        return whole(*args, phases=phases - at_length({"stateful"}, set()), **options)

    whole = suite.judge
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(suite, "judge", judge)
        yield
