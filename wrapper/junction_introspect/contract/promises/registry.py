"""Registers the promises by name, and checks whether a server keeps one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from junction_introspect.contract.api import Api, BrokenPromiseError

Check: TypeAlias = Callable[[Api], None]

# The promises, by name.
PROMISES: dict[str, Promise] = {}

# The end of the name of each promise and mutant that is about the listing of resources.
OF_RESOURCES = "_of_resources"


@dataclass(frozen=True)
class Promise:
    """A promise that a schema cannot express.

    Attributes:
        name: The promise as a name.
        text: The promise as a sentence.
        documented: Whether the vendor documents it.
        check: Raises BrokenPromiseError if a server breaks it, and UntestedError if that cannot be
            tested.
    """

    name: str
    text: str
    documented: bool
    check: Check


def promise(*, documented: bool, every_listing: bool = False) -> Callable[[Check], Check]:
    """Register a check under its own name, with its docstring as the sentence.

    Args:
        documented: Whether the vendor documents it.
        every_listing: Whether the listing of resources promises it as well, under another name.
    """

    def register(check: Check) -> Check:
        name, text = check.__name__, (check.__doc__ or "").partition("\n")[0]
        PROMISES[name] = Promise(name, text, documented, check)
        if every_listing:
            other, of_resources = name + OF_RESOURCES, f"Of resources: {text}"
            PROMISES[other] = Promise(
                other, of_resources, documented, lambda api: check(api.resources)
            )
        return check

    return register


def broken(promise: Promise, api: Api) -> str | None:
    """Return how a server breaks a promise, or None if it keeps it.

    Raises:
        UntestedError: The server has nothing to test it with, or an answer cannot be used.
    """
    try:
        promise.check(api)
    except BrokenPromiseError as error:
        return str(error)
    # A page of an unexpected shape can make any line of a check fail.
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise api.refuse(f"an answer of another shape than expected: {error!r}") from error
    return None
