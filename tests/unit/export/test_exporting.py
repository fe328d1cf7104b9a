"""Exports: parts as a whole or not at all, gone on with, and the same bytes for the same input."""

# ruff: noqa: S608 - paths of the tests' own making

import csv
import errno
import json
import os
import stat
from contextlib import closing, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from junction_introspect import InternalServerError, ResponseDecodeError
from junction_introspect.errors import (
    ExportDamagedError,
    ExportLockedError,
    ExportMismatchError,
    ExportWriteError,
)
from junction_introspect.export import (
    Destination,
    Format,
    export,
    files_named,
    listed,
    stored,
)
from junction_introspect.store import Filters, Store, sync
from tests.support.payloads import statistics, user
from tests.unit.store.scripted import Team

pytestmark = pytest.mark.any_specification

FORMATS = list(Format)


def clock():
    return datetime(2026, 1, 10, 0, 0, 0, 5, tzinfo=UTC)


class BrokenOffError(Exception):
    pass


def break_off_after(pieces):
    def on_piece(_):
        nonlocal pieces
        pieces -= 1
        if pieces < 0:
            raise BrokenOffError

    return on_piece


def contents(directory):
    """Return the files but the lock's, which stays, by name."""
    return {path.name: path.read_bytes() for path in directory.glob("[!.]*")}


def manifest(directory):
    (path,) = directory.glob("*.json")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def team():
    return Team(*[[user(number)] for number in range(5)])


@pytest.fixture
def junction(team):
    with team.client() as junction:
        yield junction


@pytest.fixture
def pulls(junction):
    return listed(junction, prefetch=0, now=clock)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def store(tmp_path, junction):
    with Store.open(tmp_path / "pulls.duckdb") as store:
        sync(junction, store, now=clock)
        yield store


@pytest.mark.parametrize("format_", FORMATS)
def test_parts_hold_every_row_of_the_listing(pulls, junction, out, format_):
    export(pulls, out / f"part-*.{format_}", rows_per_part=6)

    assert sorted(contents(out)) == [
        f"part-00000.{format_}",
        f"part-00001.{format_}",
        f"part-00002.{format_}",
        f"part-manifest.{format_}.json",
    ]
    with closing(duckdb.connect()) as connection:
        read = connection.execute(
            "SELECT CAST(user_id AS VARCHAR), provider, resource, status, epoch_us(started_at),"
            f" settled, epoch_us(observed_at) FROM '{out}/part-*.{format_}'"
        ).fetchall()
    observed = int(datetime(2026, 1, 10, tzinfo=UTC).timestamp()) * 10**6 + 5
    assert read == [
        (
            str(row.user_id),
            row.provider,
            row.resource,
            row.status,
            row.started_at and int(row.started_at.timestamp()) * 10**6,
            row.settled,
            observed,
        )
        for row in junction.historical_pulls().rows()
    ]


@pytest.mark.parametrize("format_", FORMATS)
def test_same_input_and_clock_give_the_same_bytes(pulls, out, tmp_path, format_):
    export(pulls, out / f"*.{format_}", rows_per_part=6)
    export(pulls, tmp_path / "again" / f"*.{format_}", rows_per_part=6)

    assert contents(out) == contents(tmp_path / "again")


@pytest.mark.parametrize("pieces", range(5))
def test_export_that_broke_off_goes_on_and_ends_the_same(pulls, team, out, tmp_path, pieces):
    export(pulls, tmp_path / "whole" / "*.csv", rows_per_part=6)
    team.asked.clear()
    with pytest.raises(BrokenOffError):
        export(pulls, out / "*.csv", rows_per_part=6, on_piece=break_off_after(pieces))

    exported = export(pulls, out / "*.csv", rows_per_part=6)

    finished = pieces // 2
    assert team.asked[pieces + 1] == (str(finished * 2) if finished else None)
    assert exported.resumed == (finished > 0)
    assert exported.written == 3 - finished
    assert contents(out) == contents(tmp_path / "whole")


def written(out):
    """Return which files there are and when each was written; reading them changes other times."""
    # Some versions of filelock write into the lock that they take.
    files = (path for path in out.glob("*") if path.suffix != ".lock")
    found = {path.name: path.stat() for path in files}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in found.items()}


def test_complete_export_changes_nothing(pulls, team, out):
    export(pulls, out / "*.csv", rows_per_part=6)
    before = written(out)
    team.asked.clear()

    exported = export(pulls, out / "*.csv", rows_per_part=6)

    assert exported.written == 0
    assert team.asked == []
    assert written(out) == before


def test_manifest_tells_what_each_part_is(pulls, out):
    export(pulls, out / "*.ndjson", rows_per_part=6)

    told = manifest(out)

    assert told["complete"]
    assert [part["rows"] for part in told["parts"]] == [6, 6, 3]
    for part in told["parts"]:
        content = (out / part["name"]).read_bytes()
        assert (part["bytes"], part["sha256"]) == (len(content), sha256(content).hexdigest())


def test_fresh_replaces_what_is_there(pulls, team, out):
    export(pulls, out / "*.csv", rows_per_part=6)
    del team.pages[1:]

    export(pulls, out / "*.csv", rows_per_part=6, fresh=True)

    assert [part["rows"] for part in manifest(out)["parts"]] == [3]
    assert sorted(contents(out)) == ["00000.csv", "manifest.csv.json"]


def test_fresh_export_that_breaks_off_at_any_step_can_be_repeated(pulls, out, monkeypatch):
    steps = 0

    def counted(step):
        def call(*arguments):
            nonlocal steps
            steps -= 1
            if steps < 0:
                raise BrokenOffError
            return step(*arguments)

        return call

    for name in ("put", "remove"):
        monkeypatch.setattr(Destination, name, counted(getattr(Destination, name)))
    steps = 100
    export(pulls, out / "*.csv", rows_per_part=6)
    taken = 100 - steps
    expected = contents(out)
    assert taken > 8

    # To replace an export takes more steps than to write it, but breaks off sooner.
    for number in range(taken):
        steps = number
        with pytest.raises(BrokenOffError):
            export(pulls, out / "*.csv", rows_per_part=6, fresh=True)
        steps = 100
        export(pulls, out / "*.csv", rows_per_part=6, fresh=number % 2 == 0)
        assert contents(out) == expected


def test_refused_cursor_begins_anew_and_says_so(pulls, team, out):
    with pytest.raises(BrokenOffError):
        export(pulls, out / "*.csv", rows_per_part=3, on_piece=break_off_after(3))
    team.refusals = [422]
    del team.pages[1:]

    exported = export(pulls, out / "*.csv", rows_per_part=3)

    assert exported.restarted
    assert exported.written == 1
    assert sorted(contents(out)) == ["00000.csv", "manifest.csv.json"]


def test_page_that_fails_leaves_the_parts_before_it(pulls, team, out):
    with pytest.raises(BrokenOffError):
        export(pulls, out / "*.csv", rows_per_part=3, on_piece=break_off_after(3))
    team.refusals = [500]

    with pytest.raises(InternalServerError):
        export(pulls, out / "*.csv", rows_per_part=3)

    assert len(manifest(out)["parts"]) == 3
    assert export(pulls, out / "*.csv", rows_per_part=3).written == 2


def test_refusal_of_a_first_page_is_raised(pulls, team, out):
    team.refusals = [422]

    with pytest.raises(Exception, match="422"):
        export(pulls, out / "*.csv")


@pytest.mark.parametrize("format_", FORMATS)
def test_no_rows_are_one_part_without_rows(pulls, team, out, format_):
    team.pages = [[]]

    exported = export(pulls, out / f"*.{format_}")

    assert [part.rows for part in exported.manifest.parts] == [0]
    if format_ is Format.PARQUET:
        with closing(duckdb.connect()) as connection:
            assert connection.execute(f"SELECT * FROM '{out}/*.parquet'").fetchall() == []


def test_empty_page_at_the_end_is_no_part(pulls, team, out):
    team.pages = [[user(1)], []]

    exported = export(pulls, out / "*.csv", rows_per_part=3)

    assert [part.rows for part in exported.manifest.parts] == [3]
    assert exported.manifest.complete


def test_invalid_records_are_left_out_and_counted(junction, team, out):
    team.pages[1] = [{"user_id": "nobody"}]
    with pytest.raises(ResponseDecodeError):
        export(listed(junction), out / "*.csv")
    invalid = []

    exported = export(listed(junction, on_invalid=invalid.append), out / "*.csv")

    assert len(invalid) == exported.manifest.invalid == 1


@pytest.mark.parametrize(
    ("filters", "rows_per_part", "differing"),
    [
        ({"provider": "oura"}, 6, "provider"),
        ({"user_id": user(1)["user_id"]}, 6, "user id"),
        ({}, 7, "rows per part"),
    ],
)
def test_export_of_something_else_is_not_gone_on_with(
    junction, out, filters, rows_per_part, differing
):
    export(listed(junction), out / "*.csv", rows_per_part=6)
    before = contents(out)

    with pytest.raises(
        ExportMismatchError, match=f"belongs to an export that differs in {differing}:"
    ):
        export(listed(junction, **filters), out / "*.csv", rows_per_part=rows_per_part)

    assert contents(out) == before


@pytest.mark.parametrize("content", [b"", b"[]", b'{"version": 3, "of": {}}', b"\xff"])
def test_manifest_that_is_none_is_refused(pulls, out, content):
    out.mkdir()
    (out / "manifest.csv.json").write_bytes(content)

    with pytest.raises(ExportMismatchError, match="is not a manifest of this version"):
        export(pulls, out / "*.csv")


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("pieces", [4, 5], ids=["interrupted", "complete"])
@pytest.mark.parametrize("damage", [Path.unlink, truncate, flip_a_bit])
def test_part_that_has_been_changed_is_told_and_fresh_replaces_it(pulls, out, damage, pieces):
    with suppress(BrokenOffError):
        export(pulls, out / "*.csv", rows_per_part=6, on_piece=break_off_after(pieces))
    damage(out / "00001.csv")

    for _ in range(2):
        with pytest.raises(
            ExportDamagedError,
            match=r"00001\.csv was deleted or changed after .*: start over with --fresh",
        ) as caught:
            export(pulls, out / "*.csv", rows_per_part=6)
        assert caught.value.path == str(out / "00001.csv")

    assert export(pulls, out / "*.csv", rows_per_part=6, fresh=True).written == 3


@pytest.mark.parametrize(
    "name", ["../../../../etc/passwd", "/etc/passwd", "sub/00000.csv", "..", "", "x.csv", "0.csv"]
)
@pytest.mark.parametrize("file", ["manifest.csv.json", "progress.csv.json"])
def test_manifest_that_names_a_file_elsewhere_is_refused(pulls, out, name, file):
    with suppress(BrokenOffError):
        pieces = 5 if file.startswith("manifest") else 4
        export(pulls, out / "*.csv", rows_per_part=6, on_piece=break_off_after(pieces))
    told = json.loads((out / file).read_text(encoding="utf-8"))
    told["parts"][0]["name"] = name
    (out / file).write_text(json.dumps(told), encoding="utf-8")

    with pytest.raises(ExportMismatchError, match="which is not the name of a part beside it"):
        export(pulls, out / "*.csv", rows_per_part=6)


def test_files_of_somebody_else_are_left_alone(pulls, out):
    out.mkdir()
    (out / "part-00007.csv").write_text("mine", encoding="utf-8")
    (out / "party-00007.csv").write_text("mine", encoding="utf-8")

    with pytest.raises(ExportMismatchError, match=r"part-00007\.csv is in the way"):
        export(pulls, out / "part-*.csv", fresh=True)

    (out / "part-00007.csv").unlink()
    export(pulls, out / "part-*.csv")
    assert (out / "party-00007.csv").read_text(encoding="utf-8") == "mine"


def test_second_export_into_a_directory_is_refused(pulls, out):
    def again(_):
        with pytest.raises(ExportLockedError, match="another export is writing into"):
            export(pulls, out / "*.csv")

    export(pulls, out / "*.csv", on_piece=again)


def test_full_disk_is_a_sentence_and_leaves_nothing_behind(pulls, out, monkeypatch):
    def fsync(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(BrokenOffError):
        export(pulls, out / "*.csv", rows_per_part=3, on_piece=break_off_after(1))
    before = contents(out)
    monkeypatch.setattr("junction_introspect._files.os.fsync", fsync)

    with pytest.raises(ExportWriteError, match=r"cannot write .*00001\.csv: No space left"):
        export(pulls, out / "*.csv", rows_per_part=3)

    monkeypatch.undo()
    assert contents(out) == before


def test_folder_that_cannot_be_synced_is_written_to(pulls, out, monkeypatch):
    fsync = os.fsync

    def files_only(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", files_only)
    assert export(pulls, out / "*.csv").written == 1


def test_name_that_is_too_long_is_told(pulls, tmp_path):
    with pytest.raises(ExportWriteError, match="File name too long"):
        export(pulls, tmp_path / f"{'x' * 250}*.csv")


def test_directory_that_cannot_be_made_is_told(pulls, tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(ExportWriteError, match="cannot write"):
        export(pulls, tmp_path / "file" / "out" / "*.csv")


@pytest.mark.parametrize("to", ["part.csv", "part-**.csv", "*/part-*.csv", "part-*", "part-*.xls"])
def test_name_that_cannot_be_numbered_is_refused(to):
    with pytest.raises(ValueError, match="the file name "):
        files_named(to)


def test_part_of_no_rows_is_refused(pulls, out):
    with pytest.raises(ValueError, match="1 or more"):
        export(pulls, out / "*.csv", rows_per_part=0)


def test_wrong_filter_is_told_before_anything_is_written(junction):
    with pytest.raises(ValueError, match="user_id is not a UUID"):
        listed(junction, user_id="me")


def test_csv_survives_values_made_to_break_it(pulls, team, out):
    text = 'a,b"c\r\nd\ne'
    team.pages = [[user(1, sleep=statistics(trace_id=text))]]

    export(pulls, out / "*.csv")

    with (out / "00000.csv").open(encoding="utf-8", newline="") as lines:
        assert next(csv.DictReader(lines))["trace_id"] == text


@pytest.mark.parametrize("format_", FORMATS)
def test_store_is_exported_in_order_of_its_keys(store, out, format_):
    exported = export(stored(store), out / f"*.{format_}", rows_per_part=6)

    assert [part.rows for part in exported.manifest.parts] == [6, 6, 3]
    with closing(duckdb.connect()) as connection:
        keys = connection.execute(
            f"SELECT CAST(user_id AS VARCHAR), provider, resource FROM '{out}/*.{format_}'"
        ).fetchall()
    assert keys == [(str(row.user_id), row.provider, row.resource) for row in store.rows()]


def test_export_of_a_store_goes_on_while_the_store_is_the_same(store, out, tmp_path):
    export(stored(store), tmp_path / "whole" / "*.csv", rows_per_part=6)
    with pytest.raises(BrokenOffError):
        export(stored(store), out / "*.csv", rows_per_part=6, on_piece=break_off_after(2))

    exported = export(stored(store), out / "*.csv", rows_per_part=6)

    assert (exported.resumed, exported.written) == (True, 1)
    assert contents(out) == contents(tmp_path / "whole")


def test_export_of_a_store_that_has_changed_begins_anew(store, junction, out):
    with pytest.raises(BrokenOffError):
        export(stored(store), out / "*.csv", rows_per_part=6, on_piece=break_off_after(2))
    sync(junction, store)

    exported = export(stored(store), out / "*.csv", rows_per_part=6)

    assert (exported.restarted, exported.written) == (True, 3)


def test_store_that_changes_before_it_is_read_is_not_resumed(store, junction, out, monkeypatch):
    with pytest.raises(BrokenOffError):
        export(stored(store), out / "*.csv", rows_per_part=6, on_piece=break_off_after(2))
    batches = store.batches

    def after_a_sync(*arguments, **options):
        monkeypatch.undo()
        sync(junction, store)
        return batches(*arguments, **options)

    monkeypatch.setattr(store, "batches", after_a_sync)

    exported = export(stored(store), out / "*.csv", rows_per_part=6)

    assert (exported.restarted, exported.written) == (True, 3)


def test_one_team_of_a_store_can_be_exported_and_an_unknown_one_is_empty(store, junction, out):
    sync(junction, store, team="other")

    assert (
        export(stored(store, filters=Filters(team="other")), out / "other-*.csv").manifest.rows
        == 15
    )
    assert (
        export(stored(store, filters=Filters(team="nobody")), out / "nobody-*.csv").manifest.rows
        == 0
    )


def test_export_of_another_address_is_not_gone_on_with(pulls, team, out):
    export(pulls, out / "*.csv")

    with (
        team.client(base_url="https://api.example.com") as elsewhere,
        pytest.raises(ExportMismatchError, match="belongs to an export that differs in address:"),
    ):
        export(listed(elsewhere), out / "*.csv")


@pytest.mark.parametrize("ending", ["csv", "ndjson"])
def test_time_beyond_the_years_that_python_knows_is_the_last_one_it_does(out, ending):
    odd = statistics(range_start="0001-01-01T00:00:00+05:00", range_end="9999-12-31T23:59:59-05:00")
    with Team([user(1, sleep=odd)]).client() as junction:
        export(listed(junction), out / f"*.{ending}")

    content = (out / f"00000.{ending}").read_text(encoding="utf-8")
    assert "0001-01-01T00:00:00Z" in content
    assert "9999-12-31T23:59:59.999999Z" in content


def test_another_store_is_not_gone_on_with(tmp_path):
    states = set()
    for name, second in (("a", 1), ("b", 2)):
        with Store.open(tmp_path / name) as store, Team([user(1)]).client() as junction:
            sync(
                junction,
                store,
                now=lambda second=second: datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC),
            )
            states.add(store.state())

    assert len(states) == 2


HOSTILE = "=cmd()\u2028\x9b\u202e"


def hostile_source():
    team = Team([user(1, **{HOSTILE: statistics()})])
    return listed(team.client())


def test_ndjson_has_as_many_lines_as_rows_whatever_reads_them(out):
    export(hostile_source(), out / "*.ndjson")
    text = (out / "00000.ndjson").read_text("utf-8")
    assert len(text.splitlines()) == 2
    assert HOSTILE in {json.loads(line)["resource"] for line in text.splitlines()}


def test_csv_is_made_safe_for_a_spreadsheet_when_asked_for(out):
    exported = export(hostile_source(), out / "a-*.csv")
    safe = export(hostile_source(), out / "b-*.csv", csv_safe=True)
    assert f",{HOSTILE}," in (out / "a-00000.csv").read_text("utf-8")
    assert f",'{HOSTILE}," in (out / "b-00000.csv").read_text("utf-8")
    assert "csv_safe" not in exported.manifest.of
    assert safe.manifest.of["csv_safe"] is True
    with pytest.raises(ExportMismatchError, match="differs in csv safe"):
        export(hostile_source(), out / "b-*.csv")


def test_only_csv_can_be_made_safe_for_a_spreadsheet(out):
    with pytest.raises(ValueError, match="csv_safe is for files that end with"):
        export(hostile_source(), out / "*.parquet", csv_safe=True)
