"""Whole incident bundles, ours always and those in OCPPDIAG_BUNDLES where it is set.

Each bundle has `logs/` and `truth.json`: per station the true root causes and what else may be
named. Nothing here knows a bundle by name.
"""

import json
import os
import re
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.diagnosis import diagnose
from ocpp_forensics.dsl.catalogue import causes
from ocpp_forensics.dsl.library import load_signatures
from ocpp_forensics.model import Report
from ocpp_forensics.resources import data_dir
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import Options
from tests.support import unknown_truths

OWN = data_dir("fixtures")


def bundles() -> list[Path]:
    folders = [OWN, *(Path(each) for each in [os.environ.get("OCPPDIAG_BUNDLES")] if each)]
    return [truth.parent for folder in folders for truth in sorted(folder.rglob("truth.json"))]


@dataclass(frozen=True)
class Diagnosis:
    report: Report
    records: dict[str, tuple[int, int]]
    """Per file: how many records the timeline has of it, and how many lines they took."""
    content: dict[str, bytes]
    unknown: dict[str, int]
    """Columns that are neither true nor false in some rows, and in how many."""


@cache
def diagnosis_of(bundle: Path) -> Diagnosis:
    with open_bundle([bundle / "logs"]) as opened, Store() as store:
        report = diagnose(store, opened, load_signatures(tests=False), Options())
        rows = store.rows(
            "SELECT p.path, count(e.event_id), coalesce(sum(e.line_count), 0) FROM part AS p "
            "LEFT JOIN event AS e ON e.event_id >> 40 = p.part_id GROUP BY ALL"
        )
        unknown = unknown_truths(store)
        content = {}
        for member in opened.members:
            with opened.open(member) as stream:
                content[member.path] = stream.read()
    records = {path: (number, size) for path, number, size in rows}
    return Diagnosis(report, records, content, unknown)


def count_lines(data: bytes) -> int:
    newline = b"\r" if b"\n" not in data else b"\n"
    return data.count(newline) + (not data.endswith(newline) and bool(data))


def truth_of(bundle: Path) -> dict[str, dict[str, Any]]:
    truth: dict[str, dict[str, Any]] = json.loads((bundle / "truth.json").read_text("utf-8"))
    return {letters(name): entry for name, entry in truth["charge_points"].items()}


def letters(name: str) -> str:
    """File names cannot hold every station id: what counts are letters and digits."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def named_of(bundle: Path) -> dict[str, list[str]]:
    return {
        letters(station.id): [each.cause for each in station.causes]
        for station in diagnosis_of(bundle).report.stations
    }


def test_there_are_bundles_of_our_own() -> None:
    assert list(OWN.rglob("truth.json"))


EACH = pytest.mark.parametrize("bundle", bundles(), ids=lambda path: path.name)


@EACH
def test_the_root_cause_of_every_station_comes_first(bundle: Path) -> None:
    named = named_of(bundle)
    wanted = {name: entry["root_causes"] for name, entry in truth_of(bundle).items()}
    for station, true in wanted.items():
        if true:
            assert named[station][:1], f"{station}: nothing named, it was {true}"
            assert named[station][0] in true
            assert set(true) <= set(named[station])


@EACH
def test_nothing_else_is_named(bundle: Path) -> None:
    truth = truth_of(bundle)
    for station, found in named_of(bundle).items():
        entry = truth.get(station, {"root_causes": [], "acceptable": []})
        assert set(found) <= {*entry["root_causes"], *entry["acceptable"]}, station


@EACH
def test_stations_are_those_of_the_bundle(bundle: Path) -> None:
    assert set(named_of(bundle)) == set(truth_of(bundle))


@EACH
def test_what_is_said_with_high_confidence_is_true(bundle: Path) -> None:
    truth = {name: {"acceptable": [], **entry} for name, entry in truth_of(bundle).items()}
    for incident in diagnosis_of(bundle).report.incidents:
        for station in incident.stations if incident.confidence == "high" else ():
            entry = truth[letters(station)]
            assert incident.cause in {*entry["root_causes"], *entry["acceptable"]}, station


@EACH
def test_every_log_is_read_in_its_own_format_and_from_its_vantage_point(bundle: Path) -> None:
    truth = json.loads((bundle / "truth.json").read_text("utf-8"))
    assert "sources" in truth or OWN not in bundle.parents
    found = {
        each.path: f"{each.format}, {each.kind}" for each in diagnosis_of(bundle).report.sources
    }
    assert found == truth.get("sources", found)


@EACH
def test_causes_are_on_the_closed_list(bundle: Path) -> None:
    for found in named_of(bundle).values():
        assert set(found) <= set(causes())


@EACH
def test_every_line_is_accounted_for(bundle: Path) -> None:
    diagnosis = diagnosis_of(bundle)
    for source in diagnosis.report.sources:
        paths = [part.path for part in source.parts]
        records = sum(diagnosis.records[path][0] for path in paths)
        taken = sum(diagnosis.records[path][1] for path in paths)
        assert source.total == sum(count_lines(diagnosis.content[path]) for path in paths), (
            source.path
        )
        assert source.events == records, source.path
        assert source.continuation == taken - records, source.path
        assert source.total == source.events + source.continuation + source.unparsed


@EACH
def test_at_most_two_percent_of_the_lines_of_a_source_are_unparsed(bundle: Path) -> None:
    for source in diagnosis_of(bundle).report.sources:
        assert source.unparsed <= 0.02 * source.total, source.path


@EACH
def test_evidence_is_quoted_from_the_place_that_is_given(bundle: Path) -> None:
    diagnosis = diagnosis_of(bundle)
    for each in chain.from_iterable(found.evidence for found in diagnosis.report.incidents):
        data = diagnosis.content[each.source]
        quoted = data[each.byte_offset :][:4096].decode(errors="replace")
        assert quoted.startswith(each.text[:1000]), each.source
        assert data[: each.byte_offset].count(b"\n") + 1 == each.line


@EACH
def test_every_incident_has_evidence(bundle: Path) -> None:
    assert all(found.evidence for found in diagnosis_of(bundle).report.incidents)


@EACH
def test_what_is_true_or_false_is_never_unknown(bundle: Path) -> None:
    assert diagnosis_of(bundle).unknown == {}
