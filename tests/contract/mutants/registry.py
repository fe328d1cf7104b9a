"""The mutants by name: which check each is meant to provoke, and how it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
        fault: Wraps an ASGI application; is told the key that it accepts.
    """

    name: str
    text: str
    check: str
    fault: Fault

    def server(self, app: Any, api_key: str) -> Any:
        """Return the application with the fault; what is no request passes it by."""
        broken = self.fault(app, api_key)

        async def served(scope: Any, receive: Any, send: Any) -> None:
            await (broken if scope["type"] == "http" else app)(scope, receive, send)

        return served


def mutant(check: str) -> Callable[[Fault], Fault]:
    """Register a fault under its own name, with its docstring as the sentence."""

    def register(fault: Fault) -> Fault:
        name, text = fault.__name__, (fault.__doc__ or "").partition("\n")[0]
        MUTANTS[name] = Mutant(name, text, check, fault)
        return fault

    return register
