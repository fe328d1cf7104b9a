"""Replaces state that a child process of `os.fork()` must not share with its parent.

A child inherits locks that are held by threads that the child does not have. It also inherits
sockets, on which the two processes would read each other's responses.
"""

from __future__ import annotations

import os
import threading
from typing import Any, Protocol
from weakref import WeakSet


class Forked(Protocol):
    """An object with state that a child process must replace before it uses the object."""

    def after_fork(self) -> None:
        """Replace locks, connections and all else that is the parent's. Called in the child."""
        ...


_watched: WeakSet[Any] = WeakSet()
# Keeps inherited connections alive and open. Closing them would end the parent's TLS sessions, and
# make the parent's event loop lose sockets that it waits for.
_inherited: list[object] = []


def watch(instance: Forked) -> None:
    """Call the instance's `after_fork` in each child process, as long as the instance lives."""
    _watched.add(instance)


def leave(inherited: object) -> None:
    """Keep an inherited object alive and unused until the child process ends."""
    _inherited.append(inherited)


class Lock:
    """A lock that is free in a child process, whichever thread of the parent holds it.

    Attributes:
        own: This process's lock, for a ``with``. Ctrl-C cannot come between acquiring it and the
            block, as it could if this class had an ``__enter__`` in Python.
    """

    def __init__(self) -> None:
        self.own = threading.Lock()
        watch(self)

    def after_fork(self) -> None:
        """Replace the lock, which a thread of the parent may have held."""
        self.own = threading.Lock()


def _renew() -> None:
    for instance in list(_watched):
        instance.after_fork()


if hasattr(os, "register_at_fork"):  # Windows has no forks
    os.register_at_fork(after_in_child=_renew)
