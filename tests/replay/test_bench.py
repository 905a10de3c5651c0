"""The benchmark's fleet: a seed stands for one history, and it is replayed."""

from pathlib import Path

import pytest

from ocpp_forensics.keep import open_kept
from ocpp_forensics.replay.policy import Policy
from ocpp_forensics.replay.run import run_replay
from tests.bench.history import write_history
from tests.bench.replay import main


def test_the_fleet_has_what_was_asked_for(tmp_path: Path) -> None:
    write_history(tmp_path / "fleet.duckdb", stations=20, days=10)
    with open_kept(tmp_path / "fleet.duckdb") as store:
        assert store.value("SELECT count(*) FROM status") == 20 * 10 * 20
        assert store.value("SELECT count(*) FROM connection") == 20 * 10 * 2
        (row,) = run_replay(store, [Policy()]).summaries()
    assert row["decisions"] > 0
    assert row["near_misses"] >= 0


def test_the_benchmark_prints_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--stations", "3", "--days", "2", "--keep", str(tmp_path / "fleet.duckdb")])
    printed = capsys.readouterr().out
    assert "failed" not in printed
    assert "nine policies cost" in printed
