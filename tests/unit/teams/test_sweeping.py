"""One team's parts: complete, each key once, whatever an attempt was broken off by."""

import json
import pickle
import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

import anyio
import duckdb
import httpx
import pytest
from attrs import evolve

from junction_introspect import APIStatusError, AsyncJunction, InternalServerError
from junction_introspect.errors import (
    ExportDamagedError,
    ExportMismatchError,
    ExportWriteError,
)
from junction_introspect.export import Destination
from junction_introspect.sweep import Sweep, SweepUnfinishedError, parts, read
from junction_introspect.teams import Team
from tests.support.payloads import encoded, page, statistics, user

pytestmark = pytest.mark.any_specification

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TEAM = Team(name="acme", base_url="https://api.example", key_env="ACME_KEY")
KEY = "sk_us_0123456789"


def status(value):
    return {"sleep": statistics(status=value)}


class Listing:
    """Serves pages; the cursor of the second is ``1``. A page may be a status instead."""

    def __init__(self, *pages):
        self.pages = list(pages)
        self.asked = []

    def __call__(self, request):
        cursor = request.url.params.get("next_cursor")
        self.asked.append(cursor)
        number = int(cursor or 0)
        users = self.pages[number]
        if isinstance(users, int):
            return httpx.Response(users)
        following = str(number + 1) if number + 1 < len(self.pages) else None
        return httpx.Response(200, content=encoded(page(*users, next_cursor=following)))


@pytest.fixture(params=["asyncio", "trio"])
def run(request):
    return partial(anyio.run, backend=request.param)


@pytest.fixture(params=["local", "memory"])
def url(request, tmp_path):
    return str(tmp_path / "out") if request.param == "local" else f"memory://{uuid.uuid4()}"


@pytest.fixture
def attempt(run, url):
    """Sweeps a listing; with a part a page, unless told otherwise."""

    def make(listing, team=TEAM, **options):
        async def main():
            sweep = Sweep(
                destination=Destination(url),
                **{"rows_per_part": 1, "now": lambda: NOW, **options},
            )
            async with client(listing) as junction:
                return await sweep.write(team, junction)

        return run(main)

    return make


def client(listing):
    transport = httpx.MockTransport(listing)
    return AsyncJunction(api_key=KEY, base_url=str(TEAM.url), transport=transport, max_retries=0)


def files_of(url, team="acme"):
    """Return the folder of a team, and the names of its manifest and progress."""
    return Destination(url).folder(f"team={team}")


MANIFEST, PROGRESS = "part-manifest.parquet.json", "part-progress.parquet.json"


def statuses(url):
    """Return the status of each key; a key that is there twice fails."""
    rows = read(url).to_table().to_pylist()
    found = {(row["team"], row["user_id"][:8], row["resource"]): row["status"] for row in rows}
    assert len(found) == len(rows)
    return {f"{int(user, 16)} {resource}": value for (_, user, resource), value in found.items()}


def users(*numbers, value="success"):
    # The first eight digits tell the number.
    found = [user(number, **status(value)) for number in numbers]
    for number, each in zip(numbers, found, strict=True):
        each["user_id"] = f"{number:08x}-0000-4000-8000-000000000000"
        each["provider"]["oura"]["not_pulled"] = []
    return found


def test_all_rows_are_there_once_the_manifest_is(attempt, url):
    swept = attempt(Listing(users(1, 2), [], users(3)))
    assert (swept.manifest.rows, swept.manifest.users, swept.manifest.pages, swept.written) == (
        3,
        3,
        3,
        2,
    )
    assert statuses(url) == {f"{n} sleep": "success" for n in (1, 2, 3)}
    assert read(url).to_table()["team"].unique().to_pylist() == ["acme"]


def test_part_holds_as_many_pages_as_it_takes(attempt, url):
    attempt(Listing(*(users(number) for number in range(7))), rows_per_part=3)
    assert len(parts(url)) == 3


def test_attempt_goes_on_where_another_was_broken_off(attempt, url):
    listing = Listing(users(1), users(2), 500, users(4))
    with pytest.raises(InternalServerError):
        attempt(listing)
    assert statuses(url) == {}
    listing.pages[2], listing.asked = users(3), []
    swept = attempt(listing)
    assert listing.asked == ["2", "3"]
    assert (swept.resumed, swept.written, swept.manifest.rows, swept.manifest.pages) == (
        True,
        2,
        4,
        4,
    )
    assert statuses(url) == {f"{n} sleep": "success" for n in (1, 2, 3, 4)}


def test_attempt_of_too_long_ago_is_not_gone_on_with(attempt, url):
    with pytest.raises(InternalServerError):
        attempt(Listing(users(1), 500))
    listing = Listing(users(2))
    swept = attempt(listing, now=lambda: NOW + timedelta(days=1, seconds=1))
    assert (swept.resumed, listing.asked) == (False, [None])
    assert statuses(url) == {"2 sleep": "success"}


def test_attempt_at_something_else_is_not_gone_on_with(attempt, url):
    with pytest.raises(InternalServerError):
        attempt(Listing(users(1), 500), provider="oura")
    assert not attempt(Listing(users(2))).resumed
    assert statuses(url) == {"2 sleep": "success"}


@pytest.mark.parametrize("refusal", [400, 410, 422])
def test_cursor_that_is_no_longer_known_begins_anew(attempt, url, refusal):
    with pytest.raises(InternalServerError):
        attempt(Listing(users(1), 500))

    def forgetful(request):
        if request.url.params.get("next_cursor") == "1" and not listing.asked:
            return httpx.Response(refusal)
        return listing(request)

    listing = Listing(users(2), users(3))
    swept = attempt(forgetful)
    assert (swept.restarted, swept.resumed) == (True, False)
    assert statuses(url) == {"2 sleep": "success", "3 sleep": "success"}


def test_refusal_in_the_middle_of_an_attempt_is_an_error(attempt):
    with pytest.raises(APIStatusError):
        attempt(Listing(users(1), 422))


def test_user_who_comes_twice_counts_as_last_seen(attempt, url):
    pages = [users(1, 2, value="in_progress"), users(3), users(2, 4), users(1)]
    swept = attempt(Listing(*pages))
    assert (swept.manifest.users, swept.manifest.rows, swept.repeats) == (6, 4, 2)
    assert statuses(url) == {f"{n} sleep": "success" for n in (1, 2, 3, 4)}
    assert len(parts(url)) == 3  # of the first there is nothing left


def test_part_is_written_again_for_those_who_do_not_come_again(attempt, url):
    swept = attempt(Listing(users(1, 2, value="in_progress"), users(2)))
    assert (swept.manifest.rows, swept.repeats, swept.written) == (2, 1, 3)
    assert statuses(url) == {"1 sleep": "in_progress", "2 sleep": "success"}


def test_user_who_comes_twice_in_a_part_counts_as_last_seen(attempt, url):
    swept = attempt(Listing(users(1, value="retrying"), users(1)), rows_per_part=100)
    assert (swept.manifest.rows, swept.repeats) == (1, 1)
    assert statuses(url) == {"1 sleep": "success"}


def test_user_who_comes_again_after_an_interruption_counts_as_last_seen(attempt, url):
    listing = Listing(users(1, value="retrying"), 500)
    with pytest.raises(InternalServerError):
        attempt(listing)
    listing.pages[1] = users(1)
    assert attempt(listing).repeats == 1
    assert statuses(url) == {"1 sleep": "success"}


def test_complete_team_is_left_as_it_is(attempt, url):
    first = attempt(Listing(users(1), users(2)))
    listing = Listing(users(3))
    again = attempt(listing)
    assert listing.asked == []
    assert (again.manifest.rows, again.written) == (first.manifest.rows, 0)
    assert statuses(url) == {"1 sleep": "success", "2 sleep": "success"}


def test_destination_of_another_sweep_is_refused(attempt):
    attempt(Listing(users(1)))
    with pytest.raises(
        ExportMismatchError,
        match="differs in provider: use another name, or use another destination",
    ):
        attempt(Listing(users(1)), provider="oura")


def test_manifest_of_another_version_is_refused(attempt, url):
    attempt(Listing(users(1)))
    files = files_of(url)
    manifest = json.loads(files.get(MANIFEST))
    files.put(MANIFEST, json.dumps({**manifest, "version": 3}).encode())
    with pytest.raises(ExportMismatchError):
        attempt(Listing(users(1)))


def test_torn_progress_counts_as_none(attempt, url):
    files_of(url).put(PROGRESS, b'{"version": 1, "of"')
    assert not attempt(Listing(users(1))).resumed


def test_team_without_users_is_complete_with_a_part_without_rows(attempt, url):
    swept = attempt(Listing([], []))
    assert (swept.manifest.rows, swept.manifest.pages) == (0, 2)
    assert len(parts(url, teams=["acme"])) == 1
    assert read(url).to_table().num_rows == 0


def test_invalid_records_are_left_out_and_counted(attempt, url):
    broken = {**users(2)[0], "user_id": "nobody"}
    swept = attempt(Listing([*users(1), broken]))
    assert (swept.manifest.users, swept.manifest.invalid) == (1, 1)
    assert statuses(url) == {"1 sleep": "success"}


def delete(files, name):
    files.remove(name)


def empty(files, name):
    files.put(name, b"")


def truncate(files, name):
    files.put(name, files.get(name)[:-1])


def flip_a_bit(files, name):
    content = bytearray(files.get(name))
    content[len(content) // 2] ^= 1
    files.put(name, bytes(content))


DAMAGES = pytest.mark.parametrize("damage", [delete, empty, truncate, flip_a_bit])


@DAMAGES
def test_damaged_part_of_an_interrupted_attempt_starts_it_over(attempt, url, damage):
    listing = Listing(users(1), 500)
    with pytest.raises(InternalServerError):
        attempt(listing)
    files = files_of(url)
    damage(files, json.loads(files.get(PROGRESS))["parts"][0]["name"])
    listing.pages[1], listing.asked = users(2), []
    swept = attempt(listing)
    assert (swept.restarted, swept.resumed, listing.asked) == (True, False, [None, "1"])
    assert statuses(url) == {"1 sleep": "success", "2 sleep": "success"}


@DAMAGES
def test_damaged_part_of_a_complete_team_is_told_and_listed_again(attempt, url, damage):
    attempt(Listing(users(1), users(2)))
    files = files_of(url)
    name = json.loads(files.get(MANIFEST))["parts"][1]["name"]
    damage(files, name)
    for ask in (parts, read):
        with pytest.raises(
            ExportDamagedError, match=f"{name} was deleted or changed .* run the sweep again"
        ) as caught:
            ask(url)
        assert caught.value.path == files.url_of(name)
    assert attempt(Listing(users(1), users(2))).restarted
    assert statuses(url) == {"1 sleep": "success", "2 sleep": "success"}


@pytest.mark.parametrize("name", ["../../../../etc/passwd", "/etc/passwd", "x.parquet"])
def test_manifest_that_names_a_file_elsewhere_is_refused(attempt, url, name):
    attempt(Listing(users(1)))
    files = files_of(url)
    manifest = json.loads(files.get(MANIFEST))
    manifest["parts"][0]["name"] = name
    files.put(MANIFEST, json.dumps(manifest).encode())
    for ask in (parts, read, lambda _: attempt(Listing(users(1)))):
        with pytest.raises(ExportMismatchError, match="is not the name of a part beside it"):
            ask(url)


@pytest.mark.parametrize("straggler_ends", [True, False])
def test_worker_that_was_given_up_and_goes_on_does_no_harm(run, url, straggler_ends):
    pages = [users(1, value="retrying"), users(2), users(1), users(4)]
    calls = 0

    async def main():
        finished = anyio.Event()
        at_third = anyio.Event()

        async def slow(request):
            if request.url.params.get("next_cursor") == "2":
                at_third.set()
                await finished.wait()
                if not straggler_ends:
                    return httpx.Response(500)
            return Listing(*pages)(request)

        async def write(handler):
            nonlocal calls
            calls += 1
            sweep = Sweep(destination=Destination(url), rows_per_part=1, now=lambda: NOW)
            async with client(handler) as junction:
                return await sweep.write(TEAM, junction)

        async def straggle():
            if straggler_ends:
                await write(slow)
            else:
                with pytest.raises(InternalServerError):
                    await write(slow)

        async with anyio.create_task_group() as group:
            group.start_soon(straggle)
            await at_third.wait()
            second = await write(Listing(*pages))
            assert second.resumed
            assert second.repeats == 1
            seen = statuses(url)
            finished.set()
        assert statuses(url) == seen == {f"{n} sleep": "success" for n in (1, 2, 4)}

    run(main)
    assert calls == 2


def test_what_no_manifest_names_is_not_read(attempt, url):
    attempt(Listing(users(1)))
    files_of(url).put("part-00009-0000000000000000.parquet", b"half of a par")
    assert statuses(url) == {"1 sleep": "success"}


def test_team_that_is_not_complete_can_not_be_asked_for(attempt, url):
    with pytest.raises(InternalServerError):
        attempt(Listing(users(1), 500))
    with pytest.raises(SweepUnfinishedError, match=r"not complete in .*: acme, globex") as caught:
        read(url, teams=["acme", "globex"])
    assert caught.value.teams == ("acme", "globex")


def test_local_file_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    files = files_of(str(tmp_path))
    files.put(MANIFEST, b"before")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("junction_introspect._files.os.fsync", full)
    with pytest.raises(ExportWriteError, match="No space left"):
        files.put(MANIFEST, b"after")
    assert [path.name for path in (tmp_path / "team=acme").iterdir()] == [MANIFEST]
    assert files.get(MANIFEST) == b"before"


def test_relative_destination_is_the_same_for_workers_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = pickle.loads(pickle.dumps(files_of("out")))  # noqa: S301 - our own
    monkeypatch.chdir("/")
    files.put(MANIFEST, b"{}")
    assert (tmp_path / "out" / "team=acme" / MANIFEST).exists()


def test_other_engines_find_the_column_team_in_the_paths(attempt, url):
    if url.startswith("memory"):
        return  # which is this process's own
    attempt(Listing(users(1), users(2)))
    found = duckdb.read_parquet(parts(url), hive_partitioning=True)
    assert found.aggregate("team, count(*)").fetchall() == [("acme", 2)]


def test_destination_that_is_not_there_has_nothing(url):
    assert parts(url) == []
    assert read(url).to_table().num_rows == 0


def test_teams_of_different_sweeps_are_read_apart(attempt, url):
    attempt(Listing(users(1)))
    attempt(Listing(users(2)), team=evolve(TEAM, name="globex", base_url="https://eu.example"))
    assert len(parts(url)) == 2
    attempt(Listing(users(3)), team=evolve(TEAM, name="oura-only"), provider="oura")

    with pytest.raises(ExportMismatchError, match="differ in provider; read them apart"):
        parts(url)
    assert len(parts(url, teams=["oura-only"])) == 1


def test_destination_may_have_any_name(tmp_path):
    url = str(tmp_path / "all [*] of them")
    files_of(url).put(PROGRESS, b"{}")
    assert parts(url) == []
    with pytest.raises(SweepUnfinishedError):
        read(url, teams=["acme"])
