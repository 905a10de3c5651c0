"""The samples inside format files, checked: lines a format must read, and lines it must not.

Reads: formats. Feeds: `ocppdiag formats test` and the tests.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from ocpp_forensics.errors import Problem, Where
from ocpp_forensics.formats.compiler import ENVELOPE_COLUMNS, envelope_sql
from ocpp_forensics.formats.definition import Format, Sample
from ocpp_forensics.store import Store

__all__ = ["check_samples"]


def check_samples(store: Store, formats: Iterable[Format]) -> Iterator[Problem]:
    """What is wrong with how formats read their own samples and counter-samples."""
    for format_ in formats:
        samples = [*format_.samples, *format_.not_samples]
        for sample, read in zip(samples, _read(store, format_, samples), strict=True):
            for message in _mistakes(format_, sample, read, wanted=sample in format_.samples):
                where = _where(format_, sample)
                yield Problem("format-sample", message, where)


def _read(store: Store, format_: Format, samples: list[Sample]) -> list[dict[str, Any]]:
    """The envelopes of some lines, in the order of the lines."""
    count = len(samples)
    table = pa.table({
        "part_id": [0] * count,
        "line_no": list(range(count)),
        "byte_offset": [0] * count,
        "byte_length": [len(sample.line) for sample in samples],
        "line_count": [1] * count,
        "text": [sample.line for sample in samples],
    })
    store.show("sample_lines", table)
    columns = ", ".join(ENVELOPE_COLUMNS)
    envelopes = envelope_sql((format_,), (), "sample_lines")
    rows = store.records(
        f"SELECT format, ts, zone_s AS zone, ltrim(substr(hay, start)) AS body, {columns} "
        f"FROM ({envelopes}) ORDER BY line_no"
    )
    store.hide("sample_lines")
    return rows


def _mistakes(
    format_: Format, sample: Sample, read: dict[str, Any], *, wanted: bool
) -> Iterator[str]:
    if not wanted:
        if read["format"] is not None:
            yield "the format fits a line of which it says that it must not"
        return
    if read["format"] is None:
        yield "the format does not fit its own sample"
        return
    for name, expected in sample.expect:
        found = _level(format_, sample.line) if name == "level" else read.get(name)
        if isinstance(found, datetime):
            found, expected = found.isoformat(), datetime.fromisoformat(expected).isoformat()
        if str(found) != expected:
            yield f"{name} is {found!r}, expected {expected!r}"


def _level(format_: Format, line: str) -> str | None:
    """The level of a line; it stays out of the timeline, so that no envelope has it."""
    if format_.type == "json":
        members = json.loads(line)
        keys = dict(format_.keys).get("level", ())
        return next((str(members[key]) for key in keys if key in members), None)
    matches = (re.match(layout.pattern, line) for layout in format_.layouts)
    return next((match["level"] for match in matches if match), None)


def _where(format_: Format, sample: Sample) -> Where:
    lines = Path(format_.path).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith("line") and sample.line[:40] in line:
            return Where(format_.path, number, 1, len(line), line)
    return Where(format_.path)
