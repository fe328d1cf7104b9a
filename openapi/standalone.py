"""Makes the generated client work by itself: the credential goes where the document wants it.

The generator reads no security schemes, so its client would send every credential as a bearer
token. This step writes the document's API key header into the client, and keeps what is secret out
of the clients' `repr`.
"""

from __future__ import annotations

from typing import Any

from openapi.generator import GenerateError

# What the generator's client has, how often, and what takes its place.
_SECRETS = (
    ("    token: str\n", 1, "    token: str = field(repr=False)\n"),
    ('kw_only=True, alias="headers")', 2, 'kw_only=True, repr=False, alias="headers")'),
    ('kw_only=True, alias="cookies")', 2, 'kw_only=True, repr=False, alias="cookies")'),
    ('kw_only=True, alias="httpx_args")', 2, 'kw_only=True, repr=False, alias="httpx_args")'),
)


def client(source: str, document: dict[str, Any]) -> str:
    """Return the text of the generated client with the document's credential.

    Args:
        source: `client.py` as the generator writes it.
        document: The document. Without a scheme for an API key in a header, a token stays a bearer
            token.

    Raises:
        GenerateError: The generator writes another client than this step knows.
    """
    changes = [*_SECRETS]
    if header := api_key_header(document):
        changes += [
            ('    prefix: str = "Bearer"\n', 1, '    prefix: str = ""\n'),
            (
                '    auth_header_name: str = "Authorization"\n',
                1,
                f"    auth_header_name: str = {header!r}\n",
            ),
            ("The token to use for authentication", 1, "The API key, which is sent as it is"),
            ("The prefix to use for the Authorization header", 1, "What stands before the token"),
            ("The name of the Authorization header", 1, "The header that the token is sent in"),
        ]
    for old, times, new in changes:
        if source.count(old) != times:
            raise GenerateError(f"client.py: {old.strip()!r} is not there {times} times")
        source = source.replace(old, new)
    return source


def api_key_header(document: dict[str, Any]) -> str | None:
    """Return the header that the document wants an API key in, if it wants any."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    for requirement in document.get("security", []):
        for name in requirement:
            scheme = schemes.get(name, {})
            if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
                return str(scheme["name"])
    return None
