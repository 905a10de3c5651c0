"""Tables: files with a header line whose columns say when, who and what.

Reads: lines, columns.toml. Feeds: reading of records. Every row becomes one line of JSON with the
members time and message and all of its columns, so that formats read it as they read other logs.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from ocpp_forensics.messages import CALL, frame_of, known_action, plain_name, roles, type_of

__all__ = ["Table", "find_table"]

_DELIMITERS = ",;\t|"
_LONGEST_NAME = 40
_LONGEST_ROW = 1 << 15
"""A row that is longer with its further lines is none: some quote was never closed."""

_DAY_FIRST = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})(?=\D|$)")


@dataclass(frozen=True, slots=True)
class Table:
    """A header: the names of the columns and, per role, the columns that have it.

    `month_first` tells how 3/4/2026 is meant in this file.
    """

    delimiter: str
    names: tuple[str, ...]
    roles: Mapping[str, tuple[int, ...]]
    header_line: int
    month_first: bool = False

    def rows(self, texts: Sequence[str]) -> Iterator[str]:
        """One text per line: a row as JSON, or nothing where a line only continues the row."""
        start = 0
        while start < len(texts):
            end = _row_end(texts, start)
            yield self._row("\n".join(texts[start:end]))
            yield from [""] * (end - start - 1)
            start = end

    def _row(self, text: str) -> str:
        cells = _cells(text, self.delimiter)
        if not any(cells):
            return ""
        members = {
            name: cell for name, cell in zip(self.names, cells, strict=False) if name and cell
        }
        members["time"] = self._time(cells)
        members["message"] = self._message(cells)
        return json.dumps({"table_row": 1, **members}, ensure_ascii=False)

    def _cell(self, cells: Sequence[str], role: str) -> str:
        for place in self.roles.get(role, ()):
            if place < len(cells) and cells[place].strip():
                return cells[place].strip()
        return ""

    def _time(self, cells: Sequence[str]) -> str:
        parts = ("day", "clock") if "day" in self.roles else ("time",)
        stamp = " ".join(self._cell(cells, part) for part in parts)
        order = r"\3-\1-\2" if self.month_first else r"\3-\2-\1"
        return _padded(_DAY_FIRST.sub(order, stamp)) if "M" not in stamp else stamp

    def _message(self, cells: Sequence[str]) -> str:
        """The words or the frame of a row; a frame in pieces is put together."""
        message = self._cell(cells, "message")
        payload = self._cell(cells, "payload")
        whole = next((text for text in (message, payload) if text.startswith("[")), None)
        action = self._known_action(cells)
        if whole is not None or action is None:
            return (
                whole or " ".join(filter(None, (message, payload))) or self._cell(cells, "action")
            )
        body = next((text for text in (payload, message) if text.startswith("{")), "{}")
        kind = type_of(self._cell(cells, "type")) or CALL
        name = action if kind == CALL else self._cell(cells, "error")
        return frame_of(kind, self._cell(cells, "id"), name, body)

    def _known_action(self, cells: Sequence[str]) -> str | None:
        """The OCPP action that a row names in its column for it."""
        places = (*self.roles.get("action", ()), *self.roles.get("message", ()))
        named = (known_action(cells[place]) for place in places if place < len(cells))
        return next(filter(None, named), None)


def _padded(stamp: str) -> str:
    """2026-3-4 as 2026-03-04."""
    return re.sub(r"(?<=-)(\d)(?=\D|$)", r"0\1", stamp)


def _row_end(texts: Sequence[str], start: int) -> int:
    """Where the row ends that begins at a line: behind the line that closes its last quote."""
    size, is_open = 0, False
    for place in range(start, len(texts)):
        size += len(texts[place])
        is_open ^= texts[place].count('"') % 2 == 1
        if not is_open:
            return place + 1
        if size > _LONGEST_ROW:
            break
    return start + 1


def _cells(text: str, delimiter: str) -> list[str]:
    """The cells of a row; a line end outside of quotes, CR for example, also ends a cell."""
    return list(chain(*csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))


def find_table(texts: Sequence[str]) -> Table | None:
    """The table that lines are, None where they begin with no header that says when and what."""
    for number, text in enumerate(texts[:3]):
        if not text.strip() or re.fullmatch(r"sep=.", text.strip()):
            continue
        for delimiter in sorted(_DELIMITERS, key=text.count, reverse=True):
            table = _header(text, delimiter, number)
            if table is not None:
                return _dated(table, texts[number + 1 :])
        return None
    return None


def _header(text: str, delimiter: str, number: int) -> Table | None:
    names = [name.strip().lstrip("#").strip() for name in _cells(text, delimiter)]
    plain = list(map(plain_name, names))
    if len(names) < 2 or len(set(plain)) < len(plain) or not all(map(_may_name, names)):
        return None
    held: dict[str, tuple[int, ...]] = {}
    for role, known in roles().items():
        places = sorted(
            (known.index(name), place) for place, name in enumerate(plain) if name in known
        )
        if places:
            held[role] = tuple(place for _, place in places)
    if "day" in held and "clock" not in held:
        held["time"] = (*held.get("time", ()), *held.pop("day"))
    if not {"time", "day"} & set(held) or not {"message", "payload", "action"} & set(held):
        return None
    return Table(delimiter, tuple(names), held, number)


def _may_name(name: str) -> bool:
    return not name or (len(name) <= _LONGEST_NAME and not re.search(r"\d{4}|[{}=]", name))


def _dated(table: Table, texts: Sequence[str]) -> Table:
    """The table with the order of day and month that its rows show, the day first in doubt."""
    found = [match for text in texts for match in _DAY_FIRST.finditer(text)]
    months = any(int(match[2]) > 12 >= int(match[1]) for match in found)
    return Table(table.delimiter, table.names, table.roles, table.header_line, months)
