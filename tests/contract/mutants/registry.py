"""The mutants by name: which check each is meant to provoke, and how it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from junction_introspect.contract.api import PATH, RESOURCES
from junction_introspect.contract.promises import PROMISES
from junction_introspect.contract.promises.registry import OF_RESOURCES

if TYPE_CHECKING:
    from collections.abc import Callable

    Fault = Callable[[Any, str], Any]

MUTANTS: dict[str, Mutant] = {}


@dataclass(frozen=True)
class Mutant:
    """A server with one fault.

    Attributes:
        name: What is wrong, as a name.
        text: The same as a sentence.
        check: Of schemathesis's checks or our promises, the one meant to catch it.
        path: Of the operation that has the fault.
        fault: Wraps an ASGI application; is told the key that it accepts.
    """

    name: str
    text: str
    check: str
    path: str
    fault: Fault

    def server(self, app: Any, api_key: str) -> Any:
        """Return the application with the fault in one operation, and the others as they were."""
        broken = self.fault(app, api_key)
        start = self.path.partition("{")[0]

        async def served(scope: Any, receive: Any, send: Any) -> None:
            faulty = scope["type"] == "http" and scope["path"].startswith(start)
            await (broken if faulty else app)(scope, receive, send)

        return served


def mutant(
    check: str, path: str = PATH, *, every_listing: bool = False
) -> Callable[[Fault], Fault]:
    """Register a fault under its own name, with its docstring as the sentence.

    Args:
        check: The one meant to catch it.
        path: Of the operation that has the fault.
        every_listing: Whether it is tried in the listing of resources as well, under another name.
    """

    def register(fault: Fault) -> Fault:
        name, text = fault.__name__, (fault.__doc__ or "").partition("\n")[0]
        MUTANTS[name] = Mutant(name, text, check, path, fault)
        if every_listing:
            other = name + OF_RESOURCES
            caught = check + OF_RESOURCES if check in PROMISES else check
            MUTANTS[other] = Mutant(other, f"Of resources: {text}", caught, RESOURCES, fault)
        return fault

    return register
