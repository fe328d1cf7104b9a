"""What the misbehaving server can do, by name: the bytes of each fault on the wire."""

from __future__ import annotations

import functools
import gzip
import zlib
from typing import TYPE_CHECKING, Any

from tests.faults.misbehaving import Behaviour, close, drip, flood, reset, silence
from tests.support.payloads import encoded, page, user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.faults.misbehaving import Step

MEBIBYTE = 1024 * 1024
# Seconds between the bytes of a drip. Short beside any timeout of a test, so that no single read
# is ever late.
DRIP = 0.004
_JSON = {"content-type": "application/json"}


def head(status: int | str, headers: Mapping[str, object] = _JSON, **more: object) -> bytes:
    """Return a status line and header fields; underscores in keywords stand for hyphens."""
    fields = {**headers, **{name.replace("_", "-"): value for name, value in more.items()}}
    lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def chunk(data: bytes) -> bytes:
    """Return a chunk of a chunked body; an empty one ends it."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def does(name: str, *steps: bytes | Step) -> Behaviour:
    """Return a behaviour made of these steps."""
    return Behaviour(name, steps)


def says(
    name: str, body: bytes = b"", status: int = 200, *after: Step, **headers: object
) -> Behaviour:
    """Return a behaviour that is a whole and correct response."""
    return does(name, head(status, content_length=len(body), **headers) + body, *after)


PAGE = encoded(page(user(1)))
_PACKED = gzip.compress(PAGE)
_HALF = len(PAGE) // 2
_CHUNKED = head(200, transfer_encoding="chunked")

good = says("good", PAGE)
good_gzip = says("gzip", _PACKED, content_encoding="gzip")
good_gzip_of_two_members = says(
    "gzip of two members",
    gzip.compress(PAGE[:_HALF]) + gzip.compress(PAGE[_HALF:]),
    content_encoding="gzip",
)
good_behind_a_mark = says("byte order mark", b"\xef\xbb\xbf" + PAGE)
good_gzip_with_padding = says("padding behind gzip", _PACKED + b"\0\r\n", content_encoding="gzip")
good_of_no_coding = says("encodings that are none", PAGE, content_encoding="utf-8, none")
good_chunked = does("chunked", _CHUNKED + chunk(PAGE[:_HALF]) + chunk(PAGE[_HALF:]) + chunk(b""))
good_until_close = does("until close", head(200, connection="close") + PAGE, close)
good_and_closed = says("good, then closed", PAGE, 200, close)
good_in_chunks_with_extras = does(
    "chunk extension and trailer",
    _CHUNKED + b"%x;name=value\r\n" % len(PAGE) + PAGE + b"\r\n0\r\nx-trailer: 1\r\n\r\n",
)
good_of_http_1_0 = does("HTTP/1.0", b"HTTP/1.0 200 OK\r\n\r\n" + PAGE, close)
good_with_odd_fields = says("odd fields", PAGE, x_name="\xff", x_folded="a\r\n b")
good_with_cookies = says(
    "cookies",
    PAGE,
    set_cookie=f"kept=1\r\nset-cookie: a=1; expires=Sun, 06 Nov {'9' * 5000} 08:49:37 GMT",
)
good_after_informational = does(
    "after 1xx",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n",
    good.steps[0],
)

NO_RESPONSE = [
    does("close before the headers", close),
    does("reset before the headers", reset),
    does("close in the headers", b"HTTP/1.1 200 OK\r\ncontent-le", close),
    does("reset in the headers", b"HTTP/1.1 200 OK\r\ncontent-le", reset),
    does("close after 1xx", b"HTTP/1.1 100 Continue\r\n\r\n", close),
]
NO_BODY = [
    does("close before the body", head(200, content_length=len(PAGE)), close),
    does("reset before the body", head(200, content_length=len(PAGE)), reset),
    does("close before the chunks", _CHUNKED, close),
    does("reset before the chunks", _CHUNKED, reset),
]
HALF_A_BODY = [
    does("close in mid-body", head(200, content_length=len(PAGE)) + PAGE[:_HALF], close),
    does("reset in mid-body", head(200, content_length=len(PAGE)) + PAGE[:_HALF], reset),
    does("close between chunks", _CHUNKED + chunk(PAGE[:_HALF]), close),
    does("reset between chunks", _CHUNKED + chunk(PAGE[:_HALF]), reset),
    does("close in a chunk", _CHUNKED + b"%x\r\n" % len(PAGE) + PAGE[:_HALF], close),
    does("close before the last chunk", _CHUNKED + chunk(PAGE), close),
    does(
        "close in mid-gzip",
        head(200, content_encoding="gzip", content_length=len(_PACKED)) + _PACKED[:-9],
        close,
    ),
    does("close in mid-body of an error", head(503, content_length=99) + b'{"det', close),
    does("reset in mid-body of an error", head(401, content_length=99) + b'{"det', reset),
]
NO_HTTP = [
    does("garbage status line", b"SSH-2.0-OpenSSH_9.6\r\n\r\n", close),
    does("status of letters", b"HTTP/1.1 two hundred\r\n\r\n", close),
    does("header without a colon", b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", close),
    does("headers too large", head(200, filler="x" * 200_000, content_length=0), close),
    does("header fields without end", b"HTTP/1.1 200 OK\r\n", flood(b"x-more: 1\r\n" * 500)),
    does("two content lengths", b"HTTP/1.1 200 OK\r\ncontent-length: 2, 3\r\n\r\n{}", close),
    does("content length of letters", head(200, content_length="many"), close),
    does("content length below zero", head(200, content_length=-1) + PAGE, close),
    does("content length of 5,000 digits", head(200, content_length="9" * 5000) + PAGE, close),
    does("content length too large", head(200, content_length=len(PAGE) + 9) + PAGE, close),
    does("chunk size of letters", _CHUNKED + b"many\r\n" + PAGE, close),
    does("chunk size of 40 digits", _CHUNKED + b"f" * 40 + b"\r\n" + PAGE, close),
    does("transfer encoding", head(200, transfer_encoding="gzip, chunked") + chunk(PAGE), close),
    does("control character", head(200, x_name="a\0b", content_length=2) + b"{}", close),
    does("upgrade", b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n", close),
]
NO_JSON = [
    says("nothing"),
    says("HTML", b"<html><title>502 Bad Gateway</title></html>", content_type="text/html"),
    says("truncated", PAGE[:-1]),
    does("content length too small", head(200, content_length=_HALF) + PAGE),
    does("truncated, until close", head(200, connection="close") + PAGE[:_HALF], close),
    says("NaN", b'{"data": [], "next_cursor": NaN}'),
    says("lone surrogate", b'{"data": [], "next_cursor": "\\ud800"}'),
    says("invalid UTF-8", b'{"data": [], "next_cursor": "\xff"}'),
    says("two documents", PAGE + PAGE),
    says("UTF-16", PAGE.decode().encode("utf-16")),
    says("no gzip", PAGE, content_encoding="gzip"),
    says("truncated gzip", _PACKED[:-9], content_encoding="gzip"),
    says("wrong checksum", _PACKED[:-8] + bytes(8), content_encoding="gzip"),
    says("garbage after gzip", _PACKED + PAGE, content_encoding="gzip"),
]
WRONG_SHAPES = {
    "$": [says("null", b"null"), says("list", b"[]"), says("no data", b'{"next_cursor": null}')],
    "$.data": [says("data is null", b'{"data": null, "next_cursor": null}')],
    "$.next_cursor": [says("cursor is a number", b'{"data": [], "next_cursor": 5}')],
}
# Python 3.14 refuses what does not fit onto the stack; 100,000 levels of a skipped field do.
_DEEP = 500_000
TOO_DEEP = [
    says("nested lists", b"[" * _DEEP + b"]" * _DEEP),
    says("nested objects", b'{"a":' * _DEEP + b"1" + b"}" * _DEEP),
    says("nested data", b'{"next_cursor": null, "data": ' + b"[" * _DEEP + b"]" * _DEEP + b"}"),
    says(
        "nested in an unknown field",
        b'{"data": [], "next_cursor": null, "x": ' + b"[" * _DEEP + b"]" * _DEEP + b"}",
    ),
]
FOREIGN_ENCODINGS = [
    says(f"encoding {name}", body, content_encoding=name)
    for name, body in {
        "br": b"\x8b\x03\x80{}\x03",
        "deflate": zlib.compress(PAGE),
        "zstd": b"\x28\xb5\x2f\xfd\x20\x02\x11\x00\x00{}",
        "gzip, gzip": gzip.compress(_PACKED),
        "\xff": PAGE,
    }.items()
]


@functools.cache
def _bomb_of(mebibytes: int) -> bytes:
    """Pack a page in front of so much white space: a kilobyte for each mebibyte.

    A block that was flushed in full depends on none before, so one stands for all of them.
    """
    packer = zlib.compressobj(9, wbits=31)
    start = packer.compress(PAGE) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * MEBIBYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + block * mebibytes


def bomb(mebibytes: int = 300, code: int = 200) -> Behaviour:
    """Return a response that is a thousand times as large as it looks."""
    packed = _bomb_of(mebibytes)
    # The stream is left open: nobody is to come to its end.
    return does(
        f"{code} with a bomb",
        head(code, content_encoding="gzip", content_length=len(packed) + 9) + packed,
        silence,
    )


def endless(code: int = 200) -> Behaviour:
    """Return a response with a body that does not stop."""
    return does(
        f"{code} without end",
        head(code, transfer_encoding="chunked") + chunk(PAGE),
        flood(chunk(b" " * 65536)),
    )


def status(code: int, detail: Any = "no", **headers: object) -> Behaviour:
    """Return a refusal as FastAPI words it."""
    return says(str(code), encoded({"detail": detail}), code, **headers)


def redirect(code: int, location: str) -> Behaviour:
    """Return a redirect."""
    return says(f"{code}", b"", code, location=location)


def silent(after: bytes = b"", where: str = "before the headers") -> Behaviour:
    """Return a response that never comes, or never goes on."""
    return does(f"silence {where}", after, silence)


def dripping_headers(seconds: float) -> Behaviour:
    """Return a page whose headers take so long."""
    filler = b"x-filler: " + b"." * int(seconds / DRIP) + b"\r\n"
    return does(
        "dripping headers",
        b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n" % len(PAGE),
        drip(filler, DRIP),
        b"\r\n" + PAGE,
    )


def dripping_informational(seconds: float) -> Behaviour:
    """Return a page that is announced again and again, for so long."""
    interim = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    return does(
        "dripping 1xx", drip(interim * int(seconds / DRIP / len(interim)), DRIP), *good.steps
    )


def dripping_body(seconds: float, code: int = 200) -> Behaviour:
    """Return a page whose body takes so long."""
    body = PAGE[:-1] + b" " * int(seconds / DRIP) + PAGE[-1:]
    return does(
        f"{code} with a dripping body",
        head(code, content_length=len(body)) + PAGE[:-1],
        drip(body[len(PAGE) - 1 :], DRIP),
    )
