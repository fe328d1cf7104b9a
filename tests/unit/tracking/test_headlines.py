"""One line about a user: how many connections need somebody, and whom."""

import pytest

from junction_introspect.tracking import Diagnosis, headline


def diagnosis(provider, verdict, turn, resource="sleep"):
    return Diagnosis(
        user_id=None,
        provider=provider,
        resource=resource,
        verdict=verdict,
        turn=turn,
        explanation="",
        advice="",
        evidence={},
        contradictions=(),
        newest_data=None,
        trace_id=None,
    )


WELL = ("receiving", "nobody")
BROKEN = ("connection_error", "user")


@pytest.mark.parametrize(
    ("found", "line"),
    [
        ([], "the user has no connection"),
        ([("oura", *WELL)], "the connection is well"),
        ([("oura", *WELL), ("fitbit", *WELL)], "all 2 connections are well"),
        (
            [("fitbit", *BROKEN), ("oura", *WELL), ("garmin", *WELL)],
            "1 of 3 connections need somebody: the user has to reconnect Fitbit",
        ),
        (
            [("fitbit", *BROKEN), ("oura", *BROKEN), ("polar", *BROKEN)],
            "3 of 3 connections need somebody: the user has to reconnect Fitbit, Oura and Polar",
        ),
        (
            [("oura", "not_connected", "user")],
            "the connection needs somebody: the user has to connect Oura",
        ),
        (
            [("a", "silent", "junction"), ("b", "silent", "team"), ("polar", *WELL)],
            "2 of 3 connections need somebody: Junction has to act on A; you have to act on B",
        ),
        (
            [("health_connect", "not_granted", "user")],
            "the connection needs somebody: the user has to allow access at Health Connect",
        ),
        (
            [("oura", "backfill_waiting", "junction")],
            "the connection needs somebody: Junction is still backfilling Oura",
        ),
        (
            [("oura", "polling_late", "junction")],
            "the connection needs somebody: Junction has to act on Oura",
        ),
        (
            [("oura", "connection_error", "junction")],
            "the connection needs somebody: Junction has to act on Oura",
        ),
        (
            [("oura", "cannot_tell", "unknown")],
            "the connection needs somebody: nobody can tell what Oura needs",
        ),
        (
            [("oura", "silent", "user"), ("oura", *WELL)],
            "the connection needs somebody: the user has to look at Oura",
        ),
        # What needs somebody counts, wherever it stands.
        (
            [("oura", *WELL), ("oura", "silent", "user")],
            "the connection needs somebody: the user has to look at Oura",
        ),
    ],
)
def test_headline(found, line):
    assert headline([diagnosis(*each) for each in found]) == line
