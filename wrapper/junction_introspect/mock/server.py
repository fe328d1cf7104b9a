"""Runs the mock API on a real socket: in a thread for tests, in the foreground for the CLI."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Collection
from typing import Any, Final, Self

import uvicorn

from junction_introspect._http.addresses import is_loopback
from junction_introspect.mock.app import DEFAULT_ACCESS_TOKEN, DEFAULT_API_KEY, create_app
from junction_introspect.mock.clock import Clock
from junction_introspect.mock.control import Control
from junction_introspect.mock.population import Population
from junction_introspect.mock.world import World

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

# Seconds that running requests may take to finish after the server was asked to stop.
_GRACE: Final = 2


class ExposedControlError(ValueError):
    """Other machines could control a mock without having been given a token."""


class MockServer:
    """The mock API over HTTP: in a thread during a `with` block, or in the foreground.

    The constructor binds the port, so `url` is final when it returns. Requests are answered within
    the `with` block, or until `serve` returns. A server can be used only once, in either way.

    Args:
        population: The users to serve.
        api_key: The key that `x-vital-api-key` must contain.
        access_token: The token that may be sent instead, as `Authorization: Bearer ...`.
        host: The address to bind to.
        port: 0 picks a free one.
        control: Whether to open the endpoints under `/_mock/`. If other machines can reach the
            host, this needs `allow_hosts` and `control_token`.
        speed: Seconds that pass in the mock per real second. With 0 and without control, nothing
            ever changes.
        allow_hosts: Names of this machine besides loopback that requests under `/_mock/` may have
            in ``Host``.
        control_token: The token that requests under `/_mock/` must have in `x-mock-token`, instead
            of the API's key.

    Attributes:
        url: The base URL, without a slash at its end.
        population: As given; so are `api_key` and `access_token`.
        control: Does in process what the endpoints under `/_mock/` do; None without `control`.

    Raises:
        ExposedControlError: `control` is set, the host is not loopback, and `allow_hosts` or
            `control_token` is missing. A `ValueError`.
        ValueError: The speed is negative.
        OSError: The address cannot be bound, for example because the port is in use; the message
            contains the address.
        OverflowError: There is no such port.
    """

    def __init__(
        self,
        population: Population,
        *,
        api_key: str = DEFAULT_API_KEY,
        access_token: str = DEFAULT_ACCESS_TOKEN,
        host: str = "127.0.0.1",
        port: int = 0,
        control: bool = False,
        speed: float = 0.0,
        allow_hosts: Collection[str] = (),
        control_token: str | None = None,
    ) -> None:
        if control and not is_loopback(host) and not (allow_hosts and control_token):
            raise ExposedControlError(
                f"other machines can reach {host}: a mock with control needs allow_hosts and"
                " control_token there"
            )
        self.population = population
        self.api_key = api_key
        self.access_token = access_token
        world = World(population, Clock(speed, start=population.now))
        self.control = Control(world) if control else None
        app = create_app(
            world,
            api_key=api_key,
            access_token=access_token,
            control=self.control,
            allow_hosts=allow_hosts,
            control_token=control_token,
        )
        self._server = _Server(app)
        self._socket = _bind(host, port)
        self.url = _url(host, self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._run, name="junction-mock", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server.settled.wait()
        if not self._server.started:
            self.__exit__()
            raise RuntimeError("the mock server did not start; its log says why")
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server and free its port. This takes a few seconds at most."""
        self._stop()
        self._thread.join()
        self._socket.close()

    def serve(self, announce: Callable[[str], None] | None = None) -> None:
        """Answer requests until SIGINT (Ctrl-C) or SIGTERM, then return normally.

        Must be called from the main thread, because it handles signals. Restores the previous
        handlers at the end.

        Args:
            announce: Called once with the URL, as soon as requests are answered. By default, the
                URL is printed on a line of its own and flushed.
        """
        self._server.on_listening = lambda: (announce or _print)(self.url)
        # When uvicorn stops, it raises the signal again for the handler that was there before. Our
        # handler keeps that from killing the process or printing a traceback. It also catches a
        # signal that comes before uvicorn has installed its own handlers.
        previous = {number: signal.signal(number, self._stop) for number in _SIGNALS}
        try:
            with self._socket:
                self._run()
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._server.settled.set()

    def _stop(self, *_: object) -> None:
        self._server.should_exit = True


class _Server(uvicorn.Server):
    """A uvicorn server that reports when it listens, and does not configure logging."""

    def __init__(self, app: Any) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                # Fixed, so that the responses do not depend on which accelerators are installed.
                http="h11",
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=_GRACE,
            )
        )
        # Set when the server listens, or when it has stopped before that.
        self.settled = threading.Event()
        self.on_listening: Callable[[], None] = self.settled.set

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.on_listening()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only if the socket names its protocol. With the algorithm
    # on, every response waits 40 ms for the delayed acknowledgement of its headers.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # Not on Windows, where this option would let two servers share a port.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name == "posix")
        bound.bind((host, port))
        bound.listen()
    except BaseException as error:
        bound.close()
        if not isinstance(error, OSError):
            raise  # a port that does not exist
        raise OSError(error.errno, f"cannot listen on {host}:{port}: {error.strerror}") from error
    return bound


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _print(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
