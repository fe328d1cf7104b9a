"""Settings of Sphinx for ``make docs``."""

import os

from junction_introspect import __version__

project = "junction-introspect"
version = release = __version__
language = "en"
smartquotes = False  # quotes in types stay as they are written

extensions = [
    "docs.site",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["site", "requirements.txt"]

myst_heading_anchors = 3

autodoc_member_order = "bysource"
maximum_signature_line_length = 88
python_use_unqualified_type_names = True
add_module_names = False
napoleon_numpy_docstring = False
# `name` in a docstring is a link if something has that name.
default_role = "py:obj"

nitpick_ignore_regex = [
    ("py:obj", ".*"),
    # Python's names and those of other packages: links only online.
    ("py:.*", r"(?!junction_).*"),
    # Private types in public signatures: what they are is said where they are used.
    ("py:class", r".*\.(Api|AsyncItems|Backfill|Column|Files|Hooks|Items|Secret)"),
    # A generic type that autodoc cuts in two at a comma.
    ("py:class", r"junction_introspect\.Operation\[.*"),
]
if os.environ.get("DOCS_ONLINE"):
    extensions.append("sphinx.ext.intersphinx")
    intersphinx_mapping = {"python": ("https://docs.python.org/3", None)}

linkcheck_anchors = False  # pages that are made by scripts have none to find
linkcheck_ignore = [r"http://127\.0\.0\.1.*", r"https://api\..*junction\.com.*"]

copybutton_prompt_text = "$ "  # copies the commands without their output

html_theme = "furo"
html_title = project
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_use_index = False  # its table is wider than a page, and the search finds every name
html_static_path = ["site/static"]
html_css_files = ["site.css"]
