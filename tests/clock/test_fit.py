"""Drift and small jumps of a clock, and clocks told by events that two logs share."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_forensics.clock.fit import find_jump, fit_clock
from ocpp_forensics.clock.twins import Found, find_twins
from ocpp_forensics.store import Store

SIZE = 120
AT = np.arange(SIZE, dtype=np.float64) * 600
UP = np.arange(SIZE) % 2 == 0


def late(seed: int) -> np.ndarray:
    """What messages need on their way: stamps of the sender are early, of the receiver late."""
    delay = np.random.default_rng(seed).exponential(0.3, SIZE)
    return np.where(UP, -delay, delay)


@settings(deadline=None)
@given(ppm=st.integers(-200, 200), offset_s=st.floats(-900, 900), seed=st.integers(0, 99))
def test_a_drift_is_found_and_is_no_jump(ppm: int, offset_s: float, seed: int) -> None:
    ahead = offset_s + AT * ppm * 1e-6 + late(seed)
    fit = fit_clock(AT, ahead, UP)
    assert find_jump(AT, ahead, UP) is None
    found = fit.ahead_s + fit.drift * (AT - fit.origin_s)
    assert np.abs(found - (offset_s + AT * ppm * 1e-6)).max() < 1.0


@settings(deadline=None)
@given(jump_s=st.floats(5, 110), place=st.integers(20, 100), seed=st.integers(0, 99))
def test_a_jump_is_found_where_it_is_and_is_no_drift(jump_s: float, place: int, seed: int) -> None:
    ahead = np.where(np.arange(SIZE) < place, 0.0, jump_s) + late(seed)
    assert find_jump(AT, ahead, UP) == place


def test_messages_that_were_held_up_one_way_are_no_jump() -> None:
    held = np.where(UP & (np.arange(SIZE) > 60), -20.0, 0.0)
    assert find_jump(AT, held + late(1), UP) is None


def told(walls: list[float], utcs: list[float], told_as: str = "ended") -> dict[int, Found]:
    """Source 1 is sought, source 2 is known; both tell of one station."""
    with Store() as store:
        store.execute(
            "CREATE TEMP TABLE twin (source_id INTEGER, record_id BIGINT, station VARCHAR, "
            "told VARCHAR, known BOOLEAN, wall TIMESTAMP, utc TIMESTAMP)"
        )
        for number, wall in enumerate(walls):
            store.execute(
                "INSERT INTO twin VALUES (1, ?, 'EV-7', ?, false, make_timestamp(?), NULL)",
                [number, told_as, round(wall * 1e6)],
            )
        for number, utc in enumerate(utcs):
            store.execute(
                "INSERT INTO twin VALUES (2, ?, 'EV-7', 'ended', true, NULL, make_timestamp(?))",
                [1000 + number, round(utc * 1e6)],
            )
        return find_twins(store, [1], [])


IRREGULAR = [0.0, 1300.0, 9100.0, 9900.0, 31000.0, 47300.0]


@pytest.mark.parametrize("ahead_s", [-7200.0, 20700.0, 5_000_123.0, -86_000.0])
def test_events_that_come_at_odd_times_tell_the_clock(ahead_s: float) -> None:
    found = told([utc + ahead_s for utc in IRREGULAR], IRREGULAR)
    assert found[1].ahead_s == pytest.approx(ahead_s, abs=3)
    assert found[1].lattice == (ahead_s in (-7200.0, 20700.0))


def test_events_that_come_every_minute_tell_no_clock() -> None:
    minutes = [60.0 * number for number in range(30)]
    assert told([at + 5_000_123.0 for at in minutes], minutes) == {}


@pytest.mark.parametrize("ahead_s", [3694.5, -660.0, 7200.0])
def test_rounds_that_differ_a_little_tell_the_clock(ahead_s: float) -> None:
    rounds = 60 + np.random.default_rng(7).uniform(4, 6, 60)
    utcs = np.cumsum(rounds).tolist()
    found = told([utc + ahead_s + 0.02 * (place % 3) for place, utc in enumerate(utcs)], utcs)
    assert found[1].ahead_s == pytest.approx(ahead_s, abs=0.1)
    assert found[1].lattice == (ahead_s == 7200.0)


def test_a_modem_tells_of_its_trouble_before_the_connection_ends() -> None:
    lags = (4, 20, 33, 8, 51, 12)
    walls = [utc - lag - 18_000 for utc, lag in zip(IRREGULAR, lags, strict=True)]
    found = told(walls, IRREGULAR, "cut")
    assert found == {1: Found(-18_000, 6, 90.0, lattice=True)}
