from __future__ import annotations

import copy
import json

import pytest

from openapi.documents import JUNCTION, OVERLAY, load_plain
from openapi.overlay import apply
from openapi.stale import correct

pytestmark = pytest.mark.any_specification

RESPONSES = "$.paths[*][*].responses"


@pytest.fixture(scope="module")
def vendor():
    return load_plain(JUNCTION)


@pytest.fixture(scope="module")
def overlay():
    return load_plain(OVERLAY)


def changed(vendor, *actions):
    return apply(vendor, {"actions": [*actions]})


def test_nothing_is_stale_in_the_version_the_overlay_is_for(vendor, overlay):
    corrected, findings = correct(vendor, overlay, vendor)
    assert (corrected, findings) == (apply(vendor, overlay), [])


def test_what_the_vendor_has_removed_itself_is_repaired(vendor, overlay):
    newer = changed(
        vendor,
        {"target": "$.components.schemas.Resource.enum[?@ == 'hrv']", "remove": True},
        {"target": "$.components.schemas.Resource.enum", "update": "hrv"},
    )
    _, (finding,) = correct(newer, overlay, vendor)
    assert str(finding).startswith("overlay action 1 matches nothing: $.components.schemas..enum")
    assert "\n  why it is there: An enum must not list a value twice" in str(finding)
    assert finding.repaired
    assert str(finding).endswith(
        "\n  fixed by the vendor: yes: /components/schemas/Resource/enum exists, "
        "without what the action removes; delete the action"
    )


def test_what_the_vendor_has_added_itself_is_repaired(vendor, overlay):
    newer = changed(vendor, {"target": RESPONSES, "update": {"401": {"description": "No key"}}})
    _, (finding,) = correct(newer, overlay, vendor)
    assert finding.repaired
    assert finding.because.endswith(
        "/get/responses now has what the action adds; delete the action"
    )


def test_what_has_moved_is_not_repaired_while_lint_finds_the_defect(vendor):
    newer = copy.deepcopy(vendor)
    schemas = newer["components"]["schemas"]
    schemas["Moved"] = schemas.pop("Resource")
    target = "$.components.schemas.Resource.enum[*]"
    action = {"target": target, "x-where": "repeated", "remove": True}
    _, (finding,) = correct(newer, {"actions": [action]}, vendor)
    assert finding.repaired is False
    assert "/components/schemas/Resource is gone" in finding.because


def test_correction_of_a_renamed_component_is_not_stale(vendor, overlay):
    text = json.dumps(vendor).replace('schemas/Resource"', 'schemas/Moved"')
    newer = json.loads(text)
    newer["components"]["schemas"]["Moved"] = newer["components"]["schemas"].pop("Resource")
    _, findings = correct(newer, overlay, vendor)
    assert findings == []


def test_parameter_is_looked_up_by_name(vendor, overlay):
    newer = changed(
        vendor, {"target": "$.paths.*.get.parameters[?@.name == 'user_limit']", "remove": True}
    )
    _, findings = correct(newer, overlay, vendor)
    assert [one.repaired for one in findings] == [None]
    assert "/parameters/2 is gone" in findings[0].because


def test_action_that_never_matched_cannot_be_judged(vendor):
    _, (finding,) = correct(vendor, {"actions": [{"target": "$.nope", "remove": True}]}, vendor)
    assert finding.repaired is None
    assert finding.because == "it did not match the previous version either"


def test_place_without_what_the_action_adds_cannot_be_judged(vendor):
    action = {"target": "$.info[?@ == 'x']", "update": {"a": 1}}
    before = {**vendor, "info": {**vendor["info"], "contact": {"name": "x"}}}
    action["target"] = "$.info[?@.name == 'x']"
    after = {**vendor, "info": {**vendor["info"], "contact": {"name": "y"}}}
    _, (finding,) = correct(after, {"actions": [action]}, before)
    assert (finding.repaired, finding.because) == (
        None,
        "/info/contact exists, without what the action adds",
    )
