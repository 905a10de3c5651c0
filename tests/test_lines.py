"""Lines of any bytes: nothing lost, everything in its exact place."""

import codecs
import io
import re

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocpp_forensics.lines import LINE_SCHEMA, LineStats, read_lines

ANSI_RED, ANSI_OFF = b"\x1b[31m", b"\x1b[0m"


def lines_of(data: bytes) -> tuple[list[dict[str, object]], LineStats]:
    stats = LineStats()
    batches = list(read_lines(io.BytesIO(data), 7, stats))
    table = pa.Table.from_batches(batches, schema=LINE_SCHEMA)
    return table.to_pylist(), stats


def texts_of(data: bytes) -> list[object]:
    return [line["text"] for line in lines_of(data)[0]]


def places_of(data: bytes) -> list[tuple[object, object, object]]:
    return [
        (line["line_no"], line["byte_offset"], line["byte_length"]) for line in lines_of(data)[0]
    ]


def plain_places(data: bytes) -> list[tuple[int, int, int]]:
    """The same by plain loops: number, offset and length of every line."""
    newline = b"\r" if b"\n" not in data and b"\r" in data else b"\n"
    found = []
    at = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    number = 0
    while at < len(data):
        end = data.find(newline, at)
        stop = len(data) if end < 0 else end
        line = data[at:stop]
        if newline == b"\n" and line.endswith(b"\r"):
            line = line[:-1]
        number += 1
        found.append((number, at, len(line)))
        at = stop + 1
    return found


PIECES = st.lists(
    st.sampled_from([
        b"a", b"12:00 ", b"\n", b"\r\n", b"\r", b"\x00", b"\xff", b"\xc3\xa9", b"\xc3", b"\x1b[31m",
        b"\x1b]0;title\x07", b"\x1b]0;", b"\x07", b"\x1b", "€".encode(), b" ", b"0123456789abcdef",
        b"\xef\xbb\xbf",
    ]),
    max_size=30,
).map(b"".join)  # fmt: skip


@given(PIECES | st.binary(max_size=200))
@example(b"a\x1b]0;\nb\x07c\n")
@example(b"\xc3\n\xff\r\n")
def test_every_line_of_any_bytes_is_in_its_place(data: bytes) -> None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = b"x" + data
    assert places_of(data) == plain_places(data)


@given(PIECES | st.binary(max_size=200))
def test_any_bytes_become_clean_text(data: bytes) -> None:
    lines, stats = lines_of(data)
    assert stats.lines == len(lines)
    for line in lines:
        text = str(line["text"])
        assert "\x00" not in text
        assert not re.search(r"\x1b\[[0-9;]*m", text)
        assert line["part_id"] == 7


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b"", []),
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"a\n\nb", ["a", "", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\rb\rc", ["a", "b", "c"]),
        (b"a\x00b\n", ["a b"]),
        (b"caf\xe9\n", ["caf�"]),
        (codecs.BOM_UTF8 + b"a\nb", ["a", "b"]),
        (ANSI_RED + b"a" + ANSI_OFF + b" b\n", ["a b"]),
    ],
)
def test_a_line_is_what_stands_between_line_ends(data: bytes, texts: list[str]) -> None:
    assert texts_of(data) == texts


def test_colours_are_gone_from_the_text_but_not_from_the_place() -> None:
    data = ANSI_RED + b"first line" + ANSI_OFF + b"\nsecond"
    assert texts_of(data) == ["first line", "second"]
    assert places_of(data) == [(1, 0, 19), (2, 20, 6)]


def test_lines_with_bad_bytes_are_counted() -> None:
    _, stats = lines_of(b"ok\n\xff\nok\n\xc3\n")
    assert stats.undecodable == 2


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_is_read_with_offsets_of_the_file(codec: str) -> None:
    bom = codecs.BOM_UTF16_LE if codec == "utf-16-le" else codecs.BOM_UTF16_BE
    data = bom + "ab\r\nçd\ne".encode(codec)
    lines, _ = lines_of(data)
    assert [line["text"] for line in lines] == ["ab", "çd", "e"]
    assert [line["byte_offset"] for line in lines] == [2, 10, 16]
    place = lines[1]
    offset, size = place["byte_offset"], place["byte_length"]
    assert isinstance(offset, int)
    assert isinstance(size, int)
    assert data[offset : offset + size].decode(codec) == "çd"


def test_a_line_of_ten_megabytes_keeps_its_place_and_its_beginning() -> None:
    data = b"before\n" + b"x" * 10_000_000 + b"\nafter\n"
    lines, stats = lines_of(data)
    assert [line["byte_length"] for line in lines] == [6, 10_000_000, 5]
    assert [line["byte_offset"] for line in lines] == [0, 7, 10_000_008]
    assert [len(str(line["text"])) for line in lines] == [6, 65536, 5]
    assert stats.overlong == 0


def test_cutting_a_long_line_leaves_no_half_character() -> None:
    lines, _ = lines_of(b"x" + "é".encode() * 40_000 + b"\n")
    assert str(lines[0]["text"]) == "x" + "é" * 32767


def test_lines_over_several_blocks_are_numbered_on() -> None:
    line = b"2026-03-04 05:06:07 " + b"y" * 80 + b"\n"
    lines, stats = lines_of(line * 50_000)
    assert stats.lines == 50_000
    assert stats.bytes == 50_000 * len(line)
    assert lines[-1]["line_no"] == 50_000
    assert lines[-1]["byte_offset"] == 49_999 * len(line)
