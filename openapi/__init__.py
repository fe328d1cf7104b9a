"""The spec pipeline: vendor document → slice → overlay → lint → generated client.

Development tooling only; none of it is shipped. Each module has a few pure functions and a
command: ``python -m openapi.slice``, ``.diff``, ``.drift``, ``.overlay``, ``.lint``, ``.generate``,
and ``.bump``, which runs all of them in turn. ``openapi.diff`` compares two versions.
"""
