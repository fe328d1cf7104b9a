"""What a test may do to a running mock, in process and as endpoints under `/_mock/`."""

from __future__ import annotations

import re
from collections.abc import Collection, Generator
from contextlib import contextmanager
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Request, Response

from junction_introspect._nearest import did_you_mean
from junction_introspect.mock.faults import KINDS, Fault, Faults
from junction_introspect.mock.world import UnknownUserError, World

PREFIX: Final = "/_mock"

_Message = TypeVar("_Message")


class Control:
    """A world, and the faults waiting for whoever asks about it.

    Args:
        world: What the mock serves.

    Attributes:
        world: As given.
        faults: None at first.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults()

    def reset(self) -> None:
        """Make everything as it was when the mock started."""
        self.faults.clear()
        self.world.reset()


class _AddUser(msgspec.Struct, forbid_unknown_fields=True):
    providers: dict[str, list[str]] | list[str]
    user_id: UUID | None = None


class _SetPull(msgspec.Struct, forbid_unknown_fields=True):
    user_id: UUID
    provider: str
    resource: str
    status: str
    error_details: str | None = None
    held: bool = True


class _SetClock(msgspec.Struct, forbid_unknown_fields=True):
    now: datetime | None = None
    advance: float | None = None
    speed: float | None = None


_ADD_USER: Final = msgspec.json.Decoder(_AddUser)
_SET_PULL: Final = msgspec.json.Decoder(_SetPull)
_SET_CLOCK: Final = msgspec.json.Decoder(_SetClock)
_FAULT: Final[msgspec.json.Decoder[Fault]] = msgspec.json.Decoder(Fault)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, by its name or address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_UNKNOWN_KIND: Final = re.compile(r"Invalid value '(.*)' - at `\$\.kind`")


def host_of(header: str) -> str:
    """Return the host that a ``Host`` header names, without its port, in lower case."""
    host = header.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")


def routes(control: Control, hosts: Collection[str] = ()) -> APIRouter:
    """Return the endpoints, each with a JSON object as its body.

    A request whose ``Host`` is neither a loopback name nor one of these is refused with 403: a page
    in a browser may have had its own name resolve to this machine (DNS rebinding).

    | request | what it does |
    | --- | --- |
    | `POST /_mock/users` | `providers` (names, or a map to resources), `user_id`; gives the user |
    | `POST /_mock/pulls` | `user_id`, `provider`, `resource`, `status`, `error_details`, `held` |
    | `POST /_mock/clock` | any of `now`, `advance` (seconds), `speed`; gives the clock |
    | `GET /_mock/clock` | gives `now` and `speed` |
    | `POST /_mock/faults` | `kind`, `times`, and what else the fault takes |
    | `DELETE /_mock/faults` | forgets those that are waiting |
    | `POST /_mock/reset` | makes everything as it was at the start |

    What cannot be done is 422 and changes nothing; a user who is not there is 404.

    Args:
        control: What the endpoints do.
        hosts: Further names of this machine, without ports.
    """
    allowed = {host_of(host) for host in hosts}

    async def known_host(request: Request) -> None:
        host = host_of(request.headers.get("host", ""))
        if not (is_loopback(host) or host in allowed):
            raise HTTPException(
                403, f"the Host {host!r} is neither loopback nor allowed: see --allow-host"
            )

    router = APIRouter(prefix=PREFIX, dependencies=[Depends(known_host)])
    world, faults = control.world, control.faults

    @router.post("/users")
    async def add_user(request: Request) -> Response:
        asked = await _read(request, _ADD_USER)
        with _refusals():
            user_id = world.add_user(asked.providers, user_id=asked.user_id)
        return _user(world, user_id, status=201)

    @router.post("/pulls")
    async def set_pull(request: Request) -> Response:
        asked = await _read(request, _SET_PULL)
        with _refusals():
            world.set_pull(
                asked.user_id,
                asked.provider,
                asked.resource,
                asked.status,
                error_details=asked.error_details,
                held=asked.held,
            )
        return _user(world, asked.user_id)

    @router.get("/clock")
    async def read_clock() -> Response:
        return _clock(world)

    @router.post("/clock")
    async def set_clock(request: Request) -> Response:
        asked = await _read(request, _SET_CLOCK)
        with _refusals():
            world.clock.change(now=asked.now, advance=asked.advance, speed=asked.speed)
        return _clock(world)

    @router.post("/faults")
    async def add_fault(request: Request) -> Response:
        fault = await _read(request, _FAULT)
        with _refusals():
            faults.add(fault)
        return _json({"waiting": len(faults)}, status=201)

    @router.delete("/faults")
    async def clear_faults() -> Response:
        faults.clear()
        return _json({"waiting": 0})

    @router.post("/reset")
    async def reset() -> Response:
        control.reset()
        return _clock(world)

    return router


async def _read(request: Request, decoder: msgspec.json.Decoder[_Message]) -> _Message:
    body = await request.body()
    with _refusals():
        return decoder.decode(body)


@contextmanager
def _refusals() -> Generator[None, None, None]:
    try:
        yield
    except UnknownUserError as error:
        raise HTTPException(404, str(error)) from None
    except ValueError as error:  # msgspec's own among them
        text = str(error)
        if match := _UNKNOWN_KIND.fullmatch(text):
            text += did_you_mean(match[1], KINDS)
        raise HTTPException(422, text) from None


def _user(world: World, user_id: UUID, *, status: int = 200) -> Response:
    number = world.index_of(user_id)
    assert number is not None  # noqa: S101  whoever calls this has just found the user
    return _json(world.user(number), status=status)


def _clock(world: World) -> Response:
    return _json({"now": world.clock.now(), "speed": world.clock.speed})


def _json(document: Any, *, status: int = 200) -> Response:
    return Response(msgspec.json.encode(document), status, media_type="application/json")
