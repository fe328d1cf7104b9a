"""Following backfills: when to look again, what is told, when it is over. No waiting is real."""

from __future__ import annotations

import logging
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect import (
    AuthenticationError,
    BackfillTimeoutError,
    InternalServerError,
    Junction,
    ResponseDecodeError,
    Retries,
    tracking,
)
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.tracking import Poll
from junction_introspect.tracking.looking import Follow
from tests.support.drivers import KEY, DrivenClient, follow, wait_until_settled
from tests.support.payloads import encoded, page, statistics, user, user_id

STEADY = Poll(initial=10, factor=2, maximum=60, jitter=0)


class Time:
    """A clock that only sleeping moves on, and what was slept."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    async def async_sleep(self, seconds):
        self.sleep(seconds)


@pytest.fixture
def time(monkeypatch):
    time = Time()
    monkeypatch.setattr(tracking.following, "monotonic", lambda: time.now)
    return time


@pytest.fixture
def following(connect, time):
    """Returns a client of each kind whose looks get these answers, one each, without waiting."""

    def open_(*looks, max_retries=0):
        answers = iter(looks)

        def answer(_):
            document = next(answers)
            if isinstance(document, httpx.Response):
                return document
            return httpx.Response(200, content=encoded(document))

        client = connect(
            answer, max_retries=Retries(attempts=max_retries + 1, wait_initial=0, jitter=0)
        )
        return Follower(client, time)

    return open_


class MockTime:
    """Sleeping moves the mock's clock on."""

    def __init__(self, junction_mock):
        self.sleep = junction_mock.advance

    async def async_sleep(self, seconds):
        self.sleep(seconds)


class Follower:
    """Follows with a client of either kind, and sleeps without waiting."""

    def __init__(self, client, time):
        self._client = client
        self._sleep = time.async_sleep if isinstance(client, DrivenClient) else time.sleep

    def follow(self, **options):
        return follow(self._client, sleep=self._sleep, **options)

    def wait_until_settled(self, **options):
        return wait_until_settled(self._client, sleep=self._sleep, **options)


def oura(number=1, **statuses):
    return user(number, **{name: statistics(status=status) for name, status in statuses.items()})


def told(changes):
    return [(each.kind, each.key.resource, each.after and each.after.status) for each in changes]


def test_changes_are_told_until_everything_has_settled(following, time):
    client = following(
        page(oura(sleep="scheduled", steps="success")),
        page(oura(sleep="in_progress", steps="success")),
        page(oura(sleep="in_progress", steps="success")),
        page(oura(sleep="success", steps="success")),
    )
    changes = client.follow(user_id=user_id(1), resources=["sleep", "steps"], poll=STEADY)

    assert told(changes) == [
        ("appeared", "sleep", "scheduled"),
        ("appeared", "steps", "success"),
        ("moved", "sleep", "in_progress"),
        ("moved", "sleep", "success"),
    ]
    assert changes.settled
    assert time.slept == [0, 10, 10, 20]


def test_waiting_returns_the_last_rows(following):
    client = following(page(oura(sleep="in_progress")), page(oura(sleep="failure")))
    seen = []

    rows = client.wait_until_settled(user_id=user_id(1), poll=STEADY, on_change=seen.append)

    # `hrv` is the resource that was not pulled.
    assert [(each.resource, each.status) for each in rows] == [("sleep", "failure"), ("hrv", None)]
    assert [each.kind for each in seen] == ["appeared", "appeared", "moved"]


def test_unrecognized_status_is_not_final(following, time):
    client = following(*[page(oura(sleep="paused"))] * 3)

    with pytest.raises(BackfillTimeoutError):
        client.wait_until_settled(deadline=25, poll=STEADY)

    assert time.slept == [0, 10, 15]


def test_deadline_raises_with_the_last_rows_after_a_last_look(following, time):
    client = following(
        *[page(oura(sleep="scheduled"))] * 3, page(oura(sleep="in_progress", heartrate="success"))
    )

    with pytest.raises(BackfillTimeoutError) as caught:
        client.wait_until_settled(user_id=user_id(1), deadline=65, poll=STEADY)

    assert str(caught.value) == "1 of 3 pulls have not settled within 65 s"
    assert {each.resource: each.status for each in caught.value.rows} == {
        "sleep": "in_progress",
        "heartrate": "success",
        "hrv": None,
    }
    assert time.slept == [0, 10, 20, 35]


def test_timeout_says_both_what_is_not_settled_and_what_is_missing(following):
    client = following(*[page(oura(sleep="scheduled"))] * 2)

    with pytest.raises(BackfillTimeoutError) as caught:
        client.wait_until_settled(resources=["sleep", "steps"], deadline=5, poll=STEADY)

    assert str(caught.value) == (
        "1 of 1 pulls have not settled and 1 of the resources asked for are not listed within 5 s"
    )


def test_pulls_that_were_asked_for_have_to_be_listed(following):
    client = following(*[page(oura(sleep="success"))] * 2)

    with pytest.raises(BackfillTimeoutError) as caught:
        client.wait_until_settled(resources={"sleep", "steps"}, deadline=5, poll=STEADY)

    assert str(caught.value) == "1 of the resources asked for are not listed within 5 s"
    assert caught.value.missing == ("steps",)


@pytest.mark.parametrize("named", [{"user_id": user_id(1)}, {"provider": "oura"}])
def test_somebody_who_has_just_connected_is_waited_for(following, named):
    client = following(page(), page(oura(sleep="success")))

    assert len(client.wait_until_settled(**named, poll=STEADY)) == 2


def test_nobody_at_all_has_settled(following, time):
    assert following(page()).wait_until_settled() == []
    assert time.slept == [0]


def test_nothing_listed_by_the_deadline_says_so(following):
    with pytest.raises(BackfillTimeoutError, match="no pull was listed within 1 s"):
        following(*[page()] * 2).wait_until_settled(user_id=user_id(1), deadline=1, poll=STEADY)


def test_only_what_was_sought_counts(following):
    client = following(
        page(
            {
                "user_id": str(user_id(1)),
                "provider": {
                    "oura": {
                        "pulled": {
                            "sleep": statistics(),
                            "steps": statistics(status="scheduled"),
                        },
                        "not_pulled": [],
                    },
                    "fitbit": {
                        "pulled": {"sleep": statistics(status="retrying")},
                        "not_pulled": [],
                    },
                },
            }
        )
    )

    (row,) = client.wait_until_settled(provider="oura", resources=["sleep"])

    assert (row.provider, row.resource) == ("oura", "sleep")


def test_what_is_listed_no_longer_has_vanished(following):
    client = following(
        page(oura(1, sleep="success"), oura(2, sleep="scheduled")), page(oura(2, sleep="success"))
    )
    changes = client.follow(resources=["sleep"], poll=STEADY)

    assert ("vanished", "sleep", None) in told(changes)
    assert len(changes.rows) == 1


def test_what_vanished_while_it_was_running_is_looked_for_once_more(following):
    done, running = oura(1, sleep="success"), oura(2, sleep="in_progress")
    client = following(
        page(done, running), page(done), page(done, running), page(done, oura(2, sleep="success"))
    )
    changes = client.follow(resources=["sleep"], poll=STEADY)

    assert [kind for kind, *_ in told(changes)][2:] == ["vanished", "appeared", "moved"]
    assert len(changes.rows) == 2


def test_what_has_vanished_for_good_is_not_waited_for(following):
    client = following(
        page(oura(1, sleep="success"), oura(2, sleep="scheduled")),
        *[page(oura(1, sleep="success"))] * 2,
    )

    assert len(client.wait_until_settled(resources=["sleep"], poll=STEADY)) == 1


def test_resources_may_come_one_by_one(following):
    client = following(page(oura(sleep="success", steps="scheduled")))

    assert len(client.wait_until_settled(resources=iter(["sleep"]))) == 1


def test_listing_that_never_came_to_its_end_says_so(following):
    client = following(*[page(oura(sleep="success"), next_cursor="c"), httpx.Response(503)] * 2)

    with pytest.raises(BackfillTimeoutError, match="not every pull could be listed within 5 s"):
        client.wait_until_settled(deadline=5, poll=STEADY)


def test_changes_come_before_the_look_has_ended(following):
    client = following(page(oura(1, sleep="scheduled"), next_cursor="c2"))
    changes = client.follow()

    assert next(changes).kind == "appeared"  # the second page would fail: there is none


def test_look_that_fails_is_made_again_at_the_next_turn(following, time, caplog):
    client = following(
        page(oura(sleep="scheduled")),
        httpx.Response(503),
        httpx.Response(503),
        page(oura(sleep="success")),
    )
    with caplog.at_level(logging.WARNING, "junction_introspect"):
        rows = client.wait_until_settled(resources=["sleep"], poll=STEADY)

    assert [each.status for each in rows] == ["success"]
    assert time.slept == [0, 10, 20, 40]
    assert [each.message for each in caplog.records] == [
        "listing the backfills failed and will be tried again: 503 Service Unavailable"
    ] * 2


def test_whoever_wants_to_know_is_told_of_every_look_and_of_each_that_failed(following):
    client = following(
        page(oura(sleep="scheduled")), httpx.Response(503), page(oura(sleep="success"))
    )
    heard = []

    client.wait_until_settled(
        user_id=user_id(1),
        poll=STEADY,
        on_look=heard.append,
        on_failed_look=lambda error: heard.append(error.status_code),
    )

    assert heard == [False, True, False, 503, False, True]


def test_rows_of_a_look_that_failed_count_but_nothing_has_vanished(following):
    client = following(
        page(oura(1, sleep="scheduled"), oura(2, sleep="scheduled")),
        page(oura(1, sleep="success"), next_cursor="c2"),
        httpx.Response(503),
        page(oura(1, sleep="success"), oura(2, sleep="success")),
    )

    changes = client.follow(resources=["sleep"], poll=STEADY)

    assert [kind for kind, *_ in told(changes)] == ["appeared", "appeared", "moved", "moved"]


def test_pages_of_a_look_are_retried_as_everywhere(following, time):
    client = following(httpx.Response(503), page(oura(sleep="success")), max_retries=1)

    assert len(client.wait_until_settled()) == 2
    assert time.slept == [0]


def test_outage_to_the_end_is_the_cause_of_the_timeout(following):
    client = following(page(oura(sleep="scheduled")), *[httpx.Response(500)] * 2)

    with pytest.raises(BackfillTimeoutError) as caught:
        client.wait_until_settled(deadline=15, poll=STEADY)

    assert isinstance(caught.value.__cause__, InternalServerError)
    assert len(caught.value.rows) == 2


def test_error_that_another_look_cannot_help_is_raised_and_ends_nothing(following):
    client = following(httpx.Response(401), page(oura(sleep="success")))
    changes = client.follow(resources=["sleep"], poll=STEADY)

    with pytest.raises(AuthenticationError):
        next(changes)
    assert told(changes) == [("appeared", "sleep", "success")]


def test_invalid_record_raises_unless_it_is_received(following):
    document = page({"user_id": "nobody"}, oura(sleep="success"))
    invalid = []

    with pytest.raises(ResponseDecodeError):
        following(document).wait_until_settled()
    assert len(following(document).wait_until_settled(on_invalid=invalid.append)) == 2
    assert len(invalid) == 1


def test_wrong_arguments_are_refused_before_anything_is_sent(following):
    client = following()

    with pytest.raises(ValueError, match="not a UUID"):
        client.follow(user_id="me")
    with pytest.raises(TypeError, match="resources must be a collection of strings"):
        client.follow(resources="sleep")
    with pytest.raises(TypeError, match="resources must be a collection of strings"):
        client.follow(resources=[1])
    with pytest.raises(TypeError, match="poll must be a Poll"):
        client.follow(poll=5)
    with pytest.raises(TypeError, match="deadline must be a number"):
        client.follow(deadline="1 h")
    with pytest.raises(TypeError, match="deadline must be a number"):
        client.follow(deadline=True)
    for deadline in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="deadline must be more than 0"):
            client.follow(deadline=deadline)


def test_without_a_deadline_it_is_waited_for_ever(following, time):
    client = following(*[page(oura(sleep="scheduled"))] * 99, page(oura(sleep="success")))

    assert len(client.wait_until_settled(deadline=None, poll=STEADY)) == 2
    assert time.now > 1000 + 90 * 60


def _follow(time, **poll):
    return Follow(
        named=True,
        provider=None,
        resources=frozenset(),
        poll=Poll(**poll),
        deadline=None,
        clock=lambda: time.now,
        uniform=lambda low, high: (low + high) / 2,
    )


def _look(follow, *rows):
    follow.begin()
    for each in (*rows, None):
        follow.see(each)
    follow.ready.clear()


def pull(status, number=1):
    return HistoricalPull(
        user_id=UUID(int=number), provider="oura", resource="sleep", status=status, pulled=True
    )


def test_wait_grows_while_nothing_changes_and_begins_anew_after_a_change(time):
    follow = _follow(time, initial=8, factor=2, maximum=50, jitter=0)
    waits = [follow.wait()]
    for status in (
        "scheduled",
        "scheduled",
        "scheduled",
        "scheduled",
        "in_progress",
        "in_progress",
    ):
        _look(follow, pull(status))
        waits.append(follow.wait())

    assert waits == [0, 8, 16, 32, 50, 8, 16]


def test_chance_shortens_a_wait_by_its_share_at_most(time):
    follow = _follow(time, initial=10, jitter=0.5)
    follow.wait()
    _look(follow, pull("scheduled"))

    assert follow.wait() == pytest.approx(7.5)


def test_last_second_before_the_deadline_is_waited_for(following, time):
    client = following(*[page(oura(sleep="scheduled"))] * 3)

    with pytest.raises(BackfillTimeoutError):
        client.wait_until_settled(deadline=10.5, poll=STEADY)

    assert time.slept == [0, 10, 0.5]


@pytest.mark.parametrize(
    "options",
    [{"initial": 0}, {"factor": 0.5}, {"maximum": 0}, {"jitter": -0.1}, {"jitter": 1.1}],
)
def test_absurd_polls_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        Poll(**options)


def test_poll_takes_numbers_alone():
    with pytest.raises(TypeError):
        Poll(initial="5")


@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["scheduled", "retrying"]))),
        max_size=6,
    )
)
def test_changes_that_were_told_lead_to_the_rows(looks):
    follow = _follow(Time())
    state = []
    for look in looks:
        follow.begin()
        for number, status in look:
            follow.see(pull(status, number))
        follow.see(None)
        while follow.ready:
            state = tracking.apply(state, [follow.ready.popleft()])
        assert sorted(state, key=tracking.key_of) == sorted(follow.rows, key=tracking.key_of)
        assert {each.user_id.int for each in state} == {number for number, _ in look}


def test_backfills_of_the_mock_settle_as_its_clock_advances(junction_mock, connect):
    person = junction_mock.add_user("oura", "fitbit")
    client = connect(api_key=junction_mock.api_key, base_url=junction_mock.url)
    junction_mock.fail_next("reset")

    changes = Follower(client, MockTime(junction_mock)).follow(
        user_id=person, deadline=None, poll=Poll(initial=600, maximum=1800)
    )
    kinds = {each.kind for each in changes}

    assert kinds >= {"appeared", "moved"}
    assert changes.rows
    assert all(each.settled for each in changes.rows)


def test_following_sends_nothing_before_the_first_change_is_asked_for():
    def refuse(_):
        raise AssertionError("something was sent")

    with Junction(api_key=KEY, transport=httpx.MockTransport(refuse)) as junction:
        changes = tracking.follow(junction, user_id=user_id(1))

    assert not changes.settled
    assert changes.rows == []
