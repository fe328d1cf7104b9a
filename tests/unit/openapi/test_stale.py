from __future__ import annotations

import copy
import json

import pytest

from openapi.documents import load_plain
from openapi.overlay import apply
from openapi.stale import correct
from tests.support.reading import LIBRARY

pytestmark = pytest.mark.any_specification

RESPONSES = "$.paths[*][*].responses"
OVERLAY = {
    "actions": [
        {
            "description": "An enum must not list a value twice.",
            "target": "$.components.schemas..enum[*]",
            "x-where": "repeated",
            "remove": True,
        },
        {
            "description": "A request without a key gets 401.",
            "target": "$.paths[*][*][?@['200'] && !@['401']]",
            "update": {"401": {"description": "No key"}},
        },
        {
            "description": "An example for page_size.",
            "target": "$.paths[*].get.parameters[?@.name == 'page_size']",
            "update": {"example": 50},
        },
        {
            "description": "Removes examples that their own schema rejects.",
            "target": "$..example",
            "x-where": "invalid",
            "remove": True,
        },
    ]
}


@pytest.fixture(scope="module")
def library():
    return load_plain(LIBRARY)


def changed(library, *actions):
    return apply(library, {"actions": [*actions]})


def test_nothing_is_stale_in_the_version_the_overlay_is_for(library):
    corrected, findings = correct(library, OVERLAY, library)
    assert (corrected, findings) == (apply(library, OVERLAY), [])


def test_what_the_vendor_has_removed_itself_is_repaired(library):
    newer = changed(
        library,
        {"target": "$.components.schemas.Genre.enum[?@ == 'poetry']", "remove": True},
        {"target": "$.components.schemas.Genre.enum", "update": "poetry"},
    )
    _, (finding,) = correct(newer, OVERLAY, library)
    assert str(finding).startswith("overlay action 1 matches nothing: $.components.schemas..enum")
    assert "\n  why it is there: An enum must not list a value twice" in str(finding)
    assert finding.repaired
    assert str(finding).endswith(
        "\n  fixed by the vendor: yes: /components/schemas/Genre/enum exists, "
        "without what the action removes; delete the action"
    )


def test_what_the_vendor_has_added_itself_is_repaired(library):
    newer = changed(library, {"target": RESPONSES, "update": {"401": {"description": "No key"}}})
    _, (finding,) = correct(newer, OVERLAY, library)
    assert finding.repaired
    assert finding.because.endswith(
        "/get/responses now has what the action adds; delete the action"
    )


def test_what_has_moved_is_not_repaired_while_lint_finds_the_defect(library):
    newer = copy.deepcopy(library)
    schemas = newer["components"]["schemas"]
    schemas["Moved"] = schemas.pop("Genre")
    target = "$.components.schemas.Genre.enum[*]"
    action = {"target": target, "x-where": "repeated", "remove": True}
    _, (finding,) = correct(newer, {"actions": [action]}, library)
    assert finding.repaired is False
    assert "/components/schemas/Genre is gone" in finding.because


def test_correction_of_a_renamed_component_is_not_stale(library):
    text = json.dumps(library).replace('schemas/Genre"', 'schemas/Moved"')
    newer = json.loads(text)
    newer["components"]["schemas"]["Moved"] = newer["components"]["schemas"].pop("Genre")
    _, findings = correct(newer, OVERLAY, library)
    assert findings == []


def test_parameter_is_looked_up_by_name(library):
    newer = changed(
        library, {"target": "$.paths.*.get.parameters[?@.name == 'page_size']", "remove": True}
    )
    _, findings = correct(newer, OVERLAY, library)
    assert [one.repaired for one in findings] == [None]
    assert "/parameters/2 is gone" in findings[0].because


def test_action_that_never_matched_cannot_be_judged(library):
    _, (finding,) = correct(library, {"actions": [{"target": "$.nope", "remove": True}]}, library)
    assert finding.repaired is None
    assert finding.because == "it did not match the previous version either"


def test_place_without_what_the_action_adds_cannot_be_judged(library):
    action = {"target": "$.info[?@ == 'x']", "update": {"a": 1}}
    before = {**library, "info": {**library["info"], "contact": {"name": "x"}}}
    action["target"] = "$.info[?@.name == 'x']"
    after = {**library, "info": {**library["info"], "contact": {"name": "y"}}}
    _, (finding,) = correct(after, {"actions": [action]}, before)
    assert (finding.repaired, finding.because) == (
        None,
        "/info/contact exists, without what the action adds",
    )
