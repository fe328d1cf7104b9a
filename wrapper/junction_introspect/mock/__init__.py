"""A mock of the vendor's API that keeps its contract (extra `mock`).

It serves users made from a seed, over real HTTP or as an ASGI application, and behaves as the
vendor documents: credentials, filters, opaque cursors, short and empty pages. Asked
to, it lets backfills move in time, takes orders from a test, and commits faults.

    with MockServer(Population(120, seed=1)) as server:
        junction = Junction(api_key=server.api_key, base_url=server.url)
"""

from junction_introspect.mock.app import DEFAULT_ACCESS_TOKEN, DEFAULT_API_KEY, create_app
from junction_introspect.mock.clock import Clock
from junction_introspect.mock.control import Control
from junction_introspect.mock.population import Population
from junction_introspect.mock.server import MockServer
from junction_introspect.mock.world import World

__all__ = [
    "DEFAULT_ACCESS_TOKEN",
    "DEFAULT_API_KEY",
    "Clock",
    "Control",
    "MockServer",
    "Population",
    "World",
    "create_app",
]
