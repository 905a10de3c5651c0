"""Lines of one file as Arrow batches, with the exact place of every line in the file.

Reads: decompressed bytes of a bundle member. Feeds: format detection and ingest.

A line ends at LF, CRLF or (only in files without any LF) CR. The text that comes out is valid
UTF-8 without its line end, NUL bytes and ANSI escape sequences; `byte_offset` and `byte_length`
always describe the bytes as they stand in the file.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ocpp_forensics.binary import wide_codec

__all__ = ["LINE_SCHEMA", "MAX_LINE_BYTES", "LineStats", "read_lines", "texts_together"]

LINE_SCHEMA = pa.schema([
    ("part_id", pa.int32()),
    ("line_no", pa.int64()),
    ("byte_offset", pa.int64()),
    ("byte_length", pa.int32()),
    ("text", pa.string_view()),
])

MAX_LINE_BYTES = 32 << 20
"""A longer line is cut into pieces of this size, each counted as a line."""

_BLOCK_BYTES = 2 << 20
_MAX_TEXT_BYTES = 1 << 16
_ANSI = re.compile(rb"\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b\r\n]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_NUL_TO_BLANK = bytes.maketrans(b"\x00", b" ")
_INLINE = 12
_VIEW = np.dtype([("length", "<i4"), ("head", "V4"), ("buffer", "<i4"), ("start", "<i4")])

_Ints = npt.NDArray[np.int64]


@dataclass(slots=True)
class LineStats:
    """What was met while one file was read; filled in as the batches are drawn.

    `binary` says what a file is that is no text and was not read. `glued` are the numbers of lines
    that were made because several records stood on one: each line behind them has a higher number
    than in the file.
    """

    lines: int = 0
    bytes: int = 0
    undecodable: int = 0
    overlong: int = 0
    binary: str = ""
    glued: list[int] = field(default_factory=list)


def read_lines(stream: BinaryIO, part_id: int, stats: LineStats) -> Iterator[pa.RecordBatch]:
    """Give the lines of a file, a batch of about two megabytes at a time.

    Shape: LINE_SCHEMA; `line_no` counts from 1, `byte_offset` from 0. `text` holds at most the
    first 64 KiB of a line; `byte_length` excludes the line end.
    """
    head = stream.read(_BLOCK_BYTES)
    codec = wide_codec(head)
    if codec is not None:
        yield from _read_wide(head, stream, codec, _Place(part_id, stats))
        return
    start = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    newline = b"\r" if b"\n" not in head and b"\r" in head else b"\n"
    yield from _read_narrow(head[start:], stream, newline, _Place(part_id, stats, start))


@dataclass(slots=True)
class _Place:
    """Where the next line stands."""

    part_id: int
    stats: LineStats
    byte_offset: int = 0
    line_no: int = 1

    def advance(self, lines: int, size: int) -> None:
        self.line_no += lines
        self.byte_offset += size
        self.stats.lines += lines
        self.stats.bytes += size


def _read_narrow(
    head: bytes, stream: BinaryIO, newline: bytes, place: _Place
) -> Iterator[pa.RecordBatch]:
    pending: list[bytes] = []
    held = 0
    block = head
    while block:
        cut = block.rfind(newline) + 1
        if cut:
            yield _batch(b"".join([*pending, memoryview(block)[:cut]]), newline, place)
            pending, held = ([block[cut:]], len(block) - cut)
        else:
            pending.append(block)
            held += len(block)
        if held >= MAX_LINE_BYTES:
            place.stats.overlong += 1
            yield _batch(b"".join(pending), newline, place)
            pending, held = ([], 0)
        block = stream.read(_BLOCK_BYTES)
    if held:
        yield _batch(b"".join(pending), newline, place)


def _batch(raw: bytes, newline: bytes, place: _Place) -> pa.RecordBatch:
    ended = raw.endswith(newline)
    starts, lengths = _spans(raw, newline, ended=ended)
    text = _clean(raw, place.stats)
    views = (starts, lengths) if text is raw else _spans(text, newline, ended=ended)
    count = len(starts)
    batch = pa.record_batch(
        [
            pa.array(np.full(count, place.part_id, dtype=np.int32)),
            pa.array(np.arange(place.line_no, place.line_no + count, dtype=np.int64)),
            pa.array(starts + place.byte_offset),
            pa.array(lengths.astype(np.int32)),
            _string_views(text, *views),
        ],
        schema=LINE_SCHEMA,
    )
    place.advance(count, len(raw))
    return batch


def _spans(raw: bytes, newline: bytes, *, ended: bool) -> tuple[_Ints, _Ints]:
    """Start and length of every line, without the line end; the last one may have no end."""
    data = np.frombuffer(raw, dtype=np.uint8)
    ends = np.flatnonzero(data == newline[0])
    if not ended:
        ends = np.append(ends, len(raw))
    starts = np.empty_like(ends)
    starts[:1] = 0
    starts[1:] = ends[:-1] + 1
    lengths = ends - starts
    if newline == b"\n" and len(data):
        lengths -= (lengths > 0) & (data[np.maximum(ends - 1, 0)] == 13)
    return starts, lengths


def _clean(raw: bytes, stats: LineStats) -> bytes:
    """The same lines as valid UTF-8 without NUL and escape sequences; the same object if so."""
    text = raw
    if not text.isascii():
        try:
            text.decode()
        except UnicodeDecodeError:
            text = text.decode(errors="replace").encode()
            stats.undecodable += _lines_with_damage(raw)
    if b"\x00" in text:
        text = text.translate(_NUL_TO_BLANK)
    if b"\x1b" in text:
        text = _ANSI.sub(b"", text)
    return text


def _lines_with_damage(raw: bytes) -> int:
    damaged = 0
    for line in raw.split(b"\n"):
        try:
            line.decode()
        except UnicodeDecodeError:
            damaged += 1
    return damaged


def _string_views(text: bytes, starts: _Ints, lengths: _Ints) -> pa.Array:
    """Arrow string views into the text: nothing is copied but the lines of 12 bytes or less."""
    data = np.frombuffer(text, dtype=np.uint8)
    shown = _whole_characters(data, starts, np.minimum(lengths, _MAX_TEXT_BYTES), lengths)
    views = np.zeros(len(starts), dtype=_VIEW)
    views["length"] = shown
    long = np.flatnonzero(shown > _INLINE)
    if len(long):
        heads = np.ndarray(len(data) - 3, dtype="V4", buffer=text, strides=(1,))
        views["head"][long] = heads[starts[long]]
        views["start"][long] = starts[long]
    short = np.flatnonzero((shown > 0) & (shown <= _INLINE))
    if len(short):
        places = np.arange(_INLINE)
        wholes = data[np.minimum(starts[short, None] + places, len(data) - 1)]
        wholes[places >= shown[short, None]] = 0
        views.view(np.uint8).reshape(-1, _VIEW.itemsize)[short, 4:] = wholes
    buffers = [None, pa.py_buffer(views), pa.py_buffer(text)]
    return pa.Array.from_buffers(pa.string_view(), len(starts), buffers)


def texts_together(texts: pa.Array) -> tuple[bytes, _Ints, _Ints] | None:
    """The bytes in which all texts stand one behind the other, and where each starts and ends.

    None where the texts do not stand together. Texts of 12 bytes or less are given as empty.
    """
    _, views, *data = texts.buffers()
    if len(data) != 1 or texts.offset:
        return None
    places = np.frombuffer(views, dtype=_VIEW, count=len(texts))
    starts = places["start"].astype(np.int64)
    lengths = np.where(places["length"] > _INLINE, places["length"], 0)
    return data[0].to_pybytes(), starts, starts + lengths


def _whole_characters(
    data: npt.NDArray[np.uint8], starts: _Ints, shown: _Ints, lengths: _Ints
) -> _Ints:
    """Shorten cut lines so that no UTF-8 character is cut in half."""
    for row in np.flatnonzero(shown < lengths):
        while shown[row] and data[starts[row] + shown[row]] & 0xC0 == 0x80:
            shown[row] -= 1
    return shown


def _read_wide(
    head: bytes, stream: BinaryIO, codec: str, place: _Place
) -> Iterator[pa.RecordBatch]:
    """Lines of a UTF-16 file: decoded line by line, offsets in bytes of the file."""
    decoder = codecs.getincrementaldecoder(codec)(errors="replace")
    place.byte_offset = 2 if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else 0
    rest = ""
    block = head[place.byte_offset :]
    while block:
        text = rest + decoder.decode(block)
        *lines, rest = text.split("\n")
        if lines:
            yield _wide_batch(lines, codec, place)
        block = stream.read(_BLOCK_BYTES)
    rest += decoder.decode(b"", final=True)
    if rest:
        yield _wide_batch([rest], codec, place)


def _wide_batch(lines: list[str], codec: str, place: _Place) -> pa.RecordBatch:
    widths = np.array([len(line.encode(codec, "surrogatepass")) for line in lines], dtype=np.int64)
    starts = place.byte_offset + np.concatenate(([0], np.cumsum(widths + 2)[:-1]))
    place.stats.undecodable += sum("�" in line for line in lines)
    cleaned = [_clean(line.rstrip("\r").encode(), place.stats).decode() for line in lines]
    batch = pa.record_batch(
        [
            pa.array(np.full(len(lines), place.part_id, dtype=np.int32)),
            pa.array(np.arange(place.line_no, place.line_no + len(lines), dtype=np.int64)),
            pa.array(starts),
            pa.array(widths.astype(np.int32)),
            pa.array([text[:_MAX_TEXT_BYTES] for text in cleaned], type=pa.string_view()),
        ],
        schema=LINE_SCHEMA,
    )
    place.advance(len(lines), int(widths.sum()) + 2 * len(lines))
    return batch
