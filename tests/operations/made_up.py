"""A document with one more operation, which has other items, enums and parameters, and defects."""

from typing import Any

PATH = "/v2/introspect/devices"


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


SCHEMAS = {
    # Lists one value twice, as the vendor's enums have been seen to do.
    "DeviceKind": {"type": "string", "title": "DeviceKind", "enum": ["ring", "watch", "ring"]},
    "DeviceState": {"type": "string", "title": "DeviceState", "enum": ["worn", "charging"]},
    "Device": {
        "type": "object",
        "title": "Device",
        "properties": {
            "serial": {"type": "string"},
            "kind": _reference("DeviceKind"),
            "battery": _nullable({"type": "integer"}),
            "states": {
                "type": "object",
                "propertyNames": _reference("DeviceState"),
                "additionalProperties": {"type": "integer"},
            },
        },
        "required": ["serial", "kind"],
    },
    "UserDevices": {
        "type": "object",
        "title": "UserDevices",
        "properties": {
            "user_id": {"type": "string", "format": "uuid"},
            "devices": {"type": "array", "items": _reference("Device")},
        },
        "required": ["user_id", "devices"],
    },
    # `next` is required and deprecated, and the example is not valid.
    "UserDevicesResponse": {
        "type": "object",
        "title": "UserDevicesResponse",
        "properties": {
            "data": {"type": "array", "items": _reference("UserDevices")},
            "next": {**_nullable({"type": "string"}), "deprecated": True},
            "next_cursor": _nullable({"type": "string"}),
        },
        "required": ["data", "next", "next_cursor"],
        "example": {"data": [{"user_id": "", "devices": []}], "next_cursor": "None"},
    },
}

OPERATION = {
    "tags": ["introspect"],
    "summary": "List devices",
    "operationId": "list_devices",
    "parameters": [
        _parameter("kind", _nullable(_reference("DeviceKind"))),
        _parameter("page_size", {"type": "integer", "default": 10}),
        _parameter("next_cursor", _nullable({"type": "string"})),
    ],
    "responses": {
        "200": {
            "description": "Successful Response",
            "content": {"application/json": {"schema": _reference("UserDevicesResponse")}},
        }
    },
}


def with_devices(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with the operation added."""
    components = document["components"]
    return {
        **document,
        "paths": {**document["paths"], PATH: {"get": OPERATION}},
        "components": {**components, "schemas": {**components["schemas"], **SCHEMAS}},
    }
