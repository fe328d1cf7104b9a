"""Syncs: what they commit, where they go on, and what they take for gone."""

import json
import threading
from datetime import UTC, datetime, timedelta

import anyio
import httpx
import pytest

from junction_introspect import (
    AsyncJunction,
    Environment,
    InternalServerError,
    Junction,
    ResponseDecodeError,
    UnprocessableEntityError,
    tracking,
)
from junction_introspect.errors import StoreEnvironmentError, StoreLockedError
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.operations.resources import RESOURCES
from junction_introspect.store import Filters, Store, sync, sync_async, syncing
from tests.support.payloads import encoded, page, statistics, user
from tests.unit.store.scripted import Team, page_by_page

pytestmark = pytest.mark.any_specification

DAY = timedelta(days=1)


class Clock:
    def __init__(self):
        self.now = datetime(2026, 1, 10, tzinfo=UTC)

    def __call__(self):
        return self.now


class BrokenOffError(Exception):
    pass


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "pulls.duckdb") as store:
        yield store


@pytest.fixture
def team():
    return Team([user(1)], [user(2)], [user(3)])


@pytest.fixture
def junction(team):
    with team.client() as junction:
        yield junction


def break_off(run):
    raise BrokenOffError(run)


def kinds(store):
    return [seen.kind for seen in store.changes()]


def test_store_gives_back_the_rows_of_the_listing(store, junction):
    sync(junction, store)

    rows = list(store.rows())

    assert rows == sorted(junction.historical_pulls().rows(), key=tracking.key_of)
    assert rows[0].scheduled_at.tzinfo is UTC


def test_every_page_is_committed_with_the_cursor_after_it(store, junction):
    seen = []
    sync(
        junction,
        store,
        clock=page_by_page(),
        on_commit=lambda run: seen.append((run, store.runs()[-1], len([*store.rows()]))),
    )

    assert [run for run, _, _ in seen] == [run for _, run, _ in seen]
    assert [run.next_cursor for run, _, _ in seen] == ["1", "2", None]
    assert [rows for _, _, rows in seen] == [3, 6, 9]
    assert [run.state for run, _, _ in seen] == ["unfinished", "unfinished", "complete"]


def test_interrupted_sync_goes_on_after_its_last_page(store, junction, team):
    with pytest.raises(BrokenOffError):
        sync(junction, store, prefetch=0, on_commit=break_off, clock=page_by_page())

    synced = sync(junction, store)

    assert team.asked == [None, "1", "2"]
    assert synced.resumed
    assert synced.runs[0].pages == 3
    assert synced.kinds["pulls"] == {"appeared": 9}


def test_page_that_fails_leaves_what_came_before_it(store, junction, team):
    team.refusals = []
    with pytest.raises(BrokenOffError):
        sync(junction, store, prefetch=0, on_commit=break_off, clock=page_by_page())
    team.refusals = [500]
    with pytest.raises(InternalServerError):
        sync(junction, store)

    assert sync(junction, store).kinds["pulls"] == {"appeared": 9}
    assert team.asked == [None, "1", "1", "2"]


def test_run_of_yesterday_is_given_up(store, junction, team, clock):
    with pytest.raises(BrokenOffError):
        sync(junction, store, prefetch=0, on_commit=break_off, clock=page_by_page(), now=clock)
    clock.now += DAY + timedelta(seconds=1)

    synced = sync(junction, store, now=clock)

    assert not synced.resumed
    assert [run.state for run in store.runs()] == ["abandoned", "complete"]
    assert team.asked == [None, None, "1", "2"]


@pytest.mark.parametrize("seconds", [1, 0, -1])
def test_zero_begins_anew_whatever_there_is(store, junction, clock, seconds):
    with pytest.raises(BrokenOffError):
        sync(junction, store, prefetch=0, on_commit=break_off, clock=page_by_page(), now=clock)
    clock.now += timedelta(seconds=seconds)

    assert not sync(junction, store, now=clock, resume_within=timedelta()).resumed


def test_refused_cursor_begins_anew_and_says_so(store, junction, team):
    with pytest.raises(BrokenOffError):
        sync(junction, store, prefetch=0, on_commit=break_off, clock=page_by_page())
    team.refusals = [422]

    synced = sync(junction, store)

    assert synced.restarted
    assert not synced.resumed
    assert [run.state for run in store.runs()] == ["abandoned", "complete"]
    assert len(list(store.rows())) == 9


def test_refusal_of_a_first_page_is_no_reason_to_begin_anew(store, junction, team):
    team.refusals = [422, 422]

    with pytest.raises(UnprocessableEntityError):
        sync(junction, store)

    assert team.asked == [None]


def test_what_a_whole_run_has_not_met_vanishes(store, junction, team):
    sync(junction, store)
    del team.pages[1]

    synced = sync(junction, store)

    assert synced.kinds["pulls"] == {"vanished": 3}
    assert {row.user_id.int & 0xFF for row in store.rows()} == {1, 3}
    vanished = [seen for seen in store.changes() if seen.kind == "vanished"]
    assert {change.before.status for change in vanished} == {"success", None}
    assert {change.after for change in vanished} == {None}


def test_what_comes_back_appears_again(store, junction, team):
    sync(junction, store)
    gone = team.pages.pop(1)
    sync(junction, store)
    team.pages.insert(1, gone)

    assert sync(junction, store).kinds["pulls"] == {"appeared": 3}
    assert kinds(store) == ["appeared"] * 9 + ["vanished"] * 3 + ["appeared"] * 3


@pytest.mark.parametrize("filters", [{"provider": "oura"}, {"user_id": user(1)["user_id"]}])
def test_filtered_run_takes_nothing_for_gone(store, junction, team, filters):
    sync(junction, store)
    del team.pages[1:]

    assert sync(junction, store, **filters).kinds["pulls"] == {}
    assert len(list(store.rows())) == 9


def test_filtered_run_does_not_go_on_with_another(store, junction):
    with pytest.raises(BrokenOffError):
        sync(junction, store, prefetch=0, on_commit=break_off, clock=page_by_page())

    assert not sync(junction, store, provider="oura").resumed
    assert sync(junction, store).resumed


def test_whole_run_keeps_what_a_filtered_one_saw_meanwhile(store, junction, team):
    with pytest.raises(BrokenOffError):
        sync(junction, store, prefetch=0, on_commit=break_off, clock=page_by_page())
    everybody, team.pages = team.pages, [[user(4)]]
    sync(junction, store, provider="oura")
    team.pages = everybody

    assert sync(junction, store).kinds["pulls"] == {"appeared": 9}
    assert len(list(store.rows())) == 12


def test_run_that_left_out_a_record_takes_nothing_for_gone(store, junction, team):
    sync(junction, store)
    team.pages[1] = [{"user_id": "nobody"}]
    invalid = []

    synced = sync(junction, store, on_invalid=invalid.append)

    assert len(invalid) == synced.runs[0].invalid == 1
    assert synced.kinds["pulls"] == {}
    assert len(list(store.rows())) == 9


def test_invalid_record_without_a_handler_ends_the_sync(store, junction, team):
    team.pages[1] = [{"user_id": "nobody"}]

    with pytest.raises(ResponseDecodeError):
        sync(junction, store)

    assert [run.pages for run in store.runs()] == [1]


def test_user_that_comes_twice_has_both_changes(store, junction, team):
    team.pages[2] = [user(1, sleep=statistics(status="retrying"))]

    sync(junction, store)

    assert kinds(store) == ["appeared"] * 6 + ["moved"]


def test_empty_page_moves_the_run_on(store, junction, team):
    team.pages[1] = []

    assert sync(junction, store).runs[0].pages == 3


def test_no_users_are_no_rows(store, junction, team):
    team.pages = [[]]

    assert sync(junction, store).kinds["pulls"] == {}
    assert list(store.rows()) == list(store.batches()) == []


def test_teams_share_a_store_and_nothing_else(store, junction, team):
    sync(junction, store, team="one")
    del team.pages[1:]
    sync(junction, store, team="two")

    assert len(list(store.rows(filters=Filters(team="one")))) == 9
    assert len(list(store.rows(filters=Filters(team="two")))) == 3
    assert len(list(store.rows())) == 12
    assert {seen.team for seen in store.changes(filters=Filters(team="two"))} == {"two"}
    assert [run.team for run in store.runs()] == ["one", "two"]


def test_teams_are_synced_by_threads_at_once(store):
    teams = {f"team {number}": Team(*[[user(n)] for n in range(number + 1)]) for number in range(8)}

    def run(name):
        with teams[name].client() as junction:
            sync(junction, store, team=name)

    threads = [threading.Thread(target=run, args=[name]) for name in teams]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {run.team: run.rows for run in store.runs()} == {
        name: 3 * len(team.pages) for name, team in teams.items()
    }
    assert {run.run for run in store.runs()} == {1}
    numbers = [seen.number for seen in store.changes()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_second_sync_of_a_team_is_refused(store, junction):
    def again(_):
        with pytest.raises(StoreLockedError, match=r"a sync of team 'default' is already running"):
            sync(junction, store)

    sync(junction, store, on_commit=again)


def test_wrong_argument_is_told_before_anything_is_written(store, junction):
    with pytest.raises(ValueError, match="user_id is not a UUID"):
        sync(junction, store, user_id="me")
    with pytest.raises(ValueError, match="team must not be empty"):
        sync(junction, store, team="")
    with pytest.raises(TypeError, match="team must be a string"):
        sync(junction, store, team=5)

    assert store.runs() == []


def test_rows_being_read_are_those_of_the_beginning(store, junction, team):
    sync(junction, store)
    reading = store.rows()
    next(reading)
    del team.pages[1:]
    sync(junction, store)

    assert len(list(reading)) == 8
    assert len(list(store.rows())) == 3


def test_values_that_nobody_listed_survive(store, junction, team):
    strange = statistics(
        status="läuft\x00",
        release="",
        trace_id="'; DROP TABLE pulls; --",
        error_details="\N{SNOWMAN}",
        days_with_data=10**30,
        range_start="9999-12-31T23:59:59-05:00",
        range_end="0001-01-01T00:00:00+05:00",
    )
    team.pages = [[user(1, **{'"; --': strange})]]

    sync(junction, store)

    (_, row) = sorted(store.rows(), key=lambda row: row.pulled)
    assert row.resource == '"; --'
    assert (row.status, row.release) == ("läuft\x00", "")
    assert (row.trace_id, row.error_details) == ("'; DROP TABLE pulls; --", "\N{SNOWMAN}")
    # What neither 64 bits nor Python's years in UTC can hold is brought to their ends.
    assert row.days_with_data == 2**63 - 1
    assert (row.range_start.year, row.range_end.year) == (9999, 1)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_async_sync_does_the_same(store, team, backend):
    async def run(on_commit=None):
        async with AsyncJunction(
            api_key="sk_us_0123456789", transport=httpx.MockTransport(team), max_retries=0
        ) as junction:
            return await sync_async(
                junction, store, on_commit=on_commit, prefetch=0, clock=page_by_page()
            )

    with pytest.raises(BrokenOffError):
        anyio.run(run, break_off, backend=backend)
    team.refusals = [422]

    synced = anyio.run(run, backend=backend)

    assert synced.restarted
    assert len(list(store.rows())) == 9
    team.refusals = [500]
    with pytest.raises(InternalServerError):
        anyio.run(run, backend=backend)


def test_interrupt_right_after_a_commit_leaves_the_numbers_in_order(store, junction):
    class Interrupting:
        """A connection that is interrupted when it has committed."""

        def __init__(self, connection):
            self._connection = connection
            self.interrupts = True

        def execute(self, statement, *parameters):
            result = self._connection.execute(statement, *parameters)
            if statement == "COMMIT" and self.interrupts:
                self.interrupts = False
                raise KeyboardInterrupt
            return result

        def __getattr__(self, name):
            return getattr(self._connection, name)

    store._connection = Interrupting(store._connection)
    with pytest.raises(KeyboardInterrupt):
        sync(junction, store)
    sync(junction, store)

    numbers = [seen.number for seen in store.changes()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [run.run for run in store.runs()] == [1]


def test_time_without_an_offset_is_taken_for_utc(store, team):
    naive = datetime(2026, 1, 1, 12)  # noqa: DTZ001 - as it is
    team.refusals = [500]
    with team.client() as junction:
        with pytest.raises(InternalServerError):
            sync(junction, store, now=lambda: naive)
        synced = sync(junction, store, now=lambda: naive)

    assert synced.runs[0].observed_at == synced.runs[0].started_at == naive.replace(tzinfo=UTC)
    assert {seen.seen_at for seen in store.changes()} == {naive.replace(tzinfo=UTC)}


def test_integers_and_times_are_as_exact_as_in_the_listing(store):
    pull = statistics(
        days_with_data="DAYS",
        range_start="2016-12-31T23:59:60.25Z",
        range_end="2023-12-31T23:59:59.9999999Z",
    )
    body = encoded(page(user(1, sleep=pull))).replace(b'"DAYS"', b"70.0")
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    with Junction(api_key="sk_us_0123456789", transport=transport) as junction:
        sync(junction, store)

    row = next(row for row in store.rows() if row.resource == "sleep")
    assert row.days_with_data == 70
    assert row.range_start == datetime(2016, 12, 31, 23, 59, 59, 250_000, tzinfo=UTC)
    assert row.range_end == datetime(2023, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def of(environment, team):
    """Return a client of an environment that a team's pages come from."""
    return Junction(
        api_key=environment.key_prefix + "0123456789",
        environment=environment,
        transport=httpx.MockTransport(team),
        max_retries=0,
    )


def test_rows_of_another_environment_are_refused_before_anything_is_sent(store, team):
    with of(Environment.SANDBOX_EU, team) as junction:
        sync(junction, store, team="x")
    asked, before = list(team.asked), store.state()

    with (
        of(Environment.SANDBOX, team) as junction,
        pytest.raises(StoreEnvironmentError) as caught,
    ):
        sync(junction, store, team="x")

    assert str(caught.value) == (
        f"{store.path}: this store's team 'x' is of SandboxEU, not of Sandbox: use another store,"
        " or another name for the team"
    )
    assert caught.value.environment == "SandboxEU"
    assert (team.asked, store.state()) == (asked, before)
    with of(Environment.SANDBOX, team) as junction:
        assert sync(junction, store, team="y").kinds["pulls"] == {"appeared": 9}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://gateway.example.org/us", "https://gateway.example.org/eu"),
        ("http://127.0.0.1:1234", "https://api.sandbox.us.junction.com"),
    ],
)
def test_address_of_no_environment_tells_data_apart(store, team, one, other):
    def client(base_url):
        transport = httpx.MockTransport(team)
        return Junction(access_token="t", base_url=base_url, transport=transport)

    with client(one) as junction:
        sync(junction, store)
        sync(junction, store)
    with client(other) as junction, pytest.raises(StoreEnvironmentError):
        sync(junction, store)


def test_mock_on_another_port_is_the_same_place(store, team):
    for url in ("http://127.0.0.1:1234", "http://localhost:4321"):
        transport = httpx.MockTransport(team)
        with Junction(api_key="k", base_url=url, transport=transport) as junction:
            sync(junction, store)

    assert [each.environment for each in store.teams()] == ["localhost"]


def test_user_who_comes_twice_on_a_page_counts_once_and_as_he_was_last(store, team):
    team.pages = [[user(1), user(2), user(1, sleep=statistics(status="retrying"))]]

    with team.client() as junction:
        synced = sync(junction, store)

    assert synced.kinds["pulls"] == {"appeared": 6}
    assert [row.status for row in store.rows() if row.resource == "sleep"] == [
        "retrying",
        "success",
    ]


class BothOperations(Team):
    """A team with a page of resources for each page of pulls."""

    def __call__(self, request):
        response = super().__call__(request)
        self.asked[-1] = (request.url.path.rpartition("/")[2], self.asked[-1])
        if response.status_code == 200 and request.url.path.endswith("resources"):
            document = json.loads(response.content)
            for each in document["data"]:
                each["provider"] = {"oura": {"sleep": {"sent_count": 7}}}
            return httpx.Response(200, json=document)
        return response


BOTH = (HISTORICAL_PULLS, RESOURCES)


def test_several_operations_are_one_run(store):
    team = BothOperations([user(1)], [user(2)])
    with team.client() as junction:
        synced = sync(junction, store, BOTH)

    assert [(run.run, run.what, run.rows) for run in synced.runs] == [
        (1, "pulls", 6),
        (1, "resources", 2),
    ]
    assert synced.kinds == {"pulls": {"appeared": 6}, "resources": {"appeared": 2}}
    assert [row.sent_count for row in store.rows(RESOURCES)] == [7, 7]
    (found,) = store.teams()
    assert list(found.observed_at) == ["pulls", "resources"]


def test_run_of_several_operations_is_resumed_where_it_was(store):
    team = BothOperations([user(1)], [user(2)])

    def break_off_in_resources(run):
        if run.what == "resources":
            raise BrokenOffError

    with team.client() as junction:
        with pytest.raises(BrokenOffError):
            sync(
                junction,
                store,
                BOTH,
                prefetch=0,
                on_commit=break_off_in_resources,
                clock=page_by_page(),
            )
        del team.asked[:]

        synced = sync(junction, store, BOTH)

        assert synced.resumed
        assert team.asked == [("resources", "1")]
        assert [(run.state, run.pages) for run in synced.runs] == [("complete", 2)] * 2


def test_run_of_other_operations_is_another_run(store):
    team = BothOperations([user(1)], [user(2)])
    with team.client() as junction:
        with pytest.raises(BrokenOffError):
            sync(junction, store, BOTH, on_commit=break_off, clock=page_by_page(), prefetch=0)

        synced = sync(junction, store)

        assert not synced.resumed
        assert [run.run for run in synced.runs] == [2]
        assert sync(junction, store, BOTH).resumed


def test_refused_cursor_of_one_operation_starts_all_over(store):
    team = BothOperations([user(1)], [user(2)])

    def break_off_in_resources(run):
        if run.what == "resources":
            raise BrokenOffError

    with team.client() as junction:
        with pytest.raises(BrokenOffError):
            sync(
                junction,
                store,
                BOTH,
                prefetch=0,
                on_commit=break_off_in_resources,
                clock=page_by_page(),
            )
        team.refusals = [422]

        synced = sync(junction, store, BOTH)

        assert synced.restarted
        assert [run.state for run in store.runs()] == ["complete", "abandoned", *["complete"] * 2]


def test_pages_are_committed_by_the_second_and_at_the_end(store, junction):
    ticks = iter([0, 0.5, 1, 1.1, 1.2, 1.3])
    commits = []

    sync(junction, store, clock=lambda: next(ticks), on_commit=commits.append)

    assert [run.pages for run in commits] == [2, 3]


def test_pages_are_committed_by_the_row(store, junction, monkeypatch):
    monkeypatch.setattr(syncing, "_ROWS", 6)
    commits = []

    sync(junction, store, clock=lambda: 0, on_commit=commits.append)

    assert [run.pages for run in commits] == [2, 3]


def test_sync_that_fails_commits_what_it_has_received(store, junction, team):
    team.pages[2] = [{"user_id": "nobody"}]

    with pytest.raises(ResponseDecodeError):
        sync(junction, store, clock=lambda: 0)

    assert [(run.pages, run.next_cursor) for run in store.runs()] == [(2, "2")]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_async_sync_that_is_cancelled_commits_what_it_has_received(store, team, backend):
    async def run():
        async def answer(request):
            if request.url.params.get("next_cursor") == "2":
                scope.cancel()
                await anyio.sleep_forever()
            return team(request)

        async with AsyncJunction(
            api_key="sk_us_0123456789", transport=httpx.MockTransport(answer)
        ) as junction:
            with anyio.CancelScope() as scope:
                await sync_async(junction, store, clock=lambda: 0, prefetch=0)
        assert scope.cancelled_caught

    anyio.run(run, backend=backend)

    assert [(run.pages, run.next_cursor) for run in store.runs()] == [(2, "2")]
