"""The DuckDB database that holds one timeline: opened, filled, locked, asked.

The only module that knows DuckDB and how Arrow data gets into it. In memory by default, spilling
to a temporary folder; in a file where the timeline is to be kept.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from ocpp_forensics.errors import InputError, Problem
from ocpp_forensics.resources import read_text
from ocpp_forensics.schedule import NO_WAITS, Order, split, waits

__all__ = ["Store"]

_MEMORY_LIMIT = "1400MB"
_FETCH = 10_000
_QUERIES = ("SELECT", "MULTI")
"""Kinds of statement that only read; MULTI is a PIVOT."""

_BESIDE = 4
"""So many statements run beside each other at most."""

_SCRATCH = "SET search_path = 'memory,scratch'; SET python_enable_replacements = false"
"""Said to every connection to a timeline in memory: what lies in `scratch` is not kept."""


class Store:
    """One timeline database.

    Use it as a context manager: the temporary folder goes with it.
    """

    def __init__(self, path: Path | None = None, *, read_only: bool = False) -> None:
        """Open a database: in memory, or the file at `path`.

        Errors: InputError where the file is not a timeline or cannot be opened.
        """
        self._spill = tempfile.TemporaryDirectory(prefix="ocppdiag-")
        target = ":memory:" if path is None else str(path)
        try:
            self._connection = duckdb.connect(target, read_only=read_only)
        except duckdb.Error as error:
            self._spill.cleanup()
            message = f"cannot open the store {path}: {_first_line(error)}"
            hint = "give a file that `ocppdiag analyze --store` wrote"
            raise InputError(Problem("store-unreadable", message, help=hint)) from error
        self.execute(
            f"SET temp_directory = '{self._spill.name}'; SET memory_limit = '{_MEMORY_LIMIT}'; "
            "SET preserve_insertion_order = false; SET python_enable_replacements = false; "
            "SET enable_progress_bar = false; SET checkpoint_threshold = '1TB'"
        )
        if path is None:
            self.execute(f"ATTACH ':memory:' AS scratch; {_SCRATCH}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and remove what it spilled."""
        self._connection.close()
        self._spill.cleanup()

    def execute(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        """Run SQL for its effect."""
        self._run(sql, values)

    def _run(
        self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
    ) -> duckdb.DuckDBPyConnection:
        try:
            return self._connection.execute(sql, values or None)
        except RuntimeError as error:
            if str(error) == "Query interrupted":
                raise KeyboardInterrupt from error
            raise

    def run_file(self, name: str) -> None:
        """Run one of the package's SQL files, e.g. `connection`."""
        self._run(read_text(f"sql/{name}.sql"))

    def run_files(self, names: Iterable[str]) -> None:
        """Run SQL files to the same end as one by one, what needs nothing of each other at once.

        They see no temporary tables.
        """
        statements = [each for name in names for each in split(read_text(f"sql/{name}.sql"))]
        self.run_beside(statements, waits(statements))

    def run_beside(
        self, statements: Sequence[str], before: Mapping[int, set[int]] = NO_WAITS
    ) -> list[float]:
        """Run statements, several at once, each after those that stand `before` it, by places.

        Gives the seconds that each took. Needs a store in memory.
        """
        order = Order(statements, before)
        cursors = [self._connection.cursor() for _ in range(min(_BESIDE, os.cpu_count() or 1))]
        with ThreadPoolExecutor(len(cursors)) as pool:
            running = [pool.submit(_run_all, cursor, order) for cursor in cursors]
            try:
                for each in wait(running, return_when=FIRST_EXCEPTION).done:
                    each.result()
            except BaseException:
                order.stop()
                for cursor in cursors:
                    cursor.interrupt()
                raise
        return order.seconds

    def rows(
        self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
    ) -> list[tuple[Any, ...]]:
        """Run a query and give all its rows."""
        return self._run(sql, values).fetchall()

    def rows_of(self, name: str) -> list[tuple[Any, ...]]:
        """Run one of the package's SQL files and give all rows of its query."""
        return self.rows(read_text(f"sql/{name}.sql"))

    def records(
        self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
    ) -> list[dict[str, Any]]:
        """Run a query and give all its rows by column name."""
        result = self._run(sql, values)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def value(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        """Run a query and give the first column of its only row, None where there is none."""
        found = self.rows(sql, values)
        return found[0][0] if found else None

    def arrow(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> pa.Table:
        """Run a query and give its result as an Arrow table."""
        return self._connection.sql(sql, params=values or None).to_arrow_table()

    def stream(
        self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
    ) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
        """Run a query and give the names of its columns, and its rows as they are fetched."""
        result = self._run(sql, values)
        names = [column[0] for column in result.description or ()]
        batches = iter(lambda: result.fetchmany(_FETCH), [])
        return names, (row for batch in batches for row in batch)

    def ask(self, sql: str) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
        """Run one query of a user as `stream` does; the store must be locked before.

        Errors: InputError where it is no query or cannot be run.
        """
        try:
            kinds = [each.type.name for each in duckdb.extract_statements(sql)]
            if len(kinds) != 1 or kinds[0] not in _QUERIES:
                message = (
                    f"only one query that reads can be run, not {', '.join(kinds) or 'nothing'}"
                )
                hint = "write one SELECT, WITH, FROM, DESCRIBE, SUMMARIZE or PIVOT"
                raise InputError(Problem("query-refused", message, help=hint))
            return self.stream(sql)
        except duckdb.PermissionException as error:
            message = f"the query reaches outside the store: {_first_line(error)}"
            hint = "a query sees the tables of the store only: SHOW TABLES lists them"
            raise InputError(Problem("query-refused", message, help=hint)) from error
        except duckdb.Error as error:
            hint = "SHOW TABLES and DESCRIBE timeline tell what there is"
            raise InputError(Problem("query-failed", str(error).rstrip(), help=hint)) from error

    def batches(
        self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
    ) -> pa.RecordBatchReader:
        """Run a query and give its result as Arrow batches as they are fetched."""
        return self._connection.sql(sql, params=values or None).to_arrow_reader(_FETCH)

    def show(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable as a relation until it is hidden again."""
        self._connection.register(name, table)

    def place(self, name: str, table: pa.Table) -> None:
        """Make a passing table of an Arrow table."""
        self.show("placed", table)
        self.execute(f"CREATE OR REPLACE TABLE scratch.{name} AS SELECT * FROM placed")
        self.hide("placed")

    def hide(self, name: str) -> None:
        """Take a relation back that `show` made readable."""
        self._connection.unregister(name)

    def lock(self) -> None:
        """Cut the database off from files and network and freeze its settings, for good."""
        self.execute("SET enable_external_access = false; SET lock_configuration = true")


def _run_all(cursor: duckdb.DuckDBPyConnection, order: Order) -> None:
    """Run statements as they become free, until none is left."""
    cursor.execute(_SCRATCH)
    for statement in order:
        cursor.execute(statement)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
