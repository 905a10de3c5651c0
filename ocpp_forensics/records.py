"""Records of one file as lines: tables and JSON are told apart from plain logs.

Reads: decompressed bytes of a bundle member. Feeds: format detection and ingest. A row of a table,
or an element of a JSON list, is given as one line of JSON in the place where it begins.
"""

import io
import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from ocpp_forensics.binary import binary_kind
from ocpp_forensics.lines import LINE_SCHEMA, LineStats, read_lines
from ocpp_forensics.messages import find_parts
from ocpp_forensics.pieces import with_whole_lines
from ocpp_forensics.tables import find_table

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["read_records"]

_HEAD_BYTES = 1 << 16
_HEAD_LINES = 200
_LIST = re.compile(
    r'\{[^\[\]]{0,2000}?"(?:events|logEvents|records|Records|entries|items|logs|value|hits)"\s*:\s*\[\s*(?=\{)'
)
_BETWEEN = frozenset(" \t\r\n,\x1e")
_JSON = json.JSONDecoder(strict=False)


class _Source(io.RawIOBase):
    """A stream that only knows how to read, for a buffer that can be looked into."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        """Bytes can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill a buffer as far as the stream goes."""
        view = memoryview(buffer).cast("B")
        data = self._stream.read(len(view))
        view[: len(data)] = data
        return len(data)


def read_records(stream: BinaryIO, part_id: int, stats: LineStats) -> Iterator[pa.RecordBatch]:
    """Give the lines of a file, tables and JSON documents with one line of JSON per record.

    Shape: LINE_SCHEMA. Lines of a document in between its elements are counted, but not given.
    A file that is no text gives nothing.
    """
    buffered = io.BufferedReader(_Source(stream), _HEAD_BYTES)
    reader: BinaryIO = buffered
    head = buffered.peek(_HEAD_BYTES)
    stats.binary = binary_kind(head)
    if stats.binary:
        return
    if _is_document(head):
        data = buffered.read()
        elements = _elements(data.decode("utf-8-sig", "replace"))
        if elements:
            yield _document(data, elements, part_id, stats)
            return
        reader = io.BytesIO(data)
    batches = with_whole_lines(read_lines(reader, part_id, stats))
    first = next(batches, None)
    if first is None:
        return
    heads = first["text"].slice(0, _HEAD_LINES).to_pylist()
    table = find_table(heads)
    if table is not None:
        first = first.slice(table.header_line + 1)
        yield from _rewritten(first, batches, table.rows)
        return
    parts = find_parts(heads)
    if parts is not None:
        together = parts.together
        yield from _rewritten(first, batches, lambda texts: map(together, texts))
        return
    yield first
    yield from batches


def _rewritten(
    first: pa.RecordBatch,
    rest: Iterator[pa.RecordBatch],
    rewrite: Callable[[Sequence[str]], Iterable[str]],
) -> Iterator[pa.RecordBatch]:
    for batch in chain((first,), rest):
        texts = pa.array(list(rewrite(batch["text"].to_pylist())), type=pa.string_view())
        yield batch.set_column(batch.num_columns - 1, LINE_SCHEMA.field("text"), texts)


def _is_document(head: bytes) -> bool:
    """Whether bytes begin a JSON list of objects, or an object that goes on over several lines."""
    text = head.decode("utf-8-sig", "replace").lstrip()
    if re.match(r"\[\s*\{", text):
        return True
    if not text.startswith("{"):
        return False
    if _LIST.match(text):
        return True
    first = text.partition("\n")[0]
    try:
        _JSON.decode(first)
    except (ValueError, RecursionError):
        return bool(re.match(r'\{\s*(?:"[^"\n]+"\s*:|$)', first)) and len(first) < 200
    return False


@dataclass(frozen=True, slots=True)
class _Element:
    """One object of a document: where it stands, in characters, and its text on one line."""

    start: int
    end: int
    text: str


def _elements(text: str) -> list[_Element]:
    """The objects of a document in their order; none where it turns out to be something else."""
    place = len(text) - len(text.lstrip())
    nested = _LIST.match(text, place)
    is_list = bool(nested) or text.startswith("[", place)
    place = nested.end() if nested else place + is_list
    found: list[_Element] = []
    while text[(place := _skipped(text, place)) : place + 1] == "{":
        try:
            value, end = _JSON.raw_decode(text, place)
            found.append(_Element(place, end, _line(value)))
        except (ValueError, RecursionError):
            break
        place = end
    ends = {"", "{", "]"} if is_list else {"", "{"}
    return _with_frames(found) if text[place : place + 1] in ends else []


def _with_frames(elements: list[_Element]) -> list[_Element]:
    """The elements with messages whose parts stand in members of their own put together."""
    parts = find_parts([each.text for each in elements[:_HEAD_LINES]])
    if parts is None:
        return elements
    return [replace(each, text=parts.together(each.text)) for each in elements]


def _skipped(text: str, place: int) -> int:
    """The next place that is neither blank nor a comma."""
    while text[place : place + 1] in _BETWEEN and place < len(text):
        place += 1
    return place


def _line(value: dict[str, Any]) -> str:
    text = json.dumps(value.get("_source", value), ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()


def _document(
    data: bytes, elements: list[_Element], part_id: int, stats: LineStats
) -> pa.RecordBatch:
    """The elements as lines: each where it begins, or numbered where several stand on one line."""
    text = data.decode("utf-8-sig", "replace")
    breaks = [match.start() for match in re.finditer("\n", text)]
    spans = [(bisect_left(breaks, each.start), bisect_left(breaks, each.end)) for each in elements]
    starts = [0, *(match.end() for match in re.finditer(b"\n", data))]
    ends = [*(start - 1 for start in starts[1:]), len(data)]
    numbered = len({first for first, _ in spans}) < len(spans)
    rows = [
        (number + 1 if numbered else line + 1, line, each.text if line == first else "")
        for number, (each, (first, last)) in enumerate(zip(elements, spans, strict=True))
        for line in ((first,) if numbered else range(first, last + 1))
    ]
    stats.lines += len(elements) if numbered else len(starts) - data.endswith(b"\n")
    stats.bytes += len(data)
    columns = (
        [part_id] * len(rows),
        [number for number, _, _ in rows],
        [starts[line] for _, line, _ in rows],
        [ends[line] - starts[line] for _, line, _ in rows],
        [text for _, _, text in rows],
    )
    arrays = [pa.array(each, field.type) for each, field in zip(columns, LINE_SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=LINE_SCHEMA)
