"""Times the steps of a bump that grow with the document, and prints them as JSON."""

from __future__ import annotations

import copy
import json
from time import perf_counter

from openapi.diff.compare import compare
from openapi.documents import JUNCTION, load_plain, parse
from openapi.slice import read_operations, sliced_text
from tests.bump.whole_document import whole_document

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
compare(document, newer)
end = perf_counter()

print(  # noqa: T201 - the result
    json.dumps(
        {
            "document": f"{len(document['paths'])} paths, "
            f"{len(document['components']['schemas'])} schemas, {len(text) / 1e6:.1f} MB of JSON",
            "seconds": {
                "read, slice, write": cut - begun,
                "compare the slices": compared - cut,
                "compare unsliced": end - compared,
            },
        }
    )
)
