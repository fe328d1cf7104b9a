"""pytest fixtures for tests against the API (extra `testing`): a running mock and a client for it.

pytest loads this module in every project that has the package installed. So it imports modules that
need an extra only when a fixture is used.

    def test_stuck_backfills_are_reported(junction_mock, junction):
        user_id = junction_mock.add_user("oura")
        junction_mock.set_pull(user_id, "oura", "sleep", "failure")
        assert my_report(junction) == ...
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from uuid import UUID

from junction_introspect._extras import extra_of

with extra_of(__name__):
    import pytest

if TYPE_CHECKING:
    from junction_introspect import Junction
    from junction_introspect.mock import Control, MockServer
else:
    Junction = Control = MockServer = Any  # they need an extra, or are slow to import

FaultKind: TypeAlias = Literal[
    "delay", "looping_cursor", "malformed_record", "reset", "truncated", "unknown_values"
]


class JunctionMock:
    """A mock of the API that a test controls, over HTTP on loopback.

    Attributes:
        url: The base URL, without a slash at its end.
        api_key: The key that it accepts in `x-vital-api-key`.
        access_token: The bearer token that it accepts instead of the key.
    """

    def __init__(self, server: MockServer, control: Control) -> None:
        self.url = server.url
        self.api_key = server.api_key
        self.access_token = server.access_token
        self._control = control
        self._world = control.world

    @property
    def now(self) -> datetime:
        """The mock's time, in UTC. It changes only when it is advanced."""
        return self._world.clock.now()

    def add_user(
        self,
        *providers: str,
        resources: Sequence[str] | None = None,
        user_id: UUID | None = None,
    ) -> UUID:
        """Add a user who has just connected: every backfill is scheduled now.

        Args:
            providers: The providers that the user has connected.
            resources: The resources to pull from each; by default all that the provider has.
            user_id: The id of the user; by default a new one.

        Returns:
            The user's id.

        Raises:
            ValueError: A name is not in the specification, or the id is taken.
        """
        chosen = providers if resources is None else dict.fromkeys(providers, resources)
        return self._world.add_user(chosen, user_id=user_id)

    def set_pull(
        self,
        user_id: UUID,
        provider: str,
        resource: str,
        status: str,
        *,
        error_details: str | None = None,
        held: bool = True,
    ) -> None:
        """Set the status of a pull now.

        Args:
            user_id: The user.
            provider: The provider. If the user has not connected it, it is connected now.
            resource: The resource. If it has no pull, one is scheduled now.
            status: A status that the specification lists.
            error_details: An error that fits the status; by default one is drawn at random.
            held: Whether the status stays until it is set again; if False, the clock changes it.

        Raises:
            LookupError: No user has this id.
            ValueError: A name is not in the specification, or the error does not fit the status.
        """
        self._world.set_pull(
            user_id, provider, resource, status, error_details=error_details, held=held
        )

    def advance(self, passed: timedelta | float) -> None:
        """Move the mock's time forward: backfills start, end, fail and are retried meanwhile.

        Args:
            passed: How much time passes; a number is seconds.

        Raises:
            ValueError: The time is negative.
        """
        self._world.clock.change(advance=_seconds(passed))

    def connect(self, user_id: UUID, provider: str, resources: Sequence[str] | None = None) -> None:
        """Connect a provider now, as a user would: every backfill is scheduled.

        Args:
            user_id: The user.
            provider: The provider, which may have been connected before.
            resources: The resources to pull; by default those of the last connection, or else all
                that the provider has.

        Raises:
            LookupError: No user has this id.
            ValueError: A name is not in the specification.
        """
        self._world.connect(user_id, provider, resources)

    def mend(self, user_id: UUID, provider: str) -> None:
        """Connect a provider again, as a user would, with everything granted and the device in use.

        Raises:
            LookupError: No user has this id.
            ValueError: The user has never connected that provider.
        """
        self._world.mend(user_id, provider)

    def break_connection(
        self,
        user_id: UUID,
        provider: str,
        error_type: str = "token_refresh_failed",
        *,
        ago: timedelta | float = 0,
    ) -> None:
        """Put a connection in error: no more data comes.

        Args:
            user_id: The user.
            provider: The provider of the connection.
            error_type: An error type that the specification lists.
            ago: How long ago this began; a number is seconds.

        Raises:
            LookupError: No user has this id.
            ValueError: The user has never connected that provider, or the error type is not in the
                specification.
        """
        self._world.break_connection(user_id, provider, error_type, ago=_seconds(ago))

    def disconnect(self, user_id: UUID, provider: str, *, ago: timedelta | float = 0) -> None:
        """Remove a connection, as a user would; its data stays in the listings.

        Args:
            user_id: The user.
            provider: The provider of the connection.
            ago: How long ago; a number is seconds.

        Raises:
            LookupError: No user has this id.
            ValueError: The user has never connected that provider.
        """
        self._world.disconnect(user_id, provider, ago=_seconds(ago))

    def deny(
        self,
        user_id: UUID,
        provider: str,
        resource: str,
        *,
        scopes: Sequence[str] | None = None,
        ago: timedelta | float = 0,
    ) -> None:
        """Make a resource unavailable.

        Args:
            user_id: The user.
            provider: The provider of the connection.
            resource: The resource.
            scopes: The scopes that the user denied; by default a made-up one. If empty, the
                resource is unavailable without a denied permission.
            ago: How long ago; a number is seconds.

        Raises:
            LookupError: No user has this id.
            ValueError: The user does not have that provider and resource.
        """
        self._world.deny(user_id, provider, resource, scopes=scopes, ago=_seconds(ago))

    def silence(
        self,
        user_id: UUID,
        provider: str,
        resource: str | None = None,
        *,
        ago: timedelta | float = 0,
    ) -> None:
        """Stop new data from the user's device.

        Args:
            user_id: The user.
            provider: The provider of the connection.
            resource: The resource; by default all resources of the connection.
            ago: How long ago this began; a number is seconds.

        Raises:
            LookupError: No user has this id.
            ValueError: The user does not have that provider and resource.
        """
        self._world.silence(user_id, provider, resource, ago=_seconds(ago))

    def end_attempts(
        self,
        user_id: UUID,
        provider: str,
        resource: str | None = None,
        *,
        failing: bool = True,
        ago: timedelta | float = 0,
    ) -> None:
        """Make the vendor's attempts to get data fail, or stop them.

        Args:
            user_id: The user.
            provider: The provider of the connection.
            resource: The resource; by default all resources of the connection.
            failing: True if attempts are made and fail; False if none are made.
            ago: How long ago this began; a number is seconds.

        Raises:
            LookupError: No user has this id.
            ValueError: The user does not have that provider and resource.
        """
        self._world.end_attempts(user_id, provider, resource, failing=failing, ago=_seconds(ago))

    def fail_next(self, fault: int | FaultKind, *, times: int = 1, **options: Any) -> None:
        """Make the next requests meet a fault. Faults that are requested later come after it.

        Args:
            fault: An HTTP status of 400 or more, or another kind of fault.
            times: How many requests meet it.
            options: `operation` limits the fault to requests of ``"historical_pull"``,
                ``"resources"`` or ``"providers"``. A status also takes `retry_after`, a string; a
                delay takes `seconds`, in real time.

        Raises:
            ValueError: There is no such fault, or it does not take such an option.
        """
        from junction_introspect.mock.faults import read_fault  # noqa: PLC0415  of the extra

        kind = {"kind": "status", "status": fault} if isinstance(fault, int) else {"kind": fault}
        self._control.faults.add(read_fault({**kind, "times": times, **options}))

    def reset(self) -> None:
        """Undo everything: added users, changes, waiting faults and the time that has passed."""
        self._control.reset()


def _seconds(length: timedelta | float) -> float:
    return length.total_seconds() if isinstance(length, timedelta) else length


@pytest.fixture(scope="session")
def junction_mock_users() -> int:
    """The number of made-up users in `junction_mock`: 0, unless a project overrides this."""
    return 0


@pytest.fixture(scope="session")
def _junction_mock_server(junction_mock_users: int) -> Iterator[MockServer]:
    try:
        with extra_of(__name__):
            from junction_introspect.mock import MockServer, Population  # noqa: PLC0415 - the extra
    except ImportError as error:
        pytest.fail(str(error), pytrace=False)
    with MockServer(Population(junction_mock_users, seed=1), control=True) as server:
        yield server


@pytest.fixture
def junction_mock(
    _junction_mock_server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[JunctionMock]:
    """A running mock of the API, reset for each test."""
    # A proxy from the environment could not reach the loopback of this machine.
    for name in ("NO_PROXY", "no_proxy"):
        others = os.environ.get(name)
        monkeypatch.setenv(name, f"{others},127.0.0.1" if others else "127.0.0.1")
    control = _junction_mock_server.control
    assert control is not None  # noqa: S101  `_junction_mock_server` asks for it
    mock = JunctionMock(_junction_mock_server, control)
    mock.reset()
    yield mock
    mock.reset()


@pytest.fixture
def junction(junction_mock: JunctionMock) -> Iterator[Junction]:
    """A client for `junction_mock` that retries at once, unless the mock sends Retry-After."""
    from junction_introspect import Junction, Retries  # noqa: PLC0415  only where it is used

    patience = Retries(wait_initial=0, jitter=0)
    with Junction(
        api_key=junction_mock.api_key, base_url=junction_mock.url, max_retries=patience
    ) as client:
        yield client
