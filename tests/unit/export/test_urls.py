"""Exports to URLs: the same promises as in a folder, where nobody can be locked out."""

import json
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from junction_introspect.arrow import schema
from junction_introspect.cli import main
from junction_introspect.errors import (
    ExportDamagedError,
    ExportMismatchError,
    ExportPackageError,
    ExportReadError,
    ExportWriteError,
)
from junction_introspect.export import Destination, Format, export, files_named, listed
from junction_introspect.export.formats import read
from junction_introspect.operations.historical_pulls import HISTORICAL_PULLS
from junction_introspect.operations.resources import RESOURCES
from tests.support.payloads import statistics, user
from tests.unit.store.scripted import Team

pytestmark = pytest.mark.any_specification

FORMATS = list(Format)
KEY = list(HISTORICAL_PULLS.key)


def clock():
    return datetime(2026, 1, 10, tzinfo=UTC)


class BrokenOffError(Exception):
    pass


@pytest.fixture
def team():
    return Team(*[[user(number)] for number in range(5)])


@pytest.fixture
def pulls(team):
    with team.client() as junction:
        yield listed(junction, prefetch=0, now=clock)


def broken_off(pulls, to, pieces):
    """Export until so many pieces have been taken."""
    taken = []

    def count(piece):
        if len(taken) == pieces:
            raise BrokenOffError
        taken.append(piece)

    with pytest.raises(BrokenOffError):
        export(pulls, to, rows_per_part=6, on_piece=count)


def files_at(to):
    """Return the destination and the manifest."""
    files = files_named(to)
    return files, json.loads(files.destination.get(files.manifest))


def rows_at(to):
    """Return the rows of the parts that count."""
    files, manifest = files_at(to)
    return [
        row
        for part in manifest["parts"]
        for row in read(
            files.destination.get(part["name"]), files.format, schema(HISTORICAL_PULLS)
        ).to_pylist()
    ]


@pytest.mark.parametrize("format_", FORMATS)
def test_parts_are_those_of_a_folder(pulls, prefix, tmp_path, format_):
    to = f"{prefix}/a/part-*.{format_}"
    export(pulls, tmp_path / f"part-*.{format_}", rows_per_part=6)

    assert export(pulls, to, rows_per_part=6).written == 3

    files, manifest = files_at(to)
    assert sorted(files.destination.names()) == sorted(
        [*(part["name"] for part in manifest["parts"]), f"part-manifest.{format_}.json"]
    )
    for number, part in enumerate(manifest["parts"]):
        assert part["name"] == f"part-{number:05}-{part['sha256'][:16]}.{format_}"
        content = (tmp_path / f"part-{number:05}.{format_}").read_bytes()
        assert files.destination.get(part["name"]) == content
    assert export(pulls, to, rows_per_part=6).written == 0


@pytest.mark.parametrize("pieces", range(5))
def test_export_that_broke_off_is_resumed(pulls, team, prefix, pieces):
    to = f"{prefix}/*.csv"
    broken_off(pulls, to, pieces)
    team.asked.clear()

    exported = export(pulls, to, rows_per_part=6)

    finished = pieces // 2
    assert team.asked[0] == (str(finished * 2) if finished else None)
    assert (exported.resumed, exported.written) == (finished > 0, 3 - finished)
    assert len({tuple(row[name] for name in KEY) for row in rows_at(to)}) == 15


def test_export_that_was_replaced_is_read_by_its_manifest(pulls, team, prefix):
    to = f"{prefix}/*.csv"
    export(pulls, to, rows_per_part=6)
    del team.pages[1:]

    assert export(pulls, to, rows_per_part=6, fresh=True).manifest.rows == 3

    assert len(rows_at(to)) == 3


def flip_a_bit(files, name):
    content = bytearray(files.get(name))
    content[len(content) // 2] ^= 1
    files.put(name, bytes(content))


@pytest.mark.parametrize("damage", [Destination.remove, flip_a_bit])
def test_part_that_has_been_changed_is_told(pulls, prefix, damage):
    to = f"{prefix}/*.csv"
    export(pulls, to, rows_per_part=6)
    files, manifest = files_at(to)
    damage(files.destination, manifest["parts"][1]["name"])

    with pytest.raises(
        ExportDamagedError, match=r"00001-\w+\.csv was deleted or changed"
    ) as caught:
        export(pulls, to, rows_per_part=6)

    assert caught.value.path == files.destination.url_of(manifest["parts"][1]["name"])
    assert caught.value.path.startswith(prefix.partition("://")[0] + "://")


@pytest.mark.parametrize("verify", [False, True])
def test_part_with_a_tag_is_read_only_to_verify_it(pulls, s3_prefix, monkeypatch, verify):
    to = f"{s3_prefix}/*.csv"
    export(pulls, to, rows_per_part=6)
    _, manifest = files_at(to)
    got, get = [], Destination.get
    monkeypatch.setattr(
        Destination, "get", lambda place, name: (got.append(name), get(place, name))[1]
    )

    assert export(pulls, to, rows_per_part=6, verify=verify).written == 0

    parts = [part["name"] for part in manifest["parts"]]
    assert got == ["manifest.csv.json", *(parts if verify else ())]


def test_two_exports_at_once_each_write_a_whole_one(pulls, team, prefix):
    to = f"{prefix}/*.ndjson"
    others = []

    def meanwhile(_piece):
        if not others:
            with team.client() as junction:
                other = listed(junction, prefetch=0)  # at another time, so of other bytes
                others.append(export(other, to, rows_per_part=6))

    mine = export(pulls, to, rows_per_part=6, on_piece=meanwhile)

    files, manifest = files_at(to)
    assert [part["name"] for part in manifest["parts"]] == [
        each.name for each in mine.manifest.parts
    ]
    assert len({tuple(row[name] for name in KEY) for row in rows_at(to)}) == len(rows_at(to)) == 15
    assert all(files.destination.get(part.name) for part in others[0].manifest.parts)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("place", ["folder", "url"])
def test_user_who_comes_again_has_the_last_of_the_rows(tmp_path, format_, place):
    to = f"{tmp_path if place == 'folder' else f'memory://{uuid.uuid4()}'}/part-*.{format_}"
    odd = 'a,"b\u2028'

    def seen(number, status):
        return user(number, **{odd: statistics(status=status, trace_id=odd)})

    team = Team([seen(1, "retrying"), seen(2, "retrying")], [seen(3, "success")])
    team.pages += [[seen(2, "success"), seen(4, "failure")], [seen(1, "success")]]
    with team.client() as junction:
        pulls = listed(junction, prefetch=0, now=clock)
        broken_off(pulls, to, 3)
        exported = export(pulls, to, rows_per_part=6)
        again = export(pulls, to, rows_per_part=6)

    assert (exported.manifest.rows, again.written) == (8, 0)
    rows = rows_at(to)
    found = {row["user_id"]: row for row in rows if row["resource"] == odd}
    assert [found[user(n)["user_id"]]["status"] for n in (1, 2, 3, 4)] == [
        *["success"] * 3,
        "failure",
    ]
    assert {row["trace_id"] for row in found.values()} == {odd}
    assert len(rows) == len({tuple(row[name] for name in KEY) for row in rows}) == 8


def test_any_operation_can_be_exported(prefix, junction_mock, junction):
    junction_mock.add_user("oura", resources=["sleep"])
    to = f"{prefix}/*.ndjson"

    assert export(listed(junction, RESOURCES), to).manifest.rows == 1

    with pytest.raises(ExportMismatchError, match="differs in what"):
        export(listed(junction), to)


@pytest.fixture
def run(junction_mock, monkeypatch, tmp_path, capsys):
    """Runs the command line; returns status and errors."""
    monkeypatch.setenv("JUNCTION_API_KEY", junction_mock.api_key)
    monkeypatch.setenv("JUNCTION_BASE_URL", junction_mock.url)
    monkeypatch.chdir(tmp_path)
    junction_mock.add_user("oura", resources=["sleep", "hrv"])

    def run(*arguments):
        status = main(arguments)
        return status, capsys.readouterr().err.removeprefix("junction-introspect: ").rstrip("\n")

    return run


def test_command_line_writes_to_a_url(run, prefix):
    asked = ["export", "--to", f"{prefix}/part-*.parquet", "--what", "pulls"]

    assert run(*asked) == (0, "2 rows in 1 part")
    assert run(*asked, "--verify") == (
        0,
        "nothing to do: the export is complete, 2 rows in 1 part; --fresh starts over",
    )
    files, manifest = files_at(f"{prefix}/part-*.parquet")
    flip_a_bit(files.destination, manifest["parts"][0]["name"])
    status, err = run(*asked)
    assert status == 10
    assert "was deleted or changed after it was written: start over with --fresh" in err
    assert run(*asked, "--fresh") == (0, "2 rows in 1 part")
    assert run("export", "--to", f"{prefix}/r-*.csv", "--what", "resources")[0] == 0


@pytest.mark.parametrize(
    ("url", "missing", "package"),
    [
        (
            "memory://x",
            "fsspec.core",
            "a package: import of fsspec.core halted; None in sys.modules",
        ),
        ("gs://x", "gcsfs", "the package gcsfs: run pip install 'gcsfs'"),
        ("s3://x", "s3fs", "the package s3fs: run pip install 's3fs'"),
        ("abfs://x", "adlfs", "the package adlfs: run pip install 'adlfs'"),
        ("sftp://x", "paramiko", 'a package: SFTPFileSystem requires "paramiko" to be installed'),
    ],
)
def test_package_that_is_missing_is_named(run, monkeypatch, url, missing, package):
    monkeypatch.setitem(sys.modules, missing, None)
    if missing != "fsspec.core":
        # fsspec keeps what it has imported.
        registry = pytest.importorskip("fsspec.registry")
        monkeypatch.delitem(registry._registry, url.partition(":")[0], raising=False)

    status, err = run("export", "--to", f"{url}/*.csv")

    protocol = url.partition(":")[0]
    assert (status, err) == (9, f"{protocol}:// needs {package}")
    with pytest.raises(ExportPackageError):
        Destination(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://example.org", "https:// is a URL that cannot be written to"),
        ("nonsense://x", "Protocol not known: nonsense"),
        ("simplecache::memory://x", "URLs that are joined by :: cannot be written to"),
        ("memory://x::y", "URLs that are joined by :: cannot be written to"),
        ("arrow_nonsense://x", "Protocol not known: arrow_nonsense"),
    ],
)
def test_url_that_cannot_be_written_to_is_wrong_usage(run, url, reason):
    status, err = run("export", "--to", f"{url}/*.csv")
    assert status == 2
    assert reason in err


@pytest.mark.usefixtures("s3_prefix")
def test_whole_reason_of_a_filesystem_is_told(run):
    status, err = run("export", "--to", "s3://p-*.csv")
    assert status in {8, 10}  # older versions of s3fs refuse the first read, not the first write
    assert "Parameter validation failed: Invalid length for parameter Key" in err


def test_bucket_that_is_not_there_is_told(run, s3_prefix):
    status, err = run("export", "--to", s3_prefix.replace("pulls", "no-such-bucket") + "/p-*.csv")
    assert status == 8
    assert err.splitlines()[-1].startswith("cannot write s3://no-such-bucket/")


@pytest.mark.parametrize("call", ["get", "names", "look", "put", "remove"])
def test_store_that_cannot_be_reached_is_told_by_name(call):
    place = Destination(f"memory://{uuid.uuid4()}")

    class Broken:
        def __getattr__(self, _):
            def fail(*_, **__):
                raise ConnectionError("no route")

            return fail

    place._files = Broken()
    arguments = {"put": ("x", b""), "names": ()}.get(call, ("x",))
    error = ExportWriteError if call in {"put", "remove"} else ExportReadError
    with pytest.raises(error, match=r"cannot (read|write) memory://.*: no route"):
        getattr(place, call)(*arguments)


@pytest.mark.parametrize("protocol", ["file://", "local://", "file:"])
def test_url_of_a_file_is_a_folder(pulls, tmp_path, protocol):
    export(pulls, f"{protocol}{tmp_path}/out/*.csv")
    assert (tmp_path / "out" / "00000.csv").exists()


def test_path_of_a_url_is_the_url(pulls):
    folder = f"memory://{uuid.uuid4()}"
    export(pulls, Path(f"{folder}/*.csv"))
    assert files_at(f"{folder}/*.csv")[1]["complete"]
    assert Destination(Path(folder)).url_of("x") == f"{folder[:9]}/{folder[9:]}/x"


def test_name_without_a_folder_is_in_the_root(pulls):
    name = f"memory://{uuid.uuid4()}-*.csv"
    export(pulls, name)
    files, manifest = files_at(name)
    assert files.destination.url_of("x") == "memory://x"
    assert {part["name"] for part in manifest["parts"]} <= set(files.destination.names())


def test_root_is_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = Destination(tmp_path.anchor).names()
    assert tmp_path.parts[1] in names
    (tmp_path / "here").touch()
    assert "here" not in names
