"""The documents that tests of the pipeline read; YAML is not parsed twice in a process."""

from __future__ import annotations

import pickle
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from openapi import documents

# A made-up document, which no bump replaces: the pipeline's own tests change it in many ways, and
# what they promise does not depend on the version in use.
LIBRARY = Path(__file__).with_name("library.yaml")
LIBRARY_OPERATIONS = Path(__file__).with_name("library-operations.yaml")


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
