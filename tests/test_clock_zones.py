"""Zones that the user names: offsets, places, the hours at which summer time begins and ends."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ocpp_forensics.clock.zones import read_zone, zone_names
from ocpp_forensics.timeline import Options
from tests.support import world


@pytest.mark.parametrize(
    ("text", "hours"), [("UTC", 0), ("z", 0), ("+02:00", 2), ("-0530", -5.5), ("+09", 9)]
)
def test_an_offset_is_a_zone(text: str, hours: float) -> None:
    assert timezone(timedelta(hours=hours)) == read_zone(text) or read_zone(text) is UTC


@pytest.mark.parametrize("text", ["", "Mars/Base", "+25:00", "2", "../etc/passwd", "+02:77"])
def test_anything_else_is_no_zone(text: str) -> None:
    assert read_zone(text) is None


def test_places_are_known_by_name() -> None:
    assert "Europe/Berlin" in zone_names()


def log(*walls: str) -> str:
    return "".join(f"{wall},000 INFO     cp state unchanged\n" for wall in walls)


def times(folder: Path, text: str, zone: str) -> list[str]:
    named = read_zone(zone)
    assert named is not None
    with world(folder, {"cp-CP1.log": text}, Options(zones={"*.log": named})) as made:
        rows: list[tuple[datetime]] = made.rows("SELECT ts FROM event ORDER BY event_id")
    return [row[0].strftime("%d %H:%M") for row in rows]


def test_summer_time_begins_in_the_middle_of_a_log(tmp_path: Path) -> None:
    walls = ["2026-03-28 12:00:00", "2026-03-29 01:59:00", "2026-03-29 03:01:00"]

    assert times(tmp_path, log(*walls), "Europe/Berlin") == ["28 11:00", "29 00:59", "29 01:01"]


def test_summer_time_ends_where_the_log_steps_back(tmp_path: Path) -> None:
    walls = [
        "2026-10-24 12:00:00", "2026-10-25 01:30:00", "2026-10-25 02:50:00", "2026-10-25 02:05:00",
        "2026-10-25 02:55:00", "2026-10-25 12:00:00",
    ]  # fmt: skip

    assert times(tmp_path, log(*walls), "Europe/Berlin") == [
        "24 10:00", "24 23:30", "25 00:50", "25 01:05", "25 01:55", "25 11:00",
    ]  # fmt: skip


def test_a_log_begins_in_the_second_pass_of_the_hour_that_comes_twice(tmp_path: Path) -> None:
    """In the first pass it would step back at three, or be silent for more than an hour."""
    walls = [f"2026-10-25 02:{minute}:00" for minute in (30, 40, 50)]
    walls += ["2026-10-25 03:00:00", "2026-10-25 03:10:00"]

    assert times(tmp_path, log(*walls), "Europe/Berlin") == [
        "25 01:30", "25 01:40", "25 01:50", "25 02:00", "25 02:10",
    ]  # fmt: skip


def test_summer_time_ends_unseen_in_a_quiet_hour(tmp_path: Path) -> None:
    walls = ["2026-10-24 12:00:00", "2026-10-25 12:00:00", "2026-10-26 12:00:00"]

    assert times(tmp_path, log(*walls), "Europe/Berlin") == ["24 10:00", "25 11:00", "26 11:00"]


def test_an_offset_holds_all_year(tmp_path: Path) -> None:
    walls = ["2026-03-28 12:00:00", "2026-10-29 12:00:00"]

    assert times(tmp_path, log(*walls), "+02:00") == ["28 10:00", "29 10:00"]


def test_a_log_may_end_in_the_hour_that_comes_twice(tmp_path: Path) -> None:
    walls = ["2026-10-25 02:30:00", "2026-10-25 02:58:00", "2026-10-25 02:10:00"]

    assert times(tmp_path, log(*walls), "Europe/Berlin") == ["25 00:30", "25 00:58", "25 01:10"]


def test_a_zone_that_is_named_leaves_the_error_of_the_clock(tmp_path: Path) -> None:
    """The station's clock is 11 minutes ahead of Berlin's time; the CSMS runs on UTC."""
    beats = [(number, f'[2,"{number}","Heartbeat",{{}}]\n') for number in range(9)]
    station = "".join(
        f"2026-10-25 02:{15 + minute:02}:00,000 INFO ocpp: send {text}" for minute, text in beats
    )
    csms = "".join(
        f"2026-10-25T00:{4 + minute:02}:00Z INFO ocpp CP1: receive {text}" for minute, text in beats
    )
    berlin = read_zone("Europe/Berlin")
    assert berlin is not None
    options = Options(zones={"cp-CP1.log": berlin})
    with world(tmp_path, {"cp-CP1.log": station, "csms.log": csms}, options) as made:
        clock = next(each for each in made.timeline.clocks if each.zone == "+02:00")
        rows = made.rows("SELECT DISTINCT strftime(min(ts), '%H:%M') FROM event GROUP BY source_id")
    assert clock.offset_s == pytest.approx(660, abs=clock.uncertainty_s)
    assert rows == [("00:04",)]
