"""What a child process of `os.fork()` must not take over from its parent.

A child inherits every lock in the state that it was in, held by threads that the child does not
have, and every socket, from which two processes would read each other's answers.
"""

from __future__ import annotations

import os
from typing import Any, Protocol
from weakref import WeakSet


class Forked(Protocol):
    """Something that a child process must renew before it uses it."""

    def after_fork(self) -> None:
        """Renew locks, connections and whatever else is the parent's alone. Called in the child."""
        ...


_watched: WeakSet[Any] = WeakSet()
# Inherited connections are kept and never closed: that would end the parent's TLS sessions, and an
# event loop of the parent would lose the sockets that it waits for.
_inherited: list[object] = []


def watch(instance: Forked) -> None:
    """Have `after_fork` called in each child process, for as long as the instance lives."""
    _watched.add(instance)


def leave(inherited: object) -> None:
    """Keep something that was inherited, unused, until the child process ends."""
    _inherited.append(inherited)


def _renew() -> None:
    for instance in list(_watched):
        instance.after_fork()


if hasattr(os, "register_at_fork"):  # Windows has no forks
    os.register_at_fork(after_in_child=_renew)
