"""Get a specification from a file or from the vendor, within limits.

A specification decides what code is generated: it comes over https, from the address asked for, or
not at all. Plain http is for this machine only.
"""

from __future__ import annotations

import ipaddress
import time
from pathlib import Path
from urllib.request import getproxies

import httpx

from junction_introspect._http.proxies import check_host, proxy_for
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
        check_host(url)
        loopback = _is_loopback(url.host)
    except (httpx.InvalidURL, ValueError) as error:
        raise DocumentError(f"{source}: {error}") from error
    if url.userinfo:
        raise DocumentError("a URL with a user or a password is refused")
    if url.scheme != "https" and not loopback:
        raise DocumentError(f"{source}: only https is taken, but from this machine")
    content = bytearray()
    end = time.monotonic() + deadline
    try:
        with (
            # A proxy of the environment is for the network, not for this machine.
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
                    raise DocumentError(f"{source}: not there within {deadline:g} seconds")
    except httpx.HTTPError as error:
        raise DocumentError(f"{source}: {type(error).__name__}: {error}") from error
    return bytes(content)


def _client(proxy: str | None) -> httpx.Client:
    try:
        if proxy is not None:
            check_host(httpx.URL(proxy))
        # What httpx reads of the environment by itself, and cannot use, ends in a traceback.
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


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
