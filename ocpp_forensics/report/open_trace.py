"""OCPP messages as Open OCPP Trace: one JSON object per line.

Reads: rows of the timeline with their text. Feeds: `ocppdiag timeline --format open-ocpp-trace`.
Schema: open-ocpp-trace/specification, trace-v1. A message that two logs hold is written once, with
the earlier time.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from ocpp_forensics.report.safety import masked_text

__all__ = ["TRACE_COLUMNS", "OpenTrace"]

TRACE_COLUMNS = "ts, station, direction, ocpp_type, ocpp_action, source, line, text"

_DIRECTIONS = {"to_csms": "cp-to-csms", "to_station": "csms-to-cp"}
_TYPES = {2: "CALL", 3: "CALLRESULT", 4: "CALLERROR"}
_BEGIN = re.compile(r"\[\s*[234]\s*,")
_JSON = json.JSONDecoder(strict=False)
_SAME = timedelta(seconds=60)
_ESCAPES = 3


class OpenTrace:
    """Writes rows of TRACE_COLUMNS in the order of time; `left_out` counts what it cannot hold."""

    def __init__(self) -> None:
        self.left_out = 0
        self._seen: dict[tuple[str, ...], tuple[datetime, str]] = {}

    def lines(self, rows: Iterable[Sequence[Any]]) -> Iterator[str]:
        """One line per message."""
        for ts, station, direction, kind, action, source, line, text in rows:
            if kind not in _TYPES:
                continue
            frame = _frame(masked_text(text or ""))
            if ts is None or direction is None or frame is None:
                self.left_out += 1
            elif self._is_new((station or "", direction, str(kind), str(frame[1])), ts, source):
                head = _head(ts, station, direction)
                body = _body(kind, action, frame)
                record = {**head, **body, "meta": {"source": source, "line": line}}
                yield json.dumps(record, ensure_ascii=False) + "\n"

    def _is_new(self, key: tuple[str, ...], ts: datetime, source: str) -> bool:
        """Whether no other log held the message shortly before."""
        before = self._seen.get(key)
        self._seen[key] = (ts, source)
        return before is None or before[1] == source or ts - before[0] > _SAME


def _head(ts: datetime, station: str | None, direction: str) -> dict[str, Any]:
    precise = "microseconds" if ts.microsecond % 1000 else "milliseconds"
    head = {
        "schemaVersion": "1.1",
        "timestamp": ts.isoformat(timespec=precise) + "Z",
        "transport": "json",
        "chargePointId": station,
        "direction": _DIRECTIONS[direction],
    }
    return {name: value for name, value in head.items() if value is not None}


def _body(kind: int, action: str | None, frame: Sequence[Any]) -> dict[str, Any]:
    body: dict[str, Any] = {"messageType": _TYPES[kind], "messageId": str(frame[1])}
    if kind == 2:
        body["action"] = str(frame[2]) if len(frame) > 2 else action
    if kind == 4:
        names = ("code", "description", "details")
        body["error"] = dict(zip(names, frame[2:5], strict=False))
    payload = None if kind == 4 else next(iter(frame[3 if kind == 2 else 2 :]), None)
    if payload is not None:
        body["payload"] = payload
    connector = payload.get("connectorId") if isinstance(payload, dict) else None
    if isinstance(connector, int) and connector >= 0:
        body["connectorId"] = connector
    body["raw"] = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
    return body


def _frame(text: str) -> list[Any] | None:
    """The first frame in a text, however often its quotes are escaped; None where it is cut."""
    for _ in range(_ESCAPES):
        for found in _BEGIN.finditer(text):
            try:
                frame, _ = _JSON.raw_decode(text, found.start())
            except (ValueError, RecursionError):
                continue
            if isinstance(frame, list) and len(frame) > 2:
                return frame
        if '\\"' not in text:
            return None
        text = text.replace('\\"', '"').replace("\\\\", "\\")
    return None
