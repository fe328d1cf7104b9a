"""Checks a server against the whole contract: schemathesis's checks, and our promises."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Final

import schemathesis.checks
from httpx import Response
from schemathesis.engine.recorder import ScenarioRecorder

from junction_introspect.contract.api import Api, Pace, UntestedError
from junction_introspect.contract.engine import (
    OPERATIONS,
    PHASES,
    STATEFUL,
    Progress,
    Verdict,
    judge,
    no_progress,
)
from junction_introspect.contract.promises import PROMISES, Promise, broken
from junction_introspect.contract.settings import SETTINGS

EXAMPLES: Final = 1_000

# Checks of schemathesis whose rules come from HTTP, from good practice or from our overlay. The
# vendor documents none of them.
UNDOCUMENTED_CHECKS: Final = frozenset(
    {
        "allow_header_conformance",
        "max_response_time",
        "missing_required_header",
        "response_headers_conformance",
        "unsupported_method",
    }
)


class State(StrEnum):
    """Whether a server keeps a promise. A warning is a broken promise that does not count."""

    KEPT = "kept"
    BROKEN = "broken"
    WARNING = "warning"
    UNTESTED = "untested"


@dataclass
class Finding:
    """The result of one promise or check.

    Attributes:
        name: The name of a promise, or of a check of schemathesis.
        layer: `promises` or `schemathesis`.
        state: The verdict.
        details: How it is broken, or why it could not be tested, in the order found.
    """

    name: str
    layer: str
    state: State
    details: list[str] = field(default_factory=list[str])

    def __str__(self) -> str:
        more = f" (and {len(self.details) - 1} more)" if len(self.details) > 1 else ""
        said = " ".join(self.details[0].split())[:300] if self.details else ""
        return (
            f"{self.state:8} {self.name}: {said}{more}" if said else f"{self.state:8} {self.name}"
        )


@dataclass
class Report:
    """The result of a run of the suite."""

    findings: list[Finding] = field(default_factory=list[Finding])
    cases: Counter[str] = field(default_factory=Counter[str])
    """Cases of schemathesis, by phase."""
    pages_followed: int = 0
    scenarios: list[ScenarioRecorder] = field(default_factory=list[ScenarioRecorder])
    """The requests of schemathesis, and the responses."""
    exchanges: list[Response] = field(default_factory=list[Response])
    """The responses to the requests of our promises."""

    @property
    def requests(self) -> int:
        """How many requests our promises have sent."""
        return len(self.exchanges)

    @property
    def kept(self) -> bool:
        """Whether no promise is broken."""
        return not self.of(State.BROKEN)

    def of(self, state: State) -> list[Finding]:
        """Return the findings of a state."""
        return [finding for finding in self.findings if finding.state is state]


def check_server(
    target: Any,
    api_key: str,
    *,
    examples: int = EXAMPLES,
    considerate: bool = False,
    lenient: bool = False,
    progress: Progress = no_progress,
) -> Report:
    """Check a server against the whole contract.

    Args:
        target: The base URL of a server, or an ASGI application.
        api_key: A key that the server accepts.
        examples: About how many cases schemathesis sends.
        considerate: As in `engine.judge`.
        lenient: Whether a broken promise that the vendor does not document is only a warning.
        progress: Called with the number of requests so far, now and then.

    Returns:
        The results. A server that cannot be reached has broken every promise.
    """
    report = Report()
    with Api(target, api_key, Pace(SETTINGS["rate-limit"] if considerate else None)) as api:
        _look(report, api)
        for promise in PROMISES.values():
            report.findings.append(_finding(promise, api, lenient=lenient))
            progress(len(api.exchanges))
        report.exchanges, missing = api.exchanges, api.missing
    if len(missing) < len(OPERATIONS):
        verdict = Verdict()
        run = partial(
            judge,
            target,
            api_key,
            considerate=considerate,
            left_out=missing.keys(),
            progress=lambda cases: progress(report.requests + cases),
            earlier=verdict,
        )
        share = examples * 2 // 5
        run(examples=share, phases=PHASES - STATEFUL)
        # In a run of its own: together with other phases, it follows few pages or none.
        run(examples=share, phases=STATEFUL)
        # The fuzzing phase breaks credentials in most cases, so it runs once without that.
        run(examples=examples - share, phases=frozenset({"fuzzing"}), credentials_too=False)
        _judge(report, verdict, lenient=lenient)
    return report


def _finding(promise: Promise, api: Api, *, lenient: bool) -> Finding:
    """Check whether a server keeps a promise."""
    try:
        said = broken(promise, api)
    except UntestedError as error:
        return Finding(promise.name, "promises", State.UNTESTED, [str(error)])
    if said is None:
        return Finding(promise.name, "promises", State.KEPT)
    state = State.WARNING if lenient and not promise.documented else State.BROKEN
    return Finding(promise.name, "promises", state, f"{promise.text} {said}".splitlines())


def _look(report: Report, api: Api) -> None:
    """Report each path that a server does not have as untested."""
    # The promises report whatever is wrong.
    with suppress(UntestedError, LookupError, TypeError):
        for path, why in api.look().items():
            report.findings.append(Finding(path, "operations", State.UNTESTED, [why]))


def _judge(report: Report, verdict: Verdict, *, lenient: bool) -> None:
    """Add the results of schemathesis's runs to a report."""
    # Any, because the annotations of schemathesis are incomplete.
    checks: Any = schemathesis.checks
    checks.load_all_checks()
    report.cases = verdict.cases
    report.pages_followed = verdict.pages_followed
    report.scenarios = verdict.scenarios
    if verdict.errors:
        found = Finding("the_run_itself", "schemathesis", State.BROKEN, verdict.errors)
        report.findings.append(found)
    # max_response_time is built in too, but it is not in the registry of checks.
    for name in sorted({*checks.CHECKS.get_all_names(), "max_response_time"}):
        details = verdict.failures.get(name, [])
        state = State.KEPT if verdict.checks[name] else State.UNTESTED
        if details:
            warned = lenient and name in UNDOCUMENTED_CHECKS
            state = State.WARNING if warned else State.BROKEN
        report.findings.append(Finding(name, "schemathesis", state, details))
