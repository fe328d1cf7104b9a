"""An old client and a newer server: nothing is ever lost.

Each skew is an overlay that makes a newer specification of ours, imitating a kind of change that
the vendor has published. Pages of the newer version are listed by the client generated from the
present one; what became of each record is counted, and the table stands in the test run's summary.
"""

import copy
from functools import cache

import httpx
import pytest
from hypothesis import HealthCheck, given, settings

from junction_introspect import Junction
from openapi.documents import walk
from openapi.overlay import apply
from tests.support.drivers import KEY
from tests.support.payloads import encoded
from tests.support.schemas import SPECIFICATION, PageSchema

_SCHEMAS = "$.components.schemas"
_STATISTICS = f"{_SCHEMAS}.SingleHistoricalPullStatistics"


def _nullable(field, target):
    return [
        {"target": f"{target}.properties.{field}.type", "remove": True},
        {
            "target": f"{target}.properties.{field}",
            "update": {"anyOf": [{"type": kind} for kind in ("string", "integer", "null")]},
        },
    ]


SKEWS = {
    "enums grow": [
        {"target": f"{_SCHEMAS}.{name}.enum", "update": f"new_in_{name.lower()}"}
        for name in (
            "Providers",
            "Resource",
            "HistoricalPullStatus",
            "HistoricalPullRetriableErrorDetails",
            "HistoricalPullNonRetriableErrorDetails",
        )
    ],
    "enums are replaced": [
        action
        for name in ("Resource", "HistoricalPullStatus")
        for action in (
            {"target": f"{_SCHEMAS}.{name}.enum[*]", "remove": True},
            {"target": f"{_SCHEMAS}.{name}.enum", "update": f"only_{name.lower()}"},
        )
    ],
    "field becomes nullable": [
        *_nullable("release", _STATISTICS),
        {
            "target": f"{_SCHEMAS}.HistoricalPullTimeline.properties",
            "update": {"scheduled_at": {"anyOf": [{"type": "null"}]}},
        },
        {
            "target": f"{_SCHEMAS}.HistoricalPullTimeline.properties.scheduled_at.type",
            "remove": True,
        },
    ],
    "field added": [
        {"target": f"{_STATISTICS}.properties", "update": {"score": {"type": "integer"}}},
        {"target": f"{_STATISTICS}.required", "update": "score"},
        {
            "target": f"{_SCHEMAS}.UserHistoricalPullsResponse.properties",
            "update": {"total": {"type": "integer"}},
        },
    ],
    "deprecated field removed": [
        {"target": f"{_SCHEMAS}.UserHistoricalPullsResponse.properties.next", "remove": True}
    ],
    "optional field removed": [
        {"target": f"{_STATISTICS}.properties.{name}", "remove": True}
        for name in ("trace_id", "range_start", "days_with_data")
    ],
    "date-time format lost": [{"target": "$..[?@.format == 'date-time'].format", "remove": True}],
    "component renamed": [
        {
            "target": _SCHEMAS,
            "update": {"Conduit": {"$ref": "#/components/schemas/Providers"}},
        },
        {
            "target": "$..properties.provider.propertyNames",
            "update": {"$ref": "#/components/schemas/Conduit"},
        },
    ],
    "$ref becomes anyOf": [
        {
            "target": f"{_STATISTICS}.properties.error_details.anyOf",
            "update": {"type": "object", "properties": {"code": {"type": "string"}}},
        },
        {"target": f"{_STATISTICS}.properties.status['$ref']", "remove": True},
        {
            "target": f"{_STATISTICS}.properties.status",
            "update": {
                "anyOf": [
                    {"$ref": "#/components/schemas/HistoricalPullStatus"},
                    {"type": "string"},
                ]
            },
        },
    ],
}
# What an old client cannot read is kept apart, with its bytes; everything else is delivered.
MAY_QUARANTINE = {"field becomes nullable", "date-time format lost", "$ref becomes anyOf"}


@cache
def _newer(skew):
    document = copy.deepcopy(SPECIFICATION)
    overlay = {"actions": [{"description": skew, **action} for action in SKEWS[skew]]}
    return PageSchema(apply(document, overlay)["components"])


@pytest.mark.parametrize("skew", SKEWS)
def test_old_client_loses_nothing_of_a_newer_servers_page(skew, record_property):
    newer = _newer(skew)

    @settings(
        max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck), deadline=None
    )
    @given(newer.documents())
    def listed(document):
        assert newer.is_valid(document)
        document = {**document, "next_cursor": None}
        original = copy.deepcopy(document)
        invalid = []
        transport = httpx.MockTransport(lambda _: httpx.Response(200, content=encoded(document)))
        with Junction(api_key=KEY, transport=transport) as junction:
            users = list(junction.historical_pulls(on_invalid=invalid.append))

        served = [record["user_id"] for record in original["data"]]
        quarantined = {record.index for record in invalid}
        kept = [user for index, user in enumerate(served) if index not in quarantined]
        assert [str(user.user_id) for user in users] == kept
        counts["served"] += len(served)
        counts["delivered"] += len(users)
        counts["quarantined"] += len(invalid)

    counts = {"served": 0, "delivered": 0, "quarantined": 0}
    listed()

    record_property(f"skew {skew}", counts)
    assert counts["served"] > 0
    assert counts["served"] - counts["delivered"] - counts["quarantined"] == 0
    assert skew in MAY_QUARANTINE or counts["quarantined"] == 0


def test_every_skew_changes_the_specification():
    assert all(_newer(skew).components != SPECIFICATION["components"] for skew in SKEWS)


def test_skews_leave_no_reference_dangling():
    for skew in SKEWS:
        components = _newer(skew).components
        for _, node in walk(components):
            if isinstance(node, dict) and "$ref" in node:
                assert node["$ref"].rpartition("/")[2] in components["schemas"]
