"""Lists everybody and prints as JSON how many, the seconds it took and the peak of memory.

With the name of a file it syncs into a new store there, with the settings of the command `sync`.
"""

import gc
import json
import re
import resource
import sys
from pathlib import Path
from time import perf_counter, process_time

from junction_introspect import Junction


def peak() -> int:
    """Return the most memory that was ever resident, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux what getrusage tells is inherited from whoever started this
        (kibibytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
        return int(kibibytes) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def synced(junction: Junction, path: str) -> int:
    """Sync everybody into a store and return how many there are."""
    from junction_introspect.store import Store, sync  # noqa: PLC0415 - an extra

    gc.set_threshold(10_000)
    with Store.open(path) as store:
        return sum(run.users for run in sync(junction, store).runs)


with Junction() as junction:
    begun = perf_counter()
    if stores := sys.argv[1:]:
        users = synced(junction, *stores)
    else:
        users = sum(1 for _ in junction.historical_pulls())
    seconds = perf_counter() - begun
print(  # noqa: T201 - the result
    json.dumps({"users": users, "seconds": seconds, "cpu": process_time(), "peak": peak()})
)
