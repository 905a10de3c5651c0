"""The JSON report is the contract of design section 6, and its schema tells all of it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ocpp_forensics.errors import InputError
from ocpp_forensics.report.json import SCHEMA, render_json, report_dict, schema_text
from ocpp_forensics.report.safety import UNSAFE
from tests.reports import HOSTILE, incident, report, station_log
from tests.support import report_of

SCHEMA_OF_IT: dict[str, Any] = json.loads(schema_text("report"))


def check(made: object) -> None:
    Draft202012Validator.check_schema(SCHEMA_OF_IT)
    Draft202012Validator(SCHEMA_OF_IT).validate(made)


def undescribed(value: Any, schema: Any, path: str = "") -> Iterator[str]:
    """Members of a value that the schema does not describe."""
    if "$ref" in schema:
        schema = SCHEMA_OF_IT["$defs"][schema["$ref"].rpartition("/")[2]]
    if isinstance(value, dict):
        for name, each in value.items():
            if name not in schema["properties"]:
                yield f"{path}/{name}"
            else:
                yield from undescribed(each, schema["properties"][name], f"{path}/{name}")
    if isinstance(value, list):
        for each in value:
            yield from undescribed(each, schema["items"], path)


def test_the_schema_describes_every_member() -> None:
    made = json.loads(render_json(report(incident())))

    assert list(undescribed(made, SCHEMA_OF_IT)) == []


def test_a_report_fits_the_schema() -> None:
    check(json.loads(render_json(report(incident()))))
    check(json.loads(render_json(report(first_ts=None, last_ts=None))))


def test_the_report_of_real_logs_fits_the_schema(tmp_path: Path) -> None:
    made = json.loads(render_json(report_of(tmp_path, {"cp-CP001.log": station_log()})))

    check(made)
    assert [each["cause"] for each in made["incidents"]] == ["tls-certificate-expired"]
    for source in made["sources"]:
        lines = source["lines"]
        assert lines["total"] == lines["events"] + lines["continuation"] + lines["unparsed"]


def test_the_members_of_design_section_6_are_there() -> None:
    made = report_dict(report(incident()))

    assert made["schema"] == SCHEMA
    assert made["tool"] == {"version": "0.1.0", "signatures_sha256": "1" * 64}
    assert made["bundle"] == {
        "name": "case",
        "sha256": "2" * 64,
        "first_ts": "2026-05-01T10:00:00.123Z",
        "last_ts": "2026-05-01T10:00:59.123Z",
    }
    source = made["sources"][0]
    assert source["lines"] == {
        "total": 10,
        "events": 7,
        "continuation": 2,
        "unparsed": 1,
        "duplicates": 0,
    }
    assert {"zone", "basis", "offset_s", "uncertainty_s", "anchors", "steps", "drift_ppm"} == set(
        source["clock"]
    )
    found = made["incidents"][0]
    assert found["last_ts"] == "2026-05-01T10:00:30.123Z"
    assert (found["missing_evidence"][0]) == {
        "need": "the proxy's log",
        "would_decide": ("proxy-reload",),
        "kind": "proxy",
        "from_ts": "2026-05-01T10:00:00.123Z",
        "to_ts": "2026-05-01T10:00:30.123Z",
        "points": 4,
        "sentence": "the proxy's log, to tell it from proxy-reload",
    }
    assert found["evidence"][0]["ts"] == "2026-05-01T10:00:05.123Z"
    assert [each["id"] for each in made["signatures"]] == ["a", "b"]


def test_an_unexplained_incident_has_no_signature() -> None:
    assert report_dict(report(incident(signature="")))["incidents"][0]["signature"] is None


def test_how_long_it_took_is_left_out() -> None:
    assert render_json(report(seconds={"a": 1.0})) == render_json(report(seconds={"a": 2.0}))


def test_hostile_text_is_kept_as_escapes() -> None:
    made = render_json(report(incident(HOSTILE)))

    assert not UNSAFE.search(made.replace("\n", ""))
    assert json.loads(made)["incidents"][0]["evidence"][0]["text"] == HOSTILE


def test_only_known_schemas_are_given() -> None:
    with pytest.raises(InputError, match="no schema 'timeline'"):
        schema_text("timeline")
