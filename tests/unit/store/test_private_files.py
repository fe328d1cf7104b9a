"""Who may read what `sync`, `export` and `report` leave behind, and where they may leave it."""

import os
import stat
from pathlib import Path

import pytest

from junction_introspect.cli import main
from junction_introspect.store import Store, sync
from tests.support.payloads import user
from tests.unit.store.scripted import Team

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there are no such modes")


@pytest.fixture
def _umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def whichever_umask(*modes):
    """Parametrize with umasks and modes: in short half of the pairs, with each of both."""
    pairs = [(umask, mode) for umask in (0o000, 0o022, 0o077) for mode in modes]
    in_proof = pytest.mark.proof(only=True)
    return pytest.mark.parametrize(
        ("_umask", "mode"),
        [
            pytest.param(*pair, marks=in_proof if number in {1, 2, 5} else (), id=f"{pair}")
            for number, pair in enumerate(pairs)
        ],
        indirect=["_umask"],
    )


@pytest.fixture
def run(junction_mock, monkeypatch, tmp_path, capsys):
    """Runs the command line in a folder; returns status and lines on standard error."""
    monkeypatch.setenv("JUNCTION_API_KEY", junction_mock.api_key)
    monkeypatch.setenv("JUNCTION_BASE_URL", junction_mock.url)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    junction_mock.add_user("oura")

    def run(*arguments):
        status = main(arguments)
        _, err = capsys.readouterr()
        return status, [line.removeprefix("junction-introspect: ") for line in err.splitlines()]

    return run


def modes(folder):
    """Return the modes of all there is below a folder, by name."""
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in folder.rglob("*")
    }


@pytest.mark.usefixtures("_umask")
@whichever_umask(None, "0640")
def test_new_files_are_for_their_owner_or_as_was_asked(run, tmp_path, mode):
    options, file, folder = (("--mode", mode), 0o640, 0o750) if mode else ((), 0o600, 0o700)
    assert run("sync", "--to", "pulls.duckdb", *options)[0] == 0
    assert run("export", "--to", "a/b/p-*.csv", *options)[0] == 0
    assert run("export", "--from", "pulls.duckdb", "--to", "c/p-*.parquet", *options)[0] == 0
    assert run("report", "-o", "ids.html", "--show-user-ids", *options)[0] == 0
    found = modes(tmp_path)
    assert {name: found[name] for name in ("a", "a/b", "c")} == dict.fromkeys(
        ("a", "a/b", "c"), folder
    )
    files = {name: mode for name, mode in found.items() if (tmp_path / name).is_file()}
    assert len(files) == 8  # with the locks of the exports
    assert set(files.values()) == {file}


@pytest.mark.usefixtures("_umask")
@whichever_umask(None, 0o640)
def test_what_duckdb_writes_beside_a_store_is_for_the_same_readers(tmp_path, mode):
    path = tmp_path / "pulls.duckdb"
    seen = {}
    outside = os.umask(0)
    os.umask(outside)
    with Store.open(path, mode=mode) as store, Team([user(1)], [user(2)]).client() as junction:
        sync(junction, store, on_commit=lambda _: seen.update(modes(tmp_path)))
        # More than fits, so that it is spilled to files.
        store._connection.execute("SET memory_limit = '40MB'")
        spill = "SELECT range, hash(range) AS h FROM range(3000000) WHERE $n ORDER BY h"
        rows = store._select(spill, {"n": True})
        next(rows)
        seen |= modes(tmp_path)
        rows.close()
        assert os.umask(outside) == outside
    folders = {mode for name, mode in seen.items() if name.endswith(".duckdb.tmp")}
    files = {mode for name, mode in seen.items() if not name.endswith(".duckdb.tmp")}
    assert "pulls.duckdb.wal" in seen
    assert any("duckdb_temp" in name for name in seen)
    assert files == {mode or 0o600}
    assert folders == {0o750 if mode else 0o700}


LOCK = "out/.p-manifest.csv.json.lock"


def test_files_that_are_there_keep_their_modes(run, tmp_path):
    assert run("sync", "--to", "pulls.duckdb")[0] == 0
    assert run("export", "--to", "out/p-*.csv")[0] == 0
    for name in ("pulls.duckdb", "out/p-00000.csv", "out/p-manifest.csv.json", LOCK):
        (tmp_path / name).chmod(0o644)
    (tmp_path / "out").chmod(0o755)
    before = modes(tmp_path)
    assert run("sync", "--to", "pulls.duckdb")[0] == 0
    assert run("export", "--to", "out/p-*.csv", "--fresh")[0] == 0
    assert modes(tmp_path) == before


def test_mode_that_is_asked_for_is_set_on_what_is_there(run, tmp_path):
    for mode in ("0644", "0600", "0660"):
        assert run("sync", "--to", "pulls.duckdb", "--mode", mode)[0] == 0
        assert run("export", "--to", "p-*.csv", "--fresh", "--mode", mode)[0] == 0
        assert run("report", "--mode", mode)[0] == 0
        assert set(modes(tmp_path).values()) == {int(mode, 8)}


def test_mode_that_cannot_be_set_is_8(run, monkeypatch):
    assert run("sync", "--to", "pulls.duckdb")[0] == 0

    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    assert run("sync", "--to", "pulls.duckdb", "--mode", "0640") == (
        8,
        ["cannot set the mode of pulls.duckdb: Operation not permitted"],
    )


def test_report_with_ids_is_closed_to_others_whatever_was_there(run, tmp_path):
    path = tmp_path / "report.html"
    path.touch()
    for before, after in ((0o644, 0o640), (0o660, 0o660), (0o600, 0o600)):
        path.chmod(before)
        assert run("report", "--show-user-ids")[0] == 0
        assert stat.S_IMODE(path.stat().st_mode) == after


@pytest.mark.parametrize("mode", ["0400", "0777", "640x", "", "-1", "8", "01600"])
@pytest.mark.parametrize("command", ["sync --to a.duckdb", "export --to p-*.csv", "report"])
def test_mode_that_is_none_is_wrong_usage(run, tmp_path, command, mode):
    status, (line,) = run(*command.split(), "--mode", mode)
    assert status == 2
    assert "give one like 0600, 0640" in line
    assert list(tmp_path.iterdir()) == []


TAKE_A_FILE = {
    "sync --to": "sync --to {}",
    "sync --teams": "sync --to a.duckdb --teams {}",
    "export --to": "export --to {}/p-*.csv",
    "export --from": "export --to p-*.csv --from {}",
    "changes --from": "changes --from {}",
    "report -o": "report -o {}",
    "report --from": "report --from {}",
    "stuck --from": "stuck --from {}",
    "summary --from": "summary --from {}",
    "coverage --from": "coverage --from {}",
}


@pytest.mark.parametrize("command", TAKE_A_FILE.values(), ids=TAKE_A_FILE)
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("s3://bucket/out", "s3:// is a URL"),
        ("https://example.org/x", "https:// is a URL"),
        ("x\udcff", "not UTF-8"),
        ("loop", "a symbolic link that leads back to itself"),
        ("~no-such-user-here/x", "is not the home of any user"),
    ],
)
def test_name_of_no_file_is_wrong_usage_before_anything_happens(
    run, tmp_path, command, name, reason
):
    if name.startswith("s3:") and command.startswith("export --to {"):
        return  # which may be a URL
    (tmp_path / "loop").symlink_to("loop")
    status, (line,) = run(*command.format(name).split())
    assert status == 2
    assert reason in line
    assert [path.name for path in tmp_path.iterdir()] == ["loop"]


def test_tilde_is_a_home_for_every_option(run, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "teams.toml").write_text(
        '[[team]]\nname = "acme"\nenvironment = "Sandbox"\nkey_file = "~/key"\n'
    )
    assert run("sync", "--to", "~/pulls.duckdb")[0] == 0
    assert run("changes", "--from", "~/pulls.duckdb")[0] == 0
    assert run("summary", "--from", "~/pulls.duckdb")[0] == 0
    assert run("export", "--to", "~/out/p-*.csv")[0] == 0
    assert run("report", "-o", "~/report.html")[0] == 0
    status, lines = run("sync", "--to", "~/teams.duckdb", "--teams", "~/teams.toml")
    assert status == 3
    assert lines[0] == f"acme: failed: cannot read {home / 'key'}: No such file or directory"
    assert {path.name for path in tmp_path.iterdir()} == {"home"}
    assert {path.name for path in home.iterdir()} == {
        "pulls.duckdb",
        "out",
        "report.html",
        "teams.duckdb",
        "teams.toml",
    }


def test_store_in_memory_is_wrong_usage(run, tmp_path):
    status, (line,) = run("sync", "--to", ":memory:")
    assert status == 2
    assert ":memory: is not a file, and a store must outlive its process" in line
    assert list(Path(tmp_path).iterdir()) == []
