"""`make mutants-contract`: every mutant's trial, the unbroken mock's, and the table."""

# ruff: noqa: T201  a command-line face prints

from __future__ import annotations

import sys
import time
from uuid import uuid4

from junction_introspect.contract.suite import State, check_server
from junction_introspect.mock import create_app
from tests.contract.mutants import MUTANTS
from tests.contract.mutants.table import PLACE, rendered
from tests.contract.mutants.trial import POPULATION, caught_by


def main() -> int:
    """Print who caught whom, and return 0 when everybody was caught and the innocent was not."""
    began = time.monotonic()
    escaped = 0
    for mutant in MUTANTS.values():
        start = time.monotonic()
        caught = caught_by(mutant)
        escaped += mutant.check not in caught
        verdict = "caught" if mutant.check in caught else "ESCAPED"
        others = ", ".join(sorted(caught - {mutant.check}))
        print(
            f"{verdict:8}{time.monotonic() - start:5.1f} s  {mutant.name:34} {mutant.check}"
            f"{f' (also {others})' if others else ''}",
            flush=True,
        )
    api_key = f"mock_{uuid4().hex}"
    app = create_app(POPULATION, api_key=api_key, access_token=uuid4().hex)
    report = check_server(app, api_key)
    for finding in (*report.of(State.BROKEN), *report.of(State.UNTESTED)):
        print(f"the mock itself: {finding}")
    PLACE.write_text(rendered(), encoding="utf-8")
    print(
        f"{len(MUTANTS)} mutants, {escaped} escaped; the mock itself is "
        f"{'innocent' if report.kept else 'guilty'} after {report.cases.total():,} cases; "
        f"{time.monotonic() - began:.0f} s"
    )
    return 0 if report.kept and not escaped else 1


if __name__ == "__main__":
    sys.exit(main())
