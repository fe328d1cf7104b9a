"""Checks a server against openapi/spec.yaml, with schemathesis's engine and all its checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from uuid import UUID
from zlib import crc32

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from junction_introspect._specification import specification_path
from junction_introspect.contract.api import (
    CONNECTIONS,
    PATH,
    RESOURCES,
    Api,
    Pace,
    UntestedError,
    Walk,
)
from junction_introspect.contract.settings import SETTINGS

Progress: TypeAlias = Callable[[int], object]

# Any, because the annotations of schemathesis are incomplete.
_openapi: Final[Any] = schemathesis.openapi
_config: Final[Any] = SchemathesisConfig

OPERATIONS: Final = (PATH, RESOURCES, CONNECTIONS)
STATEFUL: Final = frozenset({"stateful"})
PHASES: Final = frozenset({"examples", "coverage", "fuzzing"}) | STATEFUL

# The methods that the specification does not list and that may be sent to a mock.
ANY_METHOD: Final = ["DELETE", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"]


def no_progress(_count: int) -> None:
    """Ignore how many requests there were."""


@dataclass
class Verdict:
    """The result of one or several runs."""

    cases: Counter[str] = field(default_factory=Counter[str])
    """Cases sent, by phase. The requests that a check sends by itself are not counted."""
    checks: Counter[str] = field(default_factory=Counter[str])
    """How many responses each check was applied to."""
    failures: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """The failures that each check has found."""
    errors: list[str] = field(default_factory=list[str])
    """Errors of the run itself, such as a case that could not be sent."""
    pages_followed: int = 0
    """Cases of the stateful phase that requested the page after another."""
    scenarios: list[ScenarioRecorder] = field(default_factory=list[ScenarioRecorder])
    """The requests and responses."""

    def add(self, phase: str, recorder: ScenarioRecorder) -> None:
        """Count the cases of a scenario and the results of their checks."""
        self.scenarios.append(recorder)
        for case in recorder.cases.values():
            if case.parent_id is None or case.transition is not None:
                self.cases[phase] += 1
                self.pages_followed += _follows_a_page(case)
        for case_id, checks in recorder.checks.items():
            for check in checks:
                self.checks[check.name] += 1
                if check.status is not Status.SUCCESS:
                    request = recorder.interactions[case_id].request
                    said = check.failure_info.failure if check.failure_info else check.status
                    self.failures.setdefault(check.name, []).append(
                        f"{said}\n\n{phase}: {request.method} {request.uri}"
                    )


def judge(
    target: Any,
    api_key: str,
    *,
    phases: frozenset[str] = PHASES,
    examples: int = 100,
    credentials_too: bool = True,
    considerate: bool = False,
    shrink: bool = True,
    left_out: Collection[str] = (),
    only: str | None = None,
    progress: Progress = no_progress,
    earlier: Verdict | None = None,
) -> Verdict:
    """Run some of schemathesis's phases against a server.

    Args:
        target: The base URL of a server, or an ASGI application.
        api_key: A key that the server accepts.
        phases: The phases to run.
        examples: How many cases the fuzzing phase has.
        credentials_too: Whether the fuzzing phase breaks credentials as well. It then does so in
            most cases, and a case that gets a 401 tests nothing else.
        considerate: Whether others use the server. Then only safe methods are sent, and no faster
            than `settings.SETTINGS` allows.
        shrink: Whether to look for the smallest failing case.
        left_out: Paths that the server does not have.
        only: The only path to check; None checks all.
        progress: Called with the number of cases so far, now and then.
        earlier: The result of earlier runs, to add this one to.

    Raises:
        KeyboardInterrupt: Ctrl-C, which the engine would turn into an event.
    """
    judged = 1 if only else len(OPERATIONS) - len(left_out)
    schema = _openapi.from_path(
        specification_path(),
        config=_config.from_dict(
            settings(
                api_key,
                phases,
                considerate=considerate,
                generation={
                    # Per operation.
                    "max-examples": max(1, examples // judged),
                    "no-shrink": not shrink,
                    "with-security-parameters": credentials_too,
                },
            )
        ),
    )
    if callable(target):
        schema.app = target
    else:
        schema.config.update(base_url=target)
    if left_out:
        schema = schema.exclude(path=[*left_out])
    with Api(target, api_key, Pace(SETTINGS["rate-limit"] if considerate else None)) as api:
        _use_what_is_listed(schema, api, left_out)
    if only is not None:
        schema = schema.include(path=only)
    verdict = earlier or Verdict()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            verdict.add(event.phase.value, event.recorder)
            progress(verdict.cases.total())
        elif isinstance(event, events.NonFatalError):
            verdict.errors.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.Interrupted):
            raise KeyboardInterrupt
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.EngineFinished) and event.stop_reason != "completed":
            verdict.errors.append(f"the run stopped early: {event.stop_reason}")
    return verdict


def settings(
    api_key: str, phases: frozenset[str], *, considerate: bool, generation: dict[str, Any]
) -> dict[str, Any]:
    """Return `settings.SETTINGS`, completed with the arguments of a run."""
    chosen: dict[str, Any] = {
        **SETTINGS,
        "auth": {"openapi": {"apiKeyAuth": {"api_key": api_key}}},
        "generation": {**SETTINGS["generation"], **generation},
        "phases": {
            name: {**SETTINGS["phases"].get(name, {}), "enabled": name in phases} for name in PHASES
        },
    }
    # Each case takes several requests. With half as many, one run in four would follow no page.
    few = {"max-examples": max(20, generation["max-examples"] // 5)}
    chosen["phases"]["stateful"]["generation"] = few
    if not considerate:
        del chosen["rate-limit"]
        chosen["phases"]["coverage"]["unexpected-methods"] = ANY_METHOD
    return chosen


def _use_what_is_listed(schema: Any, api: Api, left_out: Collection[str]) -> None:
    """Walk through the server's listings, and send its own cursors and users in the cases."""
    issued: dict[str, list[str]] = {}
    users: list[str] = []
    for listing in (api, api.resources):
        if listing.path not in left_out:
            walk = Walk()
            # The checks report what is wrong with a page.
            with suppress(UntestedError, LookupError, TypeError):
                listing.follow(walk, {"user_limit": 3}, 20)
                users += walk.ids
            issued[listing.path] = walk.cursors
    only_issued_cursors(schema, issued)
    users_who_are_there(schema, users)


def only_issued_cursors(schema: Any, issued: Mapping[str, list[str]]) -> None:
    """Replace each string that is sent as a cursor by one that the server has issued.

    The specification allows any string, but a server refuses a cursor that it has not issued. So a
    case that is valid by the specification would fail. Values of other types stay, and a promise of
    its own checks foreign cursors. If a listing has issued no cursor, it is sent none.

    Args:
        schema: The schema whose cases are changed.
        issued: The cursors, by the path of the listing.
    """
    known = {path: {*cursors} for path, cursors in issued.items()}

    def replace(case: Any) -> Any:
        path = case.operation.path
        for name in ("cursor", "next_cursor"):
            value = case.query.get(name) if path in issued else None
            if isinstance(value, str) and value not in known[path]:
                if not issued[path]:
                    del case.query[name]
                    continue
                case.query[name] = _one_of(issued[path], value)
        return case

    # A cursor that comes from a link was issued by the server, so it is not replaced.
    def after_call(_context: Any, case: Any, response: Any) -> None:
        cursor = _next_cursor(response)
        if isinstance(cursor, str) and case.operation.path in known:
            known[case.operation.path].add(cursor)

    _hook(schema, replace)
    schema.hooks.hook(after_call)


def users_who_are_there(schema: Any, users: list[str]) -> None:
    """Replace half of the ids that are sent in a path by those of listed users.

    A made-up id belongs to no user, so every case would only test the 404.
    """

    def replace(case: Any) -> Any:
        parameters: dict[str, Any] = case.path_parameters or {}
        value = parameters.get("user_id")
        if users and isinstance(value, str) and _is_uuid(value) and crc32(value.encode()) % 2:
            case.path_parameters["user_id"] = _one_of(users, value)
        return case

    _hook(schema, replace)


def _hook(schema: Any, replace: Callable[[Any], Any]) -> None:
    # `map_case` sees every phase but that of the specification's examples, whose cases
    # `before_add_examples` sees. `map_query` would miss the coverage phase.
    def map_case(_context: Any, case: Any) -> Any:
        return replace(case)

    def before_add_examples(_context: Any, examples: list[Any]) -> None:
        for case in examples:
            replace(case)

    schema.hooks.hook(map_case)
    schema.hooks.hook(before_add_examples)


def _one_of(values: list[str], value: str) -> str:
    # By its content, because the choice must be the same when a case is replayed.
    return values[crc32(value.encode("utf-8", "surrogatepass")) % len(values)]


def _is_uuid(value: str) -> bool:
    try:
        return str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _next_cursor(response: Any) -> Any:
    try:
        return response.json()["next_cursor"]
    except (ValueError, LookupError, TypeError):
        return None  # the checks report what is wrong with the page


def _follows_a_page(node: Any) -> bool:
    """Tell whether a case was sent with the cursor of the page before it."""
    if not node.is_transition_applied:
        return False
    linked = node.transition.parameters["query"]["next_cursor"].value
    return hasattr(linked, "ok") and bool(node.value.query.get("next_cursor") == linked.ok())
