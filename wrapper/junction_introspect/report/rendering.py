"""Renders a report as one HTML file."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from math import ceil
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from junction_api import SPEC_VERSION
from junction_introspect._texts import counted
from junction_introspect._version import __version__
from junction_introspect.report import charts, wording
from junction_introspect.report.values import Report
from junction_introspect.tracking import STATES
from junction_introspect.tracking.text import at, in_words

_THOUSAND: Final = 1_000
_TEN: Final = 10
_UNITS: Final = (86_400, 3_600, 60)  # a day, an hour, a minute, in seconds


def render(report: Report) -> str:
    """Return a report as one HTML file without network access, fonts, or foreign scripts.

    The page's content security policy allows only its own style and script, by their hashes. All
    values from the server are escaped.

    Args:
        report: What `build` returned.
    """
    return _template().render(
        report=report,
        charts=charts,
        wording=wording,
        states=STATES,
        version=__version__,
        specification=SPEC_VERSION,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("junction_introspect.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {
        "breakable": _breakable,
        "compact": _compact,
        "count": "{:,}".format,
        "counted": counted,
        "length_of_time": _length,
        "moment": _moment,
        "tenths": _tenths,
        "words": in_words,
    }
    environment.filters.update(filters)
    style, script = (_asset(environment, name) for name in ("style.css", "page.js"))
    constants = {
        "shade": charts.shade,
        "style": Markup(style),  # noqa: S704 - our own files
        "script": Markup(script),  # noqa: S704 - our own files
        "style_hash": _hash(style),
        "script_hash": _hash(script),
    }
    return environment.get_template("report.html.jinja", globals=constants)


def _asset(environment: Environment, name: str) -> str:
    assert environment.loader is not None  # noqa: S101 - `_template` sets it
    text, _, _ = environment.loader.get_source(environment, name)
    return text.replace("\r\n", "\n")  # browsers normalise line ends before they take the hash


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _breakable(name: str) -> Markup:
    """Allow line breaks after the underscores of a name; browsers do not break there by default."""
    return Markup("_<wbr>").join(escape(part) for part in name.split("_"))


def _compact(number: int) -> str:
    """Return a count in about four characters: ``"999"``, ``"1.2k"``, ``"37k"``, ``"1.2M"``."""
    size = float(number)
    for unit in ("", "k", "M"):
        if size < _THOUSAND:
            return f"{size:.1f}{unit}" if unit and size < _TEN else f"{int(size)}{unit}"
        size /= _THOUSAND
    return f"{int(size)}G"


def _length(seconds: float) -> str:
    """Return a rough duration, rounded up, so that "took under this" stays true."""
    unit = next((unit for unit in _UNITS if seconds >= _TEN * unit), 1)
    return in_words(timedelta(seconds=ceil(seconds / unit) * unit))


def _tenths(tenths: int) -> str:
    """Return tenths of a percent as text: ``"91.3 %"``; ``"0 %"`` and ``"100 %"`` when exact."""
    whole, rest = divmod(tenths, _TEN)
    return f"{whole}\u00a0%" if tenths == _THOUSAND or not tenths else f"{whole}.{rest}\u00a0%"


def _moment(moment: datetime) -> str:
    """Return a time to the minute; the page says that its times are in UTC."""
    return at(moment).removesuffix(" UTC")
