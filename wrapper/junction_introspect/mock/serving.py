"""Makes a mock server from the options of a command line, whichever reads them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from junction_introspect.mock.app import DEFAULT_API_KEY
from junction_introspect.mock.population import Population
from junction_introspect.mock.server import ExposedControlError, MockServer


class OptionError(ValueError):
    """An option has a value that cannot be used.

    Attributes:
        option: The option, such as ``"--users"``.
    """

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


def open_server(
    *,
    users: int = 120,
    seed: int = 1,
    host: str = "127.0.0.1",
    port: int = 8080,
    api_key: str = DEFAULT_API_KEY,
    control: bool = False,
    control_token: str | None = None,
    allow_host: Collection[str] = (),
    speed: float = 1.0,
    at: datetime | None = None,
) -> MockServer:
    """Return a server that listens already.

    Args:
        users: How many users to generate.
        seed: The same seed generates the same users.
        host: The address to listen on.
        port: The port; 0 picks a free one.
        api_key: The key that requests must carry.
        control: Whether to accept orders under `/_mock/`.
        control_token: The token that orders must carry instead of the key.
        allow_host: Hosts besides loopback that orders may be sent to.
        speed: Seconds on the mock's clock per real second.
        at: When the mock's clock starts, in UTC; by default now.

    Raises:
        OptionError: An option cannot be used.
        OSError: The address cannot be bound.
    """
    if not api_key:
        raise OptionError("--api-key", "a key must not be empty")
    if control_token is not None and not (control and control_token):
        raise OptionError("--control-token", "give --control too, and a token that is not empty")
    try:
        population = Population(users, seed, (at or datetime.now(UTC)).replace(tzinfo=UTC))
    except ValueError as error:
        raise OptionError("--users", str(error)) from None
    try:
        return MockServer(
            population,
            api_key=api_key,
            host=host,
            port=port,
            control=control,
            control_token=control_token,
            speed=speed,
            allow_hosts=allow_host,
        )
    except ExposedControlError:
        raise OptionError(
            "--control",
            f"other machines can reach {host}: give --allow-host and --control-token too",
        ) from None
    except ValueError as error:
        raise OptionError("--speed", str(error)) from None
