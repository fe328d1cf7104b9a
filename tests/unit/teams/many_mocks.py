"""One server for many teams, each with its own key and users: a request's key tells whose it is.

Prints its address, answers no request for the last team until there is a line on its standard
input, and all others until that is closed.
"""

import asyncio
import sys
import threading

from junction_introspect.mock import Population
from junction_introspect.mock.app import create_app
from junction_introspect.mock.server import MockServer


def key_of(number):
    return f"sk_us_team{number:04}"


class ByKey:
    """An ASGI application that passes a request on to the one of its key."""

    def __init__(self, apps):
        self._apps = {key.encode(): app for key, app in apps.items()}
        self._any = next(iter(apps.values()))
        *_, self._held = self._apps
        self.released = threading.Event()

    async def __call__(self, scope, receive, send):
        key = dict(scope["headers"]).get(b"x-vital-api-key")
        if key == self._held:
            await asyncio.to_thread(self.released.wait)
        await self._apps.get(key, self._any)(scope, receive, send)


def serve(teams, users):
    apps = {
        key_of(number): create_app(Population(users, seed=number), api_key=key_of(number))
        for number in range(teams)
    }
    server = MockServer(Population(0, seed=0))
    server._server.config.app = by_key = ByKey(apps)
    with server:
        print(server.url, flush=True)  # noqa: T201 - to the test
        sys.stdin.readline()
        by_key.released.set()
        sys.stdin.read()


if __name__ == "__main__":
    serve(*map(int, sys.argv[1:]))
