"""Checks a generated package from the outside; run by `openapi.generate` in a fresh interpreter.

Reads a JSON object from standard input: ``root``, the folder that contains `junction_api`, and
``answers``, the responses to its operations. Writes a JSON list: one line for each model that
cannot be decoded, and for each response that cannot be decoded or that is different after decoding
and encoding.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import importlib
import inspect
import json
import sys
import typing
import uuid
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
from hypothesis import Phase, find, settings, strategies

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = "junction_api"
_ADDRESS = "http://localhost"
# The first value that Hypothesis makes is the simplest, and always the same.
_FIRST = settings(database=None, derandomize=True, phases=[Phase.generate])


def check(root: str, answers: list[dict[str, Any]]) -> list[str]:
    """Return the errors of the package in a folder, one line each.

    Another package of the same name that was imported before is forgotten.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
        del sys.modules[name]
    importlib.invalidate_caches()
    sys.path.insert(0, root)
    try:
        return [*_undecodable()] or [*_unanswered(answers)]
    except Exception as error:  # noqa: BLE001 - any error means that the package does not work
        return [f"the package cannot be imported: {type(error).__name__}: {error}"]
    finally:
        sys.path.remove(root)


def _undecodable() -> Iterator[str]:
    models = importlib.import_module(f"{_PACKAGE}.models")
    for name in getattr(models, "__all__", ()):
        try:
            msgspec.json.Decoder(getattr(models, name))
        except Exception as error:  # noqa: BLE001 - any error of a model is reported
            yield f"{name}: msgspec cannot decode it: {error}"


def _unanswered(answers: list[dict[str, Any]]) -> Iterator[str]:
    for answer in answers:
        try:
            _call(importlib.import_module(f"{_PACKAGE}.{answer['module']}"), answer)
        except Exception as error:  # noqa: BLE001 - as above
            told = f"{type(error).__name__}: {error}".partition("\n")[0]
            where = f"{answer['module']}, status {answer['status']}, document {answer['seed']}"
            yield f"{where}: a valid response cannot be decoded: {told}"


def _call(module: Any, answer: dict[str, Any]) -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(answer["status"], content=(answer["body"] or "").encode())

    transport = httpx.MockTransport(handle)
    client = importlib.import_module(f"{_PACKAGE}.client").Client(
        base_url=_ADDRESS, raise_on_unexpected_status=True
    )
    client.set_httpx_client(httpx.Client(base_url=_ADDRESS, transport=transport))
    arguments = {**_arguments(module.build_request), "client": client}
    parsed = [module.sync_detailed(**arguments).parsed]
    if answer["seed"] == 0:  # the other functions decode in the same way, so once is enough
        client.set_async_httpx_client(httpx.AsyncClient(base_url=_ADDRESS, transport=transport))
        parsed.append(asyncio.run(module.asyncio_detailed(**arguments)).parsed)
        if hasattr(module, "sync"):
            parsed += [module.sync(**arguments), asyncio.run(module.asyncio(**arguments))]
    if answer["body"] is not None:
        for one in parsed:
            _compare(msgspec.to_builtins(one), answer["expected"], "$")


def _compare(sent_back: Any, expected: Any, path: str) -> None:
    """Raise `ValueError` if a value is different after decoding and encoding.

    Times and UUIDs are compared by their meaning, not by their spelling.
    """
    if isinstance(expected, dict) and isinstance(sent_back, dict):
        if expected.keys() != sent_back.keys():
            differing = sorted(expected.keys() ^ sent_back.keys())
            raise ValueError(f"{path}: the keys {differing} are lost or added")
        for key, value in expected.items():
            _compare(sent_back[key], value, f"{path}.{key}")
    elif isinstance(expected, list) and isinstance(sent_back, list):
        if len(expected) != len(sent_back):
            raise ValueError(f"{path}: {len(expected)} items become {len(sent_back)}")
        for index, value in enumerate(expected):
            _compare(sent_back[index], value, f"{path}[{index}]")
    elif _meaning(sent_back) != _meaning(expected):
        raise ValueError(f"{path}: {expected!r} becomes {sent_back!r}")


def _meaning(value: Any) -> Any:
    if isinstance(value, str):
        for kind in (dt.datetime, uuid.UUID):
            with contextlib.suppress(msgspec.ValidationError):
                return msgspec.convert(value, kind)
    return (isinstance(value, bool), value)


def _arguments(function: Any) -> dict[str, Any]:
    """Make up the required arguments of a function, from its annotations."""
    hints = typing.get_type_hints(function)
    required = {
        name: strategies.from_type(hints[name])
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is parameter.empty
    }
    return find(strategies.fixed_dictionaries(required), lambda _: True, settings=_FIRST)


if __name__ == "__main__":
    json.dump(check(**json.load(sys.stdin)), sys.stdout)
