"""What the server said, made harmless where somebody runs it."""

import io
import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from junction_introspect._texts import counted, escaped, harmless, json_escaped, spreadsheet_safe
from junction_introspect.cli.options import Format
from junction_introspect.cli.records import Recorded

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
STEERING = "".join(map(chr, range(0x7F, 0xA0))) + "\u2028\u2029" + BIDI


def of_every_direction(text):
    return [
        character
        for character in text
        if unicodedata.bidirectional(character)
        in {"LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    ]


@given(st.text())
def test_escaped_json_says_the_same_on_one_line(text):
    escaped = json_escaped(json.dumps({text: [text]}, ensure_ascii=False))
    assert json.loads(escaped) == {text: [text]}
    assert len(escaped.splitlines()) == 1
    assert not of_every_direction(escaped)
    assert not [each for each in escaped if unicodedata.category(each) == "Cc"]


def test_characters_that_steer_are_escaped_and_no_others():
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    expected = "".join(f"\\u{ord(each):04x}" if each in STEERING else each for each in every)
    assert json_escaped(every) == expected


def test_text_for_a_terminal_keeps_its_lines_and_tabs_alone():
    assert harmless("a\tb\nc\x1b[31m\x07\r" + STEERING).isascii()
    assert harmless("a\tb\nc") == "a\tb\nc"
    assert harmless("\x1b[2J") == r"\u001b[2J"


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", "\u00a0@x"]
)
def test_cell_that_a_spreadsheet_would_run_becomes_text(cell):
    assert spreadsheet_safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a=1", "2026-01-01", "'", 5, -5, -1.5, None, True, "é"])
def test_other_cells_stay_what_they_are(cell):
    assert spreadsheet_safe(cell) is cell


class Terminal(io.StringIO):
    def isatty(self):
        return True


HOSTILE = "=\x1b[2J\u202e\x9b\u2028\x7f"


def written(out, format_, **options):
    records = Recorded(out, format_, ["a"], lambda text: [{"a": text}], **options)
    records.add(HOSTILE)
    records.end()
    return out.getvalue()


@pytest.mark.parametrize("format_", [Format.NDJSON, Format.JSON])
@pytest.mark.parametrize("out", [io.StringIO, Terminal])
def test_json_is_harmless_in_pipes_too(format_, out):
    text = written(out(), format_)
    assert text.isascii()
    assert json.loads(text) in ({"a": HOSTILE}, [{"a": HOSTILE}])


def test_csv_is_exact_in_a_pipe_and_harmless_in_a_terminal():
    assert written(io.StringIO(), Format.CSV) == f"a\n{HOSTILE}\n"
    assert written(Terminal(), Format.CSV).isascii()


def test_csv_is_safe_for_a_spreadsheet_when_asked_for():
    assert written(io.StringIO(), Format.CSV, csv_safe=True) == f"a\n'{HOSTILE}\n"


def test_printable_text_is_left_alone():
    assert escaped("[red] é 日本 \\n") == "[red] é 日本 \\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\nb", r"a\nb"), ("\x1b[31m", r"\x1b[31m"), ("\u202e", r"\u202e"), ("\ud800", r"\ud800")],
)
def test_what_steers_a_terminal_is_escaped(text, expected):
    assert escaped(text) == expected


def test_counts_are_grammatical():
    assert [counted(n, "page") for n in (0, 1, 1200)] == ["0 pages", "1 page", "1,200 pages"]
