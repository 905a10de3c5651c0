"""The table of how often each confidence is right."""

from pathlib import Path

import pytest

from tests.bench.calibration import bundles
from tests.bench.claims import Claim, claims_of, table
from tests.reports import incident, report


def claims(confidence: str, right: int, wrong: int) -> list[Claim]:
    outcomes = [True] * right + [False] * wrong
    return [Claim("b", "s", "c", confidence, 8, 3, each) for each in outcomes]


def test_the_table_counts_right_and_wrong_by_confidence() -> None:
    assert table([*claims("high", 19, 1), *claims("low", 1, 1)]).splitlines()[2:] == [
        "| high | 19 | 1 | 95.0% |", "| medium | 0 | 0 | - |", "| low | 1 | 1 | 50.0% |",
    ]  # fmt: skip


def test_each_station_with_a_known_truth_is_a_claim() -> None:
    truth = {"CP001": {"root_causes": ["tls-certificate-expired"]}, "CP002": {"root_causes": []}}
    found = list(claims_of("case", report(incident()), truth))
    assert [(each.station, each.confidence, each.right) for each in found] == [
        ("CP001", "high", True), ("CP002", "high", False),
    ]  # fmt: skip


def test_an_accepted_cause_is_right_and_an_unexplained_one_claims_nothing() -> None:
    truth = {"CP001": {"root_causes": [], "acceptable": ["tls-certificate-expired"]}}
    told = report(incident(), incident(signature="", cause="unexplained"))
    assert [each.right for each in claims_of("case", told, truth)] == [True]


def test_bundles_of_the_user_are_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCPPDIAG_BUNDLES", raising=False)
    own = len(bundles([]))
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "truth.json").write_text("{}")
    monkeypatch.setenv("OCPPDIAG_BUNDLES", str(tmp_path))
    assert len(bundles([])) == own + 1
    assert bundles([str(tmp_path)]) == [tmp_path / "case"]
