"""`junction-introspect explain`, against the mock and scripted servers."""

import csv
import io
import json
import sys
from datetime import timedelta

import httpx
import pytest

from junction_introspect import Junction
from junction_introspect.cli import explain as explaining
from junction_introspect.cli import main, source
from tests.support.drivers import KEY
from tests.support.payloads import encoded, page, user_id

pytestmark = pytest.mark.any_specification

DAY = timedelta(days=1)

CONNECTION = {
    "name": "Oura",
    "slug": "oura",
    "logo": "",
    "created_on": "2026-01-01T00:00:00Z",
    "status": "error",
    "external_user_id": "ada@example.com",
    "error_details": {
        "error_type": "token_refresh_failed",
        "error_message": "revoked by \x1b[31mada",
        "errored_at": "2026-01-05T10:00:00Z",
    },
    "resource_availability": {},
}


@pytest.fixture
def mock(junction_mock, monkeypatch):
    """The mock, which the command asks, and whose time it measures from."""
    monkeypatch.setenv("JUNCTION_API_KEY", junction_mock.api_key)
    monkeypatch.setenv("JUNCTION_BASE_URL", junction_mock.url)
    plain = explaining.explain
    monkeypatch.setattr(
        explaining,
        "explain",
        lambda *given, **options: plain(*given, now=junction_mock.now, **options),
    )
    return junction_mock


@pytest.fixture
def explain(capsys):
    """Runs the command; returns its status, its output and the lines on stderr."""

    def run(*arguments):
        status = main(["explain", *map(str, arguments)])
        out, err = capsys.readouterr()
        return status, out, err.replace("junction-introspect: ", "").splitlines()

    return run


@pytest.fixture
def well(mock):
    return settled(mock, "garmin", ["sleep", "steps"])


@pytest.fixture
def broken(mock):
    person = settled(mock, "fitbit", ["sleep"])
    mock.break_connection(person, "fitbit", ago=DAY)
    return person


def settled(mock, provider, resources):
    person = mock.add_user(provider, resources=resources)
    for resource in resources:
        mock.set_pull(person, provider, resource, "success")
    mock.advance(DAY)
    return person


@pytest.fixture
def answer(monkeypatch):
    """Has the command ask a scripted server: `answer(handler)`."""
    monkeypatch.setenv("JUNCTION_API_KEY", KEY)

    def script(handler):
        monkeypatch.setattr(
            source,
            "Junction",
            lambda **options: Junction(
                **options, max_retries=0, transport=httpx.MockTransport(handler)
            ),
        )

    return script


def test_user_who_is_well_is_told_in_three_lines_and_exits_with_zero(explain, well):
    status, out, err = explain(well)

    assert (status, err) == (0, [])
    assert out.splitlines() == [
        f"{well}: The connection is well.",
        "Garmin",
        "  well: 2 resources: sleep, steps",
        "",
    ]


def test_all_has_a_line_for_each_resource_that_is_well(explain, well):
    _, out, _ = explain(well, "--all")

    assert "  sleep (nobody's turn): " in out
    assert "well:" not in out


def test_resource_that_brings_no_data_is_not_called_well(explain, mock, well):
    mock.deny(well, "garmin", "steps", scopes=[])

    assert explain(well)[1].splitlines()[1:] == [
        "Garmin",
        "  not available: 1 resource: steps",
        "  well: 1 resource: sleep",
        "",
    ]


def test_problem_says_whose_turn_it_is_and_what_to_do_and_exits_with_one(explain, broken):
    status, out, _ = explain(broken)

    headline, provider, problem, *_ = out.splitlines()
    assert status == 1
    assert headline == f"{broken}: The connection needs somebody: the user has to reconnect Fitbit."
    assert provider == "Fitbit"
    assert problem.startswith("  the connection (the user's turn): The connection to Fitbit ")
    assert "Ask the user to connect Fitbit again" in problem


def test_trace_id_is_told_to_whoever_has_to_quote_it(explain, mock):
    person = settled(mock, "garmin", ["sleep"])
    mock.set_pull(person, "garmin", "sleep", "failure")

    _, out, _ = explain(person)
    ((record),) = json.loads(explain(person, "--format", "json")[1])

    assert record["trace_id"] is None or f"Trace id: {record['trace_id']}." in out


@pytest.mark.parametrize("format_", ["json", "ndjson", "csv"])
def test_formats_for_programs_have_the_fields_of_a_diagnosis(explain, broken, format_):
    status, out, _ = explain(broken, "--format", format_)

    readers = {
        "json": json.loads,
        "ndjson": lambda text: [json.loads(line) for line in text.splitlines()],
        "csv": lambda text: list(csv.DictReader(io.StringIO(text))),
    }
    (record,) = readers[format_](out)
    assert status == 1
    assert list(record) == list(explaining._FIELDS)
    assert record["user_id"] == str(broken)
    assert (record["verdict"], record["turn"]) == ("connection_error", "user")


def test_provider_and_resource_narrow_it_down(explain, well):
    assert "steps" not in explain(well, "--resource", "sleep", "--all")[1]
    line = f"{well}: the API says nothing about their fat or hrv"
    assert explain(well, "--resource", "hrv", "--resource", "fat") == (1, "", [line])
    status, out, _ = explain(well, "--provider", "oura")
    assert status == 1
    assert "the user has to connect Oura" in out


def test_user_without_connections_has_to_act(explain, answer):
    body = {"providers": []}
    answer(
        lambda request: httpx.Response(
            200, content=encoded(body if "providers" in request.url.path else page())
        )
    )

    assert explain(user_id(1)) == (1, f"{user_id(1)}: The user has no connection.\n\n", [])


def test_several_users_are_told_one_after_another(explain, well, broken):
    status, out, _ = explain(well, broken)

    assert status == 1
    assert out.index(str(well)) < out.index(str(broken))


def test_ids_come_from_standard_input_too(explain, well, broken, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{broken}\n\n{well}\n"))

    _, out, _ = explain("-", "--format", "ndjson")

    assert [json.loads(line)["user_id"] for line in out.splitlines()] == [
        str(broken),
        *[str(well)] * 2,
    ]


def test_user_whom_the_api_does_not_know_is_a_sentence_and_status_six(explain, well):
    status, out, err = explain(user_id(99))
    assert (status, out) == (6, "")
    assert err == ["the API does not know this user; is the environment the right one?"]

    status, out, (line,) = explain(user_id(99), well)
    assert status == 6
    assert str(well) in out
    assert line.startswith(f"{user_id(99)}: the API does not know this user")


def test_refused_key_ends_it_with_its_own_status(explain, answer):
    answer(lambda _: httpx.Response(403))

    status, _, err = explain(user_id(1))

    assert (status, err) == (4, ["403 Forbidden"])


def test_failure_for_one_user_does_not_stop_the_others(explain, answer):
    def handle(request):
        if str(user_id(1)) in str(request.url):
            return httpx.Response(500)
        body = {"providers": []} if "providers" in request.url.path else page()
        return httpx.Response(200, content=encoded(body))

    answer(handle)
    status, out, (line,) = explain(user_id(1), user_id(2))

    assert status == 6
    assert out == f"{user_id(2)}: The user has no connection.\n\n"
    assert line == f"{user_id(1)}: 500 Internal Server Error"


def test_invalid_record_is_told_and_exits_with_seven(explain, answer):
    def handle(request):
        body = {"providers": [{"slug": 7}]} if "providers" in request.url.path else page()
        return httpx.Response(200, content=encoded(body))

    answer(handle)
    status, out, (line,) = explain(user_id(1))

    assert status == 7
    assert line.startswith("left out an invalid record: ")
    assert out.splitlines()[1].startswith("This may be wrong: some records about this user ")


@pytest.mark.usefixtures("mock")
def test_no_standard_input_has_no_ids(explain, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)

    assert explain("-") == (0, "", [])


def test_spaces_around_an_id_are_no_part_of_it(explain, well):
    assert explain(f" {well}\t") == explain(well)


def test_reader_who_has_seen_enough_gets_no_verdict(explain, well, broken, monkeypatch):
    def broken_pipe(*_):
        raise BrokenPipeError

    monkeypatch.setattr(explaining._Words, "add", broken_pipe)
    for user in (well, broken):
        assert explain(user) == (141, "", [])


def test_id_that_is_not_one_is_wrong_usage(explain, answer, monkeypatch):
    answer(lambda _: pytest.fail("something was sent"))
    monkeypatch.setattr(sys, "stdin", io.StringIO("\nme\n"))

    for given, line in {"me": "me is not", "-": "line 2 of standard input: me is not"}.items():
        status, out, err = explain(given)
        assert (status, out) == (2, "")
        assert line in err[-1]


def test_personal_fields_are_shown_when_asked_for_only(explain, answer):
    def handle(request):
        body = {"providers": [CONNECTION]} if "providers" in request.url.path else page()
        return httpx.Response(200, content=encoded(body))

    answer(handle)
    for arguments in ([], ["--format", "json"], ["--format", "csv"]):
        assert "ada" not in explain(user_id(1), *arguments)[1]
    _, shown, _ = explain(user_id(1), "--show-personal")
    assert "  external user id: ada@example.com\n" in shown
    assert r"revoked by \x1b[31mada" in shown
    (record,) = json.loads(explain(user_id(1), "--show-personal", "--format", "json")[1])
    assert record["external_user_id"] == "ada@example.com"


def test_rate_is_kept_between_requests(explain, well, monkeypatch):
    passed = [0.0]

    def wait(seconds):
        passed[0] += seconds

    monkeypatch.setattr(source, "monotonic", lambda: passed[0])
    monkeypatch.setattr(source, "sleep", wait)

    explain(well, "--requests-per-second", "0.5")

    # Three requests, two seconds apart.
    assert passed == [4.0]


def interrupted_after(person, answer):
    """Have the server answer about one user, and the user of the command line press Ctrl-C then."""

    def handle(request):
        if str(person) not in str(request.url):
            raise KeyboardInterrupt
        body = {"providers": [CONNECTION]} if "providers" in request.url.path else page()
        return httpx.Response(200, content=encoded(body))

    answer(handle)


def test_interruption_leaves_a_document_that_can_be_read(explain, answer):
    interrupted_after(user_id(1), answer)

    status, out, err = explain(user_id(1), user_id(2), "--format", "json")

    assert (status, err) == (130, ["interrupted"])
    assert [record["user_id"] for record in json.loads(out)] == [str(user_id(1))]


def test_interruption_before_the_first_answer_writes_nothing(explain, answer):
    interrupted_after(user_id(2), answer)

    assert explain(user_id(1), user_id(2), "--format", "json") == (130, "", ["interrupted"])


@pytest.mark.parametrize(("option", "cell"), [([], "=cmd()"), (["--csv-safe"], "'=cmd()")])
def test_csv_can_be_made_safe_for_spreadsheets(explain, answer, option, cell):
    answer(lambda request: httpx.Response(200, content=encoded(asked(request))))

    def asked(request):
        connection = CONNECTION | {"external_user_id": "=cmd()"}
        return {"providers": [connection]} if "providers" in request.url.path else page()

    _, out, _ = explain(user_id(1), "--show-personal", "--format", "csv", *option)

    (record,) = csv.DictReader(io.StringIO(out))
    assert record["external_user_id"] == cell


def test_contradiction_is_told_whole(explain, answer):
    def asked(request):
        twice = [CONNECTION, CONNECTION | {"created_on": "2026-01-02T00:00:00Z"}]
        return {"providers": twice} if "providers" in request.url.path else page()

    answer(lambda request: httpx.Response(200, content=encoded(asked(request))))

    _, out, _ = explain(user_id(1))

    assert " But there are 2 connections to this provider; the newest was read." in out
