"""Makes the generated client send its credential in the header that the document specifies.

The generator ignores security schemes, so its client would send every credential as a bearer token.
This step puts the document's API key header into the client, and hides secrets in its `repr`.
"""

from __future__ import annotations

from typing import Any

from openapi.generator import GenerateError

# Texts of the generator's client, how often each occurs, and their replacements.
_SECRETS = (
    ("    token: str\n", 1, "    token: str = field(repr=False)\n"),
    ('kw_only=True, alias="headers")', 2, 'kw_only=True, repr=False, alias="headers")'),
    ('kw_only=True, alias="cookies")', 2, 'kw_only=True, repr=False, alias="cookies")'),
    ('kw_only=True, alias="httpx_args")', 2, 'kw_only=True, repr=False, alias="httpx_args")'),
)


def client(source: str, document: dict[str, Any]) -> str:
    """Return the text of the generated client, changed to send the document's credential.

    Args:
        source: `client.py` as the generator writes it.
        document: The document. If it has no scheme for an API key in a header, the client still
            sends a bearer token.

    Raises:
        GenerateError: The text of the client is not the one that this step knows.
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
            ("The prefix to use for the Authorization header", 1, "The text before the token"),
            ("The name of the Authorization header", 1, "The header that contains the token"),
        ]
    for old, times, new in changes:
        if source.count(old) != times:
            found = source.count(old)
            raise GenerateError(f"client.py: {old.strip()!r} occurs {found} times, not {times}")
        source = source.replace(old, new)
    return source


def api_key_header(document: dict[str, Any]) -> str | None:
    """Return the header for the API key that the document specifies, or None."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    for requirement in document.get("security", []):
        for name in requirement:
            scheme = schemes.get(name, {})
            if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
                return str(scheme["name"])
    return None
