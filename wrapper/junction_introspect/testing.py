"""pytest fixtures for tests against the API (extra `testing`): a running mock, and its client.

pytest loads this module in every project that has the package installed. So nothing of an extra is
imported before a fixture is used.

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

import pytest

if TYPE_CHECKING:
    from junction_introspect import Junction
    from junction_introspect.mock import Control, MockServer
else:
    Junction = Control = MockServer = Any  # need an extra, or would slow down every project

FaultKind: TypeAlias = Literal[
    "delay", "looping_cursor", "malformed_record", "reset", "truncated", "unknown_values"
]


class JunctionMock:
    """A mock of the API over HTTP on loopback, which a test controls.

    Attributes:
        url: The base URL, without a trailing slash.
        api_key: The key that it accepts as `x-vital-api-key`.
        access_token: The bearer token that it accepts instead.
    """

    def __init__(self, server: MockServer, control: Control) -> None:
        self.url = server.url
        self.api_key = server.api_key
        self.access_token = server.access_token
        self._control = control

    @property
    def now(self) -> datetime:
        """The mock's time, in UTC. It only changes by `advance`."""
        return self._control.world.clock.now()

    def add_user(
        self,
        *providers: str,
        resources: Sequence[str] | None = None,
        user_id: UUID | None = None,
    ) -> UUID:
        """Add a user who has just connected: every backfill is scheduled now.

        Args:
            providers: The providers that the user connected.
            resources: The resources to pull from each; by default all of the provider's.
            user_id: The user's id; by default a new one.

        Returns:
            The user's id.

        Raises:
            ValueError: A name is not in the specification, or the id is taken.
        """
        chosen = providers if resources is None else dict.fromkeys(providers, resources)
        return self._control.world.add_user(chosen, user_id=user_id)

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
        """Set the state of a pull.

        Args:
            user_id: The user.
            provider: The provider; it is connected now if it was not before.
            resource: The resource; it is scheduled now if it was not before.
            status: A status that the specification lists.
            error_details: An error that fits the status; by default one is chosen at random.
            held: Whether the state stays until it is set again, instead of changing with time.

        Raises:
            LookupError: No user has this id.
            ValueError: A name is not in the specification, or the error does not fit the status.
        """
        self._control.world.set_pull(
            user_id, provider, resource, status, error_details=error_details, held=held
        )

    def advance(self, passed: timedelta | float) -> None:
        """Move the mock's time forward: backfills start, end, fail and are retried.

        Args:
            passed: By how much; a number is seconds.

        Raises:
            ValueError: ``passed`` is negative.
        """
        self._control.world.clock.change(advance=_seconds(passed))

    def connect(self, user_id: UUID, provider: str, resources: Sequence[str] | None = None) -> None:
        """Connect a user to a provider now: every backfill is scheduled.

        Args:
            user_id: The user.
            provider: The provider, connected for the first time or again.
            resources: The resources to pull; by default those of the last time, or else all of the
                provider's.

        Raises:
            LookupError: No user has this id.
            ValueError: A name is not in the specification.
        """
        self._control.world.connect(user_id, provider, resources)

    def mend(self, user_id: UUID, provider: str) -> None:
        """Reconnect a user to a provider, with all scopes granted and the device in use.

        Raises:
            LookupError: No user has this id.
            ValueError: The user never had this provider.
        """
        self._control.world.mend(user_id, provider)

    def break_connection(
        self,
        user_id: UUID,
        provider: str,
        error_type: str = "token_refresh_failed",
        *,
        ago: timedelta | float = 0,
    ) -> None:
        """Put a connection in error: it delivers nothing more.

        Args:
            user_id: The user.
            provider: The provider of the connection.
            error_type: An error type that the specification lists.
            ago: How long ago the error began; a number is seconds.

        Raises:
            LookupError: No user has this id.
            ValueError: The user never had this provider, or the error is not in the specification.
        """
        self._control.world.break_connection(user_id, provider, error_type, ago=_seconds(ago))

    def disconnect(self, user_id: UUID, provider: str, *, ago: timedelta | float = 0) -> None:
        """Remove a user's connection. Its earlier data stays in the listings.

        Args:
            user_id: The user.
            provider: The provider of the connection.
            ago: How long ago it was removed; a number is seconds.

        Raises:
            LookupError: No user has this id.
            ValueError: The user never had this provider.
        """
        self._control.world.disconnect(user_id, provider, ago=_seconds(ago))

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
            resource: The resource that becomes unavailable.
            scopes: The scopes that the user denied; by default one that is made up. Empty denies
                none.
            ago: How long ago it became unavailable; a number is seconds.

        Raises:
            LookupError: No user has this id.
            ValueError: The user does not have this provider and resource.
        """
        self._control.world.deny(user_id, provider, resource, scopes=scopes, ago=_seconds(ago))

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
            resource: The resource; by default all of them.
            ago: How long ago the data stopped; a number is seconds.

        Raises:
            LookupError: No user has this id.
            ValueError: The user does not have this provider and resource.
        """
        self._control.world.silence(user_id, provider, resource, ago=_seconds(ago))

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
            resource: The resource; by default all of them.
            failing: True: attempts are made and fail. False: no attempts are made.
            ago: How long ago it began; a number is seconds.

        Raises:
            LookupError: No user has this id.
            ValueError: The user does not have this provider and resource.
        """
        self._control.world.end_attempts(
            user_id, provider, resource, failing=failing, ago=_seconds(ago)
        )

    def fail_next(self, fault: int | FaultKind, *, times: int = 1, **options: Any) -> None:
        """Give the next requests a fault. Faults of several calls follow one another.

        Args:
            fault: An HTTP status of at least 400, or a kind of fault.
            times: How many requests get the fault.
            options: `operation` limits the fault to requests of ``"historical_pull"``,
                ``"resources"`` or ``"providers"``. `retry_after`, a text, goes with a status.
                `seconds`, in real time, goes with a delay.

        Raises:
            ValueError: The fault or one of its options does not exist.
        """
        from junction_introspect.mock.faults import read_fault  # noqa: PLC0415  of the extra

        kind = {"kind": "status", "status": fault} if isinstance(fault, int) else {"kind": fault}
        self._control.faults.add(read_fault({**kind, "times": times, **options}))

    def reset(self) -> None:
        """Remove all users, states and faults, and set the time back to its start."""
        self._control.reset()


def _seconds(length: timedelta | float) -> float:
    return length.total_seconds() if isinstance(length, timedelta) else length


@pytest.fixture(scope="session")
def junction_mock_users() -> int:
    """How many made-up users `junction_mock` starts with: 0, unless a project overrides this."""
    return 0


@pytest.fixture(scope="session")
def _junction_mock_server(junction_mock_users: int) -> Iterator[MockServer]:
    try:
        from junction_introspect.mock import MockServer, Population  # noqa: PLC0415  of the extra
    except ModuleNotFoundError as error:
        pytest.fail(
            f"{error.name} is missing; pip install 'junction-introspect[testing]'", pytrace=False
        )
    with MockServer(Population(junction_mock_users, seed=1), control=True) as server:
        yield server


@pytest.fixture
def junction_mock(
    _junction_mock_server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[JunctionMock]:
    """A running mock of the API, reset for each test."""
    # A proxy of the environment could not reach this machine's loopback.
    for name in ("NO_PROXY", "no_proxy"):
        others = os.environ.get(name)
        monkeypatch.setenv(name, f"{others},127.0.0.1" if others else "127.0.0.1")
    control = _junction_mock_server.control
    assert control is not None  # noqa: S101  it was asked for
    mock = JunctionMock(_junction_mock_server, control)
    mock.reset()
    yield mock
    mock.reset()


@pytest.fixture
def junction(junction_mock: JunctionMock) -> Iterator[Junction]:
    """A client for `junction_mock`. Its retries do not wait unless the mock asks for it."""
    from junction_introspect import Junction, Retries  # noqa: PLC0415  only where it is used

    patience = Retries(wait_initial=0, jitter=0)
    with Junction(
        api_key=junction_mock.api_key, base_url=junction_mock.url, retries=patience
    ) as client:
        yield client
