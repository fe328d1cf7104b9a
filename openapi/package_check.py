"""Checks a generated package from the outside; run by `openapi.generate` in a fresh interpreter.

Its argument is ``decoders`` or ``endpoints``; the latter reads from standard input what each
operation answers. Prints one line for each failure.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib
import inspect
import io
import json
import sys
import types
import typing
import uuid
from typing import TYPE_CHECKING, Any

import httpx
import msgspec

from junction_api import Client, models
from junction_api.types import File

if TYPE_CHECKING:
    from collections.abc import Callable

_MADE_UP = {
    str: "text",
    int: 1,
    float: 1.5,
    bool: True,
    uuid.UUID: uuid.UUID(int=1),
    dt.date: dt.date(2024, 1, 1),
    dt.datetime: dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    type(None): None,
}


def check_decoders() -> int:
    """Build a decoder for each model; return how many cannot be built."""
    failed = 0
    for name in models.__all__:
        try:
            msgspec.json.Decoder(getattr(models, name))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a model is what is asked
            failed += 1
            print(f"{name}: msgspec cannot decode it: {error}", file=sys.stderr)
    return failed


def check_endpoints(answers: list[dict[str, Any]]) -> int:
    """Call each operation in its four ways; return how many answers did not arrive."""
    failed = 0
    for answer in answers:
        try:
            _call(importlib.import_module(f"junction_api.{answer['module']}"), answer)
        except Exception as error:  # noqa: BLE001 - as above
            failed += 1
            told = f"{type(error).__name__}: {error}".partition("\n")[0]
            where = f"{answer['module']}, status {answer['status']}"
            print(f"{where}: a valid answer does not arrive: {told}", file=sys.stderr)
    return failed


def _call(module: Any, answer: dict[str, Any]) -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        content = (answer["body"] or "").encode()
        return httpx.Response(answer["status"], content=content)

    transport = httpx.MockTransport(handle)
    client = Client(base_url="http://localhost", raise_on_unexpected_status=True)
    client.set_httpx_client(httpx.Client(base_url="http://localhost", transport=transport))
    client.set_async_httpx_client(
        httpx.AsyncClient(base_url="http://localhost", transport=transport)
    )
    arguments = {**_arguments(module.build_request), "client": client}
    parsed = [
        module.sync_detailed(**arguments).parsed,
        asyncio.run(module.asyncio_detailed(**arguments)).parsed,
    ]
    if hasattr(module, "sync"):
        parsed += [module.sync(**arguments), asyncio.run(module.asyncio(**arguments))]
    if answer["body"] not in (None, "null") and any(one is None for one in parsed):
        raise ValueError("nothing was parsed")


def _arguments(function: Any) -> dict[str, Any]:
    """Make up what a function requires, from its annotations."""
    hints = typing.get_type_hints(function)
    return {
        name: _made_up(hints[name])
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is parameter.empty
    }


def _made_up(hint: Any) -> Any:
    arguments = typing.get_args(hint)
    origin = typing.get_origin(hint) or hint
    if origin in _MADE_OF:
        return _MADE_OF[origin](arguments)
    if hint in _MADE_UP or not isinstance(hint, type):
        return _MADE_UP.get(hint)
    return hint(**_arguments(hint))


_MADE_OF: dict[Any, Callable[[tuple[Any, ...]], Any]] = {
    typing.Union: lambda arguments: _made_up(arguments[0]),
    types.UnionType: lambda arguments: _made_up(arguments[0]),
    typing.Literal: lambda arguments: arguments[0],
    list: lambda arguments: [_made_up(arguments[0])],
    dict: lambda _: {},
    File: lambda _: File(payload=io.BytesIO(b"content")),
}


if __name__ == "__main__":
    if sys.argv[1] == "decoders":
        sys.exit(check_decoders() > 0)
    sys.exit(check_endpoints(json.load(sys.stdin)) > 0)
