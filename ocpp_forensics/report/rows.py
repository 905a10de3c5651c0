"""Rows of the timeline or of a query as a table, JSON lines or CSV; harmless in each.

Reads: column names and rows. Feeds: `ocppdiag timeline`, `ocppdiag query`.
"""

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from rich.cells import cell_len, set_cell_size

from ocpp_forensics.report.safety import cut, escaped, masked_text, plain

__all__ = ["ROW_FORMATS", "RowFormat"]

_Rows = Iterable[Sequence[Any]]
RowFormat = Callable[[Sequence[str], _Rows], Iterator[str]]
"""Makes text, piece by piece, of column names and rows."""

_AHEAD = 500
"""Rows that decide on the widths of columns."""

_WIDEST = 40
_LONGEST = 2000
_FORMULA = ("=", "+", "-", "@")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="milliseconds")
    return masked_text(str(value))


def _table(names: Sequence[str], rows: _Rows) -> Iterator[str]:
    """Columns as wide as their first rows need; the last one may be much longer."""
    texts = ([cut(plain(_text(value)), _LONGEST) for value in row] for row in rows)
    ahead = list(islice(texts, _AHEAD))
    widths = [
        min(max(cell_len(row[number]) for row in [list(names), *ahead]), _WIDEST)
        for number in range(len(names))
    ]
    yield _line(names, widths)
    for batch in (ahead, texts):
        for row in batch:
            yield _line(row, widths)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [_fitted(text, size) for text, size in zip(row[:-1], widths, strict=False)]
    return "  ".join([*cells, *row[-1:]]).rstrip() + "\n"


def _fitted(text: str, size: int) -> str:
    """The text at exactly a width, cut with an ellipsis."""
    return (
        set_cell_size(text, size) if cell_len(text) <= size else set_cell_size(text, size - 1) + "…"
    )


def _jsonl(names: Sequence[str], rows: _Rows) -> Iterator[str]:
    for row in rows:
        record = {name: _plain_value(value) for name, value in zip(names, row, strict=True)}
        yield escaped(json.dumps(record, ensure_ascii=False)) + "\n"


_Json = str | int | float | list["_Json"] | dict[str, "_Json"] | None


def _plain_value(value: object) -> _Json:
    """A value that JSON has; times as in the report."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, list | tuple):
        return [_plain_value(each) for each in value]
    if isinstance(value, dict):
        return {str(name): _plain_value(each) for name, each in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float) else _text(value)


def _csv(names: Sequence[str], rows: _Rows) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _cell(value: object) -> str | float | date:
    """A cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, int | float | date) and not isinstance(value, datetime):
        return value
    text = plain(_text(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


ROW_FORMATS: Mapping[str, RowFormat] = {"table": _table, "jsonl": _jsonl, "csv": _csv}
