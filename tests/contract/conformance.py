"""Judges a server by openapi/spec.yaml: schemathesis's engine, with every check it has."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

if TYPE_CHECKING:
    from schemathesis.engine.recorder import ScenarioRecorder

SPEC = Path(__file__).parents[2] / "openapi" / "spec.yaml"
OPERATION = "list_historical_pulls"
PHASES = frozenset({"examples", "coverage", "fuzzing"})

# Seconds. max_response_time is the one check that is off by default; at this limit it finds a
# server that hangs, and says nothing about one that is slow.
HANG = 10


@dataclass
class Verdict:
    """What a run has done and found."""

    cases: Counter[str] = field(default_factory=Counter)
    """Cases sent, by phase. The requests that a check sends by itself are not counted."""
    statuses: Counter[int] = field(default_factory=Counter)
    """How those cases were answered."""
    checks: Counter[str] = field(default_factory=Counter)
    """How many responses each check has judged."""
    failures: dict[str, list[str]] = field(default_factory=dict)
    """Broken promises by the check that caught them."""
    errors: list[str] = field(default_factory=list)
    """Faults of the run itself: a case that could not be made or sent."""

    def add(self, phase: str, recorder: ScenarioRecorder) -> None:
        for case_id, node in recorder.cases.items():
            if node.parent_id is None:
                self.cases[phase] += 1
                response = recorder.find_response(case_id=case_id)
                self.statuses[response.status_code if response else 0] += 1
        for case_id, nodes in recorder.checks.items():
            for node in nodes:
                self.checks[node.name] += 1
                if node.status is not Status.SUCCESS:
                    request = recorder.interactions[case_id].request
                    said = node.failure_info.failure if node.failure_info else node.status
                    self.failures.setdefault(node.name, []).append(
                        f"{phase}: {request.method} {request.uri}: {said!r} {said}"
                    )


def judge(
    target: Any,
    api_key: str,
    *,
    phases: frozenset[str] = PHASES,
    examples: int = 100,
    credentials_too: bool = True,
) -> Verdict:
    """Run `phases` against a server and return what was found.

    Args:
        target: The base URL of a server, or an ASGI application.
        api_key: A key that the server accepts.
        phases: Of schemathesis's phases, those to run.
        examples: Cases of the fuzzing phase.
        credentials_too: Whether the fuzzing breaks credentials as well. It then breaks them in
            most cases, and what is 401 tests nothing else.
    """
    schema = schemathesis.openapi.from_path(
        SPEC,
        config=SchemathesisConfig.from_dict(
            {
                "seed": 20251001,
                "continue-on-failure": True,
                "auth": {"openapi": {"apiKeyAuth": {"api_key": api_key}}},
                "checks": {"max_response_time": HANG},
                "generation": {
                    "database": "none",
                    "max-examples": examples,
                    "with-security-parameters": credentials_too,
                },
                "phases": {
                    name: {"enabled": name in phases}
                    for name in ("examples", "coverage", "fuzzing", "stateful")
                },
            }
        ),
    )
    if callable(target):
        schema.app = target
    else:
        schema.config.update(base_url=target)
    only_issued_cursors(schema, _issued_cursors(schema, api_key))
    verdict = Verdict()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            verdict.add(event.phase.value, event.recorder)
        elif isinstance(event, events.NonFatalError):
            verdict.errors.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.EngineFinished) and event.stop_reason != "completed":
            verdict.errors.append(f"the run stopped early: {event.stop_reason}")
    return verdict


def only_issued_cursors(schema: Any, issued: list[str]) -> None:
    """Have every string sent as a cursor be one that the server has issued.

    The specification allows any string, which no server can honour: a positive case would be
    rejected for a cursor that nobody was given. Values of other types are left alone, and foreign
    cursors are tested in test_foreign_cursors.py.
    """

    def replace(case: Any) -> Any:
        for name in ("cursor", "next_cursor"):
            value = case.query.get(name)
            if isinstance(value, str) and value not in issued:
                # By content: the choice must be the same when a case is replayed.
                number = crc32(value.encode("utf-8", "surrogatepass"))
                case.query[name] = issued[number % len(issued)]
        return case

    # Two hooks, because no one of them sees every phase: map_query is not applied in the coverage
    # phase, and map_case is not applied to cases made from the examples in the specification.
    def map_case(_context: Any, case: Any) -> Any:
        return replace(case)

    def before_add_examples(_context: Any, examples: list[Any]) -> None:
        for case in examples:
            replace(case)

    schema.hooks.hook(map_case)
    schema.hooks.hook(before_add_examples)


def _issued_cursors(schema: Any, api_key: str) -> list[str]:
    """Walk the listing as a client does, and return the cursors met until one is met again."""
    operation = schema.find_operation_by_id(OPERATION)
    cursors: list[str] = []
    query: dict[str, Any] = {"user_limit": 3}
    while True:
        response = operation.Case(query=query).call(headers={"x-vital-api-key": api_key})
        cursor = response.json()["next_cursor"]
        if cursor is None or cursor in cursors:
            return cursors
        cursors.append(cursor)
        query = {"user_limit": 3, "next_cursor": cursor}
