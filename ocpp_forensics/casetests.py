"""The tests inside signature files: a few rows in, an outcome out.

Reads: signatures with tests. Feeds: `ocppdiag signatures test`. The tests of a signature run at
once, in tables that hold nothing but their rows, side by side.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ocpp_forensics.caserows import Match, match_of, rows_of
from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.dsl.catalogue import facts, streams
from ocpp_forensics.engine import create_candidates, match_signatures
from ocpp_forensics.errors import Problem, Where
from ocpp_forensics.model import Outcome
from ocpp_forensics.store import Store
from ocpp_forensics.vocabulary import SQL_TYPES

__all__ = ["Failure", "TestBench", "batches", "failures", "run_tests"]

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
        self._tables["hole"] = {"what": "VARCHAR", "kind": "VARCHAR"} | span
        for table, columns in self._tables.items():
            listed = ", ".join(f'"{name}" {sql_type}' for name, sql_type in columns.items())
            store.execute(f"CREATE TABLE {table} ({listed})")
        create_candidates(store)

    def run(self, signature: ast.Signature) -> Iterator[Failure]:
        """Run all tests of one signature and give the expectations that were not met."""
        for tests in batches(signature):
            self.lay_out(tests)
            outcome, matches = self.matches(signature)
            yield from failures(signature, tests, outcome, matches)

    def lay_out(self, tests: Sequence[ast.TestCase]) -> None:
        """Replace all rows by those of some tests that lack the same kinds of log."""
        self.fill(rows_of(tests))

    def matches(self, signature: ast.Signature) -> tuple[Outcome, list[Match]]:
        """Match a signature against the rows that were laid out."""
        (outcome,) = match_signatures(self._store, [signature])
        rows = self._store.records("SELECT * FROM candidate ORDER BY ts, row_id")
        return outcome, [match_of(row) for row in rows]

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


def batches(signature: ast.Signature) -> Iterator[tuple[ast.TestCase, ...]]:
    """The tests of a signature that can run at once: the same kinds of log are at hand.

    A share of all stations is counted in one test at a time.
    """
    match = signature.match
    alone = isinstance(match, ast.Counted) and match.amount.percent
    groups: dict[object, list[ast.TestCase]] = {}
    for number, test in enumerate(signature.tests):
        groups.setdefault(number if alone else frozenset(test.without), []).append(test)
    yield from map(tuple, groups.values())


def failures(
    signature: ast.Signature,
    tests: Sequence[ast.TestCase],
    outcome: Outcome,
    matches: Iterable[Match],
) -> Iterator[Failure]:
    """The expectations of some tests that the matches of a signature do not meet."""
    found: dict[int, list[Match]] = {}
    for match in matches:
        found.setdefault(match.test, []).append(match)
    for number, test in enumerate(tests):
        own = found.get(number, [])
        for wanted in test.expectations:
            message = _judge(wanted, own, () if found else outcome.missing)
            if message:
                where = Where(signature.path, wanted.span.line, wanted.span.column)
                yield Failure(signature.id, test.name, where, message)


def _judge(wanted: ast.Expectation, found: Sequence[Match], missing: Sequence[str]) -> str | None:
    """What is wrong with the outcome of a test, None where it is as expected."""
    matches = [each for each in found if each.known]
    blind = not matches and bool(found or missing)
    if wanted.outcome == "unknown":
        return (
            None if blind else f"expected not evaluable, got {'match' if matches else 'no match'}"
        )
    if wanted.outcome == "none":
        if blind:
            return f"expected no match, could not be evaluated without {', '.join(missing)}"
        return f"expected no match, got {_shown(matches)}" if matches else None
    fitting = [each for each in matches if _fits(wanted, each)]
    if not fitting:
        return f"expected {_wanted(wanted)}, got {_shown(matches)}"
    if wanted.times is not None and len(fitting) != wanted.times:
        return f"expected {wanted.times} matches, got {len(fitting)}: {_shown(fitting)}"
    return None


def _fits(wanted: ast.Expectation, match: Match) -> bool:
    return (
        (wanted.at_s is None or match.at_s == wanted.at_s)
        and (wanted.station is None or match.station == wanted.station)
        and (wanted.score is None or match.score >= wanted.score)
        and (wanted.score_at_most is None or match.score <= wanted.score_at_most)
        and (wanted.variant is None or (match.variant or "") == wanted.variant)
    )


def _wanted(wanted: ast.Expectation) -> str:
    words = ["a match"]
    words += [f"at {wanted.at_s:g}s"] if wanted.at_s is not None else []
    words += [f"for {wanted.station}"] if wanted.station else []
    words += [f"with score >= {wanted.score}"] if wanted.score is not None else []
    words += [f"with score <= {wanted.score_at_most}"] if wanted.score_at_most is not None else []
    words += [f"as variant {wanted.variant}"] if wanted.variant else []
    words += ["as no variant"] if wanted.variant == "" else []
    return " ".join(words)


def _shown(matches: Sequence[Match]) -> str:
    if not matches:
        return "no match"
    parts = []
    for match in matches[:5]:
        variant = f" as {match.variant}" if match.variant else ""
        parts.append(f"{match.station or 'fleet'} at {match.at_s:g}s score {match.score}{variant}")
    more = f" and {len(matches) - 5} more" if len(matches) > 5 else ""
    return "; ".join(parts) + more
