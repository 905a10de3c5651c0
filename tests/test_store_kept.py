"""A kept store is there as a whole or not at all, and says what it is."""

import signal
import subprocess
import time
from pathlib import Path

import duckdb
import pytest

from ocpp_forensics.keep import SCHEMA_VERSION, is_store, open_kept
from ocpp_forensics.report.rows import ROW_FORMATS
from tests.reports import COMMAND, ENVIRONMENT, Result, run, station_log
from tests.support import write_logs

SLOW = """
import signal, sys, time
from ocpp_forensics import keep
whole = keep.Store.rows_of
def slow(store, name):
    rows = whole(store, name)
    if name == "kept":
        print("saving", file=sys.stderr, flush=True)
        rows.insert(9, ("SELECT count(*) FROM range(20_000_000_000)",))
    return rows
keep.Store.rows_of = slow
signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs start without it
from ocpp_forensics.cli import main
main()
"""
"""The command, with a long pause in the middle of writing the store."""


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return write_logs(tmp_path, {"cp-CP001.log": station_log()})


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    logs = write_logs(folder, {"cp-CP001.log": station_log()})
    assert run("analyze", logs, "--store", folder / "named.anything").code == 0
    return folder / "named.anything"


def killed(logs: Path, target: Path, number: signal.Signals) -> Result:
    """Kill a run while it writes the store."""
    command = [COMMAND[0], "-c", SLOW, "analyze", str(logs), "--store", str(target), "--force"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"saving\n"
        time.sleep(0.3)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    return Result(process.returncode, out.decode(), err.decode())


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_a_killed_run_leaves_no_store(
    logs: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    target = tmp_path / "case.duckdb"
    result = killed(logs, target, number)

    assert code == result.code
    assert not target.exists()
    left = [each for each in tmp_path.rglob("*") if each.is_file() and each.parent != logs]
    if number != signal.SIGKILL:
        assert left == []
        assert result.err.endswith("interrupted\n")
    for draft in left:
        assert run("query", draft, "SELECT 1").code in {2, 3}


def test_a_killed_run_leaves_an_existing_store_unharmed(
    logs: Path, kept: Path, tmp_path: Path
) -> None:
    target = tmp_path / "case.duckdb"
    before = kept.read_bytes()
    target.write_bytes(before)
    killed(logs, target, signal.SIGKILL)

    assert before == target.read_bytes()
    assert run("query", target, "SELECT 1").code == 0


def test_a_store_tells_what_it_is(kept: Path) -> None:
    assert is_store(kept)
    with open_kept(kept) as store:
        meta = dict(store.rows("SELECT name, value FROM meta"))
        assert str(SCHEMA_VERSION) == meta["schema_version"]
        assert {"tool_version", "bundle", "bundle_sha256", "signatures_sha256", "report"} < set(
            meta
        )
        assert store.value("SELECT count(*) FROM timeline WHERE text IS NOT NULL") == 10
        for table in ("event", "detail", "payload", "connection", "attempt", "station", "verdict"):
            store.value(f"SELECT count(*) FROM {table}")


def test_a_store_is_replaced_only_with_force(logs: Path, kept: Path, tmp_path: Path) -> None:
    target = tmp_path / "case.duckdb"
    target.write_bytes(kept.read_bytes())

    again = run("analyze", logs, "--store", target)
    assert again.code == 2
    assert "exists already" in again.err
    assert run("analyze", logs, "--store", target, "--force").code == 0


def test_a_file_that_is_no_store_is_never_replaced(logs: Path, tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("keep me")
    result = run("analyze", logs, "--store", other, "--force")

    assert result.code == 2
    assert other.read_text() == "keep me"


def test_a_store_in_a_folder_that_is_not_there_is_an_error(logs: Path, tmp_path: Path) -> None:
    assert run("analyze", logs, "--store", tmp_path / "no" / "x.duckdb").code == 2


def test_analyze_does_not_read_a_store(kept: Path) -> None:
    result = run("analyze", kept)

    assert result.code == 2
    assert "is a store, not a log" in result.err


def test_another_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE event AS SELECT 1 AS x")
    result = run("timeline", path)

    assert result.code == 2
    assert "no finished store of ocppdiag" in result.err


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "newer.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE meta AS SELECT * FROM "
            "(VALUES ('schema_version', '99'), ('tool_version', '9.1')) AS m(name, value)"
        )
    result = run("query", path, "SELECT 1")

    assert result.code == 2
    assert "was written by ocppdiag 9.1 with store version 99" in result.err


def test_a_damaged_store_is_refused(kept: Path, tmp_path: Path) -> None:
    target = tmp_path / "case.duckdb"
    target.write_bytes(kept.read_bytes()[:5000])
    result = run("timeline", target)

    assert result.code == 2
    assert "error[store-unreadable]" in result.err


SECRETS = """\
2026-05-01 10:06:00,100 INFO     cp connecting to wss://CP001:hunter2pw@csms.example/CP001?token=t0psecret
2026-05-01 10:06:00,200 INFO     cp GET /CP001 HTTP/1.1 Authorization: Basic Q1AwMDE6aHVudGVyMnB3
2026-05-01 10:06:01,500 INFO     ocpp CP001: receive message [2,"b1","ChangeConfiguration",\
{"key":"AuthorizationKey","value":"5ec12e7key"}]
2026-05-01 10:06:01,600 INFO     ocpp CP001: send [3,"b1",{"status":"Accepted"}]
2026-05-01 10:06:02,500 INFO     ocpp CP001: receive message [2,"b2","GetConfiguration",\
{"key":["AuthorizationKey"]}]
2026-05-01 10:06:02,600 INFO     ocpp CP001: send [3,"b2",{"configurationKey":[\
{"key":"AuthorizationKey","readonly":false,"value":"5ec12e7key"}]}]
2026-05-01 10:06:03,500 INFO     ocpp CP001: receive message [2,"b3","SetVariables",\
{"setVariableData":[{"attributeValue":"5ec12e7key","component":{"name":"SecurityCtrlr"},\
"variable":{"name":"BasicAuthPassword"}}]}]
"""


def test_no_table_of_a_store_prints_a_secret(tmp_path: Path) -> None:
    logs = write_logs(tmp_path, {"cp-CP001.log": station_log() + SECRETS})
    target = tmp_path / "case.duckdb"
    printed = [run("analyze", logs, "--format", "json", "--store", target).out]
    with open_kept(target) as store:
        relations = store.rows(
            "SELECT table_name FROM duckdb_tables() UNION ALL "
            "SELECT view_name FROM duckdb_views() WHERE NOT internal"
        )
        for (name,) in relations:
            for write in ROW_FORMATS.values():
                printed += write(*store.ask(f'SELECT * FROM "{name}"'))

    text = "".join(printed)
    assert '"b3"' in text
    for secret in ("hunter2pw", "t0psecret", "Q1AwMDE6", "5ec12e7key"):
        assert secret not in text
