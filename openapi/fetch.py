"""Read a specification from a file or download it from the vendor, within limits.

A specification decides what code is generated, so it must come over https and from the requested
address. Plain http is allowed for loopback only.
"""

from __future__ import annotations

import time
from pathlib import Path
from urllib.request import getproxies

import httpx

from junction_introspect._http.addresses import is_loopback
from junction_introspect._http.proxies import check_host, proxy_for
from openapi.documents import DocumentError

# The vendor's whole document, published several times a week.
PUBLISHED = "https://api.us.junction.com/openapi.json"

# In bytes after decompression. The vendor's document has 1.6 MB.
MAX_SIZE = 32 * 2**20
# Seconds to wait for the next bytes, and for the whole download.
_READ_TIMEOUT = 15.0
_DEADLINE = 60.0


def fetch(source: str, *, max_size: int = MAX_SIZE, deadline: float = _DEADLINE) -> str:
    """Return the text of a file or of an http(s) URL.

    Args:
        source: A path, or an https URL; http is allowed for loopback addresses. Redirects are not
            followed, because a person should confirm that the vendor has moved the document.
        max_size: The largest size, in bytes.
        deadline: The longest time for a download, in seconds.

    Raises:
        DocumentError: The source cannot be read, is too large, or is not UTF-8.
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
        check_host(url)
        loopback = is_loopback(url.host)
    except (httpx.InvalidURL, ValueError) as error:
        raise DocumentError(f"{source}: {error}") from error
    if url.userinfo:
        raise DocumentError("a URL with a user or a password is refused")
    if url.scheme != "https" and not loopback:
        raise DocumentError(f"{source}: https is required; http is allowed for loopback only")
    content = bytearray()
    end = time.monotonic() + deadline
    try:
        with (
            # A proxy from the environment could not reach the loopback of this machine.
            _client(None if loopback else proxy_for(url, getproxies())) as client,
            client.stream("GET", url, timeout=min(_READ_TIMEOUT, deadline)) as response,
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
                    raise DocumentError(f"{source}: not received within {deadline:g} seconds")
    except httpx.HTTPError as error:
        raise DocumentError(f"{source}: {type(error).__name__}: {error}") from error
    return bytes(content)


def _client(proxy: str | None) -> httpx.Client:
    try:
        if proxy is not None:
            check_host(httpx.URL(proxy))
        # With trust_env, httpx would end with a traceback for settings that it cannot use.
        return httpx.Client(proxy=proxy, verify=httpx.create_ssl_context(), trust_env=False)
    except ImportError as error:
        raise DocumentError(
            "a SOCKS proxy is set, which needs another package: pip install 'httpx[socks]'"
        ) from error
    except OSError as error:
        raise DocumentError(
            "certificates cannot be read: see SSL_CERT_FILE and SSL_CERT_DIR"
        ) from error
    except (ValueError, httpx.InvalidURL):  # either may quote the proxy's password
        raise DocumentError(
            "the address of a proxy cannot be used: see HTTP_PROXY, HTTPS_PROXY and ALL_PROXY"
        ) from None
