"""Reads a response's body and decompresses it, never beyond a size limit.

httpx inflates a whole chunk at once, and 64 kB of gzip may become 64 MB. So the clients accept only
gzip, read the raw bytes, and inflate them here.
"""

from __future__ import annotations

import codecs
import contextlib
import zlib
from typing import Final

from junction_introspect.errors import ResponseDecodeError, ResponseTooLargeError

ACCEPT_ENCODING: Final = "gzip"
# "utf-8" and "none" are not codings, but servers send them with uncompressed bodies.
_PLAIN: Final = frozenset({"", "identity", "none", "utf-8", "utf8"})
_GZIP: Final = frozenset({"gzip", "x-gzip"})  # RFC 9110, 8.4.1.3: the two are equivalent
_MEBIBYTE: Final = 1024 * 1024
# Large enough for any error detail.
_ERROR_LIMIT: Final = _MEBIBYTE
# The most bytes to inflate per call: zlib needs twice the memory of what a call returns.
_PIECE: Final = _MEBIBYTE
_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS
# Some servers and proxies add these bytes after a gzip stream; curl ignores them too.
_PADDING: Final = b"\0\r\n\t "


class Body:
    """Collects a body chunk by chunk.

    Args:
        content_encoding: The response's ``Content-Encoding``.
        limit: The maximum number of decompressed bytes.

    Attributes:
        full: Whether the rest need not be read. Always False: a page is read to its end.

    Raises:
        ResponseDecodeError: The encoding was not asked for.
    """

    full: Final = False

    def __init__(self, content_encoding: str, limit: int) -> None:
        named = [coding.strip().lower() for coding in content_encoding.split(",")]
        codings = [coding for coding in named if coding not in _PLAIN]
        if len(codings) > 1 or not _GZIP.issuperset(codings):
            raise ResponseDecodeError("the response has a content encoding that was not asked for")
        self._gzip = zlib.decompressobj(_GZIP_WINDOW) if codings else None
        self._limit = limit
        self._chunks: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> None:
        """Add a chunk as it came from the network.

        Raises:
            ResponseTooLargeError: The body exceeds the limit. Memory never held more than that.
            ResponseDecodeError: The chunk is not gzip.
        """
        if self._gzip is None:
            self._add(chunk)
            return
        while chunk:
            if self._gzip.eof:  # RFC 1952, 2.2: a stream may have several members
                chunk = chunk.lstrip(_PADDING)
                if not chunk:
                    return
                self._gzip = zlib.decompressobj(_GZIP_WINDOW)
            piece = min(self._limit - self._size + 1, _PIECE)
            try:
                self._add(self._gzip.decompress(chunk, piece))
            except zlib.error:
                raise ResponseDecodeError("the response is not gzip", well_formed=False) from None
            chunk = self._gzip.unconsumed_tail or self._gzip.unused_data

    def finish(self) -> bytes:
        """Return the whole body, without a byte order mark.

        Raises:
            ResponseDecodeError: The gzip stream was cut off.
        """
        if self._gzip is not None and not self._gzip.eof:
            raise ResponseDecodeError("the response was cut off", well_formed=False)
        return b"".join(self._chunks).removeprefix(codecs.BOM_UTF8)

    def _add(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limit:
            raise ResponseTooLargeError(self._limit)
        self._chunks.append(data)


class ErrorBody:
    """Collects the body of an error response, as far as it can be read. Never raises.

    The status is what counts. A body that is too large, or not encoded as declared, is discarded.
    """

    def __init__(self, content_encoding: str) -> None:
        self._body: Body | None = None
        with contextlib.suppress(ResponseDecodeError):
            self._body = Body(content_encoding, _ERROR_LIMIT)

    @property
    def full(self) -> bool:
        """Whether the rest need not be read: the body was discarded, and might never end."""
        return self._body is None

    def feed(self, chunk: bytes) -> None:
        """As `Body.feed`, but raises nothing."""
        if self._body is not None:
            try:
                self._body.feed(chunk)
            except (ResponseDecodeError, ResponseTooLargeError):
                self._body = None

    def finish(self) -> bytes:
        """Return the body, or ``b""`` if it cannot be read."""
        if self._body is not None:
            with contextlib.suppress(ResponseDecodeError):
                return self._body.finish()
        return b""
