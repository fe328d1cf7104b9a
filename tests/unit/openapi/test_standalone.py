from __future__ import annotations

import pytest

from openapi.generator import GenerateError
from openapi.standalone import api_key_header, client

KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
TOKEN = {"type": "http", "scheme": "bearer"}
QUERY = {"type": "apiKey", "in": "query", "name": "key"}


def document(*required, **schemes):
    return {"components": {"securitySchemes": schemes}, "security": [*required]}


@pytest.mark.parametrize(
    ("described", "header"),
    [
        (document({"key": []}, key=KEY), "X-Key"),
        (document({"token": []}, {"key": []}, key=KEY, token=TOKEN), "X-Key"),
        (document({"token": [], "key": []}, key=KEY, token=TOKEN), "X-Key"),
        (document({"token": []}, key=KEY, token=TOKEN), None),
        (document({"key": []}, key=QUERY), None),
        (document({"key": []}), None),
        (document({}, key=KEY), None),
        ({}, None),
    ],
)
def test_header_is_that_of_the_key_that_the_document_requires(described, header):
    assert api_key_header(described) == header


def test_client_that_the_step_does_not_know_is_refused():
    with pytest.raises(GenerateError, match=r"client\.py: 'token: str' occurs 0 times, not 1"):
        client("class Client: ...\n", {})
