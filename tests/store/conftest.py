"""What the tests of stores and exports share."""

import pytest


@pytest.fixture(autouse=True)
def _no_configuration_from_outside(monkeypatch):
    for name in ("JUNCTION_API_KEY", "JUNCTION_ENVIRONMENT", "JUNCTION_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session", autouse=True)
def _no_proxy():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "*")
        patch.setenv("no_proxy", "*")
        yield
