"""One client and many callers, over a real server: everybody is given their own.

Callers are threads; those of the async client are as many tasks in its event loop.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from tests.faults import behaviours
from tests.faults.behaviours import good, says, status
from tests.faults.expectations import connections_of, users
from tests.faults.misbehaving import MisbehavingServer
from tests.support.payloads import encoded, page

pytestmark = pytest.mark.any_specification

THREADS = 8
CROWD = 20


def own(request):
    """Answer with the user that was asked for."""
    user = {"user_id": request.query["user_id"], "provider": {}}
    return says("own", encoded(page(user)))


def own_at_the_second_attempt():
    """Answer as `own` does, but every third caller with a fault first."""
    faults = [*behaviours.NO_RESPONSE, *behaviours.NO_BODY, *behaviours.HALF_A_BODY, status(503)]
    broken = set()

    def script(request):
        asked = UUID(request.query["user_id"])
        if asked.int % 3 or asked in broken:
            return own(request)
        broken.add(asked)
        return faults[len(broken) % len(faults)]

    return script


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(lambda: own, id="sound"),
        pytest.param(own_at_the_second_attempt, id="with faults"),
    ],
)
@pytest.mark.proof
def test_eight_callers_sharing_a_client_are_each_given_their_own(connect, script, at_length):
    everybody = threading.Barrier(THREADS)
    times = at_length(25, 1_000)

    def ask(_):
        everybody.wait()
        asked = [uuid4() for _ in range(times)]
        given = [[user.user_id for user in junction.historical_pulls(user_id=i)] for i in asked]
        return given == [[i] for i in asked]

    with MisbehavingServer(script()) as server:
        junction = connect(None, base_url=server.url)
        with ThreadPoolExecutor(THREADS) as threads:
            assert list(threads.map(ask, range(THREADS))) == [True] * THREADS

        assert len(server.requests) >= THREADS * times
        assert connections_of(junction).waiting == 0


def test_callers_refused_at_the_same_time_mint_one_token(connect):
    everybody = threading.Barrier(CROWD)
    minted = []

    def mint():
        minted.append(f"token-{len(minted) + 1}")
        return minted[-1]

    def script(request):
        fresh = request.headers["authorization"] == "Bearer token-2"
        return good if fresh else status(401)

    def ask(_):
        everybody.wait()
        return users(junction)

    with MisbehavingServer(script) as server:
        junction = connect(None, api_key=None, access_token=mint, base_url=server.url)
        with ThreadPoolExecutor(CROWD) as threads:
            assert list(threads.map(ask, range(CROWD))) == [[1]] * CROWD
    assert minted == ["token-1", "token-2"]
