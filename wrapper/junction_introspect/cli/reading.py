"""Adds the options that select rows to each command that reads them."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Any

from junction_introspect.cli import options
from junction_introspect.cli.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable


def _source(
    *,
    user_id: options.UserId = None,
    provider: options.Provider = None,
    unlisted: options.Unlisted = False,
    store: options.FromStore = None,
    cursor: options.Cursor = None,
    profile: options.ProfileName = None,
    environment: options.Environment = None,
    base_url: options.BaseUrl = None,
    verbose: options.Verbose = False,
) -> Source:
    return Source(
        user_id=user_id,
        provider=options.listed_provider(provider, unlisted=unlisted),
        store=store,
        cursor=cursor,
        profile=profile,
        environment=environment,
        base_url=base_url,
        verbose=verbose,
    )


def reads(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options of a `Source` after a command's own; the command receives a `source`."""
    shared = inspect.signature(_source, eval_str=True).parameters
    own = inspect.signature(command, eval_str=True).parameters

    @wraps(command)
    def run(**given: Any) -> int:
        source = _source(**{name: given.pop(name) for name in shared})
        return command(source=source, **given)

    # typer reads this signature instead of the function's own.
    parameters = {name: own[name] for name in own if name != "source"} | shared
    signature = inspect.Signature([*parameters.values()])
    setattr(run, "__signature__", signature)  # noqa: B010 - type checkers do not know this attribute
    run.__annotations__ = {name: each.annotation for name, each in parameters.items()}
    return run
