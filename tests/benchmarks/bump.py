"""How long slicing and comparing a document of the vendor's size takes."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from time import perf_counter

sys.path[:0] = [str(Path(__file__).parents[1] / "bump"), str(Path(__file__).parents[2])]

# Below the line above: this is run as a script.
from whole_document import whole_document  # noqa: E402

from openapi.compare import compare  # noqa: E402
from openapi.documents import JUNCTION, load_plain, parse  # noqa: E402
from openapi.slice import read_operations, sliced_text  # noqa: E402

LIMIT = 3.0  # seconds, on 2 cores


def main():
    """Print the figures; exit 1 when they are over the limit."""
    document = whole_document()
    text = json.dumps(document, indent=1)
    newer = copy.deepcopy(document)
    newer["components"]["schemas"]["Providers"]["enum"].append("new_ring")
    before, operations = load_plain(JUNCTION), read_operations()
    begun = perf_counter()
    sliced = parse(sliced_text(text, operations, before))
    cut = perf_counter()
    compare(before, sliced)
    compared = perf_counter()
    found = compare(document, newer)
    end = perf_counter()
    sys.stdout.write(
        f"whole document: {len(document['paths'])} paths, "
        f"{len(document['components']['schemas'])} schemas, {len(text) / 1e6:.1f} MB of JSON\n"
        f"read, slice, write  {cut - begun:6.2f} s\n"
        f"compare the slices  {compared - cut:6.2f} s\n"
        f"compare unsliced    {end - compared:6.2f} s, {len(found)} change\n"
        f"together            {end - begun:6.2f} s of {LIMIT:g} s\n"
    )
    return int(end - begun > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
