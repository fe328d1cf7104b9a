"""Checks host names, and finds the proxy that environment variables name for an address.

httpx does neither well enough. It accepts any host name, and its sync client then fails with a bare
`UnicodeError`. It also refuses to work if ``NO_PROXY`` has an entry that it does not understand,
even if no proxy is set.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Final

import httpx

_PORTS: Final = {"http": 80, "https": 443}
# RFC 1035, 2.3.4: 255 bytes, less the length byte of the first label and the root label.
_LONGEST_HOST: Final = 253
_NAME: Final = re.compile(r"[\w.-]+", re.ASCII)
_LAST_PORT: Final = 65535


def check_host(url: httpx.URL) -> None:
    """Check that a URL has a valid host and port.

    Raises:
        ValueError: The host or the port is not valid.
    """
    host = url.raw_host.decode("ascii")
    if not host:
        raise ValueError("it has no host")
    if not _is_address(host):
        if not _NAME.fullmatch(host) or "xn--" in host.split("."):
            raise ValueError("the host's name has a part that is not allowed in host names")
        try:
            host.encode("idna")  # the socket module does the same; it checks each label
        except UnicodeError:
            raise ValueError("a part of the host's name is empty or too long") from None
        if len(host.rstrip(".")) > _LONGEST_HOST:
            raise ValueError("the host's name is too long")
    if url.port is not None and not 0 < url.port <= _LAST_PORT:
        raise ValueError("the port is not between 1 and 65535")


def proxy_for(url: httpx.URL, proxies: Mapping[str, str]) -> str | None:
    """Return the address of the proxy for a URL, or None.

    Args:
        url: Where requests go.
        proxies: As `urllib.request.getproxies` returns them: proxies by scheme, or under ``all``,
            and the entries of ``NO_PROXY`` under ``no``.
    """
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy:
        return None
    entries = (entry.strip() for entry in proxies.get("no", "").split(","))
    if any(_covers(entry, url) for entry in entries if entry):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _covers(entry: str, url: httpx.URL) -> bool:
    """Whether an entry of ``NO_PROXY`` covers a URL. An entry that makes no sense covers none.

    ``*`` covers everything. A host covers itself and its subdomains; with a leading dot, only its
    subdomains. An entry may also be an IP address or a range of addresses. A scheme or a port in an
    entry limits it to that scheme or port.
    """
    if entry == "*":
        return True
    scheme, _, rest = entry.rpartition("://")
    if scheme and scheme.lower() not in {"all", url.scheme}:
        return False
    host = url.raw_host.decode("ascii")
    name, port = _parts(rest)
    if port is not None and port != str(url.port or _PORTS.get(url.scheme)):
        return False
    try:
        network = ipaddress.ip_network(name, strict=False)
    except ValueError:
        return _is_within(host.rstrip("."), name)
    return _is_address(host) and ipaddress.ip_address(host) in network


def _is_within(host: str, name: str) -> bool:
    name = name.removeprefix("*").rstrip(".").lower()
    try:
        if not name.isascii():
            dot = "." * name.startswith(".")
            name = dot + httpx.URL(f"https://{name.lstrip('.')}").raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError):
        return False
    if not name:
        return False
    if name.startswith("."):
        return host.endswith(name)
    return host == name or (name != "localhost" and host.endswith(f".{name}"))


def _parts(text: str) -> tuple[str, str | None]:
    """Split an entry into name and port. An IPv6 address with a port is in brackets."""
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        return (address, rest[1:]) if rest.startswith(":") else (address + rest, None)
    name, separator, port = text.partition(":")
    return (name, port) if separator and port.isdigit() else (text, None)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
