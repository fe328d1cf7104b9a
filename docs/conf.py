"""Settings of Sphinx for ``make docs``."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from junction_introspect import __version__  # noqa: E402 - after the path

project = "junction-introspect"
author = "the junction-introspect contributors"
version = release = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "docs.site",
]
exclude_patterns = ["site", "requirements.txt"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_use_unqualified_type_names = True
maximum_signature_line_length = 88
add_module_names = False
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
# `name` in a docstring is a link where there is something of that name.
default_role = "py:obj"

# Every name of ours has to be found. Those of Python and of other packages are links only online.
nitpick_ignore_regex = [("py:obj", ".*"), ("py:.*", r"(?!junction_).*")]
if os.environ.get("DOCS_ONLINE"):
    extensions.append("sphinx.ext.intersphinx")
    intersphinx_mapping = {"python": ("https://docs.python.org/3", None)}

html_theme = "furo"
html_title = f"{project} {version}"
# Private types that public signatures name; what they are is said where they are used.
nitpick_ignore_regex += [
    ("py:class", rf".*\.{name}") for name in ("AsyncItems", "Items", "Column", "Secret", "Hooks", "Backfill")
]
