"""Fixtures for whoever tests against the API (extra `testing`): a running mock, and a client of it.

pytest loads this module in every project that has the package installed, so it imports nothing of
an extra before a fixture is used.

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
    Junction = Control = MockServer = Any  # of an extra, or slow to import in every project

FaultKind: TypeAlias = Literal[
    "delay", "looping_cursor", "malformed_record", "reset", "truncated", "unknown_values"
]


class JunctionMock:
    """A mock of the API under a test's control, over HTTP on loopback.

    Attributes:
        url: The base URL, without a slash at its end.
        api_key: What it takes as `x-vital-api-key`.
        access_token: What it takes instead as a bearer token.
    """

    def __init__(self, server: MockServer, control: Control) -> None:
        self.url = server.url
        self.api_key = server.api_key
        self.access_token = server.access_token
        self._control = control

    @property
    def now(self) -> datetime:
        """The mock's time, in UTC. It stands still unless it is advanced."""
        return self._control.world.clock.now()

    def add_user(
        self,
        *providers: str,
        resources: Sequence[str] | None = None,
        user_id: UUID | None = None,
    ) -> UUID:
        """Add a user who has just connected: every backfill is scheduled now.

        Args:
            providers: What was connected.
            resources: What is pulled from each; by default all that the provider has.
            user_id: By default a new one.

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
        """Say how a pull stands now.

        Args:
            user_id: Whose.
            provider: Connected now, unless it was before.
            resource: Scheduled now, unless it was before.
            status: One that the specification lists.
            error_details: Of the kind that goes with the status; by default one is drawn.
            held: Whether it stays so until it is set again, rather than going on by the clock.

        Raises:
            LookupError: Nobody has that id.
            ValueError: A name is not in the specification, or the error does not fit the status.
        """
        self._control.world.set_pull(
            user_id, provider, resource, status, error_details=error_details, held=held
        )

    def advance(self, passed: timedelta | float) -> None:
        """Let time pass at once: backfills start, end, fail, are retried.

        Args:
            passed: How much; a number is seconds.

        Raises:
            ValueError: It is negative.
        """
        self._control.world.clock.change(advance=_seconds(passed))

    def connect(self, user_id: UUID, provider: str, resources: Sequence[str] | None = None) -> None:
        """Have a user connect a provider now: every backfill is scheduled.

        Args:
            user_id: Whose.
            provider: What is connected, for the first time or again.
            resources: What is pulled; by default what was before, or all that the provider has.

        Raises:
            LookupError: Nobody has that id.
            ValueError: A name is not in the specification.
        """
        self._control.world.connect(user_id, provider, resources)

    def mend(self, user_id: UUID, provider: str) -> None:
        """Have a user connect a provider again, with everything granted and the device in use.

        Raises:
            LookupError: Nobody has that id.
            ValueError: The user never had that provider.
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
        """Put a connection in error: nothing comes any more.

        Args:
            user_id: Whose.
            provider: Which.
            error_type: One that the specification lists.
            ago: For how long it has been so; a number is seconds.

        Raises:
            LookupError: Nobody has that id.
            ValueError: The user never had that provider, or the error is not in the specification.
        """
        self._control.world.break_connection(user_id, provider, error_type, ago=_seconds(ago))

    def disconnect(self, user_id: UUID, provider: str, *, ago: timedelta | float = 0) -> None:
        """Have a user remove a connection; what it brought stays in the listings.

        Args:
            user_id: Whose.
            provider: Which.
            ago: How long ago; a number is seconds.

        Raises:
            LookupError: Nobody has that id.
            ValueError: The user never had that provider.
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
            user_id: Whose.
            provider: Of which connection.
            resource: What is unavailable.
            scopes: What the user denied; by default one that is made up, and none where empty.
            ago: How long ago; a number is seconds.

        Raises:
            LookupError: Nobody has that id.
            ValueError: The user does not have that provider and resource.
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
        """Have the user's device give no new data.

        Args:
            user_id: Whose.
            provider: Of which connection.
            resource: Of what; by default of everything.
            ago: For how long it has been so; a number is seconds.

        Raises:
            LookupError: Nobody has that id.
            ValueError: The user does not have that provider and resource.
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
        """Have the vendor's attempts to get data fail, or not be made any more.

        Args:
            user_id: Whose.
            provider: Of which connection.
            resource: Of what; by default of everything.
            failing: Whether they are made and fail; else none is made.
            ago: For how long it has been so; a number is seconds.

        Raises:
            LookupError: Nobody has that id.
            ValueError: The user does not have that provider and resource.
        """
        self._control.world.end_attempts(
            user_id, provider, resource, failing=failing, ago=_seconds(ago)
        )

    def fail_next(self, fault: int | FaultKind, *, times: int = 1, **options: Any) -> None:
        """Have the next requests meet a fault; further ones meet the faults asked for later.

        Args:
            fault: An HTTP status from 400 on, or what else happens.
            times: How many requests.
            options: `operation`, to meet requests of ``"historical_pull"``, ``"resources"`` or
                ``"providers"`` alone; `retry_after`, a text, with a status; `seconds`, in real
                time, with a delay.

        Raises:
            ValueError: There is no such fault, or it has no such option.
        """
        from junction_introspect.mock.faults import read_fault  # noqa: PLC0415  of the extra

        kind = {"kind": "status", "status": fault} if isinstance(fault, int) else {"kind": fault}
        self._control.faults.add(read_fault({**kind, "times": times, **options}))

    def reset(self) -> None:
        """Forget users, states, faults and the time that has passed."""
        self._control.reset()


def _seconds(length: timedelta | float) -> float:
    return length.total_seconds() if isinstance(length, timedelta) else length


@pytest.fixture(scope="session")
def junction_mock_users() -> int:
    """How many made-up users `junction_mock` starts with; none, unless a project overrides this."""
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
    """A running mock of the API, as new for each test."""
    # A proxy that the environment names cannot reach this machine's loopback.
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
    """A client of `junction_mock`, whose retries do not wait unless the mock asks them to."""
    from junction_introspect import Junction, Retries  # noqa: PLC0415  only where it is used

    patience = Retries(wait_initial=0, jitter=0)
    with Junction(
        api_key=junction_mock.api_key, base_url=junction_mock.url, retries=patience
    ) as client:
        yield client
