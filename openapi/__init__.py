"""The spec pipeline: vendor document → slice → overlay → lint → generated client.

Development tooling only; nothing here is shipped. Each module is a few pure functions with a
command-line face: ``python -m openapi.slice``, ``.diff``, ``.drift``, ``.overlay``, ``.lint``,
``.generate``, and ``.bump`` for all of them in turn. ``openapi.diff`` compares two versions.
"""
