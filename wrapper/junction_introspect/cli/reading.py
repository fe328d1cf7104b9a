"""Adds the options that select rows to each command that reads them."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Any

from junction_introspect._paging.arguments import checked_user_id
from junction_introspect.cli import options
from junction_introspect.cli.filters import NOT_PULLED, Filters
from junction_introspect.cli.source import Source, usage

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


def _filters(
    *,
    user_id: options.UserId = None,
    provider: options.Provider = None,
    resource: options.Resource = None,
    status: options.Status = None,
    error: options.Error = None,
    team: options.Team = None,
    unlisted: options.Unlisted = False,
) -> Filters:
    # Not for help.
    from junction_introspect.enums import (  # noqa: PLC0415
        NON_RETRIABLE_ERROR_VALUES,
        RETRIABLE_ERROR_VALUES,
        STATUS_VALUES,
    )

    statuses = options.all_listed("status", status, {*STATUS_VALUES, NOT_PULLED}, unlisted=unlisted)
    known_errors = RETRIABLE_ERROR_VALUES | NON_RETRIABLE_ERROR_VALUES
    return Filters(
        team=team,
        user_id=usage(lambda: checked_user_id(user_id)),
        provider=options.listed_provider(provider, unlisted=unlisted),
        resources=options.listed_resources(resource, unlisted=unlisted),
        statuses=frozenset(None if each == NOT_PULLED else each for each in statuses),
        errors=options.all_listed("error", error, known_errors, unlisted=unlisted),
    )


def _source(
    *,
    filters: Filters,
    store: options.FromStore = None,
    cursor: options.Cursor = None,
    profile: options.ProfileName = None,
    environment: options.Environment = None,
    base_url: options.BaseUrl = None,
    verbose: options.Verbose = False,
) -> Source:
    return Source(
        filters=filters,
        store=store,
        cursor=cursor,
        profile=profile,
        environment=environment,
        base_url=base_url,
        verbose=verbose,
    )


def reads_pulls(command: Callable[..., int]) -> Callable[..., int]:
    """Replace a command's parameter ``source`` by the options of a `Source` of pulls."""
    return _taking(_taking(command, "source", _source), "filters", _filters)


def reads_resources(command: Callable[..., int]) -> Callable[..., int]:
    """As `reads_pulls`, without the filters that are about pulls."""
    command = _taking(command, "source", _source)
    return _taking(command, "filters", _filters, without={"status", "error"})


def exports_rows(command: Callable[..., int]) -> Callable[..., int]:
    """As `reads_pulls`, without a cursor: an export keeps its own."""
    command = _taking(command, "source", _source, without={"cursor"})
    return _taking(command, "filters", _filters)


def reads_changes(command: Callable[..., int]) -> Callable[..., int]:
    """Replace a command's parameter ``filters`` by the options of `Filters`."""
    return _taking(command, "filters", _filters)


def follows_pulls(command: Callable[..., int]) -> Callable[..., int]:
    """As `reads_changes`, without the team: the key decides whose pulls the API lists."""
    return _taking(command, "filters", _filters, without={"team"})


def _taking(
    command: Callable[..., int],
    replaced: str,
    make: Callable[..., object],
    without: Collection[str] = (),
) -> Callable[..., int]:
    """Replace one parameter of a command by those of the function that makes its value.

    Args:
        command: The command.
        replaced: The parameter to replace.
        make: The function.
        without: Parameters of the function that the command does not have.
    """
    own = inspect.signature(command, eval_str=True).parameters
    made = inspect.signature(make, eval_str=True).parameters
    shared = {name: made[name] for name in made if name not in without}

    @wraps(command)
    def run(**given: Any) -> int:
        value = make(**{name: given.pop(name) for name in shared})
        return command(**{replaced: value}, **given)

    # typer reads this signature instead of the function's own.
    parameters = {
        parameter.name: parameter
        for name in own
        for parameter in (shared.values() if name == replaced else (own[name],))
    }
    signature = inspect.Signature([*parameters.values()])
    setattr(run, "__signature__", signature)  # noqa: B010 - type checkers do not know this attribute
    run.__annotations__ = {name: each.annotation for name, each in parameters.items()}
    return run
