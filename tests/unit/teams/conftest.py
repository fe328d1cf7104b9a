"""What the tests of many teams share."""

import sys
from pathlib import Path

import pytest

from junction_introspect.mock import MockServer, Population
from junction_introspect.teams import Team

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def serve(monkeypatch):
    """Starts a mock for a team: `serve("acme", users=30)` returns the team and its server."""
    servers = []

    def start(name, users=30, key=None):
        seed = sum(name.encode())
        server = MockServer(Population(users, seed), api_key=f"sk_us_{name}0123", control=True)
        servers.append(server.__enter__())
        variable = f"{name.upper()}_KEY"
        monkeypatch.setenv(variable, key or server.api_key)
        return Team(name=name, base_url=server.url, key_env=variable), server

    yield start
    # All at once: each takes a while to notice.
    for server in servers:
        server._stop()
    for server in servers:
        server.__exit__()
