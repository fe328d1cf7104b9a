"""Makes a report to forward: one HTML file that says how backfills are doing and who has to act.

    from junction_introspect import report

    page = report.render(report.build(junction.historical_pulls().rows(), datetime.now(UTC)))

Needs the extra `report` (jinja2). The page loads nothing from the network. It contains one short
script, and shows everything without it too. It contains no user ids unless they are asked for:
that somebody's heart rate was pulled is health data.
"""

from junction_introspect._extras import extra_of

with extra_of(__name__):
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
