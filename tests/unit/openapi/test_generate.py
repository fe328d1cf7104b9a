from __future__ import annotations

import ast
import importlib.util
import json
import re
import runpy
import shutil
import sys
import typing
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import msgspec
import pytest

import junction_api
from junction_api import models
from junction_api.types import UNSET
from openapi import generate, package_check, refusals
from openapi.documents import JUNCTION, SPEC, load, load_plain
from openapi.generate import (
    GenerateError,
    check,
    differences,
    main,
)

pytestmark = pytest.mark.any_specification

COMMITTED = generate.ROOT / "generated" / "junction_api"
FINE = {"type": "string"}


TIMELINE = {"scheduled_at": "2023-10-24T13:52:51Z"}
USER_ID = "0b6ab5a4-6a62-4d31-a4f8-8a1e4bd7c9d1"


def statistics(**fields):
    return {
        "status": "success",
        "timeline": TIMELINE,
        "release": "1",
        **fields,
    }


def page(**pulled):
    user = {"user_id": USER_ID, "provider": {"fitbit": {"pulled": pulled, "not_pulled": []}}}
    return {"data": [user], "next_cursor": None}


def contents(folder):
    """Return what stands in a folder, whatever running or checking it has left there."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not set(path.parts) & set(generate._CACHES)
    }


def copy_committed(_spec, output):
    shutil.copytree(COMMITTED, output, ignore=shutil.ignore_patterns(*generate._CACHES))


def document(version="1", title="T", **schemas):
    content = {"schema": {"$ref": f"#/components/schemas/{next(iter(schemas))}"}}
    response = {"description": "d", "content": {"application/json": content}}
    operation = {"operationId": "get_it", "tags": ["it"], "responses": {"200": response}}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": {"/it": {"get": operation}},
        "components": {"schemas": schemas},
    }


def written(parts, folder):
    path = folder / "spec.yaml"
    path.write_text(json.dumps(parts), encoding="utf-8")
    return path


def generated(parts, folder):
    output = folder / "junction_api"
    generate.generate(written(parts, folder), output)
    return output


def unchecked(parts, folder):
    output = folder / "junction_api"
    generate.write(parts, output)
    return output


def imported(folder, name):
    # Under another name, which its relative imports allow: junction_api is imported already.
    source = folder / "__init__.py"
    spec = importlib.util.spec_from_file_location(
        name, source, submodule_search_locations=[str(folder)]
    )
    package = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    return package


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory):
    """Return the folder that the vendor's document has been generated into."""
    folder = tmp_path_factory.mktemp("regenerated")
    arguments = ["--spec", str(folder / "spec.yaml"), "--root", str(folder / "generated")]
    assert main(arguments) == 0
    return folder


def test_regenerating_into_nothing_gives_the_committed_package(regenerated):
    assert contents(regenerated / "generated") == {
        f"junction_api/{path}": content for path, content in contents(COMMITTED).items()
    }


def test_regenerating_gives_the_committed_spec(regenerated):
    assert (regenerated / "spec.yaml").read_bytes() == SPEC.read_bytes()


def test_package_is_typed(regenerated):
    assert (regenerated / "generated" / "junction_api" / "py.typed").is_file()


def test_package_knows_the_version_of_its_document():
    version = load(JUNCTION)["info"]["version"]
    assert version == junction_api.SPEC_VERSION


@pytest.fixture
def place(tmp_path):
    """Return a folder with a spec and a generated package, both fresh."""
    shutil.copyfile(SPEC, tmp_path / "spec.yaml")
    copy_committed(None, tmp_path / "generated" / "junction_api")
    return tmp_path


@pytest.fixture
def empty_overlay(tmp_path):
    path = tmp_path / "empty.yaml"
    path.write_text("actions: []", encoding="utf-8")
    return str(path)


@pytest.fixture
def quick(monkeypatch):
    """Replace the generator by one that always gives the committed package."""
    monkeypatch.setattr(generate, "generate", copy_committed)


def run(place, *options):
    return main(["--spec", str(place / "spec.yaml"), "--root", str(place / "generated"), *options])


@pytest.mark.usefixtures("quick")
def test_check_is_silent_about_what_is_fresh(place, capsys):
    assert run(place, "--check") == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("quick")
def test_check_of_the_repository_needs_no_arguments(capsys):
    assert main(["--check"]) == 0
    assert capsys.readouterr() == ("", "")


def spoil(place):
    package = place / "generated" / "junction_api"
    (package / "models" / "labs.py").write_text("stale", encoding="utf-8")
    (package / "models" / "providers.py").unlink()
    (package / "api" / "extra.py").write_text("extra", encoding="utf-8")
    (package / "errors.py").unlink()
    (package / "errors.py").mkdir()
    (place / "spec.yaml").write_text("stale", encoding="utf-8")


@pytest.mark.usefixtures("quick")
def test_check_names_what_is_stale_missing_or_too_much(place, capsys):
    spoil(place)
    assert run(place, "--check") == 1
    out, err = capsys.readouterr()
    package = place / "generated" / "junction_api"
    paths = ["models/labs.py", "models/providers.py", "api/extra.py", "errors.py"]
    assert out == ""
    assert sorted(err.splitlines()) == sorted(
        f"generate: {path} is stale; run `make generate`"
        for path in [*(package / path for path in paths), place / "spec.yaml"]
    )


@pytest.mark.usefixtures("quick")
def test_check_changes_nothing(place):
    spoil(place)
    before = contents(place)
    run(place, "--check")
    assert contents(place) == before


@pytest.mark.usefixtures("quick")
def test_check_names_what_is_not_there_at_all(tmp_path, capsys):
    assert run(tmp_path, "--check") == 1
    assert capsys.readouterr().err.splitlines() == [
        f"generate: {path} is stale; run `make generate`"
        for path in (tmp_path / "generated" / "junction_api", tmp_path / "spec.yaml")
    ]
    assert contents(tmp_path) == {}


@pytest.mark.usefixtures("quick")
def test_check_passes_over_caches(place, capsys):
    cache = place / "generated" / "junction_api" / "models" / "__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / "labs.pyc").write_bytes(b"")
    assert run(place, "--check") == 0
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("quick")
def test_regenerating_repairs_whatever_was_done(place, capsys):
    spoil(place)
    assert run(place) == 0
    assert contents(place / "generated" / "junction_api") == contents(COMMITTED)
    assert (place / "spec.yaml").read_bytes() == SPEC.read_bytes()
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("quick")
def test_regenerating_leaves_other_packages_alone(place):
    other = place / "generated" / "other.py"
    other.write_text("", encoding="utf-8")
    assert run(place) == 0
    assert other.is_file()


def test_content_is_compared_where_size_and_time_agree(tmp_path):
    left, right = tmp_path / "left", tmp_path / "right"
    for folder, text in ((left, "one"), (right, "two")):
        folder.mkdir()
        (folder / "file.py").write_text(text, encoding="utf-8")
    shutil.copystat(left / "file.py", right / "file.py")
    assert list(differences(left, right)) == [str(right / "file.py")]


@pytest.mark.parametrize(
    ("option", "content", "reason"),
    [
        ("--junction", None, "{path}: No such file or directory"),
        ("--overlay", None, "{path}: No such file or directory"),
        ("--junction", "a: [1", "{path}, line 1: not YAML: expected ',' or ']'"),
        ("--overlay", "a: [1", "{path}, line 1: not YAML: expected ',' or ']'"),
        ("--junction", "a: 1", "action 1 (An enum must not list a value twice"),
        ("--overlay", "actions: [{target: $.nope, remove: true}]", "action 1 (no reason) matches"),
    ],
)
def test_failure_is_one_line_and_changes_nothing(option, content, reason, place, capsys):
    path = place / "input.yaml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    before = contents(place)
    assert run(place, option, str(path)) == 1
    out, err = capsys.readouterr()
    assert err.startswith(f"generate: {reason.format(path=path)}")
    assert (out, err.count("\n")) == ("", 1)
    assert contents(place) == before


def test_document_with_a_defect_changes_nothing(place, empty_overlay, capsys):
    before = contents(place)
    assert run(place, "--overlay", empty_overlay) == 1
    assert '/Resource/enum: duplicate value "hrv"' in capsys.readouterr().err
    assert contents(place) == before


@pytest.mark.parametrize("content", ["{}", "info: {1: one}", "{properties: 1}"])
def test_document_that_is_no_openapi_document_is_refused(content, place, empty_overlay, capsys):
    junction = place / "junction.yaml"
    junction.write_text(content, encoding="utf-8")
    assert run(place, "--junction", str(junction), "--overlay", empty_overlay) == 1
    assert capsys.readouterr().err.startswith("generate: /")


def test_failing_generator_changes_nothing(place, capsys, monkeypatch):
    def fail(spec, output):
        copy_committed(spec, output)
        raise GenerateError("it failed")

    monkeypatch.setattr(generate, "generate", fail)
    before = contents(place)
    assert run(place) == 1
    assert capsys.readouterr() == ("", "generate: it failed\n")
    assert contents(place) == before


@pytest.mark.parametrize(
    "name",
    [
        *("from", "class", "None"),
        *("clia_#", "two words", "dashed-name", "1st", "", "$ref"),
        *("_hidden", "__class__", "self", "from_dict", "to_dict", "mro"),
        *("list", "str", "datetime", "UUID"),
        pytest.param("\N{LATIN SMALL LIGATURE FI}", id="ligature"),
        "x: int = __import__('os').system('true')",
        "x\n    y",
        '"""',
    ],
)
def test_property_that_no_field_can_bear_is_named_with_its_model(name):
    (found,) = refusals.unmodellable(document(Lab={"properties": {name: FINE}}))
    assert found.place == ("components", "schemas", "Lab", "properties", name)
    assert found.reason == f"{name!r} cannot name a field"
    assert len(str(found).splitlines()) == 1
    assert str(found).isprintable()


@pytest.mark.parametrize(
    "name", ["next", "id", "type", "camelCase", "match", "größe", "date", "properties", "example"]
)
def test_property_that_a_field_can_bear_passes(name):
    assert list(refusals.unmodellable(document(Lab={"properties": {name: FINE}}))) == []


@pytest.mark.parametrize("name", ["example", "examples", "properties", "default", "enum"])
def test_code_cannot_hide_below_a_name(name):
    # Names are not quoted in the code of a model: what slips through here is run.
    code = "x: int = __import__('os').system('true')  #"
    deep = {"properties": {name: {"properties": {code: FINE}}}}
    (found,) = refusals.unmodellable(document(**{name: deep}))
    expected = ("components", "schemas", name, "properties", name, "properties", code)
    assert found.place == expected


@pytest.mark.parametrize("word", ["example", "default", "const", "x-vendor"])
def test_names_within_data_are_free(word):
    schema = {word: {"properties": {"no field": 1}}}
    assert list(refusals.unmodellable(document(Lab=schema))) == []


def test_property_that_no_field_can_bear_stops_the_command(place, empty_overlay, capsys):
    parts = document(Lab={"type": "object", "properties": {"from": FINE, "clia_#": FINE}})
    junction = place / "junction.json"
    junction.write_text(json.dumps(parts), encoding="utf-8")
    before = contents(place)
    assert run(place, "--junction", str(junction), "--overlay", empty_overlay) == 1
    where, action = "/components/schemas/Lab/properties", "$.components.schemas.Lab.properties"
    would_do = "cannot name a field; to fix it in the overlay: target:"
    assert capsys.readouterr().err.splitlines() == [
        f"generate: {where}/from: 'from' {would_do} {action}.from, remove: true",
        f"{where}/clia_#: 'clia_#' {would_do} {action}['clia_#'], remove: true",
    ]
    assert contents(place) == before


def test_warning_of_the_generator_is_a_failure(tmp_path):
    parts = document(Mixed={"enum": ["one", 2]})
    with pytest.raises(GenerateError, match=r"Enum values must all be the same type"):
        generated(parts, tmp_path)


@pytest.fixture
def undecodable(tmp_path):
    root = tmp_path / "root"
    (root / "junction_api" / "models").mkdir(parents=True)
    (root / "junction_api" / "__init__.py").touch()
    (root / "junction_api" / "models" / "__init__.py").write_text(
        "__all__ = ('Good', 'Bad', 'Worse')\nGood = int\nBad = 1\nWorse = list[int] | set[int]\n",
        encoding="utf-8",
    )
    return root


def test_every_model_without_a_decoder_is_named(undecodable):
    first, second = check(str(undecodable), [])
    assert first.startswith("Bad: msgspec cannot decode it: ")
    assert second.startswith("Worse: msgspec cannot decode it: ")


def test_packages_are_told_apart_wherever_another_stands(undecodable, tmp_path, monkeypatch):
    fine = tmp_path / "fine"
    shutil.copytree(COMMITTED, fine / "junction_api")
    monkeypatch.chdir(COMMITTED.parent)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        roots = map(str, (fine, undecodable, fine))
        assert [*map(len, pool.map(package_check.check, roots, [[]] * 3))] == [0, 2, 0]


def test_package_that_cannot_be_imported_is_told(tmp_path):
    (tmp_path / "junction_api").mkdir()
    (tmp_path / "junction_api" / "models.py").write_text("no python", encoding="utf-8")
    (tmp_path / "junction_api" / "__init__.py").touch()
    (line,) = check(str(tmp_path), [])
    assert line.startswith("the package cannot be imported: SyntaxError")


def test_checking_leaves_no_caches(undecodable, monkeypatch):
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    before = sorted(undecodable.rglob("*"))
    check(str(undecodable), [])
    assert sorted(undecodable.rglob("*")) == before


LISTING = "api.introspect.list_historical_pulls"


ARRIVED = [
    ({"data": []}, {"data": []}, "ValidationError: Object missing required field"),
    (page(), {**page(), "more": 1}, r"\$: the keys \['more'\] are lost or added"),
    ({**page(), "more": 1}, page(), None),
    (page(), {**page(), "next_cursor": "c"}, r"\$\.next_cursor: 'c' becomes None"),
    (page(), {**page(), "data": []}, r"\$\.data: 0 items become 1"),
]


def test_answer_that_does_not_arrive_as_it_was_is_told():
    answers = [
        {"module": LISTING, "status": 200, "seed": 7 + place, "body": json.dumps(body)}
        | {"expected": expected}
        for place, (body, expected, _) in enumerate(ARRIVED)
    ]
    wanted = [
        f"{LISTING}, status 200, document {7 + place}: .*{told}"
        for place, (*_, told) in enumerate(ARRIVED)
        if told is not None
    ]
    lines = check(str(COMMITTED.parent), answers)
    for line, pattern in zip(lines, wanted, strict=True):
        assert re.match(pattern, line)


def test_module_is_the_command(monkeypatch, capsys, tmp_path):
    missing = tmp_path / "none.yaml"
    monkeypatch.setattr(sys, "argv", ["generate", "--junction", str(missing)])
    monkeypatch.delitem(sys.modules, "openapi.generate")
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("openapi.generate", run_name="__main__")
    assert caught.value.code == 1
    assert capsys.readouterr().err == f"generate: {missing}: No such file or directory\n"


VERSION = '9.9.9"'


@pytest.fixture(scope="module")
def payloads(tmp_path_factory):
    """Return texts that break out of careless quotes, and the file that they would then leave."""
    marker = tmp_path_factory.mktemp("marker") / "run"
    code = f"open({str(marker)!r}, 'w')"
    return marker, [
        f'"""\n{code}\n"""',
        f'\\"""\n{code}\n#',
        f"'''\n{code}\n'''",
        f'"]\n{code}\n#',
        f"']\n{code}\n#",
        f") -> None:\n    pass\n{code}\n",
        f"x: int = {code}",
        f"\r\n    {code}\n",
        f"{{{{ {code} }}}}{{% raw %}}",
        f"{{{code}}}",
        f"$(touch {marker})",
        f"a very long word {'w' * 90}\\",
        '""',
        "\\",
        "ends in a quote '\"",
        "\x00\x1b[31m\u2028",
    ]


@pytest.fixture(scope="module")
def hostile(payloads, tmp_path_factory, at_length):
    """Return the package generated from a document that has a payload wherever text may stand.

    In `make proof` it is formatted and its types are checked as well.
    """
    _, texts = payloads
    schemas = {
        f"Hostile{number}": {
            "type": "object",
            "title": f"{text}/Hostile{number}",
            "description": text,
            "properties": {
                "described": {"type": "string", "title": text, "description": text},
                "listed": {"type": "string", "enum": [text, "fine"], "title": "Listed"},
                "constant": {"const": text},
                "preset": {"type": "string", "default": text},
            },
        }
        for number, text in enumerate(texts)
    }
    schemas |= {
        "Level": {"type": "integer", "enum": [3, 1, 2], "title": "Level"},
        "Levels": {
            "type": "object",
            "title": "Levels",
            "additionalProperties": {"$ref": "#/components/schemas/Level"},
        },
        "Anything": {"type": "object", "title": "Anything"},
        "Node": {
            "type": "object",
            "title": "Node",
            "required": ["next", "camelCase"],
            "properties": {
                "next": {"anyOf": [{"$ref": "#/components/schemas/Node"}, {"type": "null"}]},
                "camelCase": {"$ref": "#/components/schemas/Level"},
                "levels": {"$ref": "#/components/schemas/Levels"},
            },
        },
    }
    parts = document(VERSION, title=texts[0], **schemas)
    operation = parts["paths"]["/it"]["get"]
    operation |= {"summary": texts[0], "description": texts[1], "tags": [texts[2]]}
    operation["parameters"] = [
        {
            "name": f"{text}{number}",
            "in": "query",
            "description": text,
            "schema": {"type": "string", "default": text},
        }
        for number, text in enumerate(texts)
    ]
    folder = at_length(unchecked, generated)(parts, tmp_path_factory.mktemp("hostile"))
    before = set(sys.modules)
    imported(folder, "hostile_api")
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder).with_suffix("").parts
        importlib.import_module(".".join(("hostile_api", *parts)).removesuffix(".__init__"))
    yield folder
    for name in set(sys.modules) - before:
        if name.partition(".")[0] == "hostile_api":
            del sys.modules[name]


@pytest.fixture(scope="module")
def hostile_models(hostile):
    assert hostile.is_dir()
    return sys.modules["hostile_api.models"]


@pytest.mark.proof
@pytest.mark.usefixtures("hostile")
def test_text_of_the_document_is_not_run(payloads):
    marker, _ = payloads
    assert not marker.exists()


def test_text_of_the_document_is_never_code(hostile):
    # The generated code has no use for it itself.
    for path in hostile.rglob("*.py"):
        names = {
            node.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Name)
        }
        assert "open" not in names, path


def test_values_of_an_enum_arrive_in_the_code_unchanged(payloads, hostile_models):
    _, texts = payloads
    for number, text in enumerate(texts):
        listed = sys.modules[f"hostile_api.models.hostile_{number}_listed"]
        assert getattr(listed, f"HOSTILE_{number}_LISTED_VALUES") == {text, "fine"}
        assert getattr(hostile_models, f"Hostile{number}Listed") is str


@pytest.mark.usefixtures("hostile")
def test_version_of_the_document_is_quoted():
    assert sys.modules["hostile_api"].SPEC_VERSION == VERSION


def test_type_checker_takes_any_integer_for_an_enum_of_integers(hostile):
    code = (hostile / "models" / "level.py").read_text(encoding="utf-8")
    assert "    Level: TypeAlias = KnownLevel | int\n" in code


def test_enum_may_be_of_integers(hostile_models):
    values = sys.modules["hostile_api.models.level"].LEVEL_VALUES
    assert hostile_models.Level is int
    assert values == frozenset({1, 2, 3})
    assert hostile_models.Node.from_dict({"next": None, "camelCase": 9}).camelCase == 9


def test_model_with_nothing_but_additional_properties_is_a_dict(hostile_models):
    assert hostile_models.Levels == dict[str, int]
    assert hostile_models.Anything == dict[str, typing.Any]


def test_wire_names_are_the_names_of_fields(hostile_models):
    wire = {"next": {"next": None, "camelCase": 1}, "camelCase": 2, "levels": {"any": 3}}
    node = hostile_models.Node.from_dict(wire)
    assert (node.next.camelCase, node.camelCase, node.levels) == (1, 2, {"any": 3})
    assert node.to_dict() == wire


@pytest.mark.parametrize(
    ("schema", "module", "name"),
    [
        ("Providers", "providers", "PROVIDERS"),
        ("Labs", "labs", "LABS"),
        ("Resource", "client_facing_resource", "CLIENT_FACING_RESOURCE"),
        ("HistoricalPullStatus", "historical_pull_status", "HISTORICAL_PULL_STATUS"),
    ],
)
def test_known_values_of_an_enum_are_those_of_the_spec(schema, module, name):
    values = getattr(sys.modules[f"junction_api.models.{module}"], f"{name}_VALUES")
    assert isinstance(values, frozenset)
    assert values == set(load_plain(SPEC)["components"]["schemas"][schema]["enum"])


def test_enum_is_str_at_run_time():
    assert {models.Providers, models.Labs, models.HistoricalPullStatus} == {str}


def test_unknown_values_in_a_page_stay_distinct():
    wire = page(sleep=statistics(status="paused"), hrv=statistics(status="archived"))
    decoded = models.UserHistoricalPullsResponse.from_dict(wire)
    pulled = decoded.data[0].provider["fitbit"].pulled
    assert [pulled[name].status for name in ("sleep", "hrv")] == ["paused", "archived"]
    assert decoded.to_dict() == wire


@pytest.mark.parametrize(
    "details", ["provider_unavailable", "retry_quota_exhausted", "never_heard_of", None]
)
def test_value_of_a_union_of_enums_survives(details):
    wire = statistics(error_details=details)
    decoded = models.SingleHistoricalPullStatistics.from_dict(wire)
    assert decoded.error_details == details
    assert decoded.to_dict() == wire


def test_absent_fields_are_unset_and_stay_absent():
    decoded = models.SingleHistoricalPullStatistics.from_dict(statistics())
    optional = ("range_start", "range_end", "days_with_data", "trace_id", "error_details")
    assert {getattr(decoded, name) for name in optional} == {UNSET}
    assert {decoded.timeline.started_at, decoded.timeline.ended_at} == {UNSET}
    assert decoded.to_dict() == statistics()


def test_null_is_not_absent():
    wire = statistics(range_start=None, trace_id=None)
    decoded = models.SingleHistoricalPullStatistics.from_dict(wire)
    assert (decoded.range_start, decoded.range_end) == (None, UNSET)
    assert decoded.to_dict() == wire


def test_absent_next_is_unset_and_stays_absent():
    decoded = models.UserHistoricalPullsResponse.from_dict(page())
    assert decoded.next is UNSET
    assert decoded.to_dict() == page()


def test_field_of_the_wrong_type_is_reported_with_its_path():
    wire = page(sleep=statistics(days_with_data="many"))
    with pytest.raises(msgspec.ValidationError, match=r"\$\.data\[0\]\.provider.*days_with_data"):
        models.UserHistoricalPullsResponse.from_dict(wire)


def test_json_decodes_into_a_model_directly():
    raw = json.dumps(page(sleep=statistics())).encode()
    decoded = msgspec.json.decode(raw, type=models.UserHistoricalPullsResponse)
    assert decoded == models.UserHistoricalPullsResponse.from_dict(json.loads(raw))
