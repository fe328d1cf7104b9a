"""What is renewed in a child process: here as if this were one."""

import gc
import pkgutil
import sys
import threading
from importlib import import_module

import httpcore

import junction_introspect
from junction_introspect import Junction, _lazy
from junction_introspect._concurrency import forks

ORIGIN = httpcore.Origin(b"http", b"api.example", 80)


class Watched:
    renewed = 0

    def after_fork(self):
        self.renewed += 1


def test_what_is_watched_is_renewed_for_as_long_as_it_lives(monkeypatch):
    monkeypatch.setattr(forks, "_watched", type(forks._watched)())
    kept, dropped = Watched(), Watched()
    forks.watch(kept)
    forks.watch(dropped)
    del dropped
    gc.collect()
    forks._renew()

    assert kept.renewed == 1
    assert len(forks._watched) == 1


def test_child_has_neither_connections_nor_locks_of_its_parent(monkeypatch):
    monkeypatch.setattr(forks, "_watched", type(forks._watched)())
    monkeypatch.setattr(forks, "_inherited", [])
    with Junction(api_key="sk_us_0123456789") as junction:
        pool, auth, drift = junction._http._transport._pool, junction._http.auth, junction.drift
        taken, before = pool.connections.take(ORIGIN), pool.connections
        pool._lock.own.acquire()
        for each in (auth, drift):
            each._lock.own.acquire()
        forks._renew()

        assert not pool._lock.own.locked()
        assert not any(each._lock.own.locked() for each in (auth, drift))
        assert len(pool.connections._all) == 0
        assert before in forks._inherited
        pool._give_back(taken)
        assert (len(pool.connections._all), pool.connections.closing) == (0, [])


def test_ctrl_c_cannot_come_between_a_lock_and_its_block():
    """It could while Python code runs there, and the lock would stay held."""
    lock, run = forks.Lock(), []
    sys.setprofile(lambda _, event, __: run.append(event))
    with lock.own:
        pass
    sys.setprofile(None)

    assert "call" not in run  # "c_call" is C code


def test_no_module_has_a_lock_that_a_child_would_inherit_held():
    locks = (type(threading.Lock()), type(threading.RLock()))
    modules = pkgutil.walk_packages(junction_introspect.__path__, "junction_introspect.")
    held = {
        (found.name, name)
        for found in modules
        if not found.name.endswith("__main__")
        for name, value in vars(import_module(found.name)).items()
        if isinstance(value, locks)
    }

    assert held == {(_lazy.__name__, "_lock")}  # which the module itself renews


def test_instances_may_be_made_in_threads_meanwhile():
    made = []
    threads = [threading.Thread(target=lambda: made.append(Watched())) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for each in made:
        forks.watch(each)
    forks._renew()

    assert all(each.renewed for each in made)
