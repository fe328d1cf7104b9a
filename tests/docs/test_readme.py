"""What the README shows, runs; what it lists, is complete."""

import re
from pathlib import Path

import pytest

import junction_introspect
from junction_introspect import errors
from junction_introspect.environments import Environment
from junction_introspect.mock import MockServer, Population

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
TESTS = [block for block in BLOCKS if block.startswith("def test_")]
EXAMPLES = [block for block in BLOCKS if block not in TESTS]


def test_readme_has_an_example():
    assert EXAMPLES
    assert TESTS


# What an example must say; by a word that only that example has.
SAID = {
    "is still": ("is still", "needs somebody to act"),
    "explain(": ("user", "Ask "),
    "stuck(": ("states=Counter(", "would be long"),
    "follow(": ("appeared", "success"),
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_runs_as_it_stands(example, monkeypatch, capsys):
    # What is followed settles in no time by a clock this fast.
    speed = 1e6 if "follow(" in example else 0
    with MockServer(Population(60, seed=1), api_key="sk_us_mock", speed=speed) as server:
        monkeypatch.setenv("JUNCTION_API_KEY", server.api_key)
        monkeypatch.setenv("JUNCTION_BASE_URL", server.url)
        exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - the README's own code

    (expected,) = (texts for word, texts in SAID.items() if word in example)
    said = capsys.readouterr().out
    assert all(text in said for text in expected)


@pytest.mark.parametrize("example", TESTS)
def test_example_of_a_test_passes(example, junction_mock, junction):
    names = {}
    exec(compile(example, "README.md", "exec"), names)  # noqa: S102 - as above
    (test,) = [value for name, value in names.items() if name.startswith("test_")]
    test(junction_mock, junction)


def test_table_of_errors_is_complete():
    listed = set(re.findall(r"^\| `(\w+Error)` \|", README, flags=re.MULTILINE))
    public = {
        name
        for name in junction_introspect.__all__
        if name.endswith("Error") and name not in {"JunctionError", "APIError"}
    }

    assert listed == public


def test_table_of_errors_tells_the_statuses():
    for status in (401, 403, 404, 422, 429):
        name = errors.error_class(status).__name__
        assert re.search(rf"^\| `{name}` \| {status}\b", README, flags=re.MULTILINE)


def test_table_of_environments_is_that_of_the_code():
    for environment in Environment:
        row = f"| `{environment}` | `{environment.base_url}` | `{environment.key_prefix}…` |"
        assert row in README


def test_public_names_are_sorted_and_exist():
    names = junction_introspect.__all__

    assert len(set(names)) == len(names)
    assert all(hasattr(junction_introspect, name) for name in names)


def test_error_tree_in_the_docs_is_that_of_the_classes():
    drawn = re.findall(r"^ *[│├└─ ]*(\w+Error)\b", errors.__doc__, flags=re.MULTILINE)
    defined = [
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.JunctionError)
    ]

    assert sorted(drawn) == sorted(defined)
