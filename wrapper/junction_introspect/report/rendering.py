"""A report as one HTML file."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from math import ceil
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from junction_api import SPEC_VERSION
from junction_introspect._version import __version__
from junction_introspect.report import charts, wording
from junction_introspect.report.values import Report
from junction_introspect.tracking import STATES
from junction_introspect.tracking.states import in_utc
from junction_introspect.tracking.text import in_words

_THOUSAND: Final = 1_000
_TEN: Final = 10
_UNITS: Final = (86_400, 3_600, 60)  # a day, an hour, a minute, in seconds


def render(report: Report) -> str:
    """Return a report as one HTML file: no network, no fonts, no script but its own few lines.

    The page forbids itself everything else by a content security policy, which names its style and
    its script by their hashes. Everything of the server's is escaped.

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
        "count": _count,
        "counted": _counted,
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
    assert environment.loader is not None  # noqa: S101 - it was given
    text, _, _ = environment.loader.get_source(environment, name)
    return text.replace("\r\n", "\n")  # as a browser reads it before it takes the hash


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _breakable(name: str) -> Markup:
    """Let a name be broken after its underscores, which a browser would not do by itself."""
    return Markup("_<wbr>").join(escape(part) for part in name.split("_"))


def _count(number: int) -> str:
    return f"{number:,}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _compact(number: int) -> str:
    """Write a count in four characters or so: ``"999"``, ``"1.2k"``, ``"37k"``, ``"1.2M"``."""
    size = float(number)
    for unit in ("", "k", "M"):
        if size < _THOUSAND:
            return f"{size:.1f}{unit}" if unit and size < _TEN else f"{int(size)}{unit}"
        size /= _THOUSAND
    return f"{int(size)}G"


def _length(seconds: float) -> str:
    """Write a length of time roughly, rounded up: what took less, took less than this."""
    unit = next((unit for unit in _UNITS if seconds >= _TEN * unit), 1)
    return in_words(timedelta(seconds=ceil(seconds / unit) * unit))


def _tenths(tenths: int) -> str:
    """Write tenths of a percent: ``"91.3 %"``, and ``"100 %"`` for what is whole."""
    whole, rest = divmod(tenths, _TEN)
    return f"{whole}\u00a0%" if tenths == _THOUSAND or not tenths else f"{whole}.{rest}\u00a0%"


def _moment(moment: datetime) -> str:
    try:
        moment = in_utc(moment).astimezone(UTC)
    except OverflowError:  # in the first or the last hours that there are
        return moment.isoformat(" ", "minutes")
    return moment.replace(tzinfo=None).isoformat(" ", "minutes")
