"""A check of `doctor`, and the exit status of all checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

from junction_introspect.cli import exits

if TYPE_CHECKING:
    from collections.abc import Iterable

Mark: TypeAlias = Literal["ok", "look", "wrong", "skipped"]


@frozen(kw_only=True)
class Check:
    """The result of one check.

    Attributes:
        name: What was checked.
        mark: ``"ok"``; ``"look"``: it works, but somebody should look; ``"wrong"``: it does not
            work; ``"skipped"``: it could not be checked.
        found: What was found, in a sentence.
        advice: What to do; None if there is nothing to do.
        status: The exit status for this result.
    """

    name: str
    mark: Mark
    found: str
    advice: str | None = None
    status: int = exits.DONE


def status_of(checks: Iterable[Check]) -> int:
    """Return the exit status of all checks: the first wrong one's, else that of any to look at."""
    statuses = [check.status for check in checks]
    grave = (status for status in statuses if status not in {exits.DONE, exits.FOUND})
    return next(grave, max(statuses, default=exits.DONE))


def skipped(name: str, reason: str) -> Check:
    """Return a check that could not be made."""
    return Check(name=name, mark="skipped", found=f"not checked: {reason}")


def ok(name: str, found: str) -> Check:
    """Return a check that found no problem."""
    return Check(name=name, mark="ok", found=found)


def look(name: str, found: str, advice: str) -> Check:
    """Return a check of something that works, but that somebody should look at."""
    return Check(name=name, mark="look", found=found, advice=advice, status=exits.FOUND)


def wrong(name: str, error: BaseException, found: str, advice: str) -> Check:
    """Return a check of something that does not work.

    Its exit status is that of a command that fails with the error.
    """
    return Check(name=name, mark="wrong", found=found, advice=advice, status=exits.status_of(error))
