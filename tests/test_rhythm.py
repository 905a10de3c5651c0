"""What ends have in common, against a plain reading of the definition; and the timers they are."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_forensics.sessions import timer_table
from ocpp_forensics.store import Store
from ocpp_forensics.timers import MEASURES, ROLES, matching_timers, timers

DAY = datetime.fromisoformat("2026-03-02")

Drop = tuple[str, datetime, float]
"""Station, time of the end, its measure."""


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store() as opened:
        opened.place("known_timer", timer_table())
        yield opened


def lost(store: Store, drops: Sequence[Drop]) -> list[dict[str, Any]]:
    """The rows of `lost`, in the order of the drops, which differ in nothing but their measure."""
    values = [value for _, _, value in drops]
    store.show("drops", pa.table({
        "lost_id": pa.array(range(len(drops)), pa.int64()),
        "station": [station for station, _, _ in drops],
        "ts": pa.array([ts for _, ts, _ in drops], pa.timestamp("us")),
        "silence_s": values, "idle_s": values, "age_s": values,
    }))  # fmt: skip
    store.execute("DROP TABLE IF EXISTS lost; DROP TABLE IF EXISTS station")
    store.execute("CREATE OR REPLACE TABLE scratch.loss AS SELECT * FROM drops")
    store.execute(
        "CREATE TABLE station AS SELECT station, min(ts) AS first_ts, max(ts) AS last_ts "
        "FROM drops GROUP BY ALL"
    )
    store.run_file("session_rhythm")
    rows = store.records("SELECT * FROM lost ORDER BY lost_id")
    store.hide("drops")
    return rows


def at(minutes: float) -> datetime:
    return DAY + timedelta(minutes=minutes)


def drops_of(values: Sequence[float], station: str = "A") -> list[Drop]:
    return [(station, at(10 * number), value) for number, value in enumerate(values)]


def shares(store: Store, values: Sequence[float]) -> list[float]:
    return [row["silence_same"] for row in lost(store, drops_of(values))]


def expected_share(value: float, values: Sequence[float]) -> float:
    """The definition, read aloud."""

    def tolerance(length: float) -> float:
        return max(1.5, 0.03 * length)

    def near(length: float, times: int = 1) -> int:
        reach = times * tolerance(length)
        return sum(length - reach <= other <= length + reach for other in values)

    def is_regular(length: float) -> bool:
        chance = (near(length, 6) - near(length)) / 5
        return near(length) >= 3 and near(length) >= 3 + 2 * chance

    if not is_regular(value):
        return near(value) / len(values)
    beyond = [other for other in values if other > value + tolerance(value)]
    return near(value) / (near(value) + sum(not is_regular(other) for other in beyond))


lengths = st.one_of(
    st.integers(0, 40_000).map(lambda tenths: tenths / 16),
    st.sampled_from([60.0, 60.25, 59.75, 300.0, 300.5, 299.5, 7200.0, 7201.0]),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("AB"), lengths), min_size=1, max_size=30))
def test_shares_are_as_defined(store: Store, told: list[tuple[str, float]]) -> None:
    drops = [(station, at(number), value) for number, (station, value) in enumerate(told)]
    rows = lost(store, drops)
    for (station, _, value), row in zip(drops, rows, strict=True):
        own = [each for other, _, each in drops if other == station]
        for measure in ("silence_same", "idle_same", "age_same"):
            assert row[measure] == pytest.approx(expected_share(value, own))


def test_jitter_is_no_difference(store: Store) -> None:
    assert shares(store, [60.0, 60.4, 59.6, 60.2]) == [1.0] * 4


def test_missing_and_earlier_ends_say_nothing_against_a_timer(store: Store) -> None:
    found = shares(store, [60.0, 3.0, 60.3, 21.0, 59.8, 44.0, 33.0, 60.1, 9.0])
    assert [found[place] for place in (0, 2, 4, 7)] == [1.0] * 4
    assert found[1] == pytest.approx(1 / 9)


def test_what_lasts_longer_speaks_against_a_timer(store: Store) -> None:
    found = shares(store, [60.0, 60.3, 59.8, 95.0, 180.0, 400.0])
    assert found[:3] == [0.5] * 3


def test_two_timers_at_once_are_both_seen(store: Store) -> None:
    assert shares(store, [60.0, 300.0, 60.2, 301.0, 59.9, 299.5]) == [1.0] * 6


def test_evenly_spread_lengths_have_no_rhythm(store: Store) -> None:
    assert max(shares(store, [0.5 * number for number in range(120)])) < 0.1


def test_one_time_of_day_is_counted_by_days_also_across_midnight(store: Store) -> None:
    nights = [DAY + timedelta(days=day, seconds=offset) for day, offset in enumerate((0, -90, 100))]
    noon = DAY + timedelta(hours=12)
    rows = lost(store, [("A", ts, 100.0 * n) for n, ts in enumerate([*nights, noon])])
    assert [row["same_time_days"] for row in rows] == [3, 2, 2, 1]
    assert {row["days_seen"] for row in rows} == {3}


def test_a_known_silence_has_the_names_of_its_timers(store: Store) -> None:
    at_60, at_77, at_7200 = lost(store, drops_of([60.3, 77.0, 7200.4]))
    assert "nginx" in at_60["silence_timer"]
    assert at_60["age_timer"] is None
    assert (at_77["silence_timer"], at_77["age_timer"]) == (None, None)
    assert at_7200["age_timer"] == "AWS API Gateway"


def test_timers_are_well_formed() -> None:
    assert len({(each.who, each.setting) for each in timers()}) == len(timers())
    for each in timers():
        assert each.role in ROLES
        assert each.measures in MEASURES
        assert 0 < each.low_s < each.seconds <= each.up_to_s < each.high_s
        assert each.reference


def test_a_length_is_looked_up_by_what_it_measures() -> None:
    assert "nginx" in {each.who for each in matching_timers(60.4, "silence", ["proxy"])}
    assert {each.who for each in matching_timers(40.2, "pong")} == {"python websockets"}
    assert {each.who for each in matching_timers(131, "pong")} == {"Java-WebSocket"}
    assert matching_timers(60.4, "clock") == ()
