"""The tests inside signature files: a few rows in, an outcome out.

Reads: signatures with tests. Feeds: `ocppdiag signatures test`. Each test runs in tables that hold
nothing but its own rows; fields that a step does not state take the stream's typical value.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.dsl.catalogue import KINDS, Stream, StreamField, facts, streams
from ocpp_forensics.engine import create_candidates, match_signatures
from ocpp_forensics.errors import Problem, Where
from ocpp_forensics.model import Outcome
from ocpp_forensics.store import Store
from ocpp_forensics.vocabulary import SQL_TYPES

__all__ = ["Failure", "TestBench", "run_tests"]

_BASE = datetime(2026, 1, 5, 12, tzinfo=UTC).replace(tzinfo=None)
_DAY = timedelta(days=1)
_CORE = {
    "ts": "TIMESTAMP", "ord": "HUGEINT", "station": "VARCHAR", "event_id": "BIGINT",
    "kind": "VARCHAR", "action": "VARCHAR",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that was not met."""

    signature: str
    test: str
    where: Where
    message: str


def run_tests(signatures: Iterable[ast.Signature]) -> Iterator[Problem]:
    """Run the tests of some signatures and give every expectation that was not met."""
    with Store() as store:
        bench = TestBench(store)
        for signature in signatures:
            for failure in bench.run(signature):
                message = f"{failure.signature}, test '{failure.test}': {failure.message}"
                yield Problem("test-failed", message, failure.where)


class TestBench:
    """Runs tests in a store of its own with empty tables of the catalogue's shapes."""

    __test__ = False

    def __init__(self, store: Store) -> None:
        """Create the tables in an empty store."""
        self._store = store
        self._tables: dict[str, dict[str, str]] = {}
        for stream in streams().values():
            columns = self._tables.setdefault(stream.table, dict(_CORE))
            columns.setdefault(stream.key, "BIGINT")
            if stream.episode:
                columns.setdefault(stream.episode, "BIGINT")
            columns |= {name: SQL_TYPES[each.type] for name, each in stream.fields.items()}
        self._tables["station"] = {"station": "VARCHAR"}
        self._tables["known"] = {"station": "VARCHAR", "from_ts": "TIMESTAMP"} | {
            name: SQL_TYPES[each.type] for name, each in facts().items()
        }
        span = {"from_ts": "TIMESTAMP", "to_ts": "TIMESTAMP", "station": "VARCHAR"}
        self._tables["coverage"] = {"kind": "VARCHAR"} | span
        self._tables["connected"] = span
        for table, columns in self._tables.items():
            listed = ", ".join(f'"{name}" {sql_type}' for name, sql_type in columns.items())
            store.execute(f"CREATE TABLE {table} ({listed})")
        create_candidates(store)

    def run(self, signature: ast.Signature) -> Iterator[Failure]:
        """Run all tests of one signature and give the expectations that were not met."""
        for test in signature.tests:
            self.fill(rows_of(test))
            (outcome,) = match_signatures(self._store, [signature])
            rows = self._store.records("SELECT * FROM candidate ORDER BY ts, row_id")
            for expectation in test.expectations:
                message = _judge(expectation, outcome, rows)
                if message:
                    where = Where(signature.path, expectation.span.line, expectation.span.column)
                    yield Failure(signature.id, test.name, where, message)

    def fill(self, tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """Replace all rows by the given ones."""
        for table, columns in self._tables.items():
            self._store.execute(f"DELETE FROM {table}")
            rows = list(tables.get(table, ()))
            if rows:
                shown = {name: [row.get(name) for row in rows] for name in columns if name != "ord"}
                self._store.show("given_rows", pa.table(shown))
                ord_sql = "epoch_us(ts)::HUGEINT * 18446744073709551616 + rank_in_order"
                if "ord" in columns:
                    ranks = pa.array([row["rank_in_order"] for row in rows], pa.int64())
                    self._store.show("given_rows", pa.table({**shown, "rank_in_order": ranks}))
                    self._store.execute(
                        f"INSERT INTO {table} BY NAME SELECT * EXCLUDE (rank_in_order), "
                        f"{ord_sql} AS ord FROM given_rows"
                    )
                else:
                    self._store.execute(f"INSERT INTO {table} BY NAME SELECT * FROM given_rows")
                self._store.hide("given_rows")


def rows_of(test: ast.TestCase) -> dict[str, list[dict[str, Any]]]:
    """The rows of all tables that a test describes."""
    tables: dict[str, list[dict[str, Any]]] = {}
    stations: dict[str, dict[str, Any]] = {}
    for number, step in enumerate(test.steps, 1):
        stream = streams()[step.action]
        row = _row(stream, step, number, test.without)
        tables.setdefault(stream.table, []).append(row)
        if row["station"]:
            stations.setdefault(row["station"], {"station": row["station"]})
    for settings in test.facts:
        given = dict(settings)
        name = str(given.get("station", "CP1"))
        stations.setdefault(name, {}).update(given | {"station": name})
    tables["station"] = list(stations.values())
    tables["known"] = [each | {"from_ts": _BASE - _DAY} for each in stations.values()]
    tables["coverage"] = [
        {"kind": kind, "from_ts": _BASE - _DAY, "to_ts": _BASE + 2 * _DAY, "station": None}
        for kind in KINDS
        if kind not in test.without
    ]
    tables["connected"] = list(_connected(test.steps))
    return tables


def _row(stream: Stream, step: ast.Step, number: int, without: tuple[str, ...]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "ts": _BASE + timedelta(seconds=step.at_s),
        "rank_in_order": number,
        "station": "CP1" if stream.scope == "station" else None,
        "event_id": number,
        "action": step.action,
        stream.key: number,
    }
    if stream.episode:
        row[stream.episode] = number
    row |= {
        name: _typed(each, each.typical)
        for name, each in stream.fields.items()
        if each.typical is not None
    }
    row |= {f"{kind}_covered": False for kind in without if f"{kind}_covered" in stream.fields}
    return row | {name: _typed(stream.fields[name], value) for name, value in step.settings}


def _typed(field: StreamField, value: Any) -> Any:
    return int(value) if field.type == "integer" else value


def _connected(steps: Iterable[ast.Step]) -> Iterator[dict[str, Any]]:
    """Connections from each `opened` to the station's next `lost`."""
    ordered = sorted(steps, key=lambda step: step.at_s)
    for number, step in enumerate(ordered):
        if step.action == "opened":
            station = dict(step.settings).get("station", "CP1")
            end = next(
                (
                    each.at_s
                    for each in ordered[number:]
                    if each.action == "lost"
                    and dict(each.settings).get("station", "CP1") == station
                ),
                _DAY.total_seconds(),
            )
            yield {
                "station": station,
                "from_ts": _BASE + timedelta(seconds=step.at_s),
                "to_ts": _BASE + timedelta(seconds=end),
            }


def _judge(wanted: ast.Expectation, outcome: Outcome, rows: list[dict[str, Any]]) -> str | None:
    """What is wrong with the outcome of a test, None where it is as expected."""
    if wanted.outcome == "unknown":
        if outcome.result == "not_evaluable":
            return None
        return f"expected not evaluable, got {outcome.result.replace('_', ' ')}"
    matches = [row for row in rows if row["known"]]
    if wanted.outcome == "none":
        if outcome.result == "not_evaluable":
            return f"expected no match, could not be evaluated without {', '.join(outcome.missing)}"
        return f"expected no match, got {_shown(matches)}" if matches else None
    fitting = [row for row in matches if _fits(wanted, row)]
    if not fitting:
        return f"expected {_wanted(wanted)}, got {_shown(matches)}"
    if wanted.times is not None and len(fitting) != wanted.times:
        return f"expected {wanted.times} matches, got {len(fitting)}: {_shown(fitting)}"
    return None


def _fits(wanted: ast.Expectation, row: dict[str, Any]) -> bool:
    at_s = (row["ts"] - _BASE).total_seconds()
    return (
        (wanted.at_s is None or at_s == wanted.at_s)
        and (wanted.station is None or row["station"] == wanted.station)
        and (wanted.score is None or row["score"] >= wanted.score)
        and (wanted.score_at_most is None or row["score"] <= wanted.score_at_most)
        and (wanted.variant is None or row["variant"] == wanted.variant)
    )


def _wanted(wanted: ast.Expectation) -> str:
    words = ["a match"]
    words += [f"at {wanted.at_s:g}s"] if wanted.at_s is not None else []
    words += [f"for {wanted.station}"] if wanted.station else []
    words += [f"with score >= {wanted.score}"] if wanted.score is not None else []
    words += [f"with score <= {wanted.score_at_most}"] if wanted.score_at_most is not None else []
    words += [f"as variant {wanted.variant}"] if wanted.variant else []
    return " ".join(words)


def _shown(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "no match"
    parts = []
    for row in rows[:5]:
        at_s = (row["ts"] - _BASE).total_seconds()
        variant = f" as {row['variant']}" if row["variant"] else ""
        parts.append(f"{row['station'] or 'fleet'} at {at_s:g}s score {row['score']}{variant}")
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return "; ".join(parts) + more
