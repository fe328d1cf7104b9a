"""A document the size of the vendor's, made up around the operation at hand: always the same."""

from __future__ import annotations

import copy
from random import Random

from openapi.documents import JUNCTION, load_plain

PATHS = 194
SCHEMAS = 680
SIZE = 1_600_000  # bytes as JSON, about


def whole_document(seed=1):
    """Return the document at hand among other paths and schemas, as many as the vendor has."""
    rng = Random(seed)
    document = copy.deepcopy(load_plain(JUNCTION))
    ours = document["components"]["schemas"]
    names = [f"Thing{number}" for number in range(SCHEMAS - len(ours))]
    schemas = {name: _schema(rng, name, names) for name in names}
    # Ours stand somewhere in the middle.
    entries = [*schemas.items()]
    entries[300:300] = ours.items()
    document["components"]["schemas"] = dict(entries)
    others = PATHS - len(document["paths"])
    paths = [(f"/v2/things/{number}/{{id}}", _item(rng, names)) for number in range(others)]
    paths[90:90] = document["paths"].items()
    document["paths"] = dict(paths)
    return document


def _schema(rng, name, names):
    if rng.random() < 1 / 6:
        values = [f"{name.lower()}_value_{number}" for number in range(rng.randrange(3, 80))]
        return {"type": "string", "enum": values, "title": name, "description": _prose(rng)}
    properties = {f"field_{number}": _field(rng, names) for number in range(rng.randrange(4, 24))}
    required = [field for field in properties if rng.random() < 1 / 2]
    return {"type": "object", "properties": properties, "required": required, "title": name}


def _field(rng, names):
    # References lead anywhere, so that there are cycles of every length.
    reference = {"$ref": f"#/components/schemas/{rng.choice(names)}"}
    plain = {"type": rng.choice(("string", "integer", "number", "boolean"))}
    return rng.choice(
        (
            {**plain, "title": "A Field", "description": _prose(rng)},
            {"anyOf": [plain, {"type": "null"}], "title": "A Field", "description": _prose(rng)},
            {"anyOf": [reference, {"type": "null"}], "title": "A Field"},
            {"type": "array", "items": reference, "title": "A List"},
            {"type": "object", "additionalProperties": reference, "title": "A Map"},
            reference,
        )
    )


def _item(rng, names):
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "get": {
            "summary": _prose(rng),
            "operationId": f"get_{rng.getrandbits(64):x}",
            "parameters": [parameter],
            "responses": {
                "200": {
                    "description": "Successful Response",
                    "content": {
                        "application/json": {
                            "schema": {"$ref": f"#/components/schemas/{rng.choice(names)}"}
                        }
                    },
                }
            },
        }
    }


def _prose(rng):
    return " ".join(rng.choices(("what", "the", "field", "holds", "and", "why"), k=24)) + "."
