"""Logs of many systems: every line means what the catalogue says, and one format claims it.

A file of the catalogue is one log: title, format as it is shown, kind (vantage point) and lines,
each with `means`: its action (alternatives with commas) and fields, `dir` being the direction. A
line may be a record of several lines.
"""

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.formats.definition import load_formats
from ocpp_forensics.formats.detection import detect_formats
from ocpp_forensics.lines import LINE_SCHEMA
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import Options, build_timeline

LOGS = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted(Path(__file__).parent.glob("*.toml"))
}
LINES = [(name, number) for name, log in LOGS.items() for number in range(len(log["line"]))]

Timeline = tuple[dict[str, tuple[str, str]], dict[tuple[str, int], dict[str, Any]]]


def first_lines(log: Mapping[str, Any]) -> list[int]:
    """The number of the first line of every entry."""
    places = [log.get("header", "").count("\n") + 1 + bool(log.get("header"))]
    for entry in log["line"]:
        places.append(places[-1] + entry["text"].count("\n") + 1)
    return places


def written(log: Mapping[str, Any]) -> str:
    """A log as a file."""
    lines = [entry["text"] for entry in log["line"]]
    return "\n".join([*([log["header"]] if "header" in log else []), *lines]) + "\n"


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    """Format and kind of every log, and the event at every line, all logs being read together."""
    root = tmp_path_factory.mktemp("catalogue")
    for name, log in LOGS.items():
        (root / name).mkdir()
        (root / name / f"{name}.txt").write_text(written(log), encoding="utf-8")
    with Store() as store, open_bundle([root]) as bundle:
        built = build_timeline(store, bundle, Options())
        kinds = {source.source_id: source.kind for source in built.sources}
        names = {part.part_id: Path(part.member.path).stem for part in built.parts}
        formats = {
            names[part.part_id]: (
                part.detection.format if part.detection else "", kinds[part.source_id]
            )
            for part in built.parts
        }  # fmt: skip
        rows = store.records(
            "SELECT e.event_id, e.action, e.station, e.direction AS dir, e.line_count, "
            "coalesce(e.ocpp_action, d.ocpp_action) AS ocpp_action, "
            "d.* EXCLUDE (record_id, ocpp_action) "
            "FROM event AS e LEFT JOIN detail AS d ON d.record_id = e.event_id"
        )
    events = {(names[row["event_id"] >> 40], row["event_id"] & (1 << 40) - 1): row for row in rows}
    return formats, events


@pytest.mark.parametrize("name", LOGS)
def test_a_log_is_what_the_catalogue_says(name: str, timeline: Timeline) -> None:
    formats, _ = timeline
    wanted = (LOGS[name]["format"], LOGS[name].get("kind", formats[name][1]))
    assert formats[name] == wanted


@pytest.mark.parametrize(("name", "number"), LINES)
def test_a_line_means_what_the_catalogue_says(name: str, number: int, timeline: Timeline) -> None:
    entry = LOGS[name]["line"][number]
    event = timeline[1].get((name, first_lines(LOGS[name])[number]))
    assert event is not None, entry["text"]
    actions, *wanted = entry["means"].split()
    found = {key: plain(value) for key, value in event.items() if value is not None}
    expected = dict(item.split("=", 1) for item in wanted)
    assert found["action"] in actions.split(","), found
    assert {key: found.get(key) for key in expected} == {
        key: plain(value) for key, value in expected.items()
    }


def plain(value: object) -> object:
    """A number as a number, anything else as text."""
    text = str(value)
    return round(float(text), 3) if text.replace(".", "", 1).lstrip("-").isdigit() else text


def test_no_line_is_claimed_by_two_formats(capsys: pytest.CaptureFixture[str]) -> None:
    """The confusion matrix: which format wins each line of each log, taken alone."""
    claims = {name: claimed(log) for name, log in LOGS.items() if "header" not in log}
    wrong = {
        (name, winner): count
        for name, winners in claims.items()
        for winner, count in winners.items()
        if winner not in {*LOGS[name]["format"].split(" > "), *LOGS[name].get("also", [])}
    }
    with capsys.disabled():
        sys.stdout.write("\n")
        for name, winners in claims.items():
            counts = ", ".join(f"{winner} {count}" for winner, count in sorted(winners.items()))
            sys.stdout.write(f"{name:24} {LOGS[name]['format']:34} {counts}" + "\n")
    assert wrong == {}


def claimed(log: Mapping[str, Any]) -> dict[str, int]:
    """How many entries of a log each format wins, every entry taken as a log of its own."""
    texts = [entry["text"].split("\n")[0] for entry in log["line"]]
    numbers = list(range(len(texts)))
    columns = [numbers, [1] * len(texts), [0] * len(texts), [len(text) for text in texts], texts]
    table = pa.Table.from_arrays(
        [pa.array(values, field.type) for values, field in zip(columns, LINE_SCHEMA, strict=True)],
        schema=LINE_SCHEMA,
    )
    with Store() as store:
        found = detect_formats(store, table, load_formats(), {})
    winners: dict[str, int] = {}
    for number in numbers:
        winner = found[number].outer[0] if number in found and found[number].outer else "none"
        winners[winner] = winners.get(winner, 0) + 1
    return winners
