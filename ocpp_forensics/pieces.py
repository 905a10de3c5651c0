"""Pieces: lines that a container runtime has cut at 16 KiB, put together again.

Reads: batches of lines of CRI logs (tag P, then F) and Docker's json-file (no line end in `log`).
Feeds: reading of records. The whole text stands where its first piece stood, the other pieces are
blank lines. Source: kubernetes CRI logging, "P" partial and "F" full; docker/docker#34620.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["with_whole_lines"]

_MOST_TEXT = 1 << 16
_DOCKER_BYTES = 1 << 14
_MOST_HELD = 20_000
"""Lines that are held at most until the end of a cut line comes."""

_CRI = re.compile(r"(\d{4}-\d\d-\d\dT[^ ]+ (stdout|stderr) )([FP])(?::[^ ]*)? (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Runtime:
    """How a runtime writes lines.

    `known` tells its lines; `begins` which lines of a batch may be first pieces. `apart` takes a
    line apart into stream, content and whether it goes on; `together` makes a line of contents.
    """

    known: str
    begins: Callable[[pa.RecordBatch], pa.Array]
    apart: Callable[[str], tuple[str, str, bool] | None]
    together: Callable[[str, str], str]


def _cri_begins(lines: pa.RecordBatch) -> pa.Array:
    tagged = r"^[^ ]+ (?:stdout|stderr) P(?::[^ ]*)? "
    return pc.match_substring_regex(lines["text"].cast(pa.string()), tagged)


def _cri_apart(text: str) -> tuple[str, str, bool] | None:
    found = _CRI.match(text)
    return (found[2], found[4], found[3] == "P") if found else None


def _cri_together(first: str, content: str) -> str:
    found = _CRI.match(first)
    return f"{found[1]}F {content}" if found else content


def _docker_begins(lines: pa.RecordBatch) -> pa.Array:
    return pc.greater_equal(lines["byte_length"], _DOCKER_BYTES)


def _docker_apart(text: str) -> tuple[str, str, bool] | None:
    members = _members(text)
    log = members.get("log")
    if not isinstance(log, str):
        return None
    goes_on = not log.endswith("\n") and len(log.encode()) >= _DOCKER_BYTES
    return str(members.get("stream")), log, goes_on


def _docker_together(first: str, content: str) -> str:
    return json.dumps({**_members(first), "log": content}, ensure_ascii=False)


def _members(text: str) -> dict[str, Any]:
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return members if isinstance(members, dict) else {}


_RUNTIMES = (
    _Runtime(_CRI.pattern, _cri_begins, _cri_apart, _cri_together),
    _Runtime(
        r'\{"log":".*","stream":"std(?:out|err)",', _docker_begins, _docker_apart, _docker_together
    ),
)


def with_whole_lines(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same batches, with the pieces of cut lines joined where a runtime has cut them."""
    first = next(batches, None)
    if first is None:
        return
    heads = first["text"].slice(0, 20).to_pylist()
    runtime = next((r for r in _RUNTIMES if any(re.match(r.known, text) for text in heads)), None)
    if runtime is None:
        yield first
        yield from batches
        return
    held = None
    for batch in _chained(first, batches):
        lines = batch if held is None else _joined(held, batch)
        done, held = _whole(lines, runtime, last=False)
        yield done
    if held is not None:
        yield _whole(held, runtime, last=True)[0]


def _chained(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def _joined(one: pa.RecordBatch, other: pa.RecordBatch) -> pa.RecordBatch:
    return pa.Table.from_batches([one, other]).combine_chunks().to_batches()[0]


def _whole(
    lines: pa.RecordBatch, runtime: _Runtime, *, last: bool
) -> tuple[pa.RecordBatch, pa.RecordBatch | None]:
    """Lines with their pieces joined, and those from a cut line on whose end is not there yet."""
    begins = runtime.begins(lines)
    if not pc.any(begins).as_py():
        return lines, None
    texts: list[str] = lines["text"].to_pylist()
    open_ = _put_together(texts, begins.to_pylist(), runtime)
    begun = min((places[0] for places in open_.values()), default=len(texts))
    if last or len(texts) - begun > _MOST_HELD:
        for places in open_.values():
            _close(texts, places, runtime)
        begun = len(texts)
    column = pa.array(texts[:begun], lines.schema.field("text").type)
    done = lines.slice(0, begun).set_column(
        lines.num_columns - 1, lines.schema.field("text"), column
    )
    return done, lines.slice(begun) if begun < len(texts) else None


def _put_together(
    texts: list[str], begins: Sequence[bool], runtime: _Runtime
) -> dict[str, list[int]]:
    """Join the pieces in place; gives the places of the pieces, by stream, that have no end."""
    open_: dict[str, list[int]] = {}
    for place, begin in enumerate(begins):
        if not (begin or open_):
            continue
        piece = runtime.apart(texts[place])
        if piece is None:
            continue
        stream, _, goes_on = piece
        if goes_on:
            open_.setdefault(stream, []).append(place)
        elif stream in open_:
            _close(texts, [*open_.pop(stream), place], runtime)
    return open_


def _close(texts: list[str], places: Sequence[int], runtime: _Runtime) -> None:
    """Write the whole text where its first piece stands and blank lines for the others."""
    pieces = [piece for place in places if (piece := runtime.apart(texts[place]))]
    whole = "".join(content for _, content, _ in pieces)[:_MOST_TEXT]
    texts[places[0]] = runtime.together(texts[places[0]], whole)
    for place in places[1:]:
        texts[place] = ""
