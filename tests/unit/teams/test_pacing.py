"""One budget an address, whoever's requests they are; the clock is the test's."""

from functools import partial

import anyio
import httpx
import pytest
import stamina

from junction_introspect import APITimeoutError, AsyncJunction, RateLimitError
from junction_introspect.teams import Pace
from tests.support.payloads import encoded, page

pytestmark = pytest.mark.any_specification

KEY = "sk_us_0123456789"
EMPTY = encoded(page())


class Time:
    """Moves on while somebody sleeps, and no further."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


class Server:
    """Answers one address after another from its script, and notes when it was asked."""

    def __init__(self, time, *answers):
        self._time = time
        self._answers = list(answers)
        self.asked = []

    def __call__(self, request):
        self.asked.append((request.url.host, self._time.now))
        status, headers = self._answers.pop(0) if self._answers else (200, {})
        return httpx.Response(status, headers=headers, content=EMPTY)


@pytest.fixture(params=["asyncio", "trio"])
def run(request):
    return partial(anyio.run, backend=request.param)


@pytest.fixture
def time():
    return Time()


def client(pace, server, host="one.example", **options):
    deadline = options.get("deadline", 120.0)
    return AsyncJunction(
        api_key=KEY,
        base_url=f"https://{host}",
        transport=httpx.MockTransport(server),
        **pace.hooks(deadline),
        **options,
    )


async def list_all(junction):
    async with junction:
        async for _ in junction.historical_pulls(prefetch=0):
            pass


def paced(time, per_second=None):
    return Pace(per_second, clock=time, wall_clock=lambda: 0.0, sleep=time.sleep)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (429, {"retry-after": "7"}),
        (503, {"retry-after": "7"}),
        (503, {"retry-after": "Thu, 01 Jan 1970 00:00:07 GMT"}),
        (429, {"retry-after-ms": "7000"}),
    ],
)
def test_what_one_team_is_asked_to_wait_all_teams_wait(run, time, status, headers):
    server = Server(time, (status, headers))
    pace = paced(time)

    async def main():
        with pytest.raises(Exception, match=str(status)):
            await list_all(client(pace, server, max_retries=0))
        await list_all(client(pace, server))

    run(main)
    assert [at for _, at in server.asked] == [1000, 1007]


def test_another_address_does_not_wait(run, time):
    server = Server(time, (429, {"retry-after": "7"}))
    pace = paced(time)

    async def main():
        with pytest.raises(RateLimitError):
            await list_all(client(pace, server, max_retries=0))
        await list_all(client(pace, server, "two.example"))

    run(main)
    assert server.asked == [("one.example", 1000), ("two.example", 1000)]


def test_retries_keep_to_the_rate_as_well(run, time):
    server = Server(time, (500, {}), (500, {}))

    async def main():
        with stamina.set_testing(True, attempts=10):
            await list_all(client(paced(time, 2), server))

    run(main)
    assert [at for _, at in server.asked] == [1000, 1000.5, 1001]


def test_other_failures_and_pauses_nobody_asked_for_hold_nobody_back(run, time):
    server = Server(time, (500, {"retry-after": "7"}), (429, {}), (429, {"retry-after": "soon"}))
    pace = paced(time)

    async def main():
        with stamina.set_testing(True, attempts=10):
            await list_all(client(pace, server))

    run(main)
    assert {at for _, at in server.asked} == {1000}


def test_wait_beyond_the_deadline_is_told_at_once_and_nothing_sent(run, time):
    server = Server(time, (429, {"retry-after": "3600"}))
    pace = paced(time)

    async def main():
        with pytest.raises(RateLimitError):
            await list_all(client(pace, server, max_retries=0))
        with pytest.raises(RateLimitError, match="perhaps to another team") as caught:
            await list_all(client(pace, server))
        assert caught.value.retry_after == 3600

    run(main)
    assert len(server.asked) == 1
    assert not time.slept


def test_wait_for_a_turn_counts_against_the_page_as_any_other(run, time):
    async def never(_seconds):
        await anyio.sleep_forever()

    server = Server(time, (429, {"retry-after-ms": "1"}))
    pace = Pace(clock=time, sleep=never)

    async def main():
        with pytest.raises(RateLimitError):
            await list_all(client(pace, server, max_retries=0))
        with pytest.raises(APITimeoutError):
            await list_all(client(pace, server, deadline=0.02))

    run(main)


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_rate_that_is_none_is_refused(rate):
    with pytest.raises(ValueError, match="requests_per_second must be more than 0"):
        Pace(rate)
