"""`junction-introspect pulls` against the mock over HTTP: what is listed, and how it is shown."""

from __future__ import annotations

import csv
import io
import json
from uuid import UUID

import msgspec
import pytest

from junction_api import SPEC_VERSION
from junction_introspect import Junction, __version__
from junction_introspect.cli import main
from junction_introspect.cli.app import COMMANDS, loaded
from junction_introspect.cli.records import COLUMNS, record
from junction_introspect.mock import DEFAULT_API_KEY, MockServer, Population

pytestmark = pytest.mark.any_specification

USERS = 120
POPULATION = Population(USERS, seed=1)


@pytest.fixture(scope="module")
def server():
    with MockServer(POPULATION) as running:
        yield running


@pytest.fixture(scope="module")
def rows(server):
    with Junction(api_key=server.api_key, base_url=server.url) as junction:
        return list(junction.historical_pulls().rows())


@pytest.fixture(autouse=True)
def _configured(server, monkeypatch):
    monkeypatch.setenv("JUNCTION_API_KEY", server.api_key)
    monkeypatch.setenv("JUNCTION_BASE_URL", server.url)


@pytest.fixture
def cli(capsys):
    """Runs a command that succeeds and says nothing on stderr; returns its output."""

    def run(*arguments):
        assert main([str(argument) for argument in arguments]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return run


@pytest.fixture
def ndjson(cli):
    """Runs `pulls --format ndjson` and returns the records."""

    def run(*arguments):
        out = cli("pulls", "--format", "ndjson", *arguments)
        return [json.loads(line) for line in out.splitlines()]

    return run


def users_of(records):
    return list(dict.fromkeys(UUID(each["user_id"]) for each in records))


def ids(numbers):
    return [POPULATION.user_id(number) for number in numbers]


def as_json(row):
    return json.loads(msgspec.json.encode(record(row)))


def test_ndjson_is_every_row_with_every_field(ndjson, rows):
    assert ndjson() == [as_json(row) for row in rows]


def test_csv_is_every_row_with_every_field(cli, rows):
    table = csv.DictReader(io.StringIO(cli("pulls", "--format", "csv"), newline=""))
    assert tuple(table.fieldnames) == COLUMNS
    assert list(table) == [
        {name: "" if value is None else str(value) for name, value in as_json(row).items()}
        for row in rows
    ]


def test_table_has_a_line_a_user_and_provider_when_piped(cli, rows):
    lines = cli("pulls").splitlines()
    expected = dict.fromkeys((str(row.user_id), row.provider) for row in rows)
    assert [tuple(line.split()[:2]) for line in lines[1:-2]] == list(expected)


def test_table_counts_what_the_rows_say(cli, rows):
    header, *lines = cli("pulls").splitlines()
    states = header.split()[2:8]
    counts = {tuple(line.split()[:2]): line.split()[2:8] for line in lines[:-2]}
    for (user, provider), numbers in counts.items():
        of_it = [r for r in rows if str(r.user_id) == user and r.provider == provider]
        for state, number in zip(states, numbers, strict=True):
            wanted = None if state == "not_pulled" else state
            assert int(number) == sum(row.status == wanted for row in of_it), (user, state)


def test_table_ends_with_the_totals(cli, rows):
    *_, totals, summary = cli("pulls").splitlines()
    assert sum(map(int, totals.split()[1:7])) == len(rows)
    assert f"retry_quota_exhausted x{count_errors(rows, 'retry_quota_exhausted')}" in totals
    assert summary.startswith(f"{USERS} users, {len(rows):,} pulls, ")


def count_errors(rows, error):
    return sum(row.error_details == error for row in rows)


@pytest.mark.parametrize("format_", ["table", "ndjson", "csv"])
def test_piped_output_has_no_colour_and_no_control_characters(cli, format_):
    assert all(line.isprintable() for line in cli("pulls", "--format", format_).splitlines())


@pytest.mark.parametrize("limit", [1, 7, 50, 70, USERS, USERS + 1, 10_000])
def test_limit_gives_so_many_users_and_the_first_ones(ndjson, limit):
    assert users_of(ndjson("--limit", limit)) == ids(range(min(limit, USERS)))


def test_table_counts_the_users_within_the_limit_alone(cli):
    assert cli("pulls", "--limit", 70).splitlines()[-1].startswith("70 users, ")


def test_limit_shrinks_the_pages_of_an_unfiltered_listing_alone(cli, monkeypatch):
    limits = []
    original = Junction.listing

    def recorded(junction, operation, arguments, **options):
        limits.append(arguments["user_limit"])
        return original(junction, operation, arguments, **options)

    monkeypatch.setattr(Junction, "listing", recorded)
    cli("pulls", "--limit", 3)
    cli("pulls", "--limit", 3, "--provider", "oura")
    cli("pulls", "--limit", 3, "--status", "failure")
    assert limits == [3, 50, 50]


@pytest.mark.parametrize(
    ("options", "passes"),
    [
        (
            ["--resource", "sleep", "--resource", "hrv"],
            lambda row: row.resource in {"sleep", "hrv"},
        ),
        (["--status", "failure"], lambda row: row.status == "failure"),
        (["--status", "not_pulled"], lambda row: row.status is None),
        (
            ["--error", "unexpected_error", "--provider", "oura"],
            lambda row: (row.error_details, row.provider) == ("unexpected_error", "oura"),
        ),
    ],
)
def test_what_the_api_cannot_filter_is_filtered_here(cli, ndjson, rows, options, passes):
    expected = [row for row in rows if passes(row)]
    assert ndjson(*options) == [as_json(row) for row in expected]

    *lines, last = cli("pulls", *options).splitlines()
    users = {row.user_id for row in expected}
    assert {line.split()[0] for line in lines[1:-1]} == {str(user_id) for user_id in users}
    assert last.startswith(f"{len(users)} users, {len(expected)} pulls, ")


def test_limit_counts_the_users_that_are_shown(ndjson, rows):
    failed = list(dict.fromkeys(row.user_id for row in rows if row.status == "failure"))
    assert users_of(ndjson("--status", "failure", "--limit", 3)) == failed[:3]


def test_cursor_resumes_with_exactly_the_rest(server, ndjson):
    with Junction(api_key=server.api_key, base_url=server.url) as junction:
        listing = junction.historical_pulls()
        seen = [user.user_id for user in next(page for page in listing.pages() if page.data).data]
        rest = users_of(ndjson(f"--cursor={listing.next_cursor}"))
    assert seen + rest == ids(range(USERS))


def test_provider_filters(ndjson, rows):
    records = ndjson("--provider", "oura")
    assert records == [as_json(row) for row in rows if row.provider == "oura"]


def test_provider_may_be_a_lab(ndjson):
    assert ndjson("--provider", "labcorp") == []


def test_user_id_lists_that_user_alone(ndjson, rows):
    user_id = POPULATION.user_id(5)
    expected = [as_json(row) for row in rows if row.user_id == user_id]
    assert ndjson("--user-id", user_id) == expected


def test_table_of_one_user_has_a_line_a_resource(cli, rows):
    of_user = [row for row in rows if row.user_id == POPULATION.user_id(5)]
    lines = cli("pulls", "--user-id", POPULATION.user_id(5)).splitlines()
    assert [line.split()[:3] for line in lines[1:-1]] == [
        [row.provider, row.resource, row.status or "not_pulled"] for row in of_user
    ]
    assert lines[-1] == f"{len(of_user)} resources"


def test_table_of_one_user_tells_error_and_trace_id_of_what_failed(cli, rows):
    failed = next(r for r in rows if r.status == "failure" and r.error_details and r.trace_id)
    out = cli("pulls", "--user-id", failed.user_id)
    assert f"{failed.error_details} ({failed.error_kind})" in out
    assert f"trace {failed.trace_id}" in out


def test_user_whom_nobody_knows_is_an_empty_listing(cli, ndjson):
    nobody = UUID(int=0, version=4)
    assert cli("pulls", "--user-id", nobody).splitlines()[-1] == "0 resources"
    assert ndjson("--user-id", nobody) == []


def test_team_without_users_is_an_empty_listing(cli, monkeypatch):
    with MockServer(Population(0, seed=1)) as empty:
        monkeypatch.setenv("JUNCTION_BASE_URL", empty.url)
        assert cli("pulls").splitlines()[-1] == "0 users, 0 pulls, 1 page"
        assert cli("pulls", "--format", "ndjson") == ""
        assert cli("pulls", "--format", "csv").splitlines() == [",".join(COLUMNS)]


def test_base_url_given_beats_the_variable(server, monkeypatch, ndjson):
    monkeypatch.setenv("JUNCTION_BASE_URL", "http://127.0.0.1:1")
    assert ndjson("--base-url", server.url, "--limit", 1)


def test_version_names_package_and_specification(cli):
    assert cli("--version") == f"junction-introspect {__version__} (specification {SPEC_VERSION})\n"


def test_no_arguments_print_the_help(cli):
    assert cli() == cli("--help")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(cli, name):
    command = loaded(name)
    out = cli(name, "--help")
    assert f"  {name} " in cli("--help")
    assert command.help.splitlines()[0] in out
    for parameter in command.params:
        assert parameter.help, parameter.name
        names = parameter.opts if parameter.param_type_name == "option" else [parameter.metavar]
        assert all(name in out for name in names)
        assert " ".join(parameter.help.split()) in " ".join(out.split())


def test_help_tells_the_exit_statuses_and_the_variables(cli):
    assert "130  interrupted" in cli("--help")
    variables = ("JUNCTION_API_KEY", "JUNCTION_ENVIRONMENT", "JUNCTION_BASE_URL")
    assert all(variable in cli("pulls", "--help") for variable in variables)


def test_help_fits_80_columns(cli):
    for name in ((), *((name,) for name in COMMANDS)):
        assert max(map(len, cli(*name, "--help").splitlines())) <= 80
        assert cli(*name, "-h") == cli(*name, "--help")


def test_no_command_is_cut_short_in_50_columns(cli, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    listed = cli("--help").partition("Commands:")[2].partition("Environment variables:")[0]
    assert "..." not in listed
    assert max(map(len, listed.splitlines())) <= 50
    assert len(listed.split("\n\n")[0].strip().splitlines()) == len(COMMANDS)


def test_key_of_the_mock_is_the_one_its_help_tells():
    (option,) = (each for each in loaded("mock").params if each.name == "api_key")
    assert option.default == DEFAULT_API_KEY


@pytest.mark.parametrize(
    "filters",
    [
        ["--status", "failure", "--status", "not_pulled"],
        ["--resource", "sleep", "--error", "unexpected_error"],
        ["--provider", "oura", "--resource", "sleep"],
    ],
)
def test_export_from_the_api_has_what_pulls_has(cli_told, ndjson, tmp_path, filters):
    to = tmp_path / "part-*.ndjson"
    command = ("export", "--to", to, "--rows-per-part", 20, *filters)
    assert cli_told(*command)[0] == 0

    parts = sorted(tmp_path.glob("part-0*.ndjson"))
    found = [json.loads(line) for part in parts for line in part.read_text().splitlines()]
    expected = ndjson(*filters)
    keys = ("user_id", "provider", "resource", "status", "error_details", "trace_id")
    assert [[each[key] for key in keys] for each in found] == [
        [each[key] for key in keys] for each in expected
    ]
    assert expected

    # Another filter is another export.
    status, err = cli_told(*command, "--status", "success")
    assert (status, "differs in filters:" in err) == (10, True)


@pytest.fixture
def cli_told(capsys):
    """Runs a command; returns its status and its errors."""

    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        return status, capsys.readouterr().err

    return run
