"""What the README and the public names promise; `test_pages` runs its blocks."""

import re

import pytest

import junction_introspect
from junction_introspect import errors
from tests.docs.pages import read

README = read("README.md")


@pytest.mark.parametrize(
    "target", ["demo", "test", "contract", "bump", "drift", "generate", "docs"]
)
def test_readme_names_the_commands_of_the_repository(target):
    assert re.search(rf"\bmake {target}\b", README)


def test_readme_can_be_read_in_two_minutes():
    assert len(re.sub(r"!\[.*?\)", "", README).split()) < 1000


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
