"""Why a user has no data: the table of verdicts, and what holds whatever the API says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from junction_api.enums import ENUM_VALUES
from junction_introspect import (
    RETRIABLE_ERROR_VALUES,
    STATUS_VALUES,
)
from junction_introspect.operations.connections import Connection, ResourceAvailability, Scopes
from junction_introspect.operations.historical_pulls import HistoricalPull
from junction_introspect.operations.resources import ResourceStatistics
from junction_introspect.tracking import TURNS, VERDICTS, Thresholds, diagnose, providers
from junction_introspect.tracking.providers import DELIVERY, RECURRENCE

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
USER = UUID("0b6ab5a4-6a62-4d31-a4f8-8a1e4bd7c9d1")
OTHER = UUID(int=2)
UNITS = {"d": "days", "h": "hours", "min": "minutes", "s": "seconds"}
CONTENT = (Path(__file__).parent / "diagnosis_scenarios.yaml").read_text()
SCENARIOS = [
    pytest.param(scenario, id=f"{title}, {number}")
    for title, scenarios in YAML(typ="safe", pure=True).load(CONTENT).items()
    for number, scenario in enumerate(scenarios, 1)
]


def ago(age):
    """Return a time by its age, such as ``"1 d 1 s"``; None for None."""
    if age is None:
        return None
    lengths = re.findall(r"(\d+) (\w+)", age)
    length = timedelta(**{UNITS[unit]: int(count) for count, unit in lengths})
    return NOW + length if age.startswith("-") else NOW - length


def connection(provider="garmin", status="connected", **fields):
    usual = {"name": provider.title(), "created_on": NOW - 90 * DAY}
    return Connection(provider=provider, status=status, **{**usual, **fields})


def pull(status="success", provider="garmin", resource="sleep", **fields):
    usual = {"user_id": USER, "pulled": status is not None, "ended_at": NOW - DAY}
    return HistoricalPull(
        provider=provider, resource=resource, status=status, **{**usual, **fields}
    )


def statistics(provider="garmin", resource="sleep", **fields):
    return ResourceStatistics(provider=provider, resource=resource, **{"user_id": USER, **fields})


def said(scenario):
    """Return the connections, pulls and statistics of a scenario."""
    told = {"provider": "garmin", "resource": "sleep", "connection": "connected", **scenario}
    provider, resource = told["provider"], told["resource"]
    connections = None if told["connection"] == "unasked" else []
    if told["connection"] not in {"none", "unasked"}:
        resources = {}
        if "availability" in told:
            resources[resource] = ResourceAvailability(
                status=told["availability"],
                granted=Scopes(tuple(told.get("granted", ()))),
                denied=Scopes(
                    tuple(told.get("denied", ())), tuple(told.get("denied_optional", ()))
                ),
            )
        connections.append(
            connection(
                provider,
                told["connection"],
                error_type=told.get("error"),
                errored_at=ago(told.get("errored")),
                resources=resources,
            )
        )
    pulls = []
    if "backfill" in told:
        status = None if told["backfill"] == "not pulled" else told["backfill"]
        times = {f"{name}_at": ago(told.get(name)) for name in ("scheduled", "started", "ended")}
        pulls.append(
            pull(
                status,
                provider,
                resource,
                days_with_data=told.get("days", 0),
                error_details=told.get("backfill_error"),
                **times,
            )
        )
    found = {
        "last_attempt_at": ago(told.get("attempted")),
        "last_attempt_status": told.get("attempt"),
        "oldest_data": ago(told.get("oldest")),
        "newest_data": ago(told.get("newest")),
        "sent_count": told.get("sent"),
    }
    some = any(value is not None for value in found.values())
    return connections, pulls, [statistics(provider, resource, **found)] if some else []


def only(*arguments, **options):
    (diagnosis,) = diagnose(*arguments, **options)
    return diagnosis


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario_has_its_verdict_and_its_turn(scenario):
    diagnosis = only(*said(scenario), NOW)
    assert (diagnosis.verdict, diagnosis.turn) == (scenario["verdict"], scenario["turn"])


def test_every_verdict_and_turn_has_scenarios():
    scenarios = [each.values[0] for each in SCENARIOS]
    assert len(scenarios) >= 60
    assert {each["verdict"] for each in scenarios} == set(VERDICTS)
    assert {each["turn"] for each in scenarios} == set(TURNS)


TIMES = st.none() | st.datetimes(
    min_value=datetime(2025, 12, 1),  # noqa: DTZ001 - hypothesis wants it so
    max_value=datetime(2026, 3, 3),  # noqa: DTZ001 - as above
    timezones=st.none() | st.just(UTC) | st.just(timezone(timedelta(hours=-7))),
)
ANY_TIME = TIMES | st.sampled_from([datetime.min, datetime.max]).map(  # noqa: DTZ901 - the ends
    lambda end: end.replace(tzinfo=timezone(14 * HOUR if end.year == 1 else -12 * HOUR))
)
PROVIDERS = st.sampled_from(["garmin", "wahoo", "oura", "apple_health_kit", "from the\nfuture", ""])
RESOURCES = st.sampled_from(["sleep", "workouts", "profile", "from_the_future\x1b", ""])
NAMES = st.lists(st.sampled_from(["SLEEP", "{0}", ""]), max_size=2).map(tuple)
SCOPES = st.builds(Scopes, NAMES, NAMES)
CONNECTIONS = st.lists(
    st.builds(
        Connection,
        provider=PROVIDERS,
        name=st.none() | st.sampled_from(["Garmin", "{0}", ""]),
        created_on=ANY_TIME,
        status=st.sampled_from(["connected", "connected", "error", "from_the_future", ""]),
        error_type=st.none() | st.sampled_from(["user_not_found", "unknown", "from_the_future"]),
        error_message=st.none() | st.just("personal of jane@example.org"),
        errored_at=ANY_TIME,
        resources=st.dictionaries(
            RESOURCES,
            st.builds(
                ResourceAvailability,
                status=st.sampled_from(["available", "unavailable", "from_the_future", ""]),
                granted=SCOPES,
                denied=SCOPES,
            ),
        ),
        external_user_id=st.none() | st.just("jane@example.org"),
    ),
    max_size=5,
)
PULLS = st.lists(
    st.builds(
        HistoricalPull,
        user_id=st.just(USER),
        provider=PROVIDERS,
        resource=RESOURCES,
        status=st.none() | st.sampled_from([*sorted(STATUS_VALUES), "from_the_future"]),
        range_start=TIMES,
        range_end=TIMES,
        scheduled_at=ANY_TIME,
        started_at=ANY_TIME,
        ended_at=ANY_TIME,
        days_with_data=st.integers(-1, 400),
        error_details=st.none()
        | st.sampled_from(["", "from_the_future", *sorted(RETRIABLE_ERROR_VALUES)]),
    ),
    max_size=8,
    unique_by=lambda row: (row.provider, row.resource),
)
STATISTICS = st.lists(
    st.builds(
        ResourceStatistics,
        user_id=st.just(USER),
        provider=PROVIDERS,
        resource=RESOURCES,
        last_attempt_at=ANY_TIME,
        last_attempt_status=st.none() | st.sampled_from(["success", "failure", "from_the_future"]),
        oldest_data=ANY_TIME,
        newest_data=ANY_TIME,
        sent_count=st.none() | st.integers(-1, 10**12),
    ),
    max_size=8,
    unique_by=lambda row: (row.provider, row.resource),
)
TOLD = st.tuples(st.none() | CONNECTIONS, PULLS, STATISTICS)


@given(TOLD, st.sampled_from([NOW, NOW.replace(tzinfo=None)]))
def test_everything_that_is_named_has_one_diagnosis(told, now):
    connections, pulls, found = told
    diagnoses = diagnose(connections, pulls, found, now)
    named = {(row.provider, row.resource) for row in [*pulls, *found]}
    for each in connections or ():
        named |= {(each.provider, resource) for resource in each.resources}
    whole = [each.provider for each in diagnoses if each.resource is None]
    single = [(each.provider, each.resource) for each in diagnoses if each.resource is not None]
    assert sorted(single) == sorted(name for name in named if name[0] not in whole)
    assert len(set(whole)) == len(whole)
    assert {each.provider for each in connections or ()} <= {each.provider for each in diagnoses}
    assert bool(connections is None) <= (not whole)


@given(TOLD, st.randoms(use_true_random=False))
def test_the_order_of_what_is_told_changes_nothing(told, order):
    connections, pulls, found = told
    first = diagnose(connections, pulls, found, NOW)
    assert diagnose(connections, pulls, found, NOW) == first
    for rows in (pulls, found):
        order.shuffle(rows)
    assert diagnose(connections, pulls, found, NOW) == first


@given(TOLD)
def test_receiving_needs_a_sign_of_data_and_nobody_is_never_told_of_what_is_broken(told):
    for diagnosis in diagnose(*told, NOW):
        seen = diagnosis.evidence
        signs = [
            diagnosis.newest_data is not None,
            seen.get("sent_count", 0) > 0,
            seen.get("days_with_data", 0) > 0,
        ]
        broken = [
            seen.get("connection_status", "connected") != "connected",
            seen.get("availability") == "unavailable" and "denied_required" in seen,
            diagnosis.verdict != "not_available"
            and seen.get("backfill_status", "success") not in {"success", "not_pulled"},
            any(signs)
            and diagnosis.verdict != "not_available"
            and seen.get("last_attempt_status") == "failure",
        ]
        assert diagnosis.verdict != "receiving" or any(signs)
        assert diagnosis.turn != "nobody" or not any(broken)
        assert (diagnosis.turn == "nobody") == (
            diagnosis.verdict in {"receiving", "not_pulled", "not_available"}
        )


@given(TOLD)
def test_words_are_one_printable_line_without_ids_and_without_anything_personal(told):
    for diagnosis in diagnose(*told, NOW):
        for sentence in (diagnosis.explanation, diagnosis.advice, *diagnosis.contradictions):
            assert sentence.isprintable()
            assert sentence.endswith(".")
            assert sentence[0] == sentence[0].upper()
            assert str(USER) not in sentence
        assert "jane" not in repr(diagnosis)


@given(TOLD)
def test_what_needs_somebody_comes_first(told):
    diagnoses = diagnose(*told, NOW)
    providers = list(dict.fromkeys(each.provider for each in diagnoses))
    grouped = [[each for each in diagnoses if each.provider == name] for name in providers]
    assert [each for group in grouped for each in group] == diagnoses
    rank = {"nobody": 2, "unknown": 1}
    ranks = [[rank.get(each.turn, 0) for each in group] for group in grouped]
    assert all(sorted(each) == each for each in ranks)
    assert [each[0] for each in ranks] == sorted(each[0] for each in ranks)


def test_whole_connection_has_one_diagnosis_and_its_resources_none():
    found = [statistics(resource="hrv", newest_data=NOW - DAY), statistics(newest_data=None)]
    diagnosis = only([connection(status="error")], [pull()], found, NOW)
    assert diagnosis.resource is None
    assert diagnosis.newest_data == NOW - DAY
    assert diagnosis.trace_id is None


def test_connections_that_were_not_asked_for_are_said_not_to_have_been():
    asked = only([connection()], [pull()], [], NOW)
    unasked = only(None, [pull()], [], NOW)
    assert "were not looked at" in unasked.explanation
    assert "were not looked at" not in asked.explanation
    assert (asked.evidence["connections_asked"], unasked.evidence["connections_asked"]) == (
        True,
        False,
    )


def test_connections_are_those_of_one_user():
    rows = [pull(), pull(user_id=OTHER)]
    with pytest.raises(ValueError, match="pass user_id to say"):
        diagnose([connection()], rows, [], NOW)
    mine, others = diagnose([], rows, [], NOW, user_id=USER)
    assert (mine.verdict, others.verdict) == ("not_connected", "backfill_empty")
    assert (mine.user_id, others.user_id) == (USER, OTHER)
    assert "not looked at" in others.explanation


def test_connections_alone_name_no_user():
    assert only([connection()], [], [], NOW).user_id is None
    assert only([connection()], [], [], NOW, user_id=USER).user_id == USER


def test_provider_that_is_asked_about_has_an_answer_even_if_nothing_names_it():
    rows = [pull(provider="oura")]
    assert only([], rows, [], NOW, provider="fitbit").verdict == "not_connected"
    assert only(None, rows, [], NOW, provider="oura").provider == "oura"
    assert diagnose(None, rows, [], NOW, provider="fitbit") == []
    assert diagnose([], [], [], NOW) == []


def test_of_several_connections_the_newest_counts_and_that_is_said():
    old = connection(status="error", created_on=NOW - 9 * DAY)
    new = connection(created_on=NOW - DAY)
    for both in ([old, new], [new, old]):
        diagnosis = only(both, [], [statistics(newest_data=NOW)], NOW)
        assert diagnosis.verdict == "receiving"
        assert diagnosis.contradictions == (
            "There are 2 connections to this provider; the newest was read.",
        )
    undated = attrs.evolve(old, created_on=None)
    assert only([new, undated], [], [], NOW).verdict == "cannot_tell"
    same = attrs.evolve(old, created_on=new.created_on)
    for both in ([same, new], [new, same]):
        assert only(both, [], [], NOW).verdict == "connection_error"


def test_of_rows_with_the_same_key_the_last_counts():
    assert only(None, [pull("failure"), pull(days_with_data=9)], [], NOW).verdict == "receiving"
    found = [statistics(newest_data=NOW), statistics()]
    assert only(None, [], found, NOW).verdict == "cannot_tell"


@pytest.mark.parametrize(
    ("limits", "scenario", "verdict"),
    [
        (
            {"scheduled": 3 * HOUR},
            {"backfill": "scheduled", "scheduled": "2 h"},
            "backfill_waiting",
        ),
        ({"polling": 3 * DAY}, {"provider": "wahoo", "attempted": "2 d"}, "cannot_tell"),
        ({"daily_data": 9 * DAY}, {"provider": "wahoo", "newest": "8 d"}, "receiving"),
        ({"silence": 9 * DAY}, {"attempted": "8 d", "newest": "8 d"}, "receiving"),
        (
            {"episodic_data": 2 * DAY},
            {"attempted": "3 d", "newest": "3 d", "resource": "weight"},
            "silent",
        ),
    ],
)
def test_thresholds_are_the_callers(limits, scenario, verdict):
    assert only(*said(scenario), NOW, Thresholds(**limits)).verdict == verdict


@pytest.mark.parametrize("name", ["polling", "daily_data", "episodic_data", "silence"])
def test_threshold_is_more_than_nothing(name):
    with pytest.raises(ValueError, match=f"{name} must be more than 0"):
        Thresholds(**{name: timedelta()})


@pytest.mark.parametrize(
    ("told", "sentences"),
    [
        (
            ([connection(created_on=NOW - DAY)], [pull(scheduled_at=NOW - 2 * DAY)], []),
            [
                (
                    "The connection was made at 2026-02-28 12:00 UTC, after its backfill was"
                    " scheduled at 2026-02-27 12:00 UTC; the backfill may be that of an earlier"
                    " connection."
                ),
            ],
        ),
        (([connection(created_on=NOW - DAY)], [pull(scheduled_at=NOW - DAY)], []), []),
        (([connection(created_on=None)], [pull(scheduled_at=NOW - DAY)], []), []),
        (
            (None, [pull(started_at=NOW, ended_at=NOW - HOUR)], []),
            ["The backfill is reported as ended 1 h before it was started."],
        ),
        (
            (None, [pull(ended_at=None)], []),
            ["The backfill is reported as success, but without an end time."],
        ),
        ((None, [], [statistics(newest_data=NOW)]), []),
        (
            (None, [], [statistics(newest_data=NOW + HOUR)]),
            ["The newest data is of 2026-03-01 13:00 UTC, which is later than now."],
        ),
        (
            (None, [], [statistics(last_attempt_at=NOW + HOUR)]),
            ["The last attempt was at 2026-03-01 13:00 UTC, which is later than now."],
        ),
        (
            ([connection(created_on=NOW + HOUR)], [], []),
            ["The connection was made at 2026-03-01 13:00 UTC, which is later than now."],
        ),
        ((None, [], [statistics(newest_data=NOW, oldest_data=NOW)]), []),
        (
            (None, [], [statistics(newest_data=NOW - DAY, oldest_data=NOW)]),
            [
                (
                    "The oldest data is of 2026-03-01 12:00 UTC, but the newest is of"
                    " 2026-02-28 12:00 UTC."
                )
            ],
        ),
    ],
)
def test_contradictions_stand_beside_the_verdict(told, sentences):
    connections, pulls, found = told
    assert list(only(connections, pulls, found, NOW).contradictions) == sentences


WORDS = YAML(typ="safe", pure=True).load(
    (Path(__file__).parent / "diagnosis_words.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("told", WORDS, ids=[str(each["says"]) for each in WORDS])
def test_words_say_what_is_the_case_since_when_and_what_to_do(told):
    diagnosis = only(*said(told["says"]), NOW)
    assert (diagnosis.explanation, diagnosis.advice) == (told["explanation"], told["advice"])


def test_names_are_on_one_list():
    assert len(DELIVERY) == sum(map(len, providers.PROVIDERS.values()))
    assert len(RECURRENCE) == sum(map(len, providers.RESOURCES.values()))


def test_personal_fields_are_in_no_repr():
    shown = repr(connection(error_message="jane@example.org", external_user_id="jane"))
    assert "jane" not in shown
    assert "garmin" in shown


def test_evidence_is_what_was_seen():
    told = [connection(resources={"sleep": ResourceAvailability(status="available")})]
    found = [statistics(newest_data=NOW, last_attempt_status="success")]
    assert only(told, [pull(None)], found, NOW).evidence == {
        "connections_asked": True,
        "delivery": "push",
        "recurrence": "daily",
        "connection_status": "connected",
        "connected_on": NOW - 90 * DAY,
        "availability": "available",
        "backfill_status": "not_pulled",
        "ended_at": NOW - DAY,
        "days_with_data": 0,
        "last_attempt_status": "success",
        "newest_data": NOW,
    }


@pytest.mark.parametrize("error", sorted(ENUM_VALUES["ConnectionErrorDetailsErrorType"]))
def test_listed_error_is_the_users_unless_it_is_junctions(error):
    diagnosis = only([connection(status="error", error_type=error)], [], [], NOW)
    junctions = {"unknown", "webhook_registration_failed"}
    assert diagnosis.turn == ("junction" if error in junctions else "user")
