"""`junction-introspect report` against the mock over HTTP: what file it leaves, and when none."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from junction_introspect.cli import main
from junction_introspect.cli.report import write_whole
from junction_introspect.mock import MockServer, Population
from junction_introspect.mock.faults import MalformedRecord
from tests.unit.report.pages import read

pytestmark = pytest.mark.any_specification

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")

POPULATION = Population(12, seed=1)
IDS = [str(POPULATION.user_id(number)) for number in range(len(POPULATION))]


@pytest.fixture(scope="module")
def server():
    with MockServer(POPULATION, control=True) as running:
        yield running


@pytest.fixture(autouse=True)
def _configured(server, monkeypatch, tmp_path):
    monkeypatch.setenv("JUNCTION_API_KEY", server.api_key)
    monkeypatch.setenv("JUNCTION_BASE_URL", server.url)
    monkeypatch.delenv("JUNCTION_ENVIRONMENT", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def _ordinary_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_report_is_a_file_about_everybody_and_names_nobody(capsys):
    assert main(["report"]) == 0
    assert capsys.readouterr() == ("", "")
    page = Path("report.html").read_text(encoding="utf-8")
    root = read(page)
    assert root.one("p", **{"class": "kicker"}).text == "All users"
    assert [tile.text.split()[1] for tile in root.one("dl").all("div")][1] == str(len(POPULATION))
    assert not any(user_id in page for user_id in IDS)


@pytest.mark.usefixtures("_ordinary_umask")
def test_ids_are_shown_when_asked_for_and_to_the_owner_alone():
    assert main(["report", "-o", "ids.html", "--show-user-ids"]) == 0
    assert main(["report", "-o", "names.html"]) == 0
    assert any(user_id in Path("ids.html").read_text("utf-8") for user_id in IDS)
    assert stat.S_IMODE(Path("ids.html").stat().st_mode) == 0o600
    assert stat.S_IMODE(Path("names.html").stat().st_mode) == 0o644


def test_hyphen_is_standard_output(capsys):
    assert main(["report", "--output", "-"]) == 0
    out, err = capsys.readouterr()
    assert read(out).one("h1").text == "Historical backfills"
    assert err == ""
    assert list(Path().iterdir()) == []


def test_one_user_of_one_provider_is_said_without_the_id(capsys):
    assert main(["report", "-o", "-", "--user-id", IDS[3], "--provider", "oura"]) == 0
    out, _ = capsys.readouterr()
    assert read(out).one("p", **{"class": "kicker"}).text == "One user, oura"
    assert IDS[3] not in out


def test_earlier_report_is_replaced_and_nothing_else_is_left():
    Path("report.html").write_text("before")
    assert main(["report"]) == 0
    assert Path("report.html").read_text("utf-8").startswith("<!doctype html>")
    assert [file.name for file in Path().iterdir()] == ["report.html"]


def test_listing_that_breaks_off_leaves_the_earlier_report(capsys, monkeypatch):
    Path("report.html").write_text("before")
    monkeypatch.setenv("JUNCTION_API_KEY", "wrong")
    assert main(["report"]) == 4
    assert Path("report.html").read_text("utf-8") == "before"
    assert [file.name for file in Path().iterdir()] == ["report.html"]
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_invalid_record_is_told_on_the_page_too(server, capsys):
    server.control.faults.add(MalformedRecord())
    assert main(["report"]) == 7
    assert "This report is incomplete" in Path("report.html").read_text("utf-8")
    assert "left out an invalid record" in capsys.readouterr().err


@pytest.mark.parametrize("output", ["nowhere/report.html", "."])
def test_path_that_cannot_be_written_is_told_before_anything_is_asked(output, capsys, monkeypatch):
    monkeypatch.setenv("JUNCTION_BASE_URL", "http://127.0.0.1:1")
    assert main(["report", "-o", output]) == 8
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot write the output" in line
    assert list(Path().iterdir()) == []


def test_mode_is_refused_where_there_is_no_file(capsys):
    assert main(["report", "-o", "-", "--mode", "0640"]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert "--output - cannot be combined with --mode" in err


def test_full_disk_leaves_what_was_there(capsys, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    Path("report.html").write_text("before")
    monkeypatch.setattr("junction_introspect.cli.report.os.fsync", full)
    assert main(["report"]) == 8
    assert "No space left on device" in capsys.readouterr().err
    assert Path("report.html").read_text("utf-8") == "before"
    assert [file.name for file in Path().iterdir()] == ["report.html"]


def test_interrupted_writing_leaves_what_was_there(monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("junction_introspect.cli.report.os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(Path("new.html"), "text", private=False)
    assert list(Path().iterdir()) == []


@needs_full
def test_device_is_written_to_as_it_is(capsys):
    assert main(["report", "-o", str(FULL)]) == 8
    assert "No space left on device" in capsys.readouterr().err
    assert main(["report", "-o", os.devnull]) == 0
    assert not Path(os.devnull).is_file()


def test_link_keeps_pointing_to_its_file():
    Path("real.html").write_text("before")
    Path("link.html").symlink_to("real.html")
    write_whole(Path("link.html"), "after", private=False)
    assert Path("link.html").is_symlink()
    assert Path("real.html").read_text("utf-8") == "after"
