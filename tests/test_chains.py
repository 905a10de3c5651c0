"""What led to what: consequences belong to the incident of their root."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_forensics.attribution import attribute, group_incidents
from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.dsl.library import Library, load_signatures
from ocpp_forensics.engine import match_signatures
from ocpp_forensics.model import Incident
from ocpp_forensics.sessions import build_sessions
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import Options, build_timeline
from tests.support import report_of
from tests.test_attribution import diagnosed, only_incident, signature
from tests.test_bundles import OWN, diagnosis_of

EARLY = signature("early", "weak-signal", "match lost base 6")
LATE = signature("late", "cellular-ip-change", "match lost base 7 consequence_of weak-signal")
CLEAR = signature("clear", "cellular-ip-change", "match lost base 9 consequence_of weak-signal")
OTHER = signature("other", "csms-crash", "match lost base 3")


def links(incident: Incident) -> list[tuple[str, int, int]]:
    return [(each.cause, each.episodes, len(each.stations)) for each in incident.chain]


def test_what_led_to_a_cause_wins_where_it_is_about_as_sure(tmp_path: Path) -> None:
    report, _ = diagnosed(tmp_path, LATE, EARLY, OTHER)
    incident = only_incident(report)
    assert (incident.cause, incident.ambiguous_with, incident.score) == ("weak-signal", (), 6)
    assert links(incident) == [("weak-signal", 3, 1), ("cellular-ip-change", 3, 1)]
    assert [each.cause for each in report.stations[0].causes] == ["weak-signal"]


def test_a_clearly_better_cause_stays_and_shows_what_led_to_it(tmp_path: Path) -> None:
    report, _ = diagnosed(tmp_path, CLEAR, EARLY)
    incident = only_incident(report)
    assert incident.cause == "cellular-ip-change"
    assert [each.cause for each in incident.chain] == ["weak-signal", "cellular-ip-change"]


def test_one_cause_is_no_chain(tmp_path: Path) -> None:
    report, _ = diagnosed(tmp_path, EARLY, OTHER)
    assert only_incident(report).chain == ()


@pytest.fixture(scope="module")
def storm() -> Incident:
    (incident,) = diagnosis_of(OWN / "storm-429").report.incidents
    return incident


def test_a_storm_belongs_to_the_crash_that_began_it(storm: Incident) -> None:
    assert (storm.cause, storm.symptom, storm.severity) == (
        "csms-crash", "connection_lost", "critical",
    )  # fmt: skip
    assert links(storm)[:2] == [("csms-crash", 14, 14), ("reconnect-storm", 1, 14)]
    assert {each.cause for each in storm.chain[2:]} == {"csms-rate-limited", "csms-unavailable"}
    assert [each.first_ts for each in storm.chain] == sorted(each.first_ts for each in storm.chain)


def test_only_the_root_counts_as_episodes(storm: Incident) -> None:
    assert (storm.episodes, storm.occurrences) == (14, 14)


def test_what_mends_the_consequences_is_told_as_well(storm: Incident) -> None:
    assert "Set back-off with jitter in the stations" in storm.fix


def test_the_consequences_are_shown(storm: Incident) -> None:
    assert "one of the rejected attempts of the wave" in {each.why for each in storm.evidence}


def test_a_station_has_the_consequence_before_what_led_to_it() -> None:
    for station in diagnosis_of(OWN / "storm-429").report.stations:
        assert [each.cause for each in station.causes] == ["reconnect-storm", "csms-crash"]


@pytest.fixture(scope="module")
def crowded() -> Iterator[tuple[Store, Library, list[Any]]]:
    """The storm's sessions, the signatures that match them with some that do not, the verdicts."""
    full = load_signatures()
    with open_bundle([OWN / "storm-429" / "logs"]) as bundle, Store() as store:
        build_timeline(store, bundle, Options())
        build_sessions(store, {})
        outcomes = match_signatures(store, full.signatures)
        matched = {each.signature for each in outcomes if each.result == "match"}
        idle = [each.signature for each in outcomes if each.result == "no_match"][:4]
        chosen = tuple(each for each in full.signatures if each.id in {*matched, *idle})
        library = replace(full, signatures=chosen)
        yield store, library, verdicts(store, library)


def verdicts(store: Store, library: Library) -> list[Any]:
    match_signatures(store, library.signatures)
    attribute(store, library)
    groups = group_incidents(store, library)
    return [groups, store.rows("SELECT * FROM verdict ORDER BY stream, episode")]


@settings(max_examples=3, deadline=None)
@given(st.data())
def test_neither_the_order_of_signatures_nor_those_that_do_not_match_change_anything(
    crowded: tuple[Store, Library, list[Any]], data: st.DataObject
) -> None:
    store, library, expected = crowded
    matching = [each for each in library.signatures if each.id in _matched(store)]
    idle = [each for each in library.signatures if each not in matching]
    some = data.draw(st.lists(st.sampled_from(idle), unique_by=lambda each: each.id))
    mixed = tuple(data.draw(st.permutations([*matching, *some])))
    assert verdicts(store, replace(library, signatures=mixed)) == expected


def _matched(store: Store) -> set[str]:
    return {row[0] for row in store.rows("SELECT DISTINCT signature FROM candidate WHERE known")}


def refused_station(end: str) -> str:
    """A station that is refused four times, then alive for two hours without an attempt."""
    lines = ["08:00:00 connecting to wss://csms.example/ocpp/EV-1", "08:00:01 connected to CSMS",
             "08:30:00 connection closed: code=1006"]  # fmt: skip
    for second in (10, 20, 30, 40):
        lines.append(f"08:30:{second} connecting to wss://csms.example/ocpp/EV-1")
        lines.append(f"08:30:{second + 1} connect failed: Connection refused (errno 111)")
    lines.append(f"08:30:45 {end}")
    lines += [f"{9 + step // 6:02}:{step % 6}0:00 meter value 17 A" for step in range(13)]
    return "".join(
        f"2026-03-04T{clock}.000Z INFO {text}\n"
        for clock, text in (each.split(" ", 1) for each in lines)
    )


@pytest.mark.parametrize("end", ["giving up after 4 attempts", "display dimmed"])
def test_a_station_gives_up_at_what_it_failed_at(tmp_path: Path, end: str) -> None:
    report = report_of(tmp_path, {"cp-EV-1.log": refused_station(end)})
    incident = only_incident(report)
    assert [each.cause for each in incident.chain][-2:] == [
        "connection-refused", "station-gave-up-reconnecting",
    ]  # fmt: skip
    assert incident.cause == incident.chain[0].cause
    assert report.stations[0].causes[0].cause == "station-gave-up-reconnecting"
    assert incident.fix[-1].startswith("Let the firmware try for ever")
