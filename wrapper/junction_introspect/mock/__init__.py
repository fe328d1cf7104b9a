"""A mock of the vendor's API that keeps its contract (extra `mock`).

It serves users made from a seed, over real HTTP or as an ASGI application, and behaves as the
vendor documents: credentials, filters, opaque cursors, short and empty pages.

    with MockServer(Population(120, seed=1)) as server:
        junction = Junction(api_key=server.api_key, base_url=server.url)
"""

from junction_introspect.mock.app import DEFAULT_ACCESS_TOKEN, DEFAULT_API_KEY, create_app
from junction_introspect.mock.population import Population
from junction_introspect.mock.server import MockServer

__all__ = [
    "DEFAULT_ACCESS_TOKEN",
    "DEFAULT_API_KEY",
    "MockServer",
    "Population",
    "create_app",
]
