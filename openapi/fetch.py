"""Get a specification from a file or from the vendor, within limits.

A specification decides what code is generated: it comes over https, from the address asked for, or
not at all. Plain http is for this machine only.
"""

from __future__ import annotations

import ipaddress
import time
from pathlib import Path

import httpx

from openapi.documents import DocumentError

# The vendor's whole document, published several times a week.
PUBLISHED = "https://api.us.junction.com/openapi.json"

# Bytes, once decompressed. The document has 1.6 MB.
MAX_SIZE = 32 * 2**20
# Seconds: to wait for the next bytes, and for all of them.
_READ_TIMEOUT = 15.0
_DEADLINE = 60.0


def fetch(source: str, *, max_size: int = MAX_SIZE, deadline: float = _DEADLINE) -> str:
    """Return the text of a file or of an http(s) URL.

    Args:
        source: A path, or an https URL; http is taken on a loopback address. A redirect is not
            followed: who publishes somewhere else from now on is for a person to confirm.
        max_size: Bytes after which to give up.
        deadline: Seconds after which to give up on a URL.

    Raises:
        DocumentError: It cannot be read, is too large, or is not UTF-8.
    """
    if source.lower().startswith(("http://", "https://")):
        content = _download(source, max_size, deadline)
    else:
        try:
            with Path(source).open("rb") as file:
                content = file.read(max_size + 1)
        except OSError as error:
            raise DocumentError(f"{source}: {error.strerror}") from error
    if len(content) > max_size:
        raise DocumentError(f"{source}: more than {max_size} bytes")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise DocumentError(f"{source}: not UTF-8") from error


def _download(source: str, max_size: int, deadline: float) -> bytes:
    try:
        url = httpx.URL(source)
    except httpx.InvalidURL as error:
        raise DocumentError(f"{source}: {error}") from error
    loopback = _is_loopback(url.host)
    if url.userinfo:
        raise DocumentError("a URL with a user or a password is refused")
    if url.scheme != "https" and not loopback:
        raise DocumentError(f"{source}: only https is taken, but from this machine")
    content = bytearray()
    end = time.monotonic() + deadline
    try:
        with (
            # A proxy of the environment is for the network, not for this machine.
            httpx.Client(timeout=min(_READ_TIMEOUT, deadline), trust_env=not loopback) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code != httpx.codes.OK:
                where = response.headers.get("location")
                to = f", to {where!r}, which is not followed" if where else ""
                raise DocumentError(f"{source}: status {response.status_code}{to}")
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > max_size:
                    break
                if time.monotonic() > end:
                    raise DocumentError(f"{source}: not there within {deadline:g} seconds")
    except httpx.HTTPError as error:
        raise DocumentError(f"{source}: {type(error).__name__}: {error}") from error
    return bytes(content)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
