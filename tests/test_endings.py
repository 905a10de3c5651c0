"""Who hung up, and after how long of what: lengths that come again, and whose timers they are."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_forensics.clusters import Cluster, clusters_of
from ocpp_forensics.model import Ending, Report
from tests.support import report_of
from tests.test_bundles import OWN, diagnosis_of


def ending_of(report: Report) -> Ending:
    found = report.incidents[0].ending
    assert found is not None
    return found


def clusters(values: list[float]) -> list[Cluster]:
    return clusters_of(values, [60.0 * number for number in range(len(values))])


planted = st.tuples(
    st.sampled_from([40.0, 60.0, 300.0, 3600.0]),
    st.lists(st.floats(-0.4, 0.4), min_size=6, max_size=12),
    st.lists(st.integers(0, 500).map(lambda step: 9000.0 + 700 * step), max_size=5, unique=True),
).flatmap(
    lambda told: st.tuples(
        st.just(told[0]),
        st.permutations([*(told[0] + jitter for jitter in told[1]), *told[2]]),
    )
)


@given(planted)
def test_a_timer_is_found_among_other_causes(told: tuple[float, list[float]]) -> None:
    length, values = told
    first = clusters(values)[0]
    assert abs(first.middle - length) <= 0.4
    assert {values[place] for place in first.members} == {each for each in values if each < 9000}


def longest_run(values: list[float]) -> int:
    """How many values fit into the widest window that still is one length, tried one by one."""
    return max(
        sum(low <= other <= low + 2 * max(1.5, 0.03 * low) for other in values) for low in values
    )


@given(st.lists(st.integers(0, 8000).map(lambda step: step / 8), min_size=1, max_size=25))
def test_clusters_are_the_densest_and_overlap_nowhere(values: list[float]) -> None:
    found = clusters(values)
    places = [place for each in found for place in each.members]
    assert len(places) == len(set(places))
    for each in found:
        width = [values[place] for place in each.members]
        assert len(width) >= 3
        assert max(width) - min(width) <= 2 * max(1.5, 0.03 * min(width))
    if found:
        assert len(found[0].members) == longest_run(values)


def test_two_timers_at_once_are_two_clusters() -> None:
    found = clusters([60.1, 300.2, 59.9, 60.0, 299.8, 300.0, 60.2, 17.0])
    assert [round(each.middle) for each in found] == [60, 300]


def test_one_moment_is_no_rhythm() -> None:
    """Thirty connections of one age that end together tell of an event, not of a timer."""
    assert clusters_of([3600.0] * 30, [500.0 + number / 10 for number in range(30)]) == []


def test_spread_leaves_the_outermost_tenths_out() -> None:
    (found,) = clusters([60.0 + number / 10 for number in range(11)])
    assert found.middle == 60.5
    assert found.spread == pytest.approx(0.4)


def test_the_proxy_in_the_bundle_is_named_for_its_default() -> None:
    found = ending_of(diagnosis_of(OWN / "proxy-idle-timeout").report)
    (rhythm,) = found.rhythms
    assert (rhythm.measure, rhythm.drops, found.drops) == ("silence", 17, 17)
    assert [(each.who, each.basis) for each in rhythm.timers] == [("nginx", "present")]
    assert "17 of 17 drops came 59.5 s ± 0.5 s after the last message" in rhythm.sentence
    assert rhythm.sentence.endswith("that is nginx's default (proxy_read_timeout)")
    assert rhythm.sentence in diagnosis_of(OWN / "proxy-idle-timeout").report.incidents[0].summary


def test_a_setting_of_the_bundle_is_named_before_any_default() -> None:
    (rhythm,) = ending_of(diagnosis_of(OWN / "carrier-nat-expiry").report).rhythms
    assert rhythm.measure == "quiet"
    assert rhythm.timers[0].basis == "bundle"
    assert "that is the HeartbeatInterval of 2 min 30 s (" in rhythm.sentence


def test_who_hung_up_is_told_as_each_side_saw_it() -> None:
    found = ending_of(diagnosis_of(OWN / "heartbeat-timeout").report)
    assert found.initiator == "csms"
    assert found.sentence.startswith("the CSMS sent the close frame (2 of 2)")
    assert "the station saw 1001, the CSMS saw 1001" in found.sentence


def test_outages_have_no_ending() -> None:
    assert diagnosis_of(OWN / "tls-certificate-expired").report.incidents[0].ending is None


def test_an_unexplained_rhythm_is_told_all_the_same(tmp_path: Path) -> None:
    lines = []
    for number in range(5):
        start = 13 * number
        for offset, text in ((0, "connecting to wss://csms.example/ocpp/EV-1"),
                             (1, "ws connection established")):  # fmt: skip
            lines.append(f"2026-03-04 10:{start:02}:{offset:02},000 INFO {text}")
        lines.append(f"2026-03-04 10:{start + 7:02}:01,000 INFO ws connection closed: code=4005")
    report = report_of(tmp_path, {"cp-EV-1.log": "\n".join(lines) + "\n"})
    (incident,) = report.incidents
    assert incident.cause == "unexplained"
    assert ending_of(report).initiator == "unknown"
    assert "5 of 5 drops came 420.0 s ± 0.0 s after" in incident.summary


def station_log(*drops: datetime) -> str:
    """Connections that end at these moments, each opened anew ten seconds later."""
    lines = []
    for begin, end in pairwise([drops[0] - timedelta(hours=1), *drops]):
        for moment, text in (
            (begin + timedelta(seconds=10), "connecting to wss://csms.example/ocpp/EV-1"),
            (begin + timedelta(seconds=11), "ws connection established"),
            (end, "ws connection closed: code=1006"),
        ):
            lines.append(f"{moment.isoformat(timespec='milliseconds')}Z INFO {text}\n")
    return "".join(lines)


def daily(folder: Path, drops: list[datetime]) -> list[str]:
    report = report_of(folder, {"cp-EV-1.log": station_log(*sorted(drops))})
    return [
        each.sentence
        for incident in report.incidents
        for each in (incident.ending.rhythms if incident.ending else ())
        if each.measure == "time-of-day"
    ]


MIDNIGHT = datetime.fromisoformat("2026-03-02")
OTHERS = [MIDNIGHT + timedelta(hours=hour) for hour in (7.3, 41, 62.6)]


@pytest.mark.parametrize(
    ("hour", "shown"), [(0, "0:00:00"), (3.5, "3:30:00"), (24 - 1 / 60, "23:59:00")]
)
def test_a_time_of_day_is_told_on_whatever_side_of_midnight(
    tmp_path: Path, hour: float, shown: str
) -> None:
    nightly = [
        MIDNIGHT + timedelta(days=day, hours=hour, seconds=jitter)
        for day, jitter in enumerate((40, -50, 65, 0, -20))
    ]
    (sentence,) = daily(tmp_path, [*nightly, *OTHERS])
    assert sentence.startswith(f"5 of 8 drops came at {shown} UTC ± 57.5 s, on 5 days: ")
    assert "look for a nightly job" in sentence


def test_what_happens_all_day_has_no_time_of_day(tmp_path: Path) -> None:
    assert daily(tmp_path, [MIDNIGHT + timedelta(minutes=37 * step) for step in range(200)]) == []


def test_one_night_is_no_time_of_day(tmp_path: Path) -> None:
    assert daily(tmp_path, [MIDNIGHT + timedelta(seconds=70 * step) for step in range(4)]) == []
