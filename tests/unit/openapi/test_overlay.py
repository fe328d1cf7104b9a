from __future__ import annotations

import copy
import runpy
import sys
from typing import TYPE_CHECKING

import pytest

from openapi.documents import JUNCTION, OVERLAY, SPEC, dumps, load, load_plain
from openapi.overlay import OverlayError, apply, build, main

if TYPE_CHECKING:
    from pathlib import Path

OPERATION = "/v2/introspect/historical_pull"
ACTIONS = load(OVERLAY)["actions"]

# What is said of the first action when nothing fits.
FIRST = f"action 1 ({ACTIONS[0]['description']}) matches nothing"

# These are right whatever stands there already.
UNCONDITIONAL = (
    "$.components",
    "$.components.securitySchemes",
    "$.security",
    f"$.paths['{OPERATION}'].get",
)


def remove(target):
    return {"actions": [{"description": "why", "target": target, "remove": True}]}


def update(target, value):
    return {"actions": [{"description": "why", "target": target, "update": value}]}


@pytest.fixture(scope="module")
def vendor():
    return load(JUNCTION)


@pytest.fixture(scope="module")
def corrected(vendor):
    return apply(vendor, {"actions": ACTIONS})


@pytest.fixture(scope="module")
def spec():
    return load_plain(SPEC)


@pytest.fixture(scope="module")
def operation(spec):
    return spec["paths"][OPERATION]["get"]


def test_overlay_follows_version_1_0_0():
    assert load_plain(OVERLAY)["overlay"] == "1.0.0"


def test_every_action_says_why():
    assert all(len(action["description"]) > 20 for action in ACTIONS)


def test_spec_is_the_vendors_document_with_the_overlay():
    assert build() == SPEC.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", range(len(ACTIONS)), ids=lambda number: str(number + 1))
def test_every_action_is_needed(number, vendor, corrected):
    without = [action for at, action in enumerate(ACTIONS) if at != number]
    assert apply(vendor, {"actions": without}, lambda _: None) != corrected


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(action, id=str(number))
        for number, action in enumerate(ACTIONS, start=1)
        if action["target"] not in UNCONDITIONAL
    ],
)
def test_stale_action_is_named(action, corrected):
    with pytest.raises(OverlayError) as caught:
        apply(corrected, {"actions": [action]})
    expected = f"action 1 ({action['description']}) matches nothing: {action['target']}"
    assert str(caught.value) == expected


def test_all_but_a_few_actions_go_stale():
    targets = [action["target"] for action in ACTIONS if action["target"] in UNCONDITIONAL]
    assert sorted(targets) == sorted(UNCONDITIONAL)


def test_overlay_is_refused_as_a_whole_by_the_corrected_document(corrected):
    with pytest.raises(OverlayError) as caught:
        apply(corrected, {"actions": ACTIONS})
    assert str(caught.value).startswith(FIRST)


def test_no_enum_lists_a_value_twice(spec):
    for schema in spec["components"]["schemas"].values():
        values = schema.get("enum", [])
        assert len(set(values)) == len(values)


def test_no_other_resource_is_lost(vendor, spec):
    resources = spec["components"]["schemas"]["Resource"]["enum"]
    assert set(resources) == set(vendor["components"]["schemas"]["Resource"]["enum"])


def test_deprecated_next_is_not_required(spec):
    response = spec["components"]["schemas"]["UserHistoricalPullsResponse"]
    assert response["required"] == ["data", "next_cursor"]
    assert response["properties"]["next"]["deprecated"] is True


@pytest.mark.parametrize("status", ["200", "401", "422", "429", "503"])
def test_every_status_is_declared_with_a_json_body(status, operation):
    assert "schema" in operation["responses"][status]["content"]["application/json"]


@pytest.mark.parametrize("status", ["429", "503"])
def test_retry_after_is_required_where_a_retry_is_asked_for(status, operation):
    header = operation["responses"][status]["headers"]["Retry-After"]
    assert header["required"] is True
    assert header["schema"] == {"type": "string"}


def test_invalid_example_is_gone(spec):
    assert "example" not in spec["components"]["schemas"]["UserHistoricalPullsResponse"]


def test_every_parameter_has_an_example(operation):
    assert all("example" in parameter for parameter in operation["parameters"])


def test_key_and_token_are_both_described(spec):
    schemes = spec["components"]["securitySchemes"]
    assert schemes["apiKeyAuth"].items() >= {"type": "apiKey", "in": "header"}.items()
    assert schemes["accessToken"].items() >= {"type": "http", "scheme": "bearer"}.items()


def test_either_credential_suffices(spec):
    # The entries of the list are alternatives; the keys of one entry would be demanded together.
    assert spec["security"] == [{"apiKeyAuth": []}, {"accessToken": []}]


def test_operation_has_a_name_to_work_with(operation):
    assert operation["operationId"] == "list_historical_pulls"


def test_empty_overlay_gives_back_the_bytes(vendor):
    assert dumps(apply(vendor, {"actions": []})).encode() == JUNCTION.read_bytes()


def test_order_and_quotes_survive_an_overlay():
    document = load("z: 'no'\na: \"yes\"\nm:\n  - '1'\n  - plain\n")
    changed = apply(document, {"actions": [*update("$", {"k": 1})["actions"]]})
    assert dumps(changed) == "z: 'no'\na: \"yes\"\nm:\n  - '1'\n  - plain\nk: 1\n"


def test_input_is_left_alone(vendor):
    document, overlay = copy.deepcopy(vendor), load(OVERLAY)
    apply(document, overlay)
    assert (document, overlay) == (vendor, load(OVERLAY))


@pytest.mark.parametrize(
    ("target", "value", "grown"),
    [
        ("$", {"new": []}, "$.new"),
        ("$", {"list": [[]]}, "$.list[0]"),
        ("$.list", [], "$.list[0]"),
    ],
)
def test_overlay_is_not_changed_through_the_document(target, value, grown):
    before = copy.deepcopy(value)
    overlay = {"actions": [*update(target, value)["actions"], *update(grown, 1)["actions"]]}
    apply({"list": []}, overlay)
    assert value == before


def test_actions_are_applied_in_order():
    actions = [*update("$", {"a": [1]})["actions"], *remove("$.a[0]")["actions"]]
    assert apply({}, {"actions": actions}) == {"a": []}


def test_action_that_matches_nothing_is_named_by_number_and_reason():
    overlay = {
        "actions": [
            {"description": "first", "target": "$", "update": {"a": 1}},
            {"description": "the reason", "target": "$.nope", "remove": True},
        ]
    }
    with pytest.raises(OverlayError) as caught:
        apply({}, overlay)
    assert str(caught.value) == "action 2 (the reason) matches nothing: $.nope"


@pytest.mark.parametrize("target", ["", "a", "$.a[", "$.a[?@.x ==]", "$.a[?nope(@)]"])
def test_malformed_path_is_named_in_one_line(target):
    with pytest.raises(OverlayError) as caught:
        apply({"a": [{"x": 1}]}, remove(target))
    assert str(caught.value).startswith(f"action 1 (why): {target}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "target", ["$.a[?@ =~ /x/]", "$.a[?@.x in ['y']]", "$.keys.~", "$.a | $.b"]
)
def test_path_of_a_dialect_is_refused(target):
    with pytest.raises(OverlayError, match=r"^action 1 \(why\)"):
        apply({"a": [{"x": "y"}], "b": [], "keys": {}}, remove(target))


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ({"description": "d", "target": "$"}, "action 1 (d) needs a target, and"),
        ({"target": "$", "updates": {}}, "action 1 (no reason) needs a target, and"),
        ({"target": "$", "remove": False}, "action 1 (no reason) needs a target, and"),
        ({"update": {}}, "action 1 (no reason) needs a target, and"),
        ({"target": 1, "remove": True}, "action 1 (no reason) needs a target, and"),
        ("remove it", "action 1 is not an object"),
    ],
)
def test_action_that_says_nothing_to_do_is_refused(action, reason):
    with pytest.raises(OverlayError) as caught:
        apply({}, {"actions": [action]})
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize("overlay", [None, [], "text", {}, {"actions": None}, {"actions": {}}])
def test_overlay_without_actions_is_refused(overlay):
    with pytest.raises(OverlayError, match=r"^the overlay has no list of actions$"):
        apply({}, overlay)


@pytest.mark.parametrize("document", [None, [], "Not Found", 1])
def test_document_that_is_no_object_is_refused(document):
    with pytest.raises(OverlayError, match=r"^the document is not an object$"):
        apply(document, {"actions": []})


@pytest.mark.parametrize(
    ("target", "left"),
    [
        ("$.a[?@ == 1 || @ == 3]", [0, 2, 4]),
        ("$.a[1:4]", [0, 4]),
        ("$.a[3:0:-1]", [0, 4]),
        ("$.a[3, 0]", [1, 2, 4]),
        ("$.a[0, 3]", [1, 2, 4]),
        ("$.a[-1, 0]", [1, 2, 3]),
        ("$.a[1, 1]", [0, 2, 3, 4]),
        ("$.a[*]", []),
    ],
)
def test_removing_elements_removes_the_right_ones(target, left):
    assert apply({"a": [0, 1, 2, 3, 4]}, remove(target)) == {"a": left}


def test_removing_elements_of_several_arrays_removes_the_right_ones():
    document = {"a": [[1, 0, 1], [0, 1, 1]], "b": {"c": [1, 0]}}
    assert apply(document, remove("$..[?@ == 1]")) == {"a": [[0], [0]], "b": {"c": [0]}}


def narrowed(target, where):
    return {"actions": [{"description": "why", "target": target, "x-where": where, "remove": True}]}


def test_only_later_copies_of_an_element_are_repeated():
    document = {"a": {"enum": ["x", "y", "x", "x", "z"]}, "b": {"enum": [1, True]}}
    result = apply(document, narrowed("$..enum[*]", "repeated"))
    assert result == {"a": {"enum": ["x", "y", "z"]}, "b": {"enum": [1, True]}}


def test_what_is_no_element_of_an_array_is_never_repeated():
    with pytest.raises(OverlayError, match="matches nothing"):
        apply({"a": {"b": 1, "c": 1}}, narrowed("$.a.*", "repeated"))


EXAMPLES = {
    "Fine": {"type": "string", "example": "text"},
    "Wrong": {"type": "string", "example": 1},
    "Null": {"example": "None"},
    "Nested": {"properties": {"example": {"type": "integer", "examples": [1, "x"]}}},
}


def test_only_examples_with_a_defect_are_invalid():
    document = {"components": {"schemas": EXAMPLES}}
    result = apply(document, narrowed("$..['example', 'examples']", "invalid"))
    assert result["components"]["schemas"] == {
        "Fine": {"type": "string", "example": "text"},
        "Wrong": {"type": "string"},
        "Null": {},
        "Nested": {"properties": {"example": {"type": "integer"}}},
    }


def test_no_example_is_invalid_where_nobody_can_judge():
    broken = {"Broken": {"$ref": "#/nowhere", "example": 1}, **EXAMPLES}
    document = {"components": {"schemas": broken}}
    with pytest.raises(OverlayError, match="matches nothing"):
        apply(document, narrowed("$..example", "invalid"))


def test_condition_that_nobody_knows_is_refused():
    with pytest.raises(OverlayError, match=r"x-where must be one of repeated, invalid, not 'odd'"):
        apply({"a": 1}, narrowed("$.a", "odd"))


def test_removing_a_key_leaves_its_neighbours():
    assert apply({"a": {"b": 1, "c": 2}}, remove("$.a.b")) == {"a": {"c": 2}}


def test_removing_what_stands_within_the_removed_is_no_mistake():
    assert apply({"a": {"a": {"a": 1}}, "b": 2}, remove("$..a")) == {"b": 2}


def test_removing_the_document_itself_is_refused():
    with pytest.raises(OverlayError, match=r"^action 1 \(why\) would remove the document itself$"):
        apply({"a": 1}, remove("$"))


def test_update_of_an_array_appends():
    assert apply({"a": [1]}, update("$.a", {"b": 2})) == {"a": [1, {"b": 2}]}


def test_update_found_twice_is_applied_once():
    assert apply({"a": [[], []]}, update("$.a[0, 0]", 1)) == {"a": [[1], []]}


def test_update_reaches_every_match():
    updated = apply({"a": [{"x": 1}, {"x": 2}]}, update("$.a[*]", {"y": []}))
    assert updated == {"a": [{"x": 1, "y": []}, {"x": 2, "y": []}]}


def test_copies_of_an_update_are_independent():
    first, second = apply({"a": [{}, {}]}, update("$.a[*]", {"y": []}))["a"]
    assert first["y"] is not second["y"]


def test_update_of_an_object_merges_recursively():
    document = {"a": {"b": {"kept": 1, "replaced": 2}, "c": [1], "d": {"e": 1}}}
    value = {"b": {"replaced": 3, "new": 4}, "c": [2], "d": 5, "f": {"g": 6}}
    assert apply(document, update("$.a", value)) == {
        "a": {"b": {"kept": 1, "replaced": 3, "new": 4}, "c": [1, 2], "d": 5, "f": {"g": 6}}
    }


@pytest.mark.parametrize(
    ("target", "value"), [("$.scalar", {"a": 1}), ("$.scalar", "x"), ("$.object", "x")]
)
def test_update_that_does_not_fit_is_refused(target, value):
    with pytest.raises(OverlayError) as caught:
        apply({"scalar": 1, "object": {}}, update(target, value))
    expected = "action 1 (why): an update needs an array, or an object on both sides"
    assert str(caught.value) == expected


def test_command_writes_the_spec(tmp_path: Path, capsys):
    output = tmp_path / "spec.yaml"
    assert main(["--output", str(output)]) == 0
    assert output.read_bytes() == SPEC.read_bytes()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("option", "content", "reason"),
    [
        ("--junction", None, "{path}: No such file or directory"),
        ("--overlay", None, "{path}: No such file or directory"),
        ("--junction", "a: [1", "{path}, line 1: not YAML: expected ',' or ']'"),
        ("--overlay", "a: [1", "{path}, line 1: not YAML: expected ',' or ']'"),
        ("--junction", "a: 1", FIRST),
        ("--junction", "", "the document is not an object"),
        ("--overlay", "", "the overlay has no list of actions"),
    ],
)
def test_command_fails_in_one_line_and_writes_nothing(option, content, reason, tmp_path, capsys):
    path, output = tmp_path / "input.yaml", tmp_path / "spec.yaml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert main([option, str(path), "--output", str(output)]) == 1
    out, err = capsys.readouterr()
    assert err.startswith(f"overlay: {reason.format(path=path)}")
    assert (out, err.count("\n")) == ("", 1)
    assert not output.exists()


def test_module_is_the_command(tmp_path: Path, monkeypatch):
    output = tmp_path / "spec.yaml"
    monkeypatch.setattr(sys, "argv", ["overlay", "--output", str(output)])
    monkeypatch.delitem(sys.modules, "openapi.overlay")
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("openapi.overlay", run_name="__main__")
    assert caught.value.code == 0
    assert output.read_bytes() == SPEC.read_bytes()
