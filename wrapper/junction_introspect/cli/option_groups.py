"""Gives commands groups of options: which rows, from where, and how they are shown."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any, Final, TypeAlias

from junction_introspect._paging.arguments import checked_user_id
from junction_introspect.cli import options
from junction_introspect.cli.filters import Filters
from junction_introspect.cli.plain_text import NOT_PULLED
from junction_introspect.cli.showing import Output
from junction_introspect.cli.source import Api, Source, usage

_Command: TypeAlias = Callable[..., int]


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
    from junction_introspect import Unrecognized, enums  # noqa: PLC0415 - not for help

    known_providers = {*enums.PROVIDER_VALUES, *enums.LAB_VALUES}
    known_statuses = {*enums.STATUS_VALUES, NOT_PULLED}
    known_errors = {*enums.RETRIABLE_ERROR_VALUES, *enums.NON_RETRIABLE_ERROR_VALUES}
    if provider is not None:
        options.listed("provider", provider, known_providers, unlisted=unlisted)
    statuses = options.all_listed("status", status, known_statuses, unlisted=unlisted)
    return Filters(
        team=team,
        user_id=usage(lambda: checked_user_id(user_id)),
        provider=None if provider is None else Unrecognized(provider),
        resources=options.all_listed(
            "resource", resource, enums.RESOURCE_VALUES, unlisted=unlisted
        ),
        statuses=frozenset(None if each == NOT_PULLED else each for each in statuses),
        errors=options.all_listed("error", error, known_errors, unlisted=unlisted),
    )


# A `Source` takes `api` and `filters`, so it is replaced before them.
_MAKERS: Final[Mapping[str, Callable[..., object]]] = {
    "out": Output,
    "source": Source,
    "api": Api,
    "filters": _filters,
}


def with_options(*, without: Collection[str] = ()) -> Callable[[_Command], _Command]:
    """Give a command the options for its parameters `out`, `source`, `api` and `filters`.

    Args:
        without: Parameters of these classes that the command has no option for.
    """

    def changed(command: _Command) -> _Command:
        for name, make in _MAKERS.items():
            if name in inspect.signature(command).parameters:
                command = _taking(command, name, make, without)
        return command

    return changed


def _taking(
    command: _Command, replaced: str, make: Callable[..., object], without: Collection[str]
) -> _Command:
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
