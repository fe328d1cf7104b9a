"""The mock's cursors: opaque, and good for the server that issued them alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect.mock.cursors import Cursors, Position

CURSORS = Cursors(b"one")
positions = st.builds(Position, st.integers(0, 2**48), st.integers(0, 255))


@given(positions)
def test_an_issued_cursor_is_read_back(position):
    assert CURSORS.read(CURSORS.issue(position)) == position


@given(positions)
def test_a_cursor_needs_no_escaping_in_a_url(position):
    cursor = CURSORS.issue(position)
    assert len(cursor) == 32
    assert cursor.replace("-", "").replace("_", "").isalnum()


@given(positions)
def test_a_cursor_sealed_with_another_key_is_foreign(position):
    with pytest.raises(ValueError, match="not a cursor"):
        CURSORS.read(Cursors(b"another").issue(position))


@given(positions, st.integers(0, 31), st.characters())
def test_a_cursor_with_one_character_replaced_is_foreign(position, place, character):
    cursor = CURSORS.issue(position)
    altered = cursor[:place] + character + cursor[place + 1 :]
    if altered != cursor:
        with pytest.raises(ValueError):
            CURSORS.read(altered)


@given(st.text())
def test_a_made_up_text_is_foreign(text):
    with pytest.raises(ValueError):
        CURSORS.read(text)
