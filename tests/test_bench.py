"""The benchmark's generator: the same bytes for a seed, and a log that is read completely."""

from pathlib import Path

from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.diagnosis import diagnose
from ocpp_forensics.dsl.catalogue import streams
from ocpp_forensics.dsl.library import load_signatures
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import Options
from tests.bench.generate import STATIONS, log_lines, write_log
from tests.bench.signatures import fill

LINES = 6000


def test_a_seed_stands_for_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    write_log(first, 500, seed=7)
    write_log(second, 500, seed=7)

    assert first.read_bytes() == second.read_bytes()
    assert list(log_lines(500, seed=8)) != list(log_lines(500, seed=7))
    assert list(log_lines(500, seed=7))[:100] == list(log_lines(100, seed=7))


def test_every_line_of_the_log_is_accounted_for(tmp_path: Path) -> None:
    log = tmp_path / "steve.log"
    write_log(log, LINES)

    with Store() as store, open_bundle([log]) as bundle:
        report = diagnose(store, bundle, load_signatures(tests=False), Options())

    (source,) = report.sources
    assert (source.format, source.kind) == ("steve-logback", "csms")
    assert (source.total, source.unparsed) == (LINES, 0)
    assert source.events + source.continuation == LINES
    assert source.continuation > 0
    assert len(report.stations) == STATIONS


def test_every_stream_of_the_signatures_benchmark_has_rows() -> None:
    with Store() as store:
        fill(store, 2000)
        tables = {each.table for each in streams().values()}
        assert all(store.value(f"SELECT count(*) FROM {table}") for table in tables)
        assert store.value("SELECT count(DISTINCT action) FROM key_event") > 10
