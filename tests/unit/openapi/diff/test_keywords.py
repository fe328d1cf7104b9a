"""Nothing is passed over: each keyword of OpenAPI 3.1, wherever it may stand, is told of."""

from __future__ import annotations

import copy

import pytest

from openapi.diff.changes import Grade
from openapi.diff.compare import compare
from openapi.documents import METHODS, follow

STRING = {"type": "string"}
ARRAY = {"type": "array", "items": STRING}
OBJECT = {"type": "object"}
A, B = ({"$ref": f"#/components/schemas/{name}"} for name in "AB")

# Keywords of a schema, each with two schemas that differ by it.
KEYWORDS = {
    "$ref": (A, B),
    "$id": (STRING, {**STRING, "$id": "x"}),
    "$schema": (STRING, {**STRING, "$schema": "https://json-schema.org/draft/2020-12/schema"}),
    "$anchor": (STRING, {**STRING, "$anchor": "x"}),
    "$comment": (STRING, {**STRING, "$comment": "x"}),
    "$vocabulary": (STRING, {**STRING, "$vocabulary": {}}),
    "$defs": (STRING, {**STRING, "$defs": {"x": {}}}),
    "$dynamicRef": (STRING, {**STRING, "$dynamicRef": "#x"}),
    "$dynamicAnchor": (STRING, {**STRING, "$dynamicAnchor": "x"}),
    "allOf": (OBJECT, {**OBJECT, "allOf": [{"required": ["a"]}]}),
    "anyOf": (STRING, {"anyOf": [STRING, {"type": "integer"}]}),
    "oneOf": (STRING, {"oneOf": [STRING, {"type": "integer"}]}),
    "not": (STRING, {**STRING, "not": {"const": "a"}}),
    "if": (
        {**STRING, "if": {"const": "a"}, "then": {"minLength": 2}},
        {**STRING, "if": {"const": "b"}, "then": {"minLength": 2}},
    ),
    "then": (
        {**STRING, "if": {"const": "a"}},
        {**STRING, "if": {"const": "a"}, "then": {"minLength": 2}},
    ),
    "else": (
        {**STRING, "if": {"const": "a"}},
        {**STRING, "if": {"const": "a"}, "else": {"minLength": 2}},
    ),
    "type": (STRING, {"type": "integer"}),
    "enum": (STRING, {**STRING, "enum": ["a"]}),
    "const": (STRING, {**STRING, "const": "a"}),
    "multipleOf": ({"type": "number"}, {"type": "number", "multipleOf": 0.5}),
    **{
        word: ({"type": "number"}, {"type": "number", word: 5})
        for word in ("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum")
    },
    **{word: (STRING, {**STRING, word: 5}) for word in ("maxLength", "minLength")},
    "pattern": (STRING, {**STRING, "pattern": "^a"}),
    "format": (STRING, {**STRING, "format": "uuid"}),
    "contentEncoding": (STRING, {**STRING, "contentEncoding": "base64"}),
    "contentMediaType": (STRING, {**STRING, "contentMediaType": "text/csv"}),
    "contentSchema": (STRING, {**STRING, "contentSchema": STRING}),
    "items": ({"type": "array"}, ARRAY),
    "prefixItems": (ARRAY, {**ARRAY, "prefixItems": [{"type": "integer"}]}),
    "contains": (ARRAY, {**ARRAY, "contains": {"const": "a"}}),
    **{
        word: ({**ARRAY, "contains": STRING}, {**ARRAY, "contains": STRING, word: 5})
        for word in ("maxContains", "minContains")
    },
    **{word: (ARRAY, {**ARRAY, word: 5}) for word in ("maxItems", "minItems")},
    "uniqueItems": (ARRAY, {**ARRAY, "uniqueItems": True}),
    "unevaluatedItems": ({"type": "array"}, {"type": "array", "unevaluatedItems": STRING}),
    "properties": (OBJECT, {**OBJECT, "properties": {"a": STRING}}),
    "patternProperties": (OBJECT, {**OBJECT, "patternProperties": {"^a": STRING}}),
    "additionalProperties": (OBJECT, {**OBJECT, "additionalProperties": False}),
    "propertyNames": (OBJECT, {**OBJECT, "propertyNames": {"maxLength": 5}}),
    "unevaluatedProperties": (OBJECT, {**OBJECT, "unevaluatedProperties": False}),
    **{word: (OBJECT, {**OBJECT, word: 5}) for word in ("maxProperties", "minProperties")},
    "required": (OBJECT, {**OBJECT, "required": ["a"]}),
    "dependentRequired": (OBJECT, {**OBJECT, "dependentRequired": {"a": ["b"]}}),
    "dependentSchemas": (OBJECT, {**OBJECT, "dependentSchemas": {"a": {"required": ["b"]}}}),
    "title": ({**STRING, "title": "A"}, {**STRING, "title": "B"}),
    "description": (STRING, {**STRING, "description": "d"}),
    "default": (STRING, {**STRING, "default": "a"}),
    "deprecated": (STRING, {**STRING, "deprecated": True}),
    "readOnly": (STRING, {**STRING, "readOnly": True}),
    "writeOnly": (STRING, {**STRING, "writeOnly": True}),
    "examples": (STRING, {**STRING, "examples": ["a"]}),
    "example": (STRING, {**STRING, "example": "a"}),
    "externalDocs": (STRING, {**STRING, "externalDocs": {"url": "https://x"}}),
    "discriminator": (OBJECT, {**OBJECT, "discriminator": {"propertyName": "a"}}),
    "xml": (STRING, {**STRING, "xml": {"name": "a"}}),
}
# What only OpenAPI 3.0 has.
OLDER = {
    "nullable": (STRING, {**STRING, "nullable": True}),
    "exclusiveMaximum": (
        {"type": "number", "maximum": 5},
        {"type": "number", "maximum": 5, "exclusiveMaximum": True},
    ),
    "exclusiveMinimum": (
        {"type": "number", "minimum": 5},
        {"type": "number", "minimum": 5, "exclusiveMinimum": True},
    ),
}
# Keywords of a schema that mean nothing to a client.
SILENT = {
    "$id": "names the schema; references are compared by what they lead to",
    "$anchor": "as $id",
    "$defs": "holds schemas for others to refer to",
    "$schema": "names the dialect; OpenAPI's own is compared at the head of the document",
    "$vocabulary": "has a meaning in a dialect's own schema only",
    "$comment": "is for who writes the schema",
}
# Below these a schema tests a value, and describes nothing.
UNDESCRIBED = {
    *("title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples"),
    *("example", "externalDocs", "discriminator", "xml"),
}

# Where a schema may stand within a schema.
INNER = {
    "itself": lambda schema: schema,
    "a component": lambda schema: {"$ref": "#/components/schemas/X", "x-is": schema},
    "properties": lambda schema: {**OBJECT, "properties": {"a": schema}},
    "patternProperties": lambda schema: {**OBJECT, "patternProperties": {"^a": schema}},
    "additionalProperties": lambda schema: {**OBJECT, "additionalProperties": schema},
    "propertyNames": lambda schema: {**OBJECT, "propertyNames": schema},
    "unevaluatedProperties": lambda schema: {**OBJECT, "unevaluatedProperties": schema},
    "dependentSchemas": lambda schema: {**OBJECT, "dependentSchemas": {"a": schema}},
    "items": lambda schema: {"type": "array", "items": schema},
    "prefixItems": lambda schema: {"type": "array", "prefixItems": [schema]},
    "unevaluatedItems": lambda schema: {"type": "array", "unevaluatedItems": schema},
    "contentSchema": lambda schema: {**STRING, "contentSchema": schema},
    "allOf": lambda schema: {"allOf": [schema, {"minProperties": 1}]},
    "anyOf": lambda schema: {"anyOf": [schema, {"type": "boolean"}]},
    "oneOf": lambda schema: {"oneOf": [schema, {"type": "boolean"}]},
}
TESTING = {
    "not": lambda schema: {"not": schema},
    "if": lambda schema: {"if": schema, "then": {"minProperties": 1}},
    "then": lambda schema: {"if": {"minProperties": 1}, "then": schema},
    "else": lambda schema: {"if": {"minProperties": 1}, "else": schema},
    "contains": lambda schema: {"type": "array", "contains": schema},
}


def base():
    """Return a document with every object of OpenAPI 3.1 in it."""
    media = {"schema": STRING, "example": "a", "encoding": {"a": {"contentType": "text/plain"}}}
    header = {"description": "d", "schema": STRING}
    link = {"operationId": "get", "server": {"url": "https://l"}}
    response = {
        "description": "d",
        "headers": {"H": header, "C": {"content": {"text/plain": {"schema": STRING}}}},
        "content": {"application/json": media},
        "links": {"L": link},
    }
    flow = {"tokenUrl": "https://t", "authorizationUrl": "https://a", "scopes": {"s": "d"}}
    operation = {
        "tags": ["t"],
        "operationId": "get",
        "parameters": [
            {"name": "p", "in": "query", "schema": ARRAY, "examples": {"e": {"value": ["a"]}}},
            {"name": "c", "in": "query", "content": {"application/json": {"schema": STRING}}},
        ],
        "requestBody": {"content": {"application/json": media}},
        "responses": {"200": response, "default": {"description": "d"}},
        "callbacks": {"C": {"{$request.body#/url}": {"post": {"responses": {}}}}},
        "servers": [{"url": "https://{v}", "variables": {"v": {"default": "a"}}}],
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "T",
            "version": "1",
            "contact": {"name": "n"},
            "license": {"name": "n"},
        },
        "servers": [{"url": "https://x"}],
        "paths": {"/x": {"get": operation}},
        "webhooks": {"W": {"post": {"responses": {}}}},
        "components": {
            "schemas": {"A": STRING, "B": {"type": "integer"}},
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "k"},
                "http": {"type": "http", "scheme": "bearer"},
                "oauth": {"type": "oauth2", "flows": {"authorizationCode": flow}},
                "oidc": {"type": "openIdConnect", "openIdConnectUrl": "https://o"},
            },
        },
        "security": [{"key": []}, {"http": []}, {"oauth": ["s"]}, {"oidc": []}],
        "tags": [{"name": "t"}],
        "externalDocs": {"url": "https://d"},
    }


OPERATION = "/paths/~1x/get"
RESPONSE = f"{OPERATION}/responses/200"
SCHEMES = "/components/securitySchemes"
DOCS = {"url": "https://other"}
# The objects of OpenAPI 3.1, schemas apart: where one stands, and another value for each keyword.
OBJECTS = {
    "OpenAPI": (
        "",
        {
            "openapi": "3.2.0",
            "jsonSchemaDialect": "https://d",
            "servers": [],
            "paths": {},
            "webhooks": {},
            "security": [{"key": []}],
            "tags": [],
            "externalDocs": DOCS,
        },
    ),
    "Info": (
        "/info",
        {
            **dict.fromkeys(("title", "summary", "description", "termsOfService"), "other"),
            "contact": {},
            "license": {"name": "other"},
            "version": "2",
        },
    ),
    "Contact": ("/info/contact", {"name": "o", "url": "https://o", "email": "a@b.c"}),
    "License": ("/info/license", {"name": "o", "identifier": "MIT", "url": "https://o"}),
    "Server": (
        f"{OPERATION}/servers/0",
        {"url": "https://o", "description": "d", "variables": {}},
    ),
    "Server Variable": (
        f"{OPERATION}/servers/0/variables/v",
        {"enum": ["a"], "default": "b", "description": "d"},
    ),
    "Components": ("/components", {"securitySchemes": {}, "pathItems": {}, "schemas": {}}),
    "Path Item": (
        "/paths/~1x",
        {
            "summary": "s",
            "description": "d",
            **{method: {"responses": {}} for method in METHODS},
            "parameters": [{"name": "n", "in": "query", "schema": {}}],
        },
    ),
    "Operation": (
        OPERATION,
        {
            "tags": ["o"],
            "summary": "s",
            "description": "d",
            "externalDocs": DOCS,
            "operationId": "other",
            "parameters": [],
            "requestBody": {"content": {}},
            "responses": {},
            "callbacks": {},
            "deprecated": True,
            "security": [],
            "servers": [],
        },
    ),
    "External Documentation": ("/externalDocs", {"description": "d", "url": "https://o"}),
    "Parameter": (
        f"{OPERATION}/parameters/0",
        {
            "name": "o",
            "in": "header",
            "description": "d",
            "required": True,
            "deprecated": True,
            "allowEmptyValue": True,
            "style": "pipeDelimited",
            "explode": False,
            "allowReserved": True,
            "schema": STRING,
            "example": ["b"],
            "examples": {},
        },
    ),
    "Parameter with content": (f"{OPERATION}/parameters/1", {"content": {"text/plain": {}}}),
    "Request Body": (
        f"{OPERATION}/requestBody",
        {"description": "d", "content": {}, "required": True},
    ),
    "Media Type": (
        f"{RESPONSE}/content/application~1json",
        {"schema": {}, "example": "b", "examples": {"e": {"value": "b"}}, "encoding": {}},
    ),
    "Encoding": (
        f"{RESPONSE}/content/application~1json/encoding/a",
        {
            "contentType": "text/csv",
            "headers": {"H": {}},
            "style": "form",
            "explode": True,
            "allowReserved": True,
        },
    ),
    "Responses": (f"{OPERATION}/responses", {"default": {"description": "o"}, "200": {}}),
    "Response": (RESPONSE, {"description": "o", "headers": {}, "content": {}, "links": {}}),
    "Callback": (f"{OPERATION}/callbacks/C", {"{$request.body#/url}": {}}),
    "Example": (
        f"{OPERATION}/parameters/0/examples/e",
        {
            "summary": "s",
            "description": "d",
            "value": ["b"],
            "externalValue": "https://e",
        },
    ),
    "Link": (
        f"{RESPONSE}/links/L",
        {
            "operationRef": "#/paths/~1x/get",
            "operationId": "other",
            "parameters": {"p": 1},
            "requestBody": 1,
            "description": "d",
            "server": {"url": "https://o"},
        },
    ),
    "Header": (
        f"{RESPONSE}/headers/H",
        {
            "description": "o",
            "required": True,
            "deprecated": True,
            "style": "form",
            "explode": True,
            "schema": {},
            "example": "a",
            "examples": {"e": {"value": "a"}},
        },
    ),
    "Header with content": (f"{RESPONSE}/headers/C", {"content": {"text/plain": {}}}),
    "Tag": ("/tags/0", {"name": "o", "description": "d", "externalDocs": DOCS}),
    "Security Scheme, apiKey": (
        f"{SCHEMES}/key",
        {"type": "http", "description": "d", "name": "o", "in": "query"},
    ),
    "Security Scheme, http": (f"{SCHEMES}/http", {"scheme": "basic", "bearerFormat": "JWT"}),
    "Security Scheme, oauth2": (f"{SCHEMES}/oauth", {"flows": {}}),
    "Security Scheme, openIdConnect": (f"{SCHEMES}/oidc", {"openIdConnectUrl": "https://p"}),
    "OAuth Flows": (
        f"{SCHEMES}/oauth/flows",
        {
            name: {"scopes": {}}
            for name in ("implicit", "password", "clientCredentials", "authorizationCode")
        },
    ),
    "OAuth Flow": (
        f"{SCHEMES}/oauth/flows/authorizationCode",
        {
            **dict.fromkeys(("authorizationUrl", "tokenUrl", "refreshUrl"), "https://o"),
            "scopes": {},
        },
    ),
    "Security Requirement": ("/security/2", {"oauth": ["o"], "http": []}),
}
# Keywords of those that mean nothing to a client.
SILENT_OBJECTS = {
    ("Info", "version"): "stands above the changes",
    ("Components", "schemas"): "tells where something refers to one",
    ("Components", "pathItems"): "as schemas",
    ("Header", "explode"): "means nothing for text; see the pairs for an object",
}


def message(schema, place):
    """Return a document that has a schema in a parameter, a body, a response or a header.

    It has nothing else, since thousands of them are compared.
    """
    operation = {"operationId": "get", "responses": {"200": {"description": "d"}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/x": {"get": operation}},
        "components": {"schemas": {"A": STRING, "B": {"type": "integer"}}},
    }
    media = {"application/json": {"schema": schema}}
    match place:
        case "parameter":
            operation["parameters"] = [{"name": "p", "in": "query", "schema": schema}]
        case "parameter as content":
            operation["parameters"] = [{"name": "p", "in": "query", "content": media}]
        case "body":
            operation["requestBody"] = {"content": media}
        case "response":
            operation["responses"]["200"]["content"] = media
        case "header":
            operation["responses"]["200"]["headers"] = {"H": {"schema": schema}}
        case "header as content":
            operation["responses"]["200"]["headers"] = {"H": {"content": media}}
    if "x-is" in schema:
        document["components"]["schemas"]["X"] = schema["x-is"]
    return document


def untold(keywords, wrap, place):
    """Return the keywords that may change, in one way or the other, without a word."""
    return {
        word
        for word, pair in keywords.items()
        for old, new in (pair, reversed(pair))
        if not compare(message(wrap(old), place), message(wrap(new), place))
    }


EVERYWHERE = (
    "parameter",
    "parameter as content",
    "body",
    "response",
    "header",
    "header as content",
)
# Deeper inside, all of the messages that go one way are alike.
DEEPER = ("parameter", "response")
PLACES = [
    *((inner, place) for inner in ("itself", "a component") for place in EVERYWHERE),
    *((inner, place) for inner in [*INNER][2:] for place in DEEPER),
]
TESTS = [(inner, place) for inner in TESTING for place in DEEPER]


@pytest.mark.parametrize(("inner", "place"), PLACES)
def test_keyword_of_a_schema_is_told_of(inner, place):
    assert untold(KEYWORDS, INNER[inner], place) == SILENT.keys()


@pytest.mark.parametrize(("inner", "place"), TESTS)
def test_keyword_of_a_condition_is_told_of(inner, place):
    assert untold(KEYWORDS, TESTING[inner], place) == SILENT.keys() | UNDESCRIBED


@pytest.mark.parametrize(("inner", "place"), [*PLACES, *TESTS])
def test_keyword_of_an_older_schema_is_told_of(inner, place):
    assert untold(OLDER, {**INNER, **TESTING}[inner], place) == set()


@pytest.mark.parametrize("word", ["widget", "id", "collectionFormat"])
@pytest.mark.parametrize("place", EVERYWHERE)
def test_unknown_keyword_asks_for_attention(word, place):
    (change,) = compare(message(STRING, place), message({**STRING, word: "a"}, place))
    assert change.grade is Grade.ATTENTION


@pytest.mark.parametrize(
    ("place", "word", "value"),
    [
        pytest.param(place, word, value, id=f"{name}: {word}")
        for name, (place, words) in OBJECTS.items()
        for word, value in words.items()
        if (name, word) not in SILENT_OBJECTS
    ],
)
def test_keyword_of_another_object_is_told_of(place, word, value):
    before, after = documents(place, word, value)
    assert compare(before, after)
    assert compare(after, before)


@pytest.mark.parametrize(("name", "word"), SILENT_OBJECTS)
def test_keyword_that_means_nothing_is_not_told_of(name, word):
    place, words = OBJECTS[name]
    before, after = documents(place, word, words[word])
    if name == "Components":
        # What the document still refers to stays.
        after["components"][word] |= before["components"].get(word, {})
        after["components"][word]["Unused"] = {}
    assert compare(before, after) == []


def documents(place, word, value):
    """Return a document as it is, and with another value for one keyword."""
    before, after = base(), copy.deepcopy(base())
    node = follow(f"#{place}", after) if place else after
    assert node.get(word) != value
    node[word] = copy.deepcopy(value)
    return before, after


@pytest.mark.parametrize(
    "place", [place for name, (place, _) in OBJECTS.items() if name != "Security Requirement"]
)
def test_extension_is_not_told_of(place):
    assert compare(*documents(place, "x-vendor", 1)) == []
