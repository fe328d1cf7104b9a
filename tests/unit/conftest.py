"""What the unit tests share: a scripted server, and retries that do not wait."""

import os
from unittest.mock import patch

import attrs
import httpx
import pytest
import stamina
from stamina.instrumentation import set_on_retry_hooks

from tests.support import s3


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes chunk by chunk, as from a network.

    An exception among the chunks breaks it off, a function is called for its chunk. A response made
    with `content=` instead is read and inflated by httpx before the client sees it.
    """

    def __init__(self, *chunks):
        self._chunks = chunks

    def __iter__(self):
        for chunk in self._chunks:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk() if callable(chunk) else chunk

    async def __aiter__(self):
        for chunk in self:
            yield chunk


class Script:
    """Answers requests in turn, and all further ones with the last answer.

    An answer is a status, the body of a 200, a tuple of status, headers and chunks, an exception to
    raise, or a function of the request.
    """

    def __init__(self, *answers):
        self._answers = answers
        self.requests = []

    def __call__(self, request):
        answer = self._answers[min(len(self.requests), len(self._answers) - 1)]
        # A copy: the second attempt after a 401 is the same request with another credential.
        self.requests.append(
            httpx.Request(
                request.method, request.url, headers=request.headers, extensions=request.extensions
            )
        )
        if callable(answer):
            return answer(request)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, bytes):
            answer = (200, {}, answer)
        status, headers, *chunks = (answer, {}) if isinstance(answer, int) else answer
        return httpx.Response(status, headers=headers, stream=Body(*chunks))


class Clock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def advance(self, seconds):
        self.now += seconds


class WouldWaitError(Exception):
    """Raised in place of a wait."""


@pytest.fixture
def _no_waits():
    with stamina.set_testing(True, attempts=1000, cap=True):
        yield


@pytest.fixture
def first_wait():
    """Tells how long the first wait of an action would be, and ends the action there."""

    def measure(action):
        with stamina.set_testing(False), pytest.raises(WouldWaitError) as caught:
            action()
        (seconds,) = caught.value.args
        return seconds

    def interrupt(details):
        raise WouldWaitError(details.wait_for)

    set_on_retry_hooks([interrupt])
    yield measure
    set_on_retry_hooks(None)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def script():
    return Script


@pytest.fixture
def scripted(connect):
    """Opens a client of each kind and its server: `scripted(503, b"{…}", max_retries=1)`.

    Takes besides the client's options the clocks and the chance that no caller can replace.
    """

    def open_scripted(*answers, **options):
        inner = {
            name: options.pop(name)
            for name in ("clock", "wall_clock", "uniform")
            if name in options
        }
        server = Script(*answers)
        junction = connect(server, **options)
        client = getattr(junction, "_client", junction)
        client._options = attrs.evolve(client._options, **inner)
        return junction, server

    return open_scripted


@pytest.fixture(scope="session")
def s3_variables():
    """The variables that reach an S3 server, which runs as long as the session."""
    with s3.served() as variables:
        yield variables


@pytest.fixture
def s3_prefix(s3_variables):
    """A prefix in an object store in which there is nothing."""
    with patch.dict(os.environ, s3_variables):
        yield s3.new_prefix()
