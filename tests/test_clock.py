"""Clocks: known errors are found again, steps are seen, years and zones are completed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_forensics.clock.segments import Anchors, Step, find_segments
from ocpp_forensics.clock.zones import ZONES_IN_USE, read_zone
from ocpp_forensics.timeline import Options
from tests.support import world

ZONES = st.sampled_from(ZONES_IN_USE)
BASIS = "messages"


def anchors_of(ahead: list[float], up: list[bool]) -> Anchors:
    """Anchors every ten minutes."""
    return Anchors(
        np.arange(1, len(ahead) + 1, dtype=np.int64) * 10,
        np.arange(1, len(ahead) + 1, dtype=np.float64) * 600,
        np.array(ahead, dtype=np.float64),
        np.array(up, dtype=np.bool_),
        BASIS,
    )


@settings(deadline=None)
@given(
    zone_s=ZONES,
    offset_s=st.floats(-400, 400),
    delay_s=st.floats(0, 2),
    pairs=st.integers(2, 40),
    zoned=st.booleans(),
)
def test_a_known_clock_error_is_found_within_its_uncertainty(
    *, zone_s: int, offset_s: float, delay_s: float, pairs: int, zoned: bool
) -> None:
    """Messages take `delay_s` each way: written early on their way up, late on their way back."""
    true = offset_s + (0 if zoned else zone_s)
    ahead = [true + delay_s * (-1 if turn % 2 else 1) for turn in range(2 * pairs)]
    up = [bool(turn % 2) for turn in range(2 * pairs)]
    (segment,) = find_segments([anchors_of(ahead, up)], (), zoned=zoned)
    assert segment.anchors == 2 * pairs
    assert segment.ahead_s == pytest.approx(true, abs=segment.uncertainty_s + 1e-6)
    assert segment.uncertainty_s <= delay_s + 1e-6
    assert segment.zone_s == (0 if zoned else zone_s)


@settings(deadline=None)
@given(offset_s=st.floats(-400, 400), noise=st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=40))
def test_anchors_in_one_direction_leave_an_uncertainty(offset_s: float, noise: list[float]) -> None:
    anchors = anchors_of([offset_s + each for each in noise], [False] * len(noise))
    (segment,) = find_segments([anchors], (), zoned=True)
    assert segment.ahead_s == pytest.approx(offset_s, abs=segment.uncertainty_s)


@settings(deadline=None)
@given(before_s=st.floats(-300, 300), jump_s=st.floats(200, 800), size=st.integers(3, 20))
def test_a_step_of_the_clock_cuts_a_source_in_two(
    before_s: float, jump_s: float, size: int
) -> None:
    ahead = [before_s] * size + [before_s + jump_s] * size
    segments = find_segments([anchors_of(ahead, [False] * (2 * size))], (), zoned=True)
    assert [segment.from_record for segment in segments] == [0, (size + 1) * 10]
    assert [segment.ahead_s for segment in segments] == pytest.approx([before_s, before_s + jump_s])


def test_a_single_wrong_anchor_is_no_step() -> None:
    ahead = [5.0] * 10 + [900.0] + [5.0] * 10
    (segment,) = find_segments([anchors_of(ahead, [False] * 21)], (), zoned=True)
    assert segment.ahead_s == pytest.approx(5.0)


def test_a_stretch_without_anchors_goes_on_from_the_one_before() -> None:
    anchors = anchors_of([3600.0] * 4, [False] * 4)
    first, second = find_segments([anchors], [Step(1000, -3600.0)], zoned=False)
    assert (first.zone_s, second.zone_s) == (3600, 0)
    assert second.basis == "continuity"
    first, second = find_segments([anchors], [Step(1000, -700.0)], zoned=True)
    assert second.offset_s == pytest.approx(first.offset_s - 700.0)
    assert second.uncertainty_s >= first.uncertainty_s + 60.0


def test_no_anchors_and_nothing_to_go_on_from_is_no_stretch() -> None:
    assert find_segments([anchors_of([], [])], (), zoned=False) == ()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("UTC", 0), ("Z", 0), ("+02:00", 7200), ("-0330", -12600), ("Asia/Tokyo", 32400)],
)
def test_a_zone_is_an_offset_or_a_place(text: str, seconds: int) -> None:
    zone = read_zone(text)
    assert zone is not None
    moment = datetime(2026, 3, 4, tzinfo=UTC).replace(tzinfo=None)
    assert zone.utcoffset(moment) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "Nowhere/City", "+15:00", "2 hours", "../etc/passwd"])
def test_what_is_no_zone_is_none(text: str) -> None:
    assert read_zone(text) is None


def times_of(folder: Path, logs: dict[str, str], options: Options | None = None) -> list[str]:
    with world(folder, logs, options) as found:
        return [row[0] for row in found.rows("SELECT ts::VARCHAR FROM event ORDER BY event_id")]


def syslog(*stamps: str) -> str:
    return "".join(f"{stamp} gw1 pppd[7]: Modem hangup\n" for stamp in stamps)


def test_stamps_without_a_year_go_on_over_new_year(tmp_path: Path) -> None:
    logs = {
        "csms.log": "2026-12-31 12:00:00,000 INFO ocpp up\n2027-01-01 12:00:00,000 INFO ocpp up\n",
        "modem.log": syslog("Dec 31 23:59:58", "Jan  1 00:00:02"),
    }
    assert times_of(tmp_path, logs)[-2:] == ["2026-12-31 23:59:58", "2027-01-01 00:00:02"]


def test_a_leap_day_without_a_year_is_read(tmp_path: Path) -> None:
    assert times_of(tmp_path, {"modem.log": syslog("Feb 29 10:00:00")})


def test_a_place_has_summer_time(tmp_path: Path) -> None:
    """29 March 2026, Berlin: 01:59:59 is followed by 03:00:00."""
    log = "2026-03-29 01:59:59,000 INFO x a\n2026-03-29 03:00:00,000 INFO x b\n"
    options = Options(zones={"*": ZoneInfo("Europe/Berlin")})
    assert times_of(tmp_path, {"cp.log": log}, options) == [
        "2026-03-29 00:59:59", "2026-03-29 01:00:00",
    ]  # fmt: skip


def test_the_hour_that_comes_twice_is_told_apart_by_the_step_back(tmp_path: Path) -> None:
    """25 October 2026, Berlin: 02:59:59 is followed by 02:00:00."""
    stamps = ["02:30:00", "02:59:59", "02:00:00", "02:30:00", "03:30:00"]
    log = "".join(f"2026-10-25 {stamp},000 INFO x y\n" for stamp in stamps)
    options = Options(zones={"*": ZoneInfo("Europe/Berlin")})
    assert times_of(tmp_path, {"cp.log": log}, options) == [
        "2026-10-25 00:30:00", "2026-10-25 00:59:59", "2026-10-25 01:00:00", "2026-10-25 01:30:00",
        "2026-10-25 02:30:00",
    ]  # fmt: skip


def test_a_station_clock_is_set_by_the_messages_that_both_sides_log(tmp_path: Path) -> None:
    """The station runs 95 s ahead and an hour east of the CSMS."""
    start = datetime(2026, 3, 4, 5, tzinfo=UTC)
    csms, station = [], []
    for number in range(30):
        at = start + timedelta(minutes=number)
        call, answer = f'[2,"m{number}","Heartbeat",{{}}]', f'[3,"m{number}",{{"x":1}}]'
        local = at + timedelta(hours=1, seconds=95)
        csms += [
            f"{at:%Y-%m-%d %H:%M:%S},200 INFO ocpp EV-7: receive message {call}",
            f"{at:%Y-%m-%d %H:%M:%S},210 INFO ocpp EV-7: send {answer}",
        ]
        station += [
            f"{local:%Y-%m-%d %H:%M:%S},000 INFO ocpp EV-7: send {call}",
            f"{local:%Y-%m-%d %H:%M:%S},400 INFO ocpp EV-7: receive message {answer}",
        ]
    logs = {"csms.log": "\n".join(csms) + "\n", "cp-EV-7.log": "\n".join(station) + "\n"}
    with world(tmp_path, logs) as found:
        paths = {source.source_id: source.path for source in found.timeline.sources}
        clocks = {paths[clock.source_id]: clock for clock in found.timeline.clocks}
    clock = next(each for path, each in clocks.items() if path.endswith("cp-EV-7.log"))
    assert clock.zone == "+01:00"
    assert clock.offset_s == pytest.approx(95, abs=clock.uncertainty_s)
    assert clock.uncertainty_s < 1
    assert clock.anchors >= 60
