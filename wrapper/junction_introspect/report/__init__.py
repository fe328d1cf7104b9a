"""A report to forward: one HTML file that says how the backfills stand and who has to act.

    from junction_introspect import report

    page = report.render(report.build(junction.historical_pulls().rows(), datetime.now(UTC)))

Needs the extra `report` (jinja2). The page asks no network for anything, runs one short script of
its own, and reads as well without it. User ids do not stand in it unless they are asked for: that
somebody's heart rate was pulled is health data.
"""

from junction_introspect.report.building import build
from junction_introspect.report.pseudonyms import Pseudonyms
from junction_introspect.report.rendering import render
from junction_introspect.report.values import (
    Action,
    Bin,
    Course,
    ErrorCount,
    HeatBlock,
    HeatMap,
    Report,
    Share,
)
from junction_introspect.report.wording import CONCERNS, Concern

__all__ = [
    "CONCERNS",
    "Action",
    "Bin",
    "Concern",
    "Course",
    "ErrorCount",
    "HeatBlock",
    "HeatMap",
    "Pseudonyms",
    "Report",
    "Share",
    "build",
    "render",
]
