"""A check of `doctor`, and what all of them come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

from junction_introspect.cli import exits

if TYPE_CHECKING:
    from collections.abc import Iterable

Mark: TypeAlias = Literal["ok", "look", "wrong", "skipped"]


@frozen(kw_only=True)
class Check:
    """A check that was made, or that could not be.

    Attributes:
        name: What was checked.
        mark: ``"ok"``; ``"look"``: it works, and somebody should look; ``"wrong"``: it does not.
            ``"skipped"``: it could not be checked.
        found: What was found, in a sentence.
        advice: What to do; None where there is nothing to do.
        status: The exit status that it asks for.
    """

    name: str
    mark: Mark
    found: str
    advice: str | None = None
    status: int = exits.DONE


def status_of(checks: Iterable[Check]) -> int:
    """Return the exit status of all checks: of the first that is wrong, else of any to look at."""
    statuses = [check.status for check in checks]
    grave = (status for status in statuses if status not in {exits.DONE, exits.FOUND})
    return next(grave, max(statuses, default=exits.DONE))


def skipped(name: str, reason: str) -> Check:
    """Return a check that could not be made."""
    return Check(name=name, mark="skipped", found=f"not checked: {reason}")


def ok(name: str, found: str) -> Check:
    """Return a check that found nothing to say against."""
    return Check(name=name, mark="ok", found=found)


def look(name: str, found: str, advice: str) -> Check:
    """Return a check of what works, and that somebody should look at."""
    return Check(name=name, mark="look", found=found, advice=advice, status=exits.FOUND)


def wrong(name: str, error: BaseException, found: str, advice: str) -> Check:
    """Return a check of what does not work.

    Its exit status is that of a command that meets the error.
    """
    return Check(name=name, mark="wrong", found=found, advice=advice, status=exits.status_of(error))
