"""`timeline` and `query`: the rows that were asked for, harmless, from logs or a store."""

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.reports import run, station_log
from tests.support import write_logs

NOTE = " \x1b[31m\u202e wss://CP001:hunter2@host"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    logs = write_logs(
        folder,
        {"cp-CP001.log": station_log(note=NOTE), "cp-CP002.log": station_log("CP002")},
    )
    assert run("analyze", logs, "--store", folder / "kept").code == 0
    return folder / "kept"


def test_a_timeline_is_in_the_order_of_time_with_its_places(store: Path) -> None:
    lines = run("timeline", store, "--station", "CP001").out.splitlines()

    assert "ts                       station  place            action" in lines[0]
    assert lines[1].startswith("2026-05-01 10:00:00.100  CP001    cp-CP001.log:1   tcp.connect")
    assert lines == [lines[0], *sorted(lines[1:])]
    assert len(lines) == 11


def test_a_timeline_of_logs_is_that_of_their_store(store: Path) -> None:
    for format_ in ("table", "jsonl", "csv"):
        logs = run("timeline", store.parent / "logs", "--format", format_)
        assert run("timeline", store, "--format", format_).out == logs.out


def test_the_choice_is_by_station_action_and_time(store: Path) -> None:
    def chosen(*options: str) -> list[tuple[str, str]]:
        out = run("timeline", store, "--format", "jsonl", *options).out
        rows = [json.loads(line) for line in out.splitlines()]
        return [(row["station"], row["ts"][11:19]) for row in rows]

    assert chosen("--action", "BootNotification", "--station", "*2") == [("CP002", "10:00:00")]
    assert chosen("--action", "tls.*", "--since", "2026-05-01T12:05:30+02:00") == [
        ("CP001", "10:05:30"), ("CP002", "10:05:30"), ("CP001", "10:05:35"), ("CP002", "10:05:35"),
    ]  # fmt: skip
    assert chosen("--until", "2026-05-01T10:00:00.200Z", "--station", "CP001") == [
        ("CP001", "10:00:00")
    ]
    assert chosen("--until", "2026-04-30") == []


def test_a_choice_that_nothing_fits_is_told(store: Path) -> None:
    result = run("timeline", store, "--station", "CP1", "--action", "tls.eror", "--since", "now")

    assert result.code == 2
    for told in ("did you mean 'CP00", "did you mean 'tls.error'?", "'now' is not a time"):
        assert told in result.err


def test_rows_are_harmless_in_every_format(store: Path) -> None:
    for format_ in ("table", "jsonl", "csv"):
        out = run("timeline", store, "--format", format_).out
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "hunter2" not in out


def test_parquet_needs_a_file_and_holds_the_types(store: Path, tmp_path: Path) -> None:
    assert run("timeline", store, "--format", "parquet").code == 2
    target = tmp_path / "t.parquet"

    assert run("timeline", store, "--format", "parquet", "--output", target).code == 0
    table = pq.read_table(target)
    assert table.num_rows == 20
    assert str(table.schema.field("ts").type) == "timestamp[us]"
    assert "hunter2" not in str(table["text"].to_pylist())


def test_a_query_gives_rows_in_every_format(store: Path) -> None:
    sql = "SELECT station, count(*) AS n, max(ts) AS last FROM timeline GROUP BY ALL ORDER BY ALL"

    assert run("query", store, sql).out.splitlines()[1].startswith("CP001    10  2026-05-01 10:05")
    assert json.loads(run("query", store, sql, "--format", "jsonl").out.splitlines()[0]) == {
        "station": "CP001",
        "n": 10,
        "last": "2026-05-01T10:05:35.000Z",
    }
    rows = list(csv.reader(io.StringIO(run("query", store, sql, "--format", "csv").out)))
    assert rows[2] == ["CP002", "10", "2026-05-01 10:05:35.000"]


def test_a_spreadsheet_takes_no_cell_for_a_formula(store: Path) -> None:
    sql = "SELECT '=1+1' AS a, '@x' AS b, '-2' AS c, -2 AS d, '\t=1' AS e, 'ok' AS f"
    rows = list(csv.reader(io.StringIO(run("query", store, sql, "--format", "csv").out)))

    assert rows[1][:4] == ["'=1+1", "'@x", "'-2", "-2"]
    assert rows[1][4].strip("' ") == "=1"
    assert rows[1][4].startswith("'")
    assert rows[1][5] == "ok"


def test_values_of_every_type_can_be_shown(store: Path) -> None:
    sql = (
        "SELECT [1, 2] AS l, {'a': 'x'} AS s, 1.5::DECIMAL(4, 2) AS d, 'nan'::DOUBLE AS n, "
        "DATE '2026-01-02' AS day, NULL AS nothing, true AS yes, 'b'::BLOB AS b"
    )

    assert json.loads(run("query", store, sql, "--format", "jsonl").out) == {
        "l": [1, 2], "s": {"a": "x"}, "d": "1.50", "n": None, "day": "2026-01-02",
        "nothing": None, "yes": True, "b": "b'b'",
    }  # fmt: skip
    assert run("query", store, sql).code == 0
    assert run("query", store, sql, "--format", "csv").code == 0


@pytest.mark.parametrize(
    "sql",
    [
        "COPY event TO '{0}/x.csv'",
        "COPY (SELECT 1) TO '{0}/x.parquet'",
        "EXPORT DATABASE '{0}/x'",
        "SELECT * FROM read_csv('{1}')",
        "SELECT * FROM read_text('{1}')",
        "SELECT * FROM '{1}'",
        "SELECT * FROM glob('{0}/*')",
        "FROM read_duckdb('{0}/other', table_name = 't')",
        "ATTACH '{0}/other' AS other",
        "INSTALL httpfs",
        "LOAD httpfs",
        "FROM 'https://example.com/x.csv'",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "PRAGMA enable_external_access",
        "CREATE TABLE x AS SELECT 1",
        "DELETE FROM event",
        "DROP TABLE event",
        "SELECT 1; DELETE FROM event",
        "SELECT getenv('HOME')",
        "SELECT * FROM query('COPY event TO ''{0}/x.csv''')",
        "EXPLAIN ANALYZE DELETE FROM event",
        "EXPLAIN ANALYZE COPY event TO '{0}/x.csv'",
        "",
        "SELEC 1",
        "SELECT nothing FROM timeline",
        "SELECT error('wrong at the first row')",
        "SELECT CAST(text AS INTEGER) FROM timeline",
    ],
)
def test_a_query_reads_the_timeline_and_nothing_else(store: Path, tmp_path: Path, sql: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("hidden\nvalue\n")
    before = store.read_bytes()
    result = run("query", store, sql.format(tmp_path, secret))

    assert result.code == 2
    assert result.out == ""
    assert "error[query-" in result.err
    assert "help: " in result.err
    assert before == store.read_bytes()
    assert [secret] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "sql", ["COPY event TO '{0}/x.csv'", "SELECT * FROM read_csv('{1}')", "DELETE FROM event"]
)
def test_a_query_on_logs_is_locked_in_as_well(store: Path, tmp_path: Path, sql: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("hidden\nvalue\n")
    result = run("query", store.parent / "logs", sql.format(tmp_path, secret))

    assert result.code == 2
    assert "error[query-refused]" in result.err
    assert [secret] == list(tmp_path.iterdir())
