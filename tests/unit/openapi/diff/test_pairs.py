"""The grade of many single changes, each by the whole of `openapi.drift` but its reading of files.

A few, and in `make proof` all, by the command as well.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from openapi.diff.changes import Grade, gravest
from openapi.documents import follow, load_plain
from openapi.drift import compared, main
from openapi.slice import read_operations
from tests.support.reading import LIBRARY, LIBRARY_OPERATIONS

pytestmark = pytest.mark.any_specification

PATH = "/paths/~1v1~1loans"
LOAN = "/components/schemas/Loan"
TAKEN = read_operations(LIBRARY_OPERATIONS)
STATUS = {str(grade): grade.status for grade in Grade} | {"none": 0}
DOCUMENT = load_plain(LIBRARY)


def ways(name):
    """Return the pairs of a file, each way that has grades as a pair of its own."""
    found = []
    for case in load_plain(Path(__file__).with_name(name)):
        before, after = (changes(case, time) for time in ("before", "after"))
        found.append(pytest.param(before, after, case["right"], id=case["name"]))
        if "back" in case:
            found.append(pytest.param(after, before, case["back"], id=f"{case['name']}, back"))
    return found


def changes(case, time):
    tense = {"before": "was", "after": "is"}[time]
    listed = [*case.get(time, ())]
    if "parameter" in case:
        parameter = {"name": "p", "in": "query", "required": False, **case["parameter"][tense]}
        listed.append({"add": f"{PATH}/get/parameters/-", "value": parameter})
    if "field" in case:
        listed.append({"add": f"{LOAN}/properties/f", "value": case["field"][tense]})
    if "body" in case:
        content = {"application/json": {"schema": case["body"][tense]}}
        listed.append({"add": f"{PATH}/get/requestBody", "value": {"content": content}})
    return listed


def changed(listed):
    document = copy.deepcopy(DOCUMENT)
    for change in listed:
        ((word, place), *rest) = change.items()
        APPLY[word](document, place.replace("PATH", PATH), *(value for _, value in rest))
    return document


def above(document, place):
    """Return what holds a place, and its key there."""
    outer, _, key = place.rpartition("/")
    node = follow(f"#{outer}", document) if outer else document
    key = key.replace("~1", "/").replace("~0", "~")
    return node, int(key) if isinstance(node, list) and key != "-" else key


def add(document, place, value):
    node, key = above(document, place)
    if isinstance(node, list):
        node.insert(len(node) if key == "-" else key, copy.deepcopy(value))
    else:
        node[key] = copy.deepcopy(value)


def remove(document, place):
    node, key = above(document, place)
    return node.pop(key)


def replace(document, place, value):
    node, key = above(document, place)
    node[key] = copy.deepcopy(value)


def move(document, place, to):
    value = remove(document, place)
    add(document, to.replace("PATH", PATH), value)


def in_place(document, place):
    """Write the component that a schema refers to where the schema stands."""
    node, key = above(document, place)
    node[key] = copy.deepcopy(follow(node[key]["$ref"], document))


def by_reference(document, place):
    """Put what stands at a place among the path items, and a reference in its stead."""
    node, key = above(document, place)
    document["components"]["pathItems"] = {"P": node[key]}
    node[key] = {"$ref": "#/components/pathItems/P"}


APPLY = {
    function.__name__: function for function in (add, remove, replace, move, in_place, by_reference)
}


def grade(before, after):
    """Return the class of the changes from one document to another."""
    _, changes, _ = compared(changed(before), changed(after), TAKEN)
    return str(gravest(changes)) if changes else "none"


PAIRS = [*ways("pairs.yaml"), *ways("others.yaml")]
pairs = pytest.mark.parametrize(("before", "after", "right"), PAIRS)


@pairs
def test_change_has_a_right_grade(before, after, right):
    assert grade(before, after).removesuffix(" only") in right


@pytest.mark.proof
@pytest.mark.usefixtures("_nothing_is_generated")
def test_command_prints_the_grade_and_exits_with_its_status(tmp_path, capsys, at_length):
    paths = old, new = tmp_path / "old.json", tmp_path / "new.json"
    met = set()
    for pair in PAIRS:
        before, after, _ = pair.values
        expected = grade(before, after)
        if at_length(expected in met, False):  # noqa: FBT003
            continue
        met.add(expected)
        for path, listed in zip(paths, (before, after), strict=True):
            path.write_text(json.dumps(changed(listed)), encoding="utf-8")
        taken = ["--junction", str(old), "--operations", str(LIBRARY_OPERATIONS)]
        status = main([str(new), *taken, "--format", "json"])
        printed = json.loads(capsys.readouterr().out)["class"] or "none"
        assert (printed, status) == (expected, STATUS[expected]), pair.id
    assert met == STATUS.keys()
