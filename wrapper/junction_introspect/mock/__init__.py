"""A mock of the vendor's API that behaves as the specification says (extra `mock`).

It serves users made from a seed, over real HTTP or as an ASGI application, and behaves as the
vendor documents: credentials, filters, opaque cursors, short and empty pages. Optionally, its
backfills move in time, a test can control it, and it produces faults.

    with MockServer(Population(120, seed=1)) as server:
        junction = Junction(api_key=server.api_key, base_url=server.url)
"""

from junction_introspect._extras import extra_of

with extra_of(__name__):
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
