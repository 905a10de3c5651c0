"""Documents of a bundle (outputs of first checks, configurations) as facts and as accounted lines.

Reads: the lines of parts that are no logs. Feeds: fact, record, line_text. Every line that tells a
fact is a record of its own, without a time; the lines between belong to the record before them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import pyarrow as pa

from ocpp_forensics.checks.reading import read_texts
from ocpp_forensics.checks.told import Told
from ocpp_forensics.sources import Part
from ocpp_forensics.store import Store

__all__ = ["read_documents"]

_LONGEST = 10_000
"""So many lines belong to one record at most."""


def read_documents(
    store: Store, documents: Mapping[str, tuple[Part, pa.Table]], *, keep_text: bool
) -> None:
    """Write what some documents tell into the store.

    Shape: `documents` maps a path to its part and all of its lines (LINE_SCHEMA).
    """
    checks = {path: part.checks for path, (part, _) in documents.items()}
    texts = {path: "\n".join(lines["text"].to_pylist()) for path, (_, lines) in documents.items()}
    told: dict[str, list[Told]] = {}
    for path, each in read_texts(checks, texts):
        told.setdefault(path, []).append(each)
    for path, (part, lines) in documents.items():
        facts = told.get(path, [])
        _write_records(store, lines, {each.line for each in facts}, keep_text=keep_text)
        _write_facts(store, part, facts)


def _write_records(store: Store, lines: pa.Table, telling: set[int], *, keep_text: bool) -> None:
    size = lines.num_rows
    firsts = sorted({1, *telling, *range(1, size + 1, _LONGEST)}) if size else []
    ends = [*firsts[1:], size + 1]
    rows = pa.table({
        "first": pa.array(firsts, pa.int64()),
        "line_count": pa.array(
            [end - first for first, end in zip(firsts, ends, strict=True)], pa.int64()
        ),
    })
    store.show("document_lines", lines)
    store.show("document_records", rows)
    store.execute(_RECORDS)
    if keep_text:
        store.execute(_TEXTS)
    store.hide("document_records")
    store.hide("document_lines")


_PLACED = "document_lines AS l JOIN document_records AS r ON l.line_no = r.first"
_RECORDS = f"""
INSERT INTO framed BY NAME
SELECT (l.part_id::BIGINT << 40) | l.line_no AS record_id, l.byte_offset, l.byte_length,
    r.line_count, 'check.output' AS action, false AS truncated
FROM {_PLACED}
"""
_TEXTS = (
    f"INSERT INTO line_text SELECT (l.part_id::BIGINT << 40) | l.line_no, l.text FROM {_PLACED}"
)


def _write_facts(store: Store, part: Part, facts: Sequence[Told]) -> None:
    rows = list(_fact_rows(part, facts))
    if rows:
        store.show("told_facts", pa.Table.from_pylist(rows, schema=_FACT))
        store.execute("INSERT INTO fact BY NAME SELECT * FROM told_facts")
        store.hide("told_facts")


_FACT = pa.schema([
    ("scope", pa.string()), ("host", pa.string()), ("path", pa.string()), ("key", pa.string()),
    ("value", pa.string()), ("valid_from", pa.timestamp("us")), ("basis", pa.string()),
    ("source", pa.string()), ("line", pa.int64()), ("source_id", pa.int32()),
    ("event_id", pa.int64()),
])  # fmt: skip


def _fact_rows(part: Part, facts: Sequence[Told]) -> Iterator[dict[str, object]]:
    for each in facts:
        yield {
            "scope": each.scope,
            "host": each.host.casefold() if each.host else None,
            "path": each.path,
            "key": each.key,
            "value": each.value,
            "valid_from": _plain(each.valid_from),
            "basis": each.basis,
            "source": part.member.path,
            "line": each.line,
            "source_id": part.source_id,
            "event_id": part.part_id << 40 | each.line,
        }


def _plain(moment: datetime | None) -> datetime | None:
    """A moment in UTC as the store holds it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None
