"""The rows that the tests inside signature files describe, laid out so that many fit side by side.

Reads: tests of signatures, the catalogue. Feeds: casetests. Every test has stations and days of its
own; fields that a step does not state take the stream's typical value.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.dsl.catalogue import KINDS, Stream, StreamField, streams

__all__ = ["Match", "match_of", "rows_of"]

_BASE = datetime(2026, 1, 5, 12, tzinfo=UTC).replace(tzinfo=None)
_DAY = timedelta(days=1)
_APART = 100 * _DAY
"""Between the beginnings of two tests that lie side by side."""
_MOST_ROWS = 1_000_000
"""More rows than a test ever has: the keys of one test's rows lie apart from those of the next."""


@dataclass(frozen=True, slots=True)
class Match:
    """A match of a signature in the test that it belongs to."""

    test: int
    at_s: float
    station: str | None
    known: bool
    score: int
    variant: str | None
    holds: tuple[bool | None, ...]


def rows_of(tests: Sequence[ast.TestCase]) -> dict[str, list[dict[str, Any]]]:
    """The rows of all tables that some tests describe."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for number, test in enumerate(tests):
        for table, row in _Place(test, number).rows():
            tables.setdefault(table, []).append(row)
    return tables


def match_of(row: dict[str, Any]) -> Match:
    """A row of `candidate` in the words of its test."""
    number = round((row["ts"] - _BASE) / _APART)
    return Match(
        test=number,
        at_s=(row["ts"] - _BASE - number * _APART).total_seconds(),
        station=row["station"] and row["station"].removesuffix(_suffix(number)),
        known=row["known"],
        score=row["score"],
        variant=row["variant"],
        holds=tuple(row["holds"]),
    )


def _suffix(number: int) -> str:
    return f"@{number}"


@dataclass(frozen=True, slots=True)
class _Place:
    """One test and its number among those that lie side by side."""

    test: ast.TestCase
    number: int

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The test's rows, each with its table."""
        found: set[str] = set()
        for number, step in enumerate(self.test.steps, 1):
            stream = streams()[step.action]
            row = self._row(stream, step, number)
            yield stream.table, row
            found |= {row["station"]} - {None}
        for station in self._stations(found):
            yield "station", station
            yield "known", station | {"from_ts": self._ts(0) - _APART / 2}
        for kind in KINDS:
            if kind not in self.test.without:
                span = {"from_ts": self._ts(0) - _DAY, "to_ts": self._ts(0) + 2 * _DAY}
                yield "coverage", {"kind": kind, "station": None} | span
        for connection in self._connected():
            yield "connected", connection

    def _stations(self, found: set[str]) -> Iterable[dict[str, Any]]:
        """The stations with what is given of each; what names no station is given of all."""
        stations: dict[str, dict[str, Any]] = {name: {"station": name} for name in sorted(found)}
        for settings in self.test.facts:
            given = dict(settings)
            names = [self._name(given)] if "station" in given or not found else found
            for name in names:
                stations.setdefault(name, {}).update(given | {"station": name})
        return stations.values()

    def _ts(self, at_s: float) -> datetime:
        return _BASE + self.number * _APART + timedelta(seconds=at_s)

    def _name(self, settings: dict[str, Any]) -> str:
        return f"{settings.get('station', 'CP1')}{_suffix(self.number)}"

    def _row(self, stream: Stream, step: ast.Step, number: int) -> dict[str, Any]:
        key = self.number * _MOST_ROWS + number
        row: dict[str, Any] = {
            "ts": self._ts(step.at_s),
            "rank_in_order": number,
            "event_id": key,
            "action": step.action,
            stream.key: key,
        }
        if stream.episode:
            row[stream.episode] = key
        row |= {
            name: _typed(each, each.typical)
            for name, each in stream.fields.items()
            if each.typical is not None
        }
        uncovered = (f"{kind}_covered" for kind in self.test.without)
        row |= {name: False for name in uncovered if name in stream.fields}
        settings = dict(step.settings)
        row |= {name: _typed(stream.fields[name], value) for name, value in settings.items()}
        named = stream.scope == "station" or "station" in settings
        return row | {"station": self._name(settings) if named else None}

    def _connected(self) -> Iterator[dict[str, Any]]:
        """Connections from each `opened` to the station's next `lost`."""
        ordered = sorted(self.test.steps, key=lambda step: step.at_s)
        for number, step in enumerate(ordered):
            if step.action == "opened":
                station = self._name(dict(step.settings))
                ends = (
                    each.at_s
                    for each in ordered[number:]
                    if each.action == "lost" and self._name(dict(each.settings)) == station
                )
                to_ts = self._ts(next(ends, _DAY.total_seconds()))
                yield {"station": station, "from_ts": self._ts(step.at_s), "to_ts": to_ts}


def _typed(field: StreamField, value: str | float | None) -> str | float | None:
    return int(value) if field.type == "integer" and value is not None else value
