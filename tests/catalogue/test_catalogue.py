"""Logs of many systems: every line means what the catalogue says, and one format claims it.

A file of the catalogue is one log: title, format as it is shown, kind (vantage point), the folder
in which it lies, the station of all its lines where it is one, and lines, each with `means`: its
action and fields, `dir` being the direction. A line may be a record of several lines. An event
states its station and the fields of `STATED`; `none` says that neither the line nor what is known
of its log tells.
"""

import sys
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.formats.definition import load_formats
from ocpp_forensics.formats.detection import detect_formats
from ocpp_forensics.lines import LINE_SCHEMA
from ocpp_forensics.sessions import build_sessions
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import Options, build_timeline
from ocpp_forensics.vocabulary import actions

LOGS = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted(Path(__file__).parent.glob("*.toml"))
}
LINES = [(name, number) for name, log in LOGS.items() for number in range(len(log["line"]))]

STATED = {
    "ocpp.call": {"dir", "ocpp_action"}, "ocpp.result": {"dir"}, "ocpp.error": {"dir"},
    "ws.close": {"ws_code"}, "csms.rejected": {"reject_reason"}, "http.response": {"http_status"},
    "proxy.backend_error": {"backend_trouble"}, "tls.error": {"tls_error"},
    "station.status": {"status"}, "modem.address": {"address"},
    "modem.registration": {"registration"},
}  # fmt: skip
"""Fields besides the station, which every event of a station states."""

KINDS = {
    "connect": ("ws.upgrade", "ws.open", "tcp.connect", "modem.attach"),
    "frame": ("ocpp.call", "ocpp.result", "ocpp.error"),
    "close": ("ws.close", "tcp.reset", "modem.detach", "proxy.stop", "csms.stop"),
    "time-out": (
        "ws.ping_timeout", "csms.heartbeat_timeout", "tcp.timeout", "proxy.timeout", "ocpp.timeout",
    ),
    "rejection": (
        "csms.rejected", "csms.duplicate", "csms.rate_limited", "proxy.backend_error",
        "proxy.capacity", "tcp.refused",
    ),
    "TLS": ("tls.error",),
    "reboot": ("station.boot", "station.reset", "csms.start", "modem.reset", "proxy.reload"),
}  # fmt: skip
"""What a log can show, in the words of the catalogue."""

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


def meant(log: Mapping[str, Any], number: int) -> tuple[str, dict[str, str]]:
    """The action and the fields that an entry of a log should have."""
    action, *fields = log["line"][number]["means"].split()
    given = {"station": log["station"]} if "station" in log else {}
    return action, given | dict(item.split("=", 1) for item in fields)


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    """Format and kind of every log, and the event at every line, all logs being read together.

    The station of a line that names nobody is the one that the order of the lines tells.
    """
    root = tmp_path_factory.mktemp("catalogue")
    for name, log in LOGS.items():
        folder = root / log.get("folder", name)
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.txt").write_text(written(log), encoding="utf-8")
    with Store() as store, open_bundle([root]) as bundle:
        built = build_timeline(store, bundle, Options())
        build_sessions(store, {})
        kinds = {source.source_id: source.kind for source in built.sources}
        names = {part.part_id: Path(part.member.path).stem for part in built.parts}
        formats = {
            names[part.part_id]: (
                part.detection.format if part.detection else "", kinds[part.source_id]
            )
            for part in built.parts
        }  # fmt: skip
        rows = store.records(
            "SELECT e.event_id, e.action, coalesce(e.station, k.station) AS station, "
            "e.direction AS dir, coalesce(e.ocpp_action, d.ocpp_action) AS ocpp_action, "
            "d.* EXCLUDE (record_id, ocpp_action) FROM event AS e "
            "LEFT JOIN key_event AS k USING (event_id, action) "
            "LEFT JOIN detail AS d ON d.record_id = e.event_id"
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
    log = LOGS[name]
    event = timeline[1].get((name, first_lines(log)[number]))
    assert event is not None, log["line"][number]["text"]
    action, expected = meant(log, number)
    found = {key: plain(value) for key, value in event.items() if value is not None}
    assert found["action"] == action, found
    assert {key: found.get(key, "none") for key in expected} == {
        key: plain(value) for key, value in expected.items()
    }


def plain(value: object) -> object:
    """A number as a number, anything else as text."""
    text = str(value)
    return round(float(text), 3) if text.replace(".", "", 1).lstrip("-").isdigit() else text


def test_what_decides_a_diagnosis_is_stated_in_full() -> None:
    """Station, direction and code of every connect, frame, close, time-out, refusal, reboot."""
    missing = {
        (name, log["line"][number]["means"]): sorted(left)
        for name, log in LOGS.items()
        for number in range(len(log["line"]))
        for action, fields in [meant(log, number)]
        if (left := stated(action) - fields.keys())
    }
    assert missing == {}


def stated(action: str) -> set[str]:
    of_a_station = actions()[action].scope == "station" and action != "log.message"
    return ({"station"} if of_a_station else set()) | STATED.get(action, set())


def test_no_line_is_claimed_by_two_formats(capsys: pytest.CaptureFixture[str]) -> None:
    """The confusion matrix: which format wins each line of each log, taken alone."""
    claims = winners()
    wrong = {
        (name, winner): count
        for name, found in claims.items()
        for winner, count in found.items()
        if winner not in {*LOGS[name]["format"].split(" > "), *LOGS[name].get("also", [])}
    }
    with capsys.disabled():
        sys.stdout.write("\n")
        for name, found in claims.items():
            counts = ", ".join(f"{winner} {count}" for winner, count in sorted(found.items()))
            sys.stdout.write(f"{name:25} {LOGS[name]['format']:30} {counts:40} {shown(name)}\n")
    assert wrong == {}


def shown(name: str) -> str:
    """What a log shows, in the words of the catalogue, with the number of its lines."""
    log = LOGS[name]
    kinds = Counter(kind_of(*meant(log, number)) for number in range(len(log["line"])))
    return ", ".join(f"{kind} {kinds[kind]}" for kind in KINDS if kind in kinds)


def kind_of(action: str, fields: Mapping[str, str]) -> str:
    if action == "http.response":
        return "connect" if fields["http_status"] in {"101", "none"} else "rejection"
    return next((kind for kind, its in KINDS.items() if action in its), "")


def winners() -> dict[str, Counter[str]]:
    """How many entries of a log each format wins, every entry taken as a log of its own."""
    entries = [
        (name, entry["text"].split("\n")[0])
        for name, log in LOGS.items()
        if "header" not in log
        for entry in log["line"]
    ]
    rows = [
        {"part_id": number, "line_no": 1, "byte_offset": 0, "byte_length": len(text), "text": text}
        for number, (_, text) in enumerate(entries)
    ]
    with Store() as store:
        table = pa.Table.from_pylist(rows, schema=LINE_SCHEMA)
        found = detect_formats(store, table, load_formats(), {})
    claims: dict[str, Counter[str]] = {}
    for number, (name, _) in enumerate(entries):
        winner = found[number].outer[0] if number in found and found[number].outer else "none"
        claims.setdefault(name, Counter())[winner] += 1
    return claims
