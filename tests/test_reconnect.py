"""How stations come back: the law of their delays, found again in delays that were made by one."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from ocpp_forensics.store import Store

START = datetime.fromisoformat("2026-03-04T05:00:00")


@dataclass(frozen=True)
class Law:
    """What a station was made to do: `rise` is a step in seconds or a factor."""

    kind: str
    first_s: float
    rise: float
    cap_s: float
    jitter: float

    def delay(self, k: int, chance: random.Random) -> float:
        plain = {
            "constant": self.first_s,
            "linear": self.first_s + self.rise * k,
            "exponential": self.first_s * self.rise**k,
        }[self.kind]
        return min(plain, self.cap_s) * chance.uniform(1 - self.jitter, 1 + self.jitter)


def laws(jitter: float, count: int, seed: int) -> Iterator[Law]:
    chance = random.Random(seed)
    for number in range(count):
        kind = ("constant", "linear", "exponential")[number % 3]
        first = chance.choice([1, 2, 5, 10, 30])
        rise = (
            chance.choice([1.5, 2, 3]) if kind == "exponential" else first * chance.choice([1, 2])
        )
        knee = chance.choice([4, 5, 30])
        cap = first * rise**knee if kind == "exponential" else first + rise * knee
        yield Law(kind, first, rise, cap, jitter)


Row = dict[str, Any]


def retries(station: str, delays: Sequence[Sequence[float]], start: datetime = START) -> list[Row]:
    """The attempts of a station that waits as told: one list of delays for each run."""
    rows: list[Row] = []
    now = start
    for run, waits in enumerate(delays):
        for place, delay in enumerate([None, *waits]):
            now += timedelta(seconds=delay or 1)
            rows.append({
                "station": station, "ts": now, "event_id": len(rows), "opened": False,
                "run": run, "place": place, "delay_s": delay,
            })  # fmt: skip
        now += timedelta(hours=5)
    return rows


def fitted(rows: Sequence[Row]) -> dict[str, Row]:
    with Store() as store:
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        store.execute(
            "CREATE MACRO order_of(ts, rank, event_id) AS epoch_us(ts)::HUGEINT + rank + event_id"
        )
        store.show("made", pa.table(columns))
        store.execute("CREATE TABLE retry AS SELECT * FROM made")
        store.run_file("session_reconnect")
        found = {each["station"]: each for each in store.records("SELECT * FROM reconnect")}
        store.hide("made")
    return found


def found_again(jitter: float, count: int, seed: int) -> list[tuple[Law, Row]]:
    chance = random.Random(seed + 1)
    made = {f"CP{n:03}": law for n, law in enumerate(laws(jitter, count, seed))}
    rows: list[Row] = []
    for station, law in made.items():
        runs = [[law.delay(k, chance) for k in range(chance.randint(6, 9))] for _ in range(3)]
        rows += retries(station, runs)
    found = fitted(rows)
    return [(law, found[station]) for station, law in made.items()]


def test_a_law_without_jitter_is_found_exactly() -> None:
    for law, found in found_again(0.0, 60, seed=7):
        assert found["law"] == law.kind
        assert found["first_s"] == pytest.approx(law.first_s, rel=0.02)
        assert found["jitter_share"] < 0.02
        if law.kind == "linear":
            assert found["step_s"] == pytest.approx(law.rise, rel=0.02)
        if law.kind == "exponential":
            assert found["growth"] == pytest.approx(law.rise, rel=0.02)


def test_a_cap_is_found_where_there_is_one() -> None:
    for law, found in found_again(0.0, 60, seed=8):
        if law.kind != "constant":
            reached = found["longest_s"] == pytest.approx(law.cap_s)
            assert found["cap_s"] == (pytest.approx(law.cap_s, rel=0.05) if reached else None)


@pytest.mark.parametrize("jitter", [0.1, 0.2])
def test_a_law_with_jitter_is_found_with_its_spread(jitter: float) -> None:
    pairs = found_again(jitter, 240, seed=9)

    right = [(law, found) for law, found in pairs if found["law"] == law.kind]
    assert len(right) >= 0.95 * len(pairs)
    near = [found for _, found in right if abs(found["jitter_share"] - jitter) <= 0.4 * jitter]
    assert len(near) >= 0.9 * len(right)


def test_noise_that_follows_no_law_is_no_back_off() -> None:
    chance = random.Random(3)
    rows = []
    for n in range(60):
        runs = [[chance.uniform(1, 60) for _ in range(8)] for _ in range(3)]
        rows += retries(f"CP{n}", runs)
    found = fitted(rows)

    assert sum(each["law"] != "constant" for each in found.values()) <= 6
    assert all(each["jitter_share"] > 0.5 for each in found.values() if each["law"] == "constant")


def test_few_retries_show_no_law() -> None:
    found = fitted([*retries("A", [[5, 5, 5]]), *retries("B", [[5, 5], [5, 5], [5, 5]])])

    assert [found[name]["law"] for name in "AB"] == [None, None]
    assert [found[name]["typical_s"] for name in "AB"] == [5, 5]


def test_stations_that_retry_at_the_same_instants_are_in_step() -> None:
    rows = [row for n in range(12) for row in retries(f"CP{n}", [[10.0] * 8])]
    found = fitted(rows)

    assert {each["in_step_share"] for each in found.values()} == {1.0}
    assert {each["companions"] for each in found.values()} == {11.0}


def test_jitter_ends_the_step_and_a_shift_is_none() -> None:
    chance = random.Random(5)
    jittered, shifted = [], []
    for n in range(20):
        waits = [10 * chance.uniform(0.7, 1.3) for _ in range(12)]
        jittered += retries(f"CP{n}", [waits])
        begin = START + timedelta(seconds=chance.uniform(0, 10))
        shifted += retries(f"CP{n}", [[10.0] * 12], begin)

    for rows in (jittered, shifted):
        assert all(each["in_step_share"] < 0.35 for each in fitted(rows).values())


def test_a_lone_station_is_in_step_with_nobody() -> None:
    (found,) = fitted(retries("CP1", [[5.0] * 9])).values()

    assert (found["in_step_share"], found["companions"]) == (None, 0)
