"""The same night by right and by wrong clocks: the diagnosis stays as it is."""

import random
from pathlib import Path

import pytest

from ocpp_forensics.model import Report
from tests.clock.scene import POWER_LOSS, Clock, Layout, logs
from tests.support import report_of

LOGS = ("csms.log", "EV-1.log", "EV-2.log", "error.log", "modem.log")
YEAR_S = 365 * 86400
FOUR_ZONES = {
    "csms.log": Clock(zone_h=1),
    "EV-1.log": Clock(zone_h=-5, ahead_s=660),
    "EV-2.log": Clock(zone_h=9, lost=(POWER_LOSS + 4, POWER_LOSS + 4.26)),
    "error.log": Clock(zone_h=5.5),
    "modem.log": Clock(zone_h=-5),
}
"""Five sources, one 11 minutes off, one back in 1970 in the middle, New Year in each zone."""

Incidents = dict[str, tuple[object, ...]]


def incidents(report: Report) -> Incidents:
    """What must not depend on any clock."""
    return {
        each.cause: (
            each.stations, each.episodes, each.confidence, each.score, each.variant,
            sorted((line.source, line.line) for line in each.evidence if line.role == "primary"),
        )
        for each in report.incidents
    }  # fmt: skip


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return report_of(tmp_path_factory.mktemp("right"), logs({}))


def test_the_night_has_three_causes(right: Report) -> None:
    assert {each.cause: each.episodes for each in right.incidents} == {
        "proxy-idle-timeout": 5, "cellular-ip-change": 5, "station-power-loss": 1,
    }  # fmt: skip


def test_four_zones_and_two_wrong_clocks_change_nothing(right: Report, tmp_path: Path) -> None:
    found = report_of(tmp_path, logs(FOUR_ZONES))
    assert incidents(found) == incidents(right)
    for here, there in zip(found.incidents, right.incidents, strict=True):
        assert abs((here.first_ts - there.first_ts).total_seconds()) < 1
        assert abs((here.last_ts - there.last_ts).total_seconds()) < 1
    clocks = {each.path: each.clock for each in found.sources}
    assert {path: clock.zone for path, clock in clocks.items()} == {
        "csms.log": "+01:00", "EV-1.log": "-05:00", "EV-2.log": "+09:00", "error.log": "+05:30",
        "modem.log": "-05:00",
    }  # fmt: skip
    assert clocks["EV-1.log"].offset_s == pytest.approx(660, abs=1)
    assert clocks["EV-2.log"].steps == 2


def _layouts() -> list[Layout]:
    """Each log shifted by some time within a year; some that drift by up to 200 ppm."""
    rng = random.Random(20)
    shifts = [{log: Clock(ahead_s=rng.uniform(-YEAR_S, YEAR_S))} for log in LOGS]
    drifts = [{log: Clock(drift_ppm=rng.choice((-200, 200))) for log in LOGS[:3]}]
    return [
        *shifts,
        *drifts,
        {"error.log": Clock(drift_ppm=200), "modem.log": Clock(drift_ppm=-200)},
    ]


@pytest.mark.parametrize("layout", _layouts(), ids=" ".join)
def test_no_constant_error_and_no_drift_changes_an_incident(
    right: Report, tmp_path: Path, layout: Layout
) -> None:
    assert incidents(report_of(tmp_path, logs(layout))) == incidents(right)
