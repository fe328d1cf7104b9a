"""The promises by name, and how one is put to a server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import httpx

from junction_introspect.contract.api import Api, BrokenPromiseError

Check: TypeAlias = Callable[[Api], None]

# The promises, by name.
PROMISES: dict[str, Promise] = {}

# Ends the name of a promise, or of a mutant, that is about the listing of resources.
OF_RESOURCES = "_of_resources"


@dataclass(frozen=True)
class Promise:
    """A promise that a schema cannot express.

    Attributes:
        name: What it says, as a name.
        text: The same as a sentence.
        documented: Whether the vendor says so anywhere.
        check: Raises BrokenPromiseError where a server breaks it, and UntestedError where it
            cannot tell.
    """

    name: str
    text: str
    documented: bool
    check: Check


def promise(*, documented: bool, every_listing: bool = False) -> Callable[[Check], Check]:
    """Register a check under its own name, with its docstring as the sentence.

    Args:
        documented: Whether the vendor says so anywhere.
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
    """Return how a server breaks a promise, or None where it keeps it.

    Raises:
        UntestedError: The server holds nothing to tell by.
    """
    try:
        promise.check(api)
    except BrokenPromiseError as error:
        return str(error)
    except httpx.HTTPError as error:
        return f"no answer: {type(error).__name__}"
    # A page of another shape can break a check anywhere, and is a broken promise as well.
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return f"an answer of another shape than expected: {error!r}"
    return None
