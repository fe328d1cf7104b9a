"""Lets a test control a running mock, in process and through endpoints under `/_mock/`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from functools import cache
from inspect import getdoc, signature
from typing import Any, Final, get_type_hints
from uuid import UUID

import msgspec
import msgspec.structs
from fastapi import APIRouter, Depends, HTTPException, Request, Response

from junction_introspect._http.addresses import is_loopback
from junction_introspect.mock.clock import Clock
from junction_introspect.mock.faults import KINDS, Faults, read_fault
from junction_introspect.mock.world import World

PREFIX: Final = "/_mock"
KEY_HEADER: Final = "x-vital-api-key"
TOKEN_HEADER: Final = "x-mock-token"  # noqa: S105 - a name


class Control:
    """The world that a mock serves, and the faults that its next requests will meet.

    Args:
        world: The world that the mock serves.

    Attributes:
        world: As given.
        faults: The waiting faults; empty at first.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults()

    def reset(self) -> None:
        """Go back to the state in which the mock started."""
        self.faults.clear()
        self.world.reset()


# The orders about a user, by their last path segment. The fields of an order are the arguments of
# its method. Each order responds with the user's connections, backfills and data after it.
_DEEDS: Final[Mapping[str, Callable[..., UUID | None]]] = {
    "users": World.add_user,
    "connections": World.connect,
    "mend": World.mend,
    "break": World.break_connection,
    "disconnect": World.disconnect,
    "deny": World.deny,
    "silence": World.silence,
    "attempts": World.end_attempts,
    "pulls": World.set_pull,
}


@cache
def _order(method: Callable[..., object]) -> type[msgspec.Struct]:
    """Return the JSON object that a method's order consists of: an item for each argument."""
    types = get_type_hints(method)
    _self, *arguments = signature(method).parameters.values()
    fields = [
        (each.name, types[each.name])
        if each.default is each.empty
        else (each.name, types[each.name], each.default)
        for each in arguments
    ]
    return msgspec.defstruct(method.__name__, fields, forbid_unknown_fields=True)


def documentation(header: str = KEY_HEADER) -> dict[str, Any]:
    """Return what `GET /_mock/` shows: every order with its fields, and every kind of fault.

    Args:
        header: The header that has the credential.
    """
    return {
        "credential": f"The header {header}. Only this page needs none.",
        "orders": {
            **{
                f"POST {PREFIX}/{name}": {
                    "does": (getdoc(method) or "").partition("\n")[0],
                    "takes": {
                        field.name: "required" if field.required else field.default
                        for field in msgspec.structs.fields(_order(method))
                    },
                }
                for name, method in {**_DEEDS, "clock": Clock.change}.items()
            },
            f"GET {PREFIX}/clock": {"does": "Return the time and the speed."},
            f"POST {PREFIX}/faults": {
                "does": "Make the next requests meet a fault; each kind has its own fields.",
                "takes": {"kind": "required, one of the faults below"},
            },
            f"DELETE {PREFIX}/faults": {"does": "Remove all waiting faults."},
            f"POST {PREFIX}/reset": {"does": "Undo everything, and go back to the start time."},
        },
        "faults": KINDS,
    }


def host_of(header: str) -> str:
    """Return the host that a ``Host`` header names, without its port, in lower case."""
    host = header.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")


def routes(control: Control, hosts: Collection[str] = ()) -> APIRouter:
    """Return the endpoints under `/_mock/`, each with a JSON object as its body.

    `GET /_mock/` documents them. An order that cannot be carried out is answered with 422 and
    changes nothing; an unknown user with 404. A request whose ``Host`` is neither loopback nor one
    of `hosts` is refused with 403, because a web page could make its own name resolve to this
    machine (DNS rebinding).

    Args:
        control: Carries out the orders.
        hosts: Further names of this machine, without ports.
    """
    allowed = {host_of(host) for host in hosts}

    async def known_host(request: Request) -> None:
        host = host_of(request.headers.get("host", ""))
        if not (is_loopback(host) or host in allowed):
            raise HTTPException(
                403,
                f"the Host {host!r} is neither loopback nor allowed; allow it with --allow-host",
            )

    router = APIRouter(prefix=PREFIX, dependencies=[Depends(known_host)])
    world, faults = control.world, control.faults
    for name, method in _DEEDS.items():
        _add_deed(router, name, method, world)

    @router.get("/clock")
    async def read_clock() -> Response:
        return _clock(world)

    @router.post("/clock")
    async def set_clock(request: Request) -> Response:
        given = await _given(request, Clock.change)
        with _refusals():
            world.clock.change(**given)
        return _clock(world)

    @router.post("/faults")
    async def add_fault(request: Request) -> Response:
        body = await request.body()
        with _refusals():
            faults.add(read_fault(msgspec.json.decode(body)))
        return respond({"waiting": len(faults)}, status=201)

    @router.delete("/faults")
    async def clear_faults() -> Response:
        faults.clear()
        return respond({"waiting": 0})

    @router.post("/reset")
    async def reset() -> Response:
        control.reset()
        return _clock(world)

    return router


def _add_deed(
    router: APIRouter, name: str, method: Callable[..., UUID | None], world: World
) -> None:
    @router.post(f"/{name}", name=name)
    async def obey(request: Request) -> Response:
        given = await _given(request, method)
        with _refusals():
            added = method(world, **given)
        if added is None:
            return _user(world, given["user_id"], status=200)
        return _user(world, added, status=201)


async def _given(request: Request, method: Callable[..., object]) -> dict[str, Any]:
    """Return the arguments for a method, from the order in a request's body."""
    body, order = await request.body(), _order(method)
    with _refusals():
        try:
            return msgspec.structs.asdict(msgspec.json.decode(body, type=order))
        except msgspec.ValidationError as error:
            raise ValueError(f"{error}; this takes {', '.join(order.__struct_fields__)}") from None


@contextmanager
def _refusals() -> Generator[None]:
    try:
        yield
    except ValueError as error:  # includes the errors of msgspec
        raise HTTPException(422, str(error)) from None


def _user(world: World, user_id: UUID, *, status: int) -> Response:
    number = world.index_of(user_id)
    assert number is not None  # noqa: S101  the caller has just found the user
    found = {
        "user_id": user_id,
        "provider": world.user(number).provider,
        "resources": world.resources(number).provider,
        "connections": world.connections(user_id).providers,
    }
    return respond(found, status=status)


def _clock(world: World) -> Response:
    return respond({"now": world.clock.now(), "speed": world.clock.speed})


def respond(document: Any, *, status: int = 200) -> Response:
    """Return a response with a document as JSON."""
    return Response(msgspec.json.encode(document), status, media_type="application/json")
