"""What becomes of a fault: one line on stderr, a status of its own, and nothing lost."""

from __future__ import annotations

import csv
import io
import json
import signal
import sys
import threading
from contextlib import suppress
from functools import partial
from http import HTTPStatus

import httpx
import pytest
import stamina
from stamina import instrumentation

from junction_introspect import Junction
from junction_introspect.cli import exits, main, running, showing, source
from junction_introspect.enums import STATUS_VALUES
from junction_introspect.mock import MockServer, Population
from tests.support.payloads import encoded, page, statistics, user, user_id

pytestmark = pytest.mark.any_specification

KEY = "sk_us_0123456789"


@pytest.fixture(autouse=True)
def _configured(monkeypatch):
    monkeypatch.setenv("JUNCTION_API_KEY", KEY)
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


@pytest.fixture
def cli(capsys):
    """Runs a command; returns its status, its output and its lines on stderr."""

    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert not err or err.endswith("\n")
        assert KEY not in err
        lines = err.splitlines()
        assert all(line.startswith("junction-introspect: ") for line in lines)
        return status, out, [line.removeprefix("junction-introspect: ") for line in lines]

    return run


@pytest.fixture
def serve(monkeypatch):
    """Answers requests in turn: a body or page for a 200, a status, or an exception to raise."""

    def script(*answers):
        requests = []

        def answer(request):
            given = answers[min(len(requests), len(answers) - 1)]
            requests.append(request)
            if isinstance(given, BaseException):
                raise given
            if isinstance(given, int):
                return httpx.Response(given)
            body = given if isinstance(given, bytes) else encoded(given)
            return httpx.Response(200, content=body)

        transport = httpx.MockTransport(answer)
        monkeypatch.setattr(source, "Junction", partial(Junction, transport=transport))
        return requests

    return script


def listed(out):
    return list(dict.fromkeys(json.loads(line)["user_id"] for line in out.splitlines()))


def ids(*numbers):
    return [str(user_id(number)) for number in numbers]


NDJSON = ("pulls", "--format", "ndjson")

USAGE = [
    ("pulls", "--frmat", "csv"),
    ("pulls", "--format", "xml"),
    ("pulls", "--limit", "0"),
    ("pulls", "--limit", "many"),
    ("pulls", "--user-id", "nobody"),
    ("pulls", "--provider", ""),
    ("pulls", "--cursor", ""),
    ("pulls", "--environment", "Moon"),
    ("pulls", "more"),
    ("pulls", "--csv-safe"),
    ("explain", "--csv-safe"),
    ("coverage", "--csv-safe", "--format", "json"),
    ("export", "--to", "p-*.parquet", "--csv-safe"),
    ("mock", "--users", "-1"),
    ("mock", "--users", str(2**60)),
    ("mock", "--port", "65536"),
    ("mock", "--api-key", ""),
    ("pull",),
    ("--frmat",),
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_wrong_usage_is_2_before_any_request(cli, serve, arguments):
    requests = serve(page())
    status, out, (line,) = cli(*arguments)
    assert (status, out, requests) == (2, "", [])
    assert line


def test_no_key_is_3_and_names_the_variable(cli, monkeypatch):
    monkeypatch.delenv("JUNCTION_API_KEY")
    assert cli("pulls") == (
        3,
        "",
        ["no credential: set JUNCTION_API_KEY, or choose a profile with --profile"],
    )


@pytest.mark.parametrize("key", ["a b", "sk_us_\n", "é"])
def test_malformed_key_is_3_and_names_the_variable(cli, monkeypatch, key):
    monkeypatch.setenv("JUNCTION_API_KEY", key)
    status, out, (line,) = cli("pulls")
    assert (status, out) == (3, "")
    assert line.startswith("JUNCTION_API_KEY ")
    assert key not in line


def test_key_of_no_environment_is_3_and_names_the_options(cli, monkeypatch):
    monkeypatch.setenv("JUNCTION_API_KEY", "other-key")
    status, out, (line,) = cli("pulls")
    assert (status, out) == (3, "")
    assert "pass --environment (Production, " in line
    assert line.endswith(" or --base-url")


@pytest.mark.parametrize("address", ["nonsense", "http://example.com", "https://a.b?c"])
def test_wrong_address_is_3_wherever_it_comes_from(cli, monkeypatch, address):
    by_option = cli("pulls", "--base-url", address)
    monkeypatch.setenv("JUNCTION_BASE_URL", address)
    status, out, (line,) = cli("pulls")
    assert by_option == (status, out, [line])
    assert (status, out) == (3, "")
    assert line.startswith("the base URL ")


def test_key_of_another_environment_is_3(cli):
    assert cli("pulls", "--environment", "Production")[0] == 3


@pytest.mark.parametrize(
    ("code", "status"), [(401, 4), (403, 4), (404, 6), (302, 6), (429, 6), (500, 6), (422, 6)]
)
def test_status_of_the_server_has_a_status_of_its_own(cli, serve, code, status):
    serve(code)
    found, out, (line,) = cli("pulls")
    assert (found, out) == (status, "")
    assert line.startswith(str(code))


def test_wrong_key_is_4_over_http(cli):
    with MockServer(Population(1, seed=1)) as server:
        assert cli("pulls", "--base-url", server.url) == (4, "", ["401 Unauthorized"])


def test_unknown_provider_is_6_over_http_and_named(cli):
    with MockServer(Population(1, seed=1), api_key=KEY) as server:
        status, out, (word, line) = cli("pulls", "--base-url", server.url, "--provider", "acme")
    assert (status, out) == (6, "")
    assert word == "the specification does not list the provider 'acme': used as it is"
    assert line.endswith("query.provider")


def test_closed_port_is_5(cli):
    with MockServer(Population(1, seed=1)) as server:
        closed = server.url
    status, out, (line,) = cli("pulls", "--base-url", closed)
    assert (status, out) == (5, "")
    assert line.startswith("no complete response from 127.0.0.1:")


def test_timeout_is_5(cli, serve):
    serve(httpx.ReadTimeout("late"))
    status, _, (line,) = cli("pulls")
    assert status == 5
    assert "timed out" in line


@pytest.mark.parametrize("garbage", [b"<html>", b"", b"null", b"[]", b'{"data":1}', b"[" * 10_000])
def test_garbage_under_a_200_is_7(cli, serve, garbage):
    serve(garbage)
    status, out, (line,) = cli("pulls")
    assert (status, out) == (7, "")
    assert line


@pytest.mark.parametrize("format_", ["table", "ndjson", "csv"])
def test_nothing_is_written_when_the_first_page_fails(cli, serve, format_):
    serve(404)
    assert cli("pulls", "--format", format_)[:2] == (6, "")


def test_retries_say_nothing(cli, serve):
    requests = serve(503, b"<html>", httpx.ReadError("reset"), page(user()))
    status, out, lines = cli(*NDJSON)
    assert (status, listed(out), lines) == (0, ids(1), [])
    assert len(requests) == 4


def test_verbose_tells_of_each_retry_in_a_line(cli, serve):
    serve(503, httpx.ReadError("reset"), page(user()))
    status, out, lines = cli(*NDJSON, "-v")
    assert (status, listed(out)) == (0, ids(1))
    first, second = lines
    assert first == "attempt 1 failed, the next is in 0.0 s: 503 Service Unavailable"
    assert second.startswith("attempt 2 failed, the next is in 0.0 s: no complete response")


def test_hooks_of_the_caller_are_put_back(cli, serve):
    def hook(details):
        raise AssertionError(details)

    instrumentation.set_on_retry_hooks([hook])
    try:
        serve(503, page())
        assert cli("pulls")[0] == 0
        assert instrumentation.get_on_retry_hooks() == (hook,)
    finally:
        instrumentation.set_on_retry_hooks(None)


def test_what_came_before_an_error_is_shown_with_where_to_resume(cli, serve):
    serve(page(user(1), next_cursor="-c 2"), page(user(2), next_cursor="c3"), 404)
    status, out, (line,) = cli(*NDJSON)
    assert (status, listed(out)) == (6, ids(1, 2))
    assert line == "404 Not Found; resume with --cursor=c3"


def test_cursor_to_resume_from_can_be_pasted_into_a_shell(cli, serve):
    serve(page(user(1), next_cursor="-c  '2"), 404)
    assert cli(*NDJSON)[2] == ["404 Not Found; resume with --cursor='-c  '\"'\"'2'"]


def test_cursor_that_the_caller_gave_is_not_told_again(cli, serve):
    serve(422)
    assert cli("pulls", "--cursor=c1")[2] == [f"422 {HTTPStatus(422).phrase}"]


def test_totals_of_what_came_before_an_error_are_shown(cli, serve):
    serve(page(user(1), next_cursor="c2"), 404)
    assert cli("pulls")[1].splitlines()[-1] == "1 user, 3 pulls, 1 page so far"


def test_page_that_breaks_the_cursor_protocol_is_delivered_all_the_same(cli, serve):
    bad = user(9) | {"user_id": "nobody"}
    serve(page(user(1), next_cursor="c2"), page(user(2), bad, next_cursor="c2"))
    status, out, lines = cli(*NDJSON)
    assert (status, listed(out)) == (7, ids(1, 2))
    assert lines == [
        "left out an invalid record: Invalid UUID at $.data[1].user_id",
        (
            "the page's next_cursor was requested before: the listing would never end; "
            "resume with --cursor=c2"
        ),
    ]


def test_invalid_records_are_a_line_each_and_7_after_the_good_ones(cli, serve):
    bad = user(2) | {"user_id": "nobody"}
    worse = user(3, sleep=statistics(days_with_data="many"))
    serve(page(user(1), bad, next_cursor="c2"), page(worse, user(4)))
    status, out, lines = cli(*NDJSON)
    assert (status, listed(out)) == (7, ids(1, 4))
    assert [line.rpartition(" at ")[2] for line in lines] == [
        "$.data[1].user_id",
        "$.data[0].provider[...].pulled[...].days_with_data",
    ]


def test_drift_is_one_line_and_no_failure(cli, serve):
    serve(
        page(user(1, sleep=statistics(status="paused"), hrv=statistics()), next_cursor="c2"),
        page(user(2, naps=statistics(error_details="solar_flare")) | {"age": 3}),
    )
    status, out, (line,) = cli(*NDJSON)
    assert (status, listed(out)) == (0, ids(1, 2))
    assert all(name in line for name in ("'paused'", "'naps'", "'solar_flare'"))
    assert line.endswith("; upgrade junction-introspect, or regenerate it")


def test_drift_is_told_before_the_error_that_ends_the_listing(cli, serve):
    serve(page(user(1, sleep=statistics(status="paused")), next_cursor="c2"), 404)
    status, _, (drift, error) = cli(*NDJSON)
    assert status == 6
    assert "paused" in drift
    assert error.startswith("404")


def test_interrupt_tells_where_to_resume_and_is_130(cli, serve):
    serve(page(user(1), next_cursor="c2"), KeyboardInterrupt())
    status, out, lines = cli(*NDJSON)
    assert (status, listed(out)) == (130, ids(1))
    assert lines == ["interrupted; resume with --cursor=c2"]


@pytest.mark.parametrize("end", [KeyboardInterrupt(), 404])
def test_totals_of_what_broke_off_are_no_final_ones(cli, serve, end):
    serve(page(user(1), next_cursor="c2"), end)
    *_, totals, numbers = cli("pulls")[1].splitlines()
    assert totals.startswith("so far ")
    assert numbers == "1 user, 3 pulls, 1 page so far"


def test_one_pull_is_the_same_for_every_command(cli, serve):
    serve(page(user(1)))
    pulls = cli("pulls")[1].splitlines()[-1]
    summary = cli("summary")[1].splitlines()[-1]
    assert pulls.startswith("1 user, 3 pulls")
    assert summary.startswith("1 user, 3 pulls")


def test_interrupt_before_the_first_page_is_130(cli, serve):
    serve(KeyboardInterrupt())
    assert cli("pulls") == (130, "", ["interrupted"])


def test_interrupt_in_the_middle_of_a_page_resumes_with_that_page(cli, serve, monkeypatch):
    serve(page(user(1), next_cursor="c2"), page(user(2), next_cursor="c3"), page(user(3)))
    shown = []

    class Interrupted(showing.Recorded):
        def add(self, answer, team=None):
            if shown:
                raise KeyboardInterrupt
            shown.append(answer)
            super().add(answer, team)

    monkeypatch.setattr(showing, "Recorded", Interrupted)
    status, out, lines = cli(*NDJSON)
    assert (status, listed(out)) == (130, ids(1))
    assert lines == ["interrupted; resume with --cursor=c2"]


def test_interrupt_while_another_is_being_told_is_130_without_a_word(cli, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(running.Notices, "tell", interrupt)
    monkeypatch.setattr(source, "Junction", interrupt)
    assert cli("pulls") == (130, "", [])


class Unwritable(showing.Recorded):
    """Writes a page and fails at the second."""

    error: OSError

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.pages = 0

    def add(self, answer, team=None):
        self.pages += 1
        if self.pages > 1:
            raise self.error
        super().add(answer, team)

    def end(self, **_):
        raise AssertionError("half a page was written")


@pytest.fixture
def fail(monkeypatch, serve):
    def script(error):
        serve(
            page(user(1, naps=statistics()), next_cursor="c2"),
            page(user(2), next_cursor="c3"),
        )
        monkeypatch.setattr(Unwritable, "error", error, raising=False)
        monkeypatch.setattr(showing, "Recorded", Unwritable)

    return script


def test_output_that_cannot_be_written_is_8_and_resumes_with_the_page_it_failed_at(cli, fail):
    fail(OSError(28, "No space left on device"))
    status, out, (_drift, line) = cli(*NDJSON)
    assert (status, listed(out)) == (8, ids(1))
    assert line == "cannot write the output: No space left on device; resume with --cursor=c2"


@pytest.mark.parametrize(("limit", "cursor"), [("1", None), ("2", "c2"), ("3", "c2")])
def test_totals_that_cannot_be_written_resume_after_the_last_page_that_was_shown_whole(
    cli, serve, monkeypatch, limit, cursor
):
    serve(page(user(1), user(2), next_cursor="c2"), page(user(3), user(4)))

    class Full(showing.Recorded):
        def end(self, *, complete):
            raise OSError(28, f"No space left on device, {complete=}")

    monkeypatch.setattr(showing, "Recorded", Full)
    status, _, lines = cli("pulls", "--format", "ndjson", "--limit", limit)
    resume = "" if cursor is None else f"; resume with --cursor={cursor}"
    full = "cannot write the output: No space left on device, complete=True"
    assert (status, lines[-1]) == (8, full + resume)


def test_reader_who_has_seen_enough_is_told_nothing(cli, fail):
    fail(BrokenPipeError())
    status, out, lines = cli(*NDJSON)
    assert (status, listed(out), lines) == (141, ids(1), [])


def test_no_stdout_is_8(capsys):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", None)
        status = main(["pulls"])
    assert status == 8
    assert capsys.readouterr().err.endswith(": there is no standard output to write to\n")


def test_extra_that_is_not_installed_is_1_and_named(cli, monkeypatch):
    for module in [*sys.modules]:
        if module.startswith("junction_introspect.mock"):
            monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "fastapi", None)
    line = "fastapi is missing; run pip install 'junction-introspect[mock]'"
    assert cli("mock") == (9, "", [line])


@pytest.fixture
def _defect(monkeypatch):
    def defect(**_):
        raise RuntimeError("what only a traceback may tell")

    monkeypatch.setattr(source, "Junction", defect)


@pytest.mark.usefixtures("_defect")
@pytest.mark.parametrize("command", ["pulls", "stuck", "watch", "summary"])
def test_defect_is_one_line_and_70(cli, command):
    status, out, (line,) = cli(command)
    assert (status, out) == (exits.UNFORESEEN, "")
    assert line.startswith("unforeseen error: RuntimeError at source.py:")
    assert line.endswith("; please report it, with the output of the same command with -v")
    assert status not in {exits.FOUND, exits.DONE}


@pytest.mark.usefixtures("_defect")
def test_defect_has_its_traceback_with_v(cli):
    status, out, lines = cli("pulls", "-v")
    assert (status, out) == (exits.UNFORESEEN, "")
    assert lines[0] == "Traceback (most recent call last):"
    assert "RuntimeError: what only a traceback may tell" in lines
    assert lines[-1].endswith("; please report it")


def test_defect_of_no_code_of_ours_is_told_as_well():
    (line,) = exits.lines(LookupError(), verbose=False)
    assert line.startswith("unforeseen error: LookupError at nowhere;")


def test_defect_before_there_is_a_command_is_one_line_and_70(monkeypatch, capsys):
    def defect(_):
        raise LookupError

    monkeypatch.setattr(running, "run", defect)
    assert main(["pulls"]) == exits.UNFORESEEN
    assert capsys.readouterr() == ("", "junction-introspect: unforeseen error: LookupError\n")


@pytest.mark.parametrize("command", ["doctor", "mock", "changes"])
def test_every_command_takes_v(cli, command):
    assert "--verbose" in cli(command, "--help")[1]


HOSTILE = "[red]\x1b[31mé\n\r\x07\u202e\x9b2J" + "x" * 1000


def hostile_pages():
    pulled = {HOSTILE: statistics(status=HOSTILE, error_details=HOSTILE, trace_id=HOSTILE)}
    provider = {HOSTILE: {"pulled": pulled, "not_pulled": [HOSTILE]}}
    yield page(user(1) | {"provider": provider, HOSTILE: 1}, next_cursor=HOSTILE)
    yield 404


@pytest.mark.parametrize("arguments", [(), ("--user-id", user_id(1))])
def test_hostile_values_steer_no_terminal(cli, serve, arguments):
    serve(*hostile_pages())
    status, out, lines = cli("pulls", *arguments)
    assert status == 6
    assert all(line.isprintable() for line in (*out.splitlines(), *lines))
    assert r"[red]\x1b[31mé\n\r\x07\u202e\x9b2Jxxx" in out
    assert "... (1,0" in out


def test_hostile_cursor_breaks_no_line(cli, serve):
    serve(*hostile_pages())
    _drift, error = cli(*NDJSON)[2]
    assert error.startswith(r"404 Not Found; resume with --cursor='[red]\x1b[31mé\n\r\x07")


def test_ndjson_keeps_hostile_values_exact(cli, serve):
    serve(*hostile_pages())
    pulled, not_pulled = map(json.loads, cli(*NDJSON)[1].split("\n")[:-1])
    fields = ("provider", "resource", "status", "error_details", "trace_id")
    assert [pulled[field] for field in fields] == [HOSTILE] * 5
    assert not_pulled["resource"] == HOSTILE


def test_csv_keeps_hostile_values_exact(cli, serve):
    serve(*hostile_pages())
    out = cli("pulls", "--format", "csv")[1]
    pulled, not_pulled = csv.DictReader(io.StringIO(out, newline=""))
    assert {pulled[field] for field in ("provider", "resource", "status")} == {HOSTILE}
    assert not_pulled["resource"] == HOSTILE


def test_port_in_use_is_1_and_named(cli):
    with MockServer(Population(1, seed=1)) as server:
        port = httpx.URL(server.url).port
        status, out, (line,) = cli("mock", "--port", port)
    assert (status, out) == (9, "")
    assert line.startswith(f"cannot listen on 127.0.0.1:{port}: ")


def test_mock_serves_the_users_it_is_asked_for(cli, monkeypatch):
    served = []

    def serve(server):
        served.append(server)

    monkeypatch.setattr(MockServer, "serve", serve)
    assert cli("mock", "--users", 3, "--seed", 7, "--port", 0, "--api-key", "k") == (0, "", [])
    (server,) = served
    server._socket.close()
    assert (len(server.population), server.population.seed, server.api_key) == (3, 7, "k")


def test_every_status_is_documented():
    statuses = {status for _, status in exits._STATUSES}
    assert statuses | {exits.DONE, exits.UNFORESEEN} == exits.MEANINGS.keys()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_termination_closes_what_is_open(cli, monkeypatch, number):
    closed = []

    def terminated(**_):
        try:
            signal.raise_signal(number)
        finally:
            closed.append(number)

    monkeypatch.setattr(source, "Junction", terminated)
    assert cli("pulls") == (128 + number, "", ["interrupted"])
    assert closed == [number]
    assert signal.getsignal(number) is signal.SIG_DFL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_others_make_of_an_interruption_does_not_count(cli, monkeypatch, number):
    def terminated(**_):
        try:
            signal.raise_signal(number)
        except KeyboardInterrupt:
            raise OSError(5, "as DuckDB says") from None

    monkeypatch.setattr(source, "Junction", terminated)
    assert cli("pulls") == (128 + number, "", ["interrupted"])


def test_interruption_that_others_drop_still_makes_the_status(cli, serve, monkeypatch):
    serve(page(user(1)))

    class Deaf(showing.Recorded):
        def add(self, answer, team=None):
            with suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)
            super().add(answer, team)

    monkeypatch.setattr(showing, "Recorded", Deaf)
    status, out, lines = cli(*NDJSON)
    assert (status, listed(out), lines) == (143, ids(1), ["interrupted"])


def test_interruption_after_the_last_line_of_output_is_said(cli, serve, monkeypatch):
    serve(page(user(1)))
    monkeypatch.setattr(running, "let_go", lambda _: signal.raise_signal(signal.SIGTERM))
    status, _, lines = cli(*NDJSON)
    assert (status, lines) == (143, ["interrupted"])


@pytest.fixture
def interrupted(monkeypatch):
    """SIGTERM comes when a client is made."""
    monkeypatch.setattr(source, "Junction", lambda **_: signal.raise_signal(signal.SIGTERM))


@pytest.mark.usefixtures("interrupted")
def test_second_interruption_is_not_said_again(cli, monkeypatch):
    monkeypatch.setattr(running, "let_go", lambda _: signal.raise_signal(signal.SIGINT))
    assert cli("pulls") == (143, "", ["interrupted"])


@pytest.mark.usefixtures("interrupted")
def test_second_interruption_ends_the_report_of_the_first(cli, monkeypatch):
    def tell(*_):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(running.Notices, "tell", tell)
    assert cli("pulls") == (143, "", [])


def test_signal_that_is_ignored_stays_ignored(cli, serve):
    serve(page(user(1)))
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert cli("pulls", "--limit", "1")[0] == 0
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_command_line_runs_in_a_thread_as_well(serve, capsys):
    serve(page(user(1)))
    statuses = []
    thread = threading.Thread(target=lambda: statuses.append(main(["pulls", "--limit", "1"])))
    thread.start()
    thread.join()

    assert statuses == [0]
    assert capsys.readouterr().out


SLIPS = [
    ("pulls --provider ourra", "--provider", "oura"),
    ("summary --provider Oura", "--provider", "oura"),
    ("stuck --provider fitbitt", "--provider", "fitbit"),
    ("coverage --provider withigns", "--provider", "withings"),
    ("report --provider ourra", "--provider", "oura"),
    ("watch --provider ourra", "--provider", "oura"),
    ("watch --resource slep", "--resource", "sleep"),
    ("watch --resource sleep --resource hvr", "--resource", "hrv"),
    ("sync --to a.duckdb --provider ourra", "--provider", "oura"),
    ("sync --to a.duckdb --teams teams.toml --provider ourra", "--provider", "oura"),
    ("export --to p-*.csv --provider ourra", "--provider", "oura"),
]


@pytest.mark.parametrize("slip", SLIPS)
def test_slip_is_2_before_any_request(cli, serve, tmp_path, monkeypatch, slip):
    command, option, meant = slip
    monkeypatch.chdir(tmp_path)
    requests = serve(page())
    status, out, (line,) = cli(*command.split())
    assert (status, out, requests) == (2, "", [])
    assert f"Invalid value for {option}" in line
    assert f"did you mean `{meant}`? Pass --unlisted to use it as it is" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("values", ["sleep,steps", "sleep, steps"])
def test_several_values_in_one_option_are_2_and_told_to_repeat_it(cli, serve, values):
    requests = serve(page(user(1)))
    status, out, (line,) = cli("pulls", "--resource", values)
    assert (status, out, requests) == (2, "", [])
    assert line.endswith(": repeat the option, as --resource sleep --resource steps")
    assert cli("pulls", "--resource", values, "--unlisted")[0] == 0


@pytest.mark.parametrize("provider", ["wrist_of_tomorrow", "oura_next_generation"])
def test_value_that_is_like_no_listed_one_is_sent_with_a_word(cli, serve, provider):
    requests = serve(page(user(1)))
    status, _, (line,) = cli(*NDJSON, "--provider", provider)
    assert (status, requests[0].url.params["provider"]) == (0, provider)
    assert line == f"the specification does not list the provider {provider!r}: used as it is"


@pytest.mark.parametrize("provider", ["ourra", "wrist_of_tomorrow"])
def test_unlisted_value_is_sent_without_a_word_when_it_is_meant(cli, serve, provider):
    requests = serve(page(user(1)))
    status, _, lines = cli(*NDJSON, "--provider", provider, "--unlisted")
    assert (status, lines, requests[0].url.params["provider"]) == (0, [], provider)


@pytest.mark.parametrize("provider", ["oura", "quest"])
def test_listed_provider_or_lab_is_taken_without_a_word(cli, serve, provider):
    serve(page(user(1)))
    assert cli(*NDJSON, "--provider", provider)[2] == []


@pytest.mark.parametrize("name", ["production", "PRODUCTION", "Prodution"])
def test_environment_that_is_a_slip_is_named(cli, monkeypatch, name):
    status, _, (line,) = cli("pulls", "--environment", name)
    assert status == 2
    assert line.endswith("; did you mean `Production`?")
    monkeypatch.setenv("JUNCTION_ENVIRONMENT", name)
    status, _, (line,) = cli("pulls")
    assert status == 3
    assert line.endswith("; did you mean `Production`?")


@pytest.mark.parametrize("key", [f'"{KEY}"', f"'{KEY}'", f"{KEY}'"])
def test_key_that_was_pasted_with_its_quotes_is_told_so(cli, monkeypatch, key):
    monkeypatch.setenv("JUNCTION_API_KEY", key)
    told = "JUNCTION_API_KEY was pasted with its quotes: remove the quotes"
    assert cli("pulls") == (3, "", [told])
    status, out, _ = cli("doctor")
    assert status == 3
    assert "JUNCTION_API_KEY was pasted with its quotes" in out


def test_value_of_a_short_list_is_told_with_the_list(cli, serve):
    serve(page(user(1)))
    *_, (line,) = cli("pulls", "--status", "failed")
    assert f"'failed', but {', '.join(sorted({*STATUS_VALUES, 'not_pulled'}))}: used" in line
