"""The compiled queries agree with plain loops, whatever the timeline."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocpp_forensics.casetests import TestBench
from ocpp_forensics.dsl.check import check_signatures
from ocpp_forensics.dsl.parser import parse_text
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.engine import match_signatures
from ocpp_forensics.store import Store
from tests.dsl.oracle import Row, World, matches, weights

BASE = datetime(2026, 1, 5, 12, tzinfo=UTC).replace(tzinfo=None)
STATION_ACTIONS = ("modem.ip_change", "modem.cell_handoff", "tcp.reset")
FLEET_ACTIONS = ("csms.start",)
SOURCES = (*STATION_ACTIONS, "moved", "mixed")


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store() as opened:
        yield opened


@pytest.fixture(scope="module")
def bench(store: Store) -> TestBench:
    return TestBench(store)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    events = draw(
        st.lists(
            st.tuples(
                st.integers(0, 20),
                st.sampled_from((*STATION_ACTIONS, *FLEET_ACTIONS)),
                st.sampled_from(("A", "A", "A", "B", None)),
                st.sampled_from((2, 1, 3, None)),
                st.sampled_from((None, "x", "y")),
            ),
            min_size=4,
            max_size=16,
        )
    )
    rows = tuple(
        Row(
            number,
            at,
            action,
            None if action in FLEET_ACTIONS else station,
            action in FLEET_ACTIONS,
            value,
            cell,
        )
        for number, (at, action, station, value, cell) in enumerate(events, 1)
    )
    kinds = draw(st.sets(st.sampled_from(("csms", "modem", "station", "proxy"))))
    covered = {kind: draw(st.sampled_from(((-99, 99), (0, 20), (5, 99)))) for kind in sorted(kinds)}
    spans = draw(
        st.lists(
            st.tuples(st.sampled_from("AB"), st.integers(0, 20), st.integers(20, 40)), max_size=2
        )
    )
    return World(rows, covered, tuple(spans), stations=3)


@st.composite
def refs(draw: st.DrawFn) -> str:
    source = draw(st.sampled_from(SOURCES))
    condition = draw(st.sampled_from(("", "", " where signal_csq >= 2", " where signal_csq < 3")))
    return f"{source}{condition}"


SECONDS = st.integers(1, 12).map(lambda number: f"{number}s")


@st.composite
def scopes(draw: st.DrawFn, subject: str) -> str:
    choices = ("fleet",) if "mixed" in subject else ("station", "fleet", "cell_id")
    return draw(st.sampled_from(choices))


def parsed(pattern: str, scope: str, *weights: str) -> Signature:
    text = f"""signature s {{ title "t" cause heartbeat-timeout ruled_out "r" first_check "c"
      event moved = modem.ip_change | modem.cell_handoff where signal_csq >= 1
      event mixed = tcp.reset | csms.start
      match {pattern} by {scope} {" ".join(weights)} }}"""
    (signature,) = parse_text(text, "s.sig")
    assert check_signatures([signature]) == []
    return signature


def compiled(
    store: Store, bench: TestBench, signature: Signature, world: World
) -> list[tuple[Any, ...]]:
    def at(second: int) -> datetime:
        return BASE + timedelta(seconds=second)

    bench.fill({
        "key_event": [
            {
                "ts": at(row.at), "rank_in_order": row.id, "event_id": row.id,
                "action": row.action, "station": row.station, "signal_csq": row.value,
                "cell_id": row.cell,
            }
            for row in world.rows
        ],
        "station": [{"station": f"S{number}"} for number in range(world.stations)],
        "coverage": [
            {"kind": kind, "from_ts": at(low), "to_ts": at(high)}
            for kind, (low, high) in world.covered.items()
        ],
        "connected": [
            {"station": station, "from_ts": at(low), "to_ts": at(high)}
            for station, low, high in world.connected
        ],
    })  # fmt: skip
    match_signatures(store, [signature])
    return store.rows("SELECT row_id, known, holds FROM candidate")


def agree(
    store: Store, bench: TestBench, world: World, pattern: str, scope: str, *evidence: str
) -> None:
    signature = parsed(pattern, scope, *evidence)
    found = compiled(store, bench, signature, world)
    wanted = matches(signature, world)
    assert sorted((row[0], row[1]) for row in found) == sorted(wanted)
    by_id = {row.id: row for row in world.rows}
    for row_id, _, holds in found:
        assert list(holds) == weights(signature, world, by_id[row_id])


EXAMPLES = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@EXAMPLES
@given(data=st.data(), world=worlds())
def test_single(store: Store, bench: TestBench, data: st.DataObject, world: World) -> None:
    one = data.draw(refs())
    agree(store, bench, world, one, data.draw(scopes(one)))


@EXAMPLES
@given(data=st.data(), world=worlds())
def test_sequence_with_until(
    store: Store, bench: TestBench, data: st.DataObject, world: World
) -> None:
    first, second, until = (data.draw(refs()) for _ in range(3))
    stop = data.draw(st.sampled_from((f" until {until}", "")))
    pattern = f"{first} then {second} within {data.draw(SECONDS)}{stop}"
    agree(store, bench, world, pattern, data.draw(scopes(second)))


@EXAMPLES
@given(data=st.data(), world=worlds())
def test_together(store: Store, bench: TestBench, data: st.DataObject, world: World) -> None:
    one, other = data.draw(refs()), data.draw(refs())
    pattern = f"{one} with {other} within {data.draw(SECONDS)}"
    agree(store, bench, world, pattern, data.draw(scopes(one)))


@EXAMPLES
@given(data=st.data(), world=worlds())
def test_absence_is_judged_only_where_logs_cover(
    store: Store, bench: TestBench, data: st.DataObject, world: World
) -> None:
    missing, after = data.draw(refs()), data.draw(refs())
    during = data.draw(st.sampled_from(("", " while connected")))
    pattern = f"no {missing} for {data.draw(SECONDS)} after {after}{during}"
    agree(store, bench, world, pattern, data.draw(scopes(after)))


@EXAMPLES
@given(data=st.data(), world=worlds())
def test_periodic(store: Store, bench: TestBench, data: st.DataObject, world: World) -> None:
    one = data.draw(refs())
    low = data.draw(st.integers(0, 5))
    high = low + data.draw(st.integers(0, 8))
    tolerance = data.draw(st.sampled_from(("1s", "2s", "20%", "50%")))
    times = data.draw(st.integers(1, 4))
    pattern = f"{one} repeats every {low}s..{high}s tolerance {tolerance} at least {times} times"
    agree(store, bench, world, pattern, data.draw(scopes(one)))


@EXAMPLES
@given(data=st.data(), world=worlds())
def test_counts(store: Store, bench: TestBench, data: st.DataObject, world: World) -> None:
    one = data.draw(refs())
    distinct = data.draw(st.sampled_from(("", "distinct station of ")))
    amount = data.draw(st.sampled_from(("1", "2", "3", "34%", "67%", "100%")))
    if " where " in one:
        one = f"({one})"
    pattern = f"count {distinct}{one} >= {amount} within {data.draw(SECONDS)}"
    agree(store, bench, world, pattern, data.draw(scopes(one)))


@EXAMPLES
@given(data=st.data(), world=worlds())
def test_evidence_near_a_match(
    store: Store, bench: TestBench, data: st.DataObject, world: World
) -> None:
    one = data.draw(refs())
    evidence = [
        f'support 2 "s" if {data.draw(st.sampled_from(("", "no ", "any ", "no any ")))}'
        f"{data.draw(refs())} within {data.draw(SECONDS)} "
        f"{data.draw(st.sampled_from(('before', 'after', 'around')))}"
        for _ in range(2)
    ]
    agree(store, bench, world, one, data.draw(scopes(one)), *evidence)
