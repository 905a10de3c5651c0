"""The engine decides what the rule says, scan by scan, whatever the history; and it is causal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocpp_forensics.replay.engine import decide
from ocpp_forensics.replay.policy import Policy
from ocpp_forensics.store import Store
from tests.replay.histories import LAST, empty_tables, fill, policies, stations
from tests.replay.oracle import Link, Station, instant, replay

_STATIONS = 20
_EXAMPLES = 100
"""2,000 histories: a station's history is its own, and twenty are replayed at once."""

FLEETS = st.lists(stations(), min_size=_STATIONS, max_size=_STATIONS).map(
    lambda drawn: {f"CP{number}": station for number, station in enumerate(drawn)}
)
RULES = st.lists(policies, min_size=1, max_size=2)
RUNS = settings(
    max_examples=_EXAMPLES,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
)

Decision = tuple[int, str, datetime, int]
"""Number of the policy, station, instant, connector."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store() as opened:
        opened.execute("SET threads = 1")
        empty_tables(opened, tmp_path_factory.mktemp("tables"))
        yield opened


def decisions(store: Store) -> list[Decision]:
    return store.rows(
        "SELECT policy, station, ts, connector FROM replay_decision "
        "JOIN replay_station USING (number) ORDER BY ALL"
    )


def reasons(store: Store) -> dict[tuple[int, str, int], list[tuple[datetime, datetime, str]]]:
    found: dict[tuple[int, str, int], list[tuple[datetime, datetime, str]]] = {}
    for policy, station, connector, low, high, reason in store.rows(
        "SELECT policy, station, connector, from_ts, to_ts, reason FROM replay_skip "
        "JOIN replay_station USING (number) WHERE reason <> 'recovered'"
    ):
        found.setdefault((policy, station, connector), []).append((low, high, reason))
    return found


@RUNS
@given(fleet=FLEETS, rules=RULES)
def test_the_engine_agrees_with_the_oracle(
    store: Store, fleet: Mapping[str, Station], rules: Sequence[Policy]
) -> None:
    fill(store, fleet)
    decide(store, rules)
    made, why = decisions(store), reasons(store)
    wanted: list[Decision] = []
    for (number, policy), (name, station) in product(enumerate(rules), fleet.items()):
        for at, connector, expected in scanned(station, policy):
            spans = why.get((number, name, connector), [])
            told = [reason for low, high, reason in spans if low <= instant(at) < high]
            if expected == "fire":
                wanted.append((number, name, instant(at), connector))
            elif expected == "grace" and policy.grace_s == 0:
                assert told == []  # another connector is acted upon at the same scan
            else:
                assert [expected] == told

    assert sorted(wanted) == made


def scanned(station: Station, policy: Policy) -> Iterator[tuple[int, int, str]]:
    for at, outcome in replay(station, policy, LAST).items():
        yield from ((at, connector, expected) for connector, expected in outcome.items())


def before(station: Station, cut: int) -> Station:
    """What was known of a station at an instant."""
    links = [
        Link(each.opened, each.closed if each.closed is None or each.closed <= cut else None)
        for each in station.links
        if (each.opened is not None and each.opened <= cut)
        or (each.closed is not None and each.closed <= cut)
    ]
    return replace(
        station,
        reports=tuple(each for each in station.reports if each.at <= cut),
        links=tuple(links),
        boots=tuple(each for each in station.boots if each[0] <= cut),
        resets=tuple(at for at in station.resets if at <= cut),
        frames=tuple(at for at in station.frames if at <= cut),
    )


@settings(RUNS, max_examples=25)
@given(fleet=FLEETS, rules=RULES, cut=st.integers(0, LAST))
def test_decisions_on_a_prefix_are_the_prefix_of_the_decisions(
    store: Store, fleet: Mapping[str, Station], rules: Sequence[Policy], cut: int
) -> None:
    fill(store, fleet)
    decide(store, rules)
    all_of_it = decisions(store)
    fill(store, {name: before(station, cut) for name, station in fleet.items()}, cut)
    decide(store, rules)

    assert [each for each in all_of_it if each[2] <= instant(cut)] == decisions(store)
