"""The samples of formats, read the way lines are read.

Reads: format definitions. Feeds: `ocppdiag formats test` and the tests. A sample must be read by
its format and yield what it expects; a counter-sample must not be read by it; and a log made of a
format's samples must be found to be in that format.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from ocpp_forensics.errors import Problem, Where
from ocpp_forensics.formats.compiler import envelope_sql, group_sql, matches_sql
from ocpp_forensics.formats.definition import Format, Sample
from ocpp_forensics.formats.detection import detect_formats
from ocpp_forensics.lines import LINE_SCHEMA
from ocpp_forensics.store import Store

__all__ = ["check_formats", "yields"]


def check_formats(store: Store, formats: Sequence[Format]) -> tuple[Problem, ...]:
    """Everything that the samples of formats show to be wrong."""
    problems = [problem for each in formats for problem in _samples(store, each)]
    return (*problems, *_detection(store, formats))


def _samples(store: Store, format_: Format) -> Iterator[Problem]:
    samples = (*format_.samples, *format_.not_samples)
    rows = _read(store, format_, samples)
    for number, (sample, row) in enumerate(zip(samples, rows, strict=True)):
        if number < len(format_.samples):
            yield from _mistakes(format_, sample, row)
        elif row["fits"]:
            yield _problem(format_, sample, "the counter-sample is read by the format")


def _read(store: Store, format_: Format, samples: Sequence[Sample]) -> list[dict[str, Any]]:
    store.show("given_samples", _lines([(1, samples)]))
    envelope = envelope_sql((format_,), (), "(SELECT *, 1 AS line_count FROM given_samples)")
    rows = store.records(
        "SELECT e.*, ltrim(substr(hay, start)) AS body, zone_s::VARCHAR AS zone, "
        f"{group_sql(format_, 'level', 'text')} AS level, {matches_sql(format_, 'text')} AS fits "
        f"FROM ({envelope}) AS e ORDER BY line_no"
    )
    store.hide("given_samples")
    return rows


def yields(store: Store, format_: Format) -> list[dict[str, str]]:
    """What the samples of a format yield: the fields that stand in each, in a fixed order."""
    names = ("ts", "zone", "level", "logger", "station", "client_address", "direction_mark", "body")
    return [
        {name: _value(row, name) for name in names if row[name] is not None}
        for row in _read(store, format_, format_.samples)
    ]


def _value(row: dict[str, Any], name: str) -> str:
    if name == "ts" and row[name] is not None:
        return str(row[name].isoformat(" ", "auto" if row[name].microsecond else "seconds"))
    return str(row[name])


def _mistakes(format_: Format, sample: Sample, row: dict[str, Any]) -> Iterator[Problem]:
    if not row["fits"]:
        yield _problem(format_, sample, "the sample is not read by its own format")
        return
    for name, wanted in sample.expect:
        found = _value(row, name)
        if name == "ts":
            found, wanted = (each.rstrip("0") if "." in each else each for each in (found, wanted))
        if found != wanted:
            yield _problem(format_, sample, f"{name} should be {wanted!r}, is {found!r}")


def _detection(store: Store, formats: Sequence[Format]) -> Iterator[Problem]:
    lines = _lines([(number, each.samples) for number, each in enumerate(formats)])
    found = detect_formats(store, lines, formats, {})
    for number, format_ in enumerate(formats):
        chosen = found[number].outer
        if format_.id not in chosen:
            what = f"its samples are taken for {' and '.join(chosen) or 'nothing'}"
            yield _problem(format_, format_.samples[0], what)


def _lines(groups: Sequence[tuple[int, Sequence[Sample]]]) -> pa.Table:
    """Samples as lines, each group as a part of its own."""
    rows = [
        {"part_id": part, "line_no": number, "byte_offset": 0, "byte_length": 0, "text": each.line}
        for part, samples in groups
        for number, each in enumerate(samples, start=1)
    ]
    return pa.Table.from_pylist(rows, schema=LINE_SCHEMA)


def _problem(format_: Format, sample: Sample, what: str) -> Problem:
    return Problem(
        "format-sample", f"format '{format_.id}': {what}", Where(format_.path), sample.line
    )
