"""YAML that was read once in a process is not parsed again: thousands of tests read the same."""

from __future__ import annotations

import pickle
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from openapi import documents


@contextmanager
def read_once():
    """Have `openapi.documents` remember what it has read as plain data, by its text.

    Every reader gets a copy of its own, in a twentieth of the time.
    """
    read, known = documents._read, {}

    def remembered(yaml, source, *name):
        if "safe" not in yaml.typ:
            return read(yaml, source)
        try:
            text = source.read_bytes() if isinstance(source, Path) else source
        except OSError:
            return read(yaml, source, *name)  # which says so
        if text not in known:
            document = read(yaml, source, *name)
            try:
                known[text] = pickle.dumps(document)
            except RecursionError:
                return document
        return pickle.loads(known[text])  # noqa: S301 - what was pickled above

    with patch.object(documents, "_read", remembered):
        yield
