"""Puts httpx2 in httpx's place in every Python process that has this folder in PYTHONPATH.

Python imports this before anything else. The alias goes in when httpx or httpcore is first
imported, and not at once: pytest refuses to rewrite plugins that have been imported before.
"""

import sys


class _OnFirstImport:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name not in {"httpx", "httpcore"}:
            return None
        sys.meta_path.remove(cls)
        import httpx2  # noqa: PLC0415 - see above

        httpx2.alias_httpx()
        # The first of them is now the one that knows the alias.
        return sys.meta_path[0].find_spec(name, path, target)


sys.meta_path.insert(0, _OnFirstImport)
