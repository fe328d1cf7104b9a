"""Bodies, inflated under a limit."""

import gzip
import random
import tracemalloc
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect import ResponseDecodeError, ResponseTooLargeError
from junction_introspect._http.bodies import Body, ErrorBody

pytestmark = pytest.mark.any_specification

MEBIBYTE = 1024 * 1024
CHUNK = 64 * 1024  # what httpx reads from a socket at a time
TEXT = b'{"data": [], "next_cursor": null}' * 10


def read(chunks, encoding="gzip", limit=10_000):
    body = Body(encoding, limit)
    for chunk in chunks:
        body.feed(chunk)
        assert not body.full
    return body.finish()


def cut(data, places):
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def bomb(mebibytes):
    compressor = zlib.compressobj(9, wbits=31)
    zeros = bytes(MEBIBYTE)
    return b"".join(compressor.compress(zeros) for _ in range(mebibytes)) + compressor.flush()


@pytest.mark.parametrize(
    "encoding", ["", "identity", " Identity ", "none", "utf-8", "UTF-8", "identity, utf-8"]
)
def test_plain_body_is_what_came(encoding):
    assert read([b"a", b"", b"bc"], encoding) == b"abc"
    assert read([], encoding) == b""


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", " gzip ", "gzip, identity", "utf-8,gzip"])
def test_gzip_body_is_inflated(encoding):
    assert read([gzip.compress(TEXT)], encoding) == TEXT


@pytest.mark.parametrize(
    "encoding", ["br", "deflate", "zstd", "compress", "gzip, br", "gzip, gzip", "utf-16", "x"]
)
def test_encoding_that_was_not_asked_for_is_an_error_of_the_content(encoding):
    with pytest.raises(ResponseDecodeError, match="content encoding") as caught:
        Body(encoding, 10_000)

    assert caught.value.well_formed


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=4), st.lists(st.integers(0)))
def test_gzip_in_any_number_of_members_and_chunks_is_inflated(members, places):
    data = b"".join(gzip.compress(member) for member in members)

    assert read(cut(data, places)) == b"".join(members)


def test_gzip_that_repeats_what_came_long_before_is_inflated():
    """A stream may refer to the 32 KiB before."""
    text = random.Random(1).randbytes(30_000) * 2

    assert len(gzip.compress(text)) < 40_000
    assert read([gzip.compress(text)], limit=60_000) == text


_PADDING = st.text("\0\r\n\t ", max_size=5).map(str.encode)


@given(
    st.lists(st.tuples(st.binary(max_size=200), _PADDING), min_size=1, max_size=4),
    st.lists(st.integers(0)),
)
def test_padding_behind_a_gzip_stream_is_passed_over(members, places):
    data = b"".join(gzip.compress(member) + padding for member, padding in members)

    assert read(cut(data, places)) == b"".join(member for member, _ in members)


def test_padding_takes_nothing_of_the_limit():
    assert read([gzip.compress(bytes(60)) + bytes(60)], limit=60) == bytes(60)


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_byte_order_mark_is_no_part_of_the_body(encoding):
    marked = "\ufeff".encode() + TEXT

    assert read(cut(gzip.compress(marked) if encoding else marked, [1, 2]), encoding) == TEXT
    assert read_error([marked]) == TEXT


@given(st.integers(0), st.lists(st.integers(0)))
def test_gzip_cut_off_anywhere_is_a_fault_of_the_transport(length, places):
    data = gzip.compress(TEXT)

    with pytest.raises(ResponseDecodeError, match="cut off") as caught:
        read(cut(data[: length % len(data)], places))
    assert not caught.value.well_formed


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(TEXT, id="plain"),
        pytest.param(zlib.compress(TEXT), id="zlib"),
        pytest.param(gzip.compress(TEXT) + TEXT, id="second member is none"),
        pytest.param(gzip.compress(TEXT)[:-8] + bytes(8), id="wrong checksum"),
    ],
)
def test_garbage_for_gzip_is_a_fault_of_the_transport(data):
    with pytest.raises(ResponseDecodeError, match="not gzip") as caught:
        read([data])

    assert not caught.value.well_formed
    assert caught.value.__cause__ is None


@given(st.integers(1, 400), st.sampled_from(["", "gzip"]), st.lists(st.integers(0)))
def test_body_exactly_at_the_limit_is_taken_and_one_byte_more_is_not(size, encoding, places):
    data = gzip.compress(bytes(size)) if encoding else bytes(size)

    assert read(cut(data, places), encoding, limit=size) == bytes(size)
    with pytest.raises(ResponseTooLargeError) as caught:
        read(cut(data, places), encoding, limit=size - 1)
    assert caught.value.limit == size - 1


def test_limit_is_that_of_all_members_together():
    data = gzip.compress(bytes(60)) + gzip.compress(bytes(60))

    assert read([data], limit=120) == bytes(120)
    with pytest.raises(ResponseTooLargeError):
        read([data], limit=119)


def test_limit_is_passed_before_the_body_has_come_whole():
    body = Body("gzip", MEBIBYTE)
    head, tail = cut(bomb(10), [2000])

    with pytest.raises(ResponseTooLargeError):
        body.feed(head)
    assert len(tail) > 2000


def test_gzip_bomb_is_refused_before_the_memory_is_spent():
    data = bomb(100)
    chunks = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
    assert len(data) < 150_000

    tracemalloc.start()
    try:
        with pytest.raises(ResponseTooLargeError):
            read(chunks, limit=16 * MEBIBYTE)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 25 * MEBIBYTE


def test_small_limit_bounds_the_memory_that_a_bomb_takes():
    data = bomb(10)

    tracemalloc.start()
    try:
        with pytest.raises(ResponseTooLargeError):
            read([data], limit=1000)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < MEBIBYTE


@pytest.mark.parametrize("spare", [0, 1])
def test_bomb_behind_a_body_at_the_limit_takes_no_further_memory(spare):
    body = Body("gzip", 4 * MEBIBYTE + spare)
    member, data = gzip.compress(bytes(MEBIBYTE)), bomb(20)

    tracemalloc.start()
    try:
        for _ in range(4):
            body.feed(member)
        with pytest.raises(ResponseTooLargeError):
            body.feed(data)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 6 * MEBIBYTE


def read_error(chunks, encoding="", *, full=False):
    body = ErrorBody(encoding)
    for chunk in chunks:
        body.feed(chunk)
    assert body.full is full
    return body.finish()


def test_body_of_an_error_is_read():
    assert read_error([b"a", b"b"]) == b"ab"
    assert read_error([gzip.compress(b"ab")], "gzip") == b"ab"
    assert read_error([bytes(MEBIBYTE)]) == bytes(MEBIBYTE)


@pytest.mark.parametrize(
    ("chunks", "encoding"),
    [
        pytest.param([b"x", b"y"], "br", id="unknown encoding"),
        pytest.param([b"x", b"y"], "gzip", id="garbage"),
        pytest.param([bytes(MEBIBYTE), b"x", b"y"], "", id="too large"),
        pytest.param([bomb(10), b"x"], "gzip", id="bomb"),
    ],
)
def test_body_of_an_error_that_cannot_be_read_is_left_aside(chunks, encoding):
    assert read_error(chunks, encoding, full=True) == b""


def test_body_of_an_error_that_was_cut_off_is_left_aside():
    assert read_error([gzip.compress(TEXT)[:-1]], "gzip") == b""


@pytest.mark.parametrize("name", ["gzip", "x-gzip", "GZIP", " gzip "])
def test_gzip_is_known_by_each_of_its_names(name):
    body = Body(name, 100)
    body.feed(gzip.compress(b"text"))

    assert body.finish() == b"text"
