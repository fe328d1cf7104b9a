"""The spec pipeline: vendor document → overlay → lint → generated client.

Development tooling only; nothing here is shipped. Each module is a few pure functions with a
command-line face: ``python -m openapi.overlay``, ``python -m openapi.lint``,
``python -m openapi.generate``.
"""
