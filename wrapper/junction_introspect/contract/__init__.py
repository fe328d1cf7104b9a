"""Checks a server against the contract (extra `contract`): the specification, and our promises.

    report = check_server("https://gateway.example.com", key, considerate=True)
    for finding in report.of(State.BROKEN):
        print(finding)

schemathesis runs all its phases and checks against the specification. `PROMISES` has what a schema
cannot express. The server may be the vendor's, a gateway in front of it, or a mock in any language;
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
