"""Holds a server to the contract (extra `contract`): the specification, and what no schema can say.

    report = check_server("https://gateway.example.com", key, considerate=True)
    for finding in report.of(State.BROKEN):
        print(finding)

Two layers: schemathesis runs all its phases and checks against the specification, and `PROMISES`
has the rest. The server may be the vendor's, a gateway in front of it, or a mock in any language;
an ASGI application is checked in process.
"""

from __future__ import annotations

from junction_introspect._extras import extra_of

with extra_of(__name__):
    from junction_introspect.contract.promises import PROMISES, Promise
    from junction_introspect.contract.reports import write_reports
    from junction_introspect.contract.suite import (
        EXAMPLES,
        Finding,
        Report,
        State,
        check_server,
    )

__all__ = [
    "EXAMPLES",
    "PROMISES",
    "Finding",
    "Promise",
    "Report",
    "State",
    "check_server",
    "write_reports",
]
