"""Lets a test control a running mock, in process and through endpoints under `/_mock/`."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
import msgspec.structs
from fastapi import APIRouter, Depends, HTTPException, Request, Response

from junction_introspect._http.addresses import is_loopback
from junction_introspect.mock.faults import KINDS, Faults, read_fault
from junction_introspect.mock.world import UnknownUserError, World

PREFIX: Final = "/_mock"
KEY_HEADER: Final = "x-vital-api-key"
TOKEN_HEADER: Final = "x-mock-token"  # noqa: S105 - a name

_Asked = TypeVar("_Asked", bound="_Order")


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


class _Order(msgspec.Struct, forbid_unknown_fields=True):
    """An order to the mock, as a JSON object. `GET /_mock/` returns the docstrings."""


class AddUser(_Order):
    """Adds a user who has just connected these providers: a list, or a map to resources."""

    providers: dict[str, list[str]] | list[str]
    user_id: UUID | None = None


class _OfConnection(_Order):
    user_id: UUID
    provider: str


class Connect(_OfConnection):
    """Connects a provider now, for the first time or again: its backfills are scheduled."""

    resources: list[str] | None = None


class Mend(_OfConnection):
    """Connects a provider again, with everything granted and the device in use."""


class Break(_OfConnection):
    """Puts a connection in error, since `ago` seconds ago."""

    error_type: str = "token_refresh_failed"
    ago: float = 0.0


class Disconnect(_OfConnection):
    """Removes a connection; its data stays in the listings."""

    ago: float = 0.0


class Deny(_OfConnection):
    """Makes a resource unavailable. If `scopes` is empty, no permission is denied."""

    resource: str
    scopes: list[str] | None = None
    ago: float = 0.0


class Silence(_OfConnection):
    """Stops new data of one resource or of all from the device, since `ago` seconds ago."""

    resource: str | None = None
    ago: float = 0.0


class EndAttempts(_OfConnection):
    """Makes the vendor's attempts fail, or stops them if `failing` is false."""

    resource: str | None = None
    failing: bool = True
    ago: float = 0.0


class SetPull(_OfConnection):
    """Sets the status of a backfill now. If `held` is false, it moves on with the clock."""

    resource: str
    status: str
    error_details: str | None = None
    held: bool = True


class SetClock(_Order):
    """Sets the time, moves it forward, or changes the speed; returns the clock."""

    now: datetime | None = None
    advance: float | None = None
    speed: float | None = None


# The orders about a user, and the methods of `World` that carry them out: an order's fields
# are the method's arguments. Each responds with the id, connections, backfills and data after it.
_DEEDS: Final[Mapping[str, tuple[type[_Order], str]]] = {
    "users": (AddUser, "add_user"),
    "connections": (Connect, "connect"),
    "mend": (Mend, "mend"),
    "break": (Break, "break_connection"),
    "disconnect": (Disconnect, "disconnect"),
    "deny": (Deny, "deny"),
    "silence": (Silence, "silence"),
    "attempts": (EndAttempts, "end_attempts"),
    "pulls": (SetPull, "set_pull"),
}


def documentation(header: str = KEY_HEADER) -> dict[str, Any]:
    """Return what `GET /_mock/` shows: every order with its fields, and every kind of fault.

    Args:
        header: The header that has the credential.
    """
    orders: dict[str, type[_Order]] = {name: order for name, (order, _) in _DEEDS.items()}
    orders["clock"] = SetClock
    return {
        "credential": f"The header {header}. Only this page needs none.",
        "orders": {
            **{
                f"POST {PREFIX}/{name}": {"does": order.__doc__, "takes": _fields(order)}
                for name, order in orders.items()
            },
            f"GET {PREFIX}/clock": {"does": "Returns the time and the speed."},
            f"POST {PREFIX}/faults": {
                "does": "Makes the next requests meet a fault; each kind has its own fields.",
                "takes": {"kind": "required, one of the faults below"},
            },
            f"DELETE {PREFIX}/faults": {"does": "Removes all waiting faults."},
            f"POST {PREFIX}/reset": {"does": "Undoes everything, and goes back to the start time."},
        },
        "faults": KINDS,
    }


def _fields(order: type[_Order]) -> dict[str, Any]:
    return {
        field.name: "required" if field.required else field.default
        for field in msgspec.structs.fields(order)
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
    for name, (order, method) in _DEEDS.items():
        _add_deed(router, name, order, method, world)

    @router.get("/clock")
    async def read_clock() -> Response:
        return _clock(world)

    @router.post("/clock")
    async def set_clock(request: Request) -> Response:
        asked = await _read(request, SetClock)
        with _refusals():
            world.clock.change(**msgspec.structs.asdict(asked))
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


def _add_deed(router: APIRouter, name: str, order: type[_Order], method: str, world: World) -> None:
    async def obey(request: Request) -> Response:
        given = msgspec.structs.asdict(await _read(request, order))
        with _refusals():
            added: UUID | None = getattr(world, method)(**given)
        if added is None:
            return _user(world, given["user_id"], status=200)
        return _user(world, added, status=201)

    router.add_api_route(f"/{name}", obey, methods=["POST"], name=name)


async def _read(request: Request, order: type[_Asked]) -> _Asked:
    body = await request.body()
    with _refusals():
        try:
            return msgspec.json.decode(body, type=order)
        except msgspec.ValidationError as error:
            raise ValueError(f"{error}; this takes {', '.join(order.__struct_fields__)}") from None


@contextmanager
def _refusals() -> Generator[None, None, None]:
    try:
        yield
    except UnknownUserError as error:
        raise HTTPException(404, str(error)) from None
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
