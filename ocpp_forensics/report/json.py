"""The report as JSON, version 1: fields may be added, never renamed or removed.

Reads: Report. Feeds: `--format json`, other programs. report.schema.json describes the result.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ocpp_forensics.errors import InputError, Problem
from ocpp_forensics.model import Evidence, Incident, Outcome, Report, SourceReport
from ocpp_forensics.report.safety import escaped
from ocpp_forensics.resources import read_text

__all__ = ["SCHEMA", "render_json", "report_dict", "schema_text"]

SCHEMA = "ocppdiag.report/v1"
_SCHEMAS = {
    "report": "report/report.schema.json",
    "expected": "report/expected.schema.json",
    "replay": "replay/replay.schema.json",
}


def render_json(report: Report) -> str:
    """The report as indented JSON text."""
    return escaped(json.dumps(report_dict(report), indent=2, ensure_ascii=False)) + "\n"


def report_dict(report: Report) -> dict[str, Any]:
    """The report as plain values. How long the stages took is left out: it is never the same."""
    return {
        "schema": SCHEMA,
        "tool": {"version": report.version, "signatures_sha256": report.signatures_sha256},
        "bundle": {
            "name": report.bundle,
            "sha256": report.bundle_sha256,
            "first_ts": _stamp(report.first_ts),
            "last_ts": _stamp(report.last_ts),
        },
        "sources": [_source(each) for each in report.sources],
        "incidents": [_incident(each) for each in report.incidents],
        "advice": [
            asdict(each) | {"evidence": [_evidence(line) for line in each.evidence]}
            for each in report.advice
        ],
        "stations": [asdict(each) for each in report.stations],
        "signatures": [_outcome(each) for each in report.signatures],
        "next_steps": [asdict(each) for each in report.next_steps],
        "facts": [asdict(each) for each in report.facts],
        "suppressed": [asdict(each) for each in report.suppressed],
        "warnings": [asdict(each) for each in report.warnings],
    }


def schema_text(name: str) -> str:
    """The JSON Schema of a result by its name. Errors: InputError where there is none."""
    if name not in _SCHEMAS:
        message = f"there is no schema '{name}'"
        raise InputError(Problem("schema-unknown", message, help=f"known: {', '.join(_SCHEMAS)}"))
    return read_text(_SCHEMAS[name])


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds") + "Z"


_LINES = ("total", "events", "continuation", "unparsed", "duplicates")


def _source(source: SourceReport) -> dict[str, Any]:
    fields = asdict(source)
    lines = {name: fields.pop(name) for name in _LINES}
    clock = fields.pop("clock")
    del clock["source_id"]
    return fields | {"lines": lines, "clock": clock}


def _incident(incident: Incident) -> dict[str, Any]:
    return asdict(incident) | {
        "first_ts": _stamp(incident.first_ts),
        "last_ts": _stamp(incident.last_ts),
        "down_s": round(incident.down_s, 3),
        "signature": incident.signature or None,
        "evidence": [_evidence(line) for line in incident.evidence],
        "missing_evidence": [
            asdict(each) | {"from_ts": _stamp(each.from_ts), "to_ts": _stamp(each.to_ts)}
            for each in incident.missing_evidence
        ],
        "chain": [
            asdict(each) | {"first_ts": _stamp(each.first_ts), "last_ts": _stamp(each.last_ts)}
            for each in incident.chain
        ],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return asdict(evidence) | {"ts": _stamp(evidence.ts)}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    fields = asdict(outcome)
    return {"id": fields.pop("signature"), **fields}
