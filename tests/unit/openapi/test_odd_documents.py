"""Documents that are odd or broken: taken as they are meant, or refused in one line."""

from __future__ import annotations

import copy
import json
import re

import pytest

from openapi import drift, lint
from openapi import slice as slicing
from openapi.documents import (
    JUNCTION,
    DocumentError,
    StepError,
    dumps,
    load,
    load_plain,
    parse,
    printable,
)
from openapi.slice import SliceError, read_operations, slice_document, sliced_text
from tests.support.reading import LIBRARY, LIBRARY_OPERATIONS

pytestmark = [
    pytest.mark.any_specification,
    pytest.mark.usefixtures("_nothing_is_generated"),
]

PATH = "/v1/loans"
AT = PATH.replace("/", "~1")
TAKEN = ("--operations", str(LIBRARY_OPERATIONS))
OPERATIONS = read_operations(LIBRARY_OPERATIONS)
DATES = "/components/schemas/LoanDates"


@pytest.fixture
def library():
    return load_plain(LIBRARY)


@pytest.fixture
def written(tmp_path):
    """Writes a document, or a text, into a file and returns its path."""

    def write(document):
        text = document if isinstance(document, str) else json.dumps(document)
        path = tmp_path / "other"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def drifted(*arguments):
    return drift.main([*arguments, "--junction", str(LIBRARY), *TAKEN])


def operation(document):
    return document["paths"][PATH]["get"]


@pytest.fixture
def refused(written, capsys):
    """Gives a document to a command and returns the one line that it is refused with."""

    def refuse(document, command=drift.main):
        assert command([written(document), *(TAKEN if command is not lint.main else ())]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        (line,) = err.splitlines()
        return line

    return refuse


def test_status_without_quotes_is_a_status(written, capsys):
    text = JUNCTION.read_text(encoding="utf-8").replace("'200':", "200:").replace("'422':", "422:")
    assert drift.main([written(text)]) == 0
    assert capsys.readouterr().out.endswith("no change\n")


def test_status_without_quotes_is_written_with_quotes():
    unquoted = JUNCTION.read_text(encoding="utf-8").replace("'200':", "200:")
    assert load(sliced_text(unquoted, read_operations())) == load(JUNCTION)


def test_path_item_by_reference_is_followed(library, written, capsys):
    document = copy.deepcopy(library)
    document["components"]["pathItems"] = {"pull": document["paths"][PATH]}
    document["paths"][PATH] = {"$ref": "#/components/pathItems/pull"}
    assert drifted(written(document)) == 0
    assert capsys.readouterr().out.endswith("no change\n")
    assert slice_document(document, OPERATIONS) == library


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("#/components/pathItems/pull", f"GET {PATH}: the document has no such operation"),
        (
            "#/components/pathItems/none",
            f"/paths/{AT}/$ref: '#/components/pathItems/none' leads nowhere in this document",
        ),
    ],
)
def test_path_item_that_cannot_be_followed_is_named(reference, reason, library):
    library["components"]["pathItems"] = {"pull": {"$ref": "#/components/pathItems/pull"}}
    library["paths"][PATH] = {"$ref": reference}
    with pytest.raises(StepError, match=f"^{re.escape(reason)}"):
        slice_document(library, OPERATIONS)


def no_version(document):
    del document["info"]["version"]


def text_as_number(document):
    document["components"]["schemas"]["LoanDates"]["maximum"] = "100"


def nowhere(document):
    operation(document)["parameters"][0]["schema"] = {"$ref": "#/x"}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda document: document.pop("info"), "/: info is missing"),
        (
            lambda document: document["components"]["schemas"]["LoanDates"]["properties"].update(
                {"x-count": 1}
            ),
            f"{DATES}/properties/x-count: must be a Schema object, but is 1",
        ),
        (
            lambda document: operation(document)["responses"]["200"].update(headers={"x-id": 1}),
            f"/paths/{AT}/get/responses/200/headers/x-id: must be a Header object, but is 1",
        ),
        (
            lambda document: operation(document)["parameters"][0].update({"$ref": 5}),
            f"/paths/{AT}/get/parameters/0/$ref: must be a string, but is 5",
        ),
        (
            lambda document: operation(document).update(
                parameters=[{"$ref": "#/components/schemas/LoanDates"}]
            ),
            f"{DATES}: name is missing",
        ),
        (
            lambda document: document.update(info=1),
            "/info: must be an Info object, but is 1",
        ),
        (
            lambda document: document["servers"][0].update(variables={"region": 1}),
            "/servers/0/variables/region: must be an object, but is 1",
        ),
        (no_version, "/info: version is missing"),
        (
            lambda document: document.update(servers=None),
            "/servers: must be a list, but is null",
        ),
        (
            lambda document: document.update(components=None),
            "/components: must be a Components object, but is null",
        ),
        (
            text_as_number,
            f'{DATES}/maximum: must be a number, but is "100"',
        ),
        (
            lambda document: operation(document).update(responses=[]),
            f"/paths/{AT}/get/responses: must be an object, but is []",
        ),
        (
            lambda document: operation(document)["parameters"][0].pop("name"),
            f"/paths/{AT}/get/parameters/0: name is missing",
        ),
        (
            nowhere,
            f"/paths/{AT}/get/parameters/0/schema/$ref: '#/x' leads nowhere in this document",
        ),
    ],
)
@pytest.mark.parametrize("command", [drift.main, slicing.main])
def test_what_is_wrong_is_said_with_its_place(command, change, line, library, refused):
    change(library)
    said = refused(library, command)
    assert said.partition(": ")[2] == line


BOMB = "\n".join(
    ["a: &a0 [x, x]", *(f"b{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)), "paths: {}"]
)


@pytest.mark.parametrize("command", [drift.main, lint.main, slicing.main])
def test_aliases_that_unfold_without_end_are_refused(command, refused):
    assert refused(BOMB, command).endswith("values with aliases expanded")


@pytest.mark.parametrize("read", [load, load_plain])
def test_aliases_are_measured_whoever_reads_them(read):
    with pytest.raises(DocumentError, match="aliases expanded"):
        read(BOMB)


def test_document_within_itself_is_refused(refused):
    said = refused("a: &a {b: *a}\npaths: {}")
    assert said.endswith("a value contains itself")


@pytest.mark.parametrize("levels", [300, 1500])
@pytest.mark.parametrize("command", [drift.main, lint.main])
def test_deep_yaml_is_refused(command, levels, refused):
    text = "paths: " + "{a: " * levels + "1" + "}" * levels
    assert "nested too deep" in refused(text, command)


def test_deep_json_is_refused():
    with pytest.raises(DocumentError, match="nested too deep"):
        parse('{"a": ' * 300 + "1" + "}" * 300)


def test_operation_gone_is_the_gravest_change(library, written, capsys):
    library["paths"]["/v3/introspect/historical_pulls"] = library["paths"].pop(PATH)
    library["paths"]["/v2/labs"] = {"get": {"responses": {}}}
    assert drifted(written(library), "--format", "json") == 4
    summary = json.loads(capsys.readouterr().out)
    assert summary["class"] == "breaking"
    assert summary["changes"][0]["places"] == [f"GET {PATH}"]
    assert "most similar is GET /v3/introspect/historical_pulls" in summary["changes"][0]["what"]


def test_operation_gone_without_a_like_one_is_said(library, written, capsys):
    library["paths"] = {"/q": {"put": {"responses": {}}}}
    assert drifted(written(library)) == 4
    assert f"GET {PATH} (request): operation gone; look for" in capsys.readouterr().out


def test_operation_gone_is_found_however_its_method_is_spelled(library):
    listed = [f"get {PATH}"]
    _, changes, missing = drift.compared(library, {**library, "paths": {}}, listed)
    assert missing == listed
    assert changes[0].what == "operation gone"


@pytest.mark.parametrize("layout", ["text", "json", "markdown"])
def test_control_characters_do_not_reach_a_terminal(layout, library, written, capsys):
    schema = library["components"]["schemas"]["LoanDates"]
    schema["properties"]["a\x1b[31m\x9b\u202eb"] = {"type": "string"}
    library["info"]["version"] = "1\x1b[2J"
    library["paths"][PATH]["get"]["operationId"] = "x\x07\n# y"
    assert drifted(written(library), "--format", layout) == 0
    out, _ = capsys.readouterr()
    assert re.findall(r"[^\n]", out) == [one for one in out if one.isprintable()]
    assert not any(line.startswith("# y") for line in out.splitlines())


@pytest.mark.parametrize("command", [drift.main, slicing.main])
def test_control_characters_of_an_error_do_not_either(command, library, refused):
    library["components"]["schemas"]["\x1b[31m"] = 1
    operation(library)["parameters"][0]["schema"] = {"$ref": "#/components/schemas/\x1b[31m"}
    assert "\\u001b" in refused(library, command)


def test_printable_text_stays_as_it_is():
    assert printable("GET /x → 200: é\n") == "GET /x → 200: é\n"


@pytest.mark.parametrize("text", ["\x1b", "\x9b", "\u202e", "\U000e0001"])
def test_escaped_text_is_the_same_in_json(text):
    assert json.loads(f'"{printable(text)}"') == text
    assert printable(text).isascii()


def test_key_that_is_no_string_is_named(library):
    dates = library["components"]["schemas"]["LoanDates"]
    dates["properties"][1] = {"type": "string"}
    with pytest.raises(SliceError, match="LoanDates/properties/1: the key 1 is not"):
        sliced_text(dumps(library), OPERATIONS)
