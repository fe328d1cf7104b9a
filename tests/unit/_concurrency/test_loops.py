"""Event loops, what each has of its own, and clean-ups that come to their end."""

import asyncio
import gc

import anyio
import pytest
import trio

from junction_introspect._concurrency import forks
from junction_introspect._concurrency.loops import (
    PerLoop,
    finish,
    is_over,
    running_loop,
    soon_in,
)

BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])


@BACKENDS
def test_running_loop_is_one_object_in_every_task(backend):
    async def look():
        found = [running_loop()]

        async def again():
            found.append(running_loop())

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(again)
        return found

    first, again = anyio.run(look, backend=backend)
    (other, _) = anyio.run(look, backend=backend)
    assert first is again
    assert other is not first


@BACKENDS
def test_loop_is_over_when_it_has_ended(backend):
    async def look():
        loop = running_loop()
        return loop, is_over(loop)

    loop, over = anyio.run(look, backend=backend)
    assert (over, is_over(loop)) == (False, True)
    with pytest.raises(RuntimeError):
        soon_in(loop)(print)


@BACKENDS
def test_function_is_called_soon_from_another_thread(backend):
    async def wait():
        called = anyio.Event()
        await anyio.to_thread.run_sync(soon_in(running_loop()), called.set)
        await called.wait()

    anyio.run(wait, backend=backend)


@BACKENDS
def test_each_loop_has_a_value_of_its_own_and_those_of_ended_ones_are_forgotten(backend):
    values = PerLoop(list)

    async def get():
        assert values.get() is values.get()
        values.get().append(backend)
        return values.get()

    first, second = (anyio.run(get, backend=backend) for _ in range(2))
    assert first is not second
    assert values.values() == [second]


def test_child_starts_without_values(monkeypatch):
    monkeypatch.setattr(forks, "_inherited", [])
    values = PerLoop(list)

    async def get():
        return values.get()

    inherited = anyio.run(get)
    values.after_fork()
    assert values.values() == []
    assert inherited in forks._inherited[0].values()


def test_clean_up_comes_to_its_end_although_its_task_is_cancelled_again_and_again():
    steps = []

    async def clean_up():
        for step in range(5):
            await asyncio.sleep(0)
            steps.append(step)

    async def cancel():
        task = asyncio.create_task(finish(clean_up()))
        for _ in range(4):
            await asyncio.sleep(0)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert steps == list(range(5))


@BACKENDS
def test_clean_up_comes_to_its_end_in_a_scope_that_is_cancelled(backend):
    steps = []

    async def clean_up():
        for step in range(5):
            await anyio.lowlevel.checkpoint()
            steps.append(step)

    async def cancel():
        with anyio.CancelScope() as scope:
            scope.cancel()
            await finish(clean_up())
            steps.append("after it")
            await anyio.lowlevel.checkpoint()
            steps.append("never")

    anyio.run(cancel, backend=backend)
    assert steps == [*range(5), "after it"]


@BACKENDS
def test_error_of_a_clean_up_is_raised(backend):
    async def fail():
        await anyio.lowlevel.checkpoint()
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        anyio.run(finish, fail(), backend=backend)


def test_error_of_a_clean_up_gives_way_to_a_cancellation_and_is_not_logged():
    logged = []

    async def cancel():
        asyncio.get_running_loop().set_exception_handler(lambda _, told: logged.append(told))
        begun, broken = asyncio.Event(), asyncio.Event()

        async def fail():
            begun.set()
            await broken.wait()
            raise OSError("broken")

        task = asyncio.create_task(finish(fail()))
        await begun.wait()
        task.cancel()
        broken.set()  # which the clean-up notices after the cancellation
        with pytest.raises(asyncio.CancelledError):
            await task
        del task
        gc.collect()

    asyncio.run(cancel())
    gc.collect()
    assert not logged


def test_trios_token_is_what_stands_for_its_loop():
    async def look():
        assert running_loop() is trio.lowlevel.current_trio_token()

    trio.run(look)
