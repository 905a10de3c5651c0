"""The replay as JSON, version 1, and as CSV: fields may be added, never renamed or removed.

Reads: Replay. Feeds: `--format json` and `csv`, other programs. replay.schema.json describes the
JSON. Text is made piece by piece: a fleet has millions of skips.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime

from ocpp_forensics.replay.policy import Policy
from ocpp_forensics.replay.results import Replay, Row
from ocpp_forensics.report.rows import ROW_FORMATS
from ocpp_forensics.report.safety import escaped, masked_text

__all__ = ["SCHEMA", "csv_pieces", "decision_dict", "json_pieces"]

SCHEMA = "ocppdiag.replay/v1"
_RESET = ("ts", "type", "answer", "boot_ts", "healed", "again")
_COLUMNS = (
    "policy", "station", "ts", "evse", "connector", "bad_since_ts", "status", "error_code",
    "vendor_error", "vendor", "model", "firmware", "outlook", "also", "transactions", "outcome",
    "good_ts", "stuck_s", "saved_s", "reset_ts", "reset_answer", "reset_healed", "reason",
)  # fmt: skip


def json_pieces(replay: Replay) -> Iterator[str]:
    """The replay as JSON text."""
    yield "{\n" + _member("schema", SCHEMA) + ",\n" + _member("history", replay.span()) + ",\n"
    yield _member("policies", [_policy(each) for each in replay.policies]) + ",\n"
    yield _member("never", replay.never()) + ",\n"
    if replay.traced is not None:
        yield _member("trace", replay.traced) + ",\n"
    yield ' "results": ['
    summaries = replay.summaries()
    for number, policy in enumerate(replay.policies):
        yield "\n  {" if number == 0 else ",\n  {"
        yield (
            _member("policy", policy.name) + ",\n  " + _member("summary", _hours(summaries[number]))
        )
        for name, rows in _lists(replay, number):
            yield f',\n   "{name}": ['
            yield from _array(rows)
            yield "]"
        yield "}"
    yield "\n ]\n}\n"


def _lists(replay: Replay, policy: int) -> Iterator[tuple[str, Iterable[Row]]]:
    decisions = replay.decisions(policy)
    evidence = replay.evidence(decisions)
    yield (
        "decisions",
        (decision_dict(each, evidence.get(each["decision"], [])) for each in decisions),
    )
    yield "skips", replay.skips(policy)
    yield "near_misses", replay.near_misses(policy)
    yield "resets", replay.resets(policy)


def _array(rows: Iterable[Row]) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield (",\n    " if number else "\n    ") + _text(row)


def _member(name: str, value: object) -> str:
    return f' "{name}": {_text(value)}'


def _text(value: object) -> str:
    return escaped(json.dumps(_plain(value), ensure_ascii=False))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return round(value, 3) if isinstance(value, float) else value


def _policy(policy: Policy) -> Row:
    return asdict(policy)


def _hours(summary: Row) -> Row:
    """The sums with hours for seconds."""
    rest = {name: value for name, value in summary.items() if not name.endswith("_s")}
    futile = summary["futile_physical"] + summary["futile_inoperative"]
    hours = {f"{name}_h": summary[f"{name}_s"] / 3600 for name in ("stuck", "saved")}
    return rest | {"futile": futile} | hours


def decision_dict(row: Row, evidence: Iterable[Row]) -> Row:
    """A decision with what came of it and the lines that prove it."""
    names = (
        "station", "ts", "evse", "connector", "bad_since_ts", "status", "error_code",
        "vendor_error", "info", "noticed", "vendor", "model", "firmware", "reason", "outlook",
        "also", "transactions", "firmware_status",
    )  # fmt: skip
    reset = {name: row[f"reset_{name}"] for name in _RESET}
    return {name: row[name] for name in names} | {
        "reality": {
            "outcome": row["outcome"],
            "recovered_ts": row["good_ts"],
            "stuck_h": row["stuck_s"] / 3600,
            "saved_h": row["saved_s"] / 3600,
            "resets": row["resets"],
            "reset": reset if row["resets"] else None,
        },
        "evidence": list(evidence),
    }


def csv_pieces(replay: Replay) -> Iterator[str]:
    """The decisions of all policies as CSV."""
    rows = (
        [_cell((row | {"policy": policy.name})[name]) for name in _COLUMNS]
        for number, policy in enumerate(replay.policies)
        for row in replay.decisions(number)
    )
    return ROW_FORMATS["csv"](_COLUMNS, rows)


def _cell(value: object) -> object:
    return " ".join(map(str, value)) if isinstance(value, list) else value
