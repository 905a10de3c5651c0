"""Records that stand on one line, as after a torn write: each is given a line of its own.

Reads: batches of lines of one part, and the formats of that part. Feeds: ingest. A record begins
inside a line where the whole envelope of a format stands there without a blank before it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ocpp_forensics.formats.definition import Format, Layout
from ocpp_forensics.lines import LINE_SCHEMA, LineStats, texts_together

__all__ = ["with_records_apart"]

_BEHIND = r"[^\s/\\_-]"
"""What the torn record may end with: names of files have times in them."""

_TIME_ONLY = {"ts", "zone", "body"}
_LEVEL = (
    r"[^A-Za-z0-9]{0,3}"
    r"(?i:trace|debug|verbose|info|notice|warn|warning|err|error|crit|critical|fatal)\b"
)
"""What has to stand behind a time that is all there is of an envelope."""

_FIRST_LINES = 20
_ENOUGH_SHARED = 4
"""So many characters of the stamps have to be the same to be looked for."""

_JSON = json.JSONDecoder(strict=False)

_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Inside:
    """How records begin: the pattern for one inside a line, and those with the stamp in `ts`."""

    pattern: str
    stamps: tuple[re.Pattern[str], ...]

    def stamp(self, line: str) -> tuple[int, str] | None:
        """Where the stamp of a line stands in it, in bytes, and what it says."""
        for each in self.stamps:
            if (head := each.match(line)) and head["ts"]:
                return len(line[: head.start("ts")].encode()), head["ts"]
        return None


def with_records_apart(
    batches: Iterator[pa.RecordBatch], formats: Sequence[Format], stats: LineStats
) -> Iterator[pa.RecordBatch]:
    """The same batches; the lines behind one that was taken apart are numbered on.

    `stats.glued` gets the numbers of the lines that were made.
    """
    inside: _Inside | None = None
    for batch in batches:
        inside = inside or _inside(formats, batch)
        if inside and not _surely_apart(batch, inside) and _occurs(batch, inside.pattern):
            yield _apart(batch, inside.pattern, stats)
        elif stats.glued:
            yield _numbered_on(batch, len(stats.glued))
        else:
            yield batch


def _numbered_on(batch: pa.RecordBatch, made: int) -> pa.RecordBatch:
    numbers = pc.add(batch["line_no"], pa.scalar(made, pa.int64()))
    field = LINE_SCHEMA.field("line_no")
    return batch.set_column(batch.schema.get_field_index("line_no"), field, numbers)


def _inside(formats: Sequence[Format], batch: pa.RecordBatch) -> _Inside | None:
    """How to find a record that begins inside a line; None where that cannot be told."""
    lines = batch["text"].slice(0, _FIRST_LINES).to_pylist()
    begins, stamps = [], []
    for each in formats:
        for layout in each.layouts:
            if each.type != "lines" or "ts" not in layout.names:
                continue
            begin = _begin(layout)
            known = [*lines, *(sample.line for sample in each.samples)]
            often = sum(bool(re.search(_BEHIND + begin, line)) for line in lines)
            if _is_sharp(begin, known) and often <= len(lines) // 4 + 1:
                begins.append(_BEHIND + begin)
                stamps.append(re.compile(layout.pattern, re.ASCII | re.DOTALL))
    if any(each.type == "json" for each in formats):
        heads = (re.match(r'\{"\w+": ?', text) for text in lines)
        for head in sorted({re.escape(head[0]) for head in heads if head}):
            begins.append("." + head)
            stamps.append(re.compile(f"(?P<ts>{head})"))
    return _Inside(f"(?:{'|'.join(begins)})", tuple(stamps)) if begins else None


def _is_sharp(begin: str, lines: Sequence[str]) -> bool:
    """Whether a record begins where it is found: not with a word that may be longer."""
    return not any(re.match(begin, "x" + line) for line in lines if re.match(begin, line))


def _begin(layout: Layout) -> str:
    """What a record of a layout begins with, without the names of its groups."""
    pattern = re.sub(r"\(\?P<\w+>", "(?:", layout.pattern)
    return f"(?:{pattern})" + (_LEVEL if set(layout.names) <= _TIME_ONLY else "")


def _surely_apart(batch: pa.RecordBatch, inside: _Inside) -> bool:
    """Whether the stamps of a batch stand nowhere but where lines begin with them.

    Told by what all of them begin with, much quicker than by the pattern; false where in doubt.
    """
    texts = batch["text"]
    together = texts_together(texts)
    heads = [inside.stamp(text) for text in texts.slice(0, _FIRST_LINES).to_pylist()]
    last = inside.stamp(texts[-1].as_py())
    if together is None or heads[0] is None or last is None:
        return False
    data, starts, ends = together
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(heads[0][1], last[1], strict=False))
    shared = "".join(character for character, _ in pairs).encode()
    if len(shared) < _ENOUGH_SHARED:
        return False
    known = np.zeros(len(texts), dtype=bool)
    for offset in {head[0] for head in (*heads, last) if head}:
        known |= _stands_at(data, starts + offset, ends, shared)
    others = np.flatnonzero(~known)
    return (
        data.count(shared) == len(texts) - len(others)
        and len(others) <= len(texts) // 8
        and not any(inside.stamp(texts[row].as_py()) for row in others.tolist())
    )


def _stands_at(data: bytes, places: _Ints, ends: _Ints, wanted: bytes) -> npt.NDArray[np.bool_]:
    """Whether `wanted` stands at each place, before the end that belongs to it."""
    found = places + len(wanted) <= ends
    rows = np.flatnonzero(found)
    windows = np.ndarray(len(data) - len(wanted) + 1, f"S{len(wanted)}", data, strides=(1,))
    found[rows] = windows[places[rows]] == wanted
    return found


def _occurs(batch: pa.RecordBatch, pattern: str) -> bool:
    """Whether a pattern occurs anywhere in the texts of a batch, looked up in their bytes."""
    for data in batch["text"].buffers()[2:]:
        if data is not None and data.size:
            ends = pa.py_buffer(bytes(8) + data.size.to_bytes(8, "little"))
            whole = pa.Array.from_buffers(pa.large_string(), 1, [None, ends, data])
            if pc.match_substring_regex(whole, pattern)[0].as_py():
                return True
    return False


def _apart(batch: pa.RecordBatch, pattern: str, stats: LineStats) -> pa.RecordBatch:
    """A batch with every record on a line of its own."""
    texts = batch["text"].cast(pa.string())
    places = pc.find_substring_regex(texts, pattern)
    # An object in an object may begin like the record: only one that is torn has too many braces.
    torn = pc.not_equal(pc.count_substring(texts, "{"), pc.count_substring(texts, "}"))
    glued = pc.and_(
        pc.greater_equal(places, 0),
        pc.or_(
            pc.or_(torn, pc.invert(pc.starts_with(texts, "{"))),
            pc.match_substring_regex(texts, r'\}\{"'),
        ),
    )
    cut: list[pa.RecordBatch] = []
    done = 0
    for place in pc.indices_nonzero(glued).to_pylist():
        pieces = list(_pieces(texts[place].as_py(), pattern))
        if len(pieces) > 1:
            cut.append(_numbered_on(batch.slice(done, place - done), len(stats.glued)))
            cut.append(_lines(batch.slice(place, 1).to_pylist()[0], pieces, stats))
            done = place + 1
    cut.append(_numbered_on(batch.slice(done), len(stats.glued)))
    return pa.Table.from_batches(cut).combine_chunks().to_batches()[0]


def _pieces(text: str, pattern: str) -> Iterator[str]:
    """A line cut where records begin inside it, behind what it begins with itself."""
    inside = re.compile(pattern, re.ASCII | re.DOTALL)
    start = place = 0
    while (found := inside.search(text, place)) is not None:
        begin = found.start() + 1
        own = inside.match(f"x{text[start:]}")
        within = own is not None and begin < start + own.end() - 1
        if within or (text[begin] == "{" and not _is_object(text[begin:])):
            place = begin
        else:
            yield text[start:begin]
            start = place = begin
    yield text[start:]


def _is_object(text: str) -> bool:
    """Whether a text begins with a whole JSON object that ends it or is followed by another."""
    try:
        _, end = _JSON.raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return text[end : end + 1] in {"", "{"}


def _lines(row: dict[str, int | str], pieces: Sequence[str], stats: LineStats) -> pa.RecordBatch:
    """The pieces of one line as lines; where its text is not as in the file, each is all of it."""
    exact = row["byte_length"] == len(str(row["text"]).encode())
    offset = int(row["byte_offset"])
    rows = []
    for count, piece in enumerate(pieces):
        size = len(piece.encode()) if exact else row["byte_length"]
        number = int(row["line_no"]) + len(stats.glued) + bool(count)
        if count:
            stats.glued.append(number)
            stats.lines += 1
        rows.append((row["part_id"], number, offset, size, piece))
        offset += len(piece.encode()) if exact else 0
    arrays = [
        pa.array(values, field.type)
        for values, field in zip(zip(*rows, strict=True), LINE_SCHEMA, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=LINE_SCHEMA)
