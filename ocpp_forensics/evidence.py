"""Evidence: the exact lines that prove an incident, read back from the bundle or the store.

Reads: verdicts, candidates, events, the bundle. Feeds: incidents.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ocpp_forensics.attribution import Group
from ocpp_forensics.dsl.catalogue import facts
from ocpp_forensics.dsl.library import Library
from ocpp_forensics.findings import fact_keys
from ocpp_forensics.model import Evidence
from ocpp_forensics.sentences import duration, shown
from ocpp_forensics.store import Store

__all__ = ["LineRef", "choose_lines", "evidence_of"]

_MAX_STATIONS = 3
_MAX_LINES = 12
_MAX_FOLLOWING = 2


@dataclass(frozen=True, slots=True)
class LineRef:
    """One record that proves something: which one, in which role, and why.

    `fact` is set where it tells what is known of the station, not what happened.
    """

    event_id: int
    role: str
    why: str
    fact: bool = False


def choose_lines(store: Store, library: Library, group: Group) -> tuple[LineRef, ...]:
    """The records that show an incident: of its first episode at up to three stations.

    The consequences in its chain are shown by the first episode of each.
    """
    own: dict[int, LineRef] = {}
    later: dict[int, LineRef] = {}
    for stream, episode, station, signature, follows in store.rows(_SHOWN, [group.number]):
        lines = list(_SYMPTOM_LINES[stream](store, episode, station))
        found = [*lines, *_proofs(store, library, stream, episode, signature)]
        for ref in found[:_MAX_FOLLOWING] if follows else found:
            (later if follows else own).setdefault(ref.event_id, ref)
    for event_id in own:
        later.pop(event_id, None)
    facts = [ref for ref in own.values() if ref.fact]
    others = [ref for ref in own.values() if not ref.fact]
    return (*[*facts, *others][: _MAX_LINES - len(later)], *later.values())


_SHOWN = f"""
WITH first AS (
    SELECT *, count(*) OVER (PARTITION BY affected) AS size FROM incident_episode WHERE number = ?
    QUALIFY row_number() OVER (PARTITION BY affected, cause ORDER BY ts, stream) = 1
)
SELECT stream, episode, affected, signature, follows FROM first
QUALIFY row_number() OVER (PARTITION BY cause ORDER BY size DESC, affected)
    <= CASE WHEN follows THEN 1 ELSE {_MAX_STATIONS} END
ORDER BY follows, size DESC, affected"""


# The quiet before the end of a connection begins where the last message was answered; bounds are
# bound as values, so that only a few row groups of the timeline are read.
_LOST = """
SELECT l.*,
    l.ts - to_microseconds(((coalesce(l.waited_s, 0) + l.idle_s - 0.05) * 1e6)::BIGINT) AS quiet_ts,
    (SELECT arg_min(event_id, ts) FROM opened AS o
     WHERE o.station = l.station AND o.ts = l.next_open_ts) AS next_event
FROM lost AS l WHERE lost_id = ?"""
_AROUND_QUIET = """
SELECT arg_max(event_id, (ts, event_id)) FILTER (ts <= $quiet_ts) AS last_event,
    arg_min(event_id, (ts, event_id)) FILTER (ts > $quiet_ts AND ts < $ts) AS unanswered_event
FROM event
WHERE station = $station
    AND ts > $ts::TIMESTAMP - INTERVAL 6 HOUR AND ts <= greatest($quiet_ts, $ts)
    AND action IN ('ocpp.call', 'ocpp.result', 'ocpp.error', 'ws.ping', 'ws.pong')"""


def _lost_lines(store: Store, episode: int, station: str | None) -> Iterable[LineRef]:
    row = store.records(_LOST, [episode])[0]
    bounds = {name: row[name] for name in ("station", "ts", "quiet_ts")}
    row |= store.records(_AROUND_QUIET, bounds)[0]
    if row["last_event"] is not None and row["idle_s"] >= 1:
        quiet = duration(row["idle_s"])
        yield LineRef(row["last_event"], "supporting", f"the last message before {quiet} of quiet")
    if row["unanswered_event"] is not None and row["waited_s"]:
        yield LineRef(row["unanswered_event"], "supporting", "a message that gets no answer")
    for column, who in (
        ("station_close_event", "the station"),
        ("csms_close_event", "the CSMS"),
        ("proxy_close_event", "the proxy"),
    ):
        if row[column] is not None:
            yield LineRef(row[column], "primary", f"{who} logs the end of the connection")
    if row["next_event"] is not None:
        yield LineRef(row["next_event"], "supporting", "the station is back")


def _failed_lines(store: Store, episode: int, station: str | None) -> Iterable[LineRef]:
    for event_id, kind in store.rows(
        "SELECT s.event_id, s.kind "
        "FROM (SELECT * FROM failed WHERE run_id = ? ORDER BY ts LIMIT 1) AS f "
        "JOIN attempt_member AS m ON m.attempt_event = f.attempt_event "
        "JOIN attempt_signal AS s ON s.event_id = m.event_id "
        "WHERE s.action NOT IN ('tcp.connect', 'ws.upgrade') ORDER BY s.ord LIMIT 4",
        [episode],
    ):
        who = {"csms": "the CSMS", "proxy": "the proxy"}.get(kind, "the station")
        yield LineRef(event_id, "primary", f"{who} logs the first failed attempt")


_AWAY = """
SELECT g.event_id, g.tried, (
    SELECT arg_max(e.event_id, (e.ts, e.event_id)) FROM event AS e
    WHERE e.station = g.station AND e.kind = 'station' AND e.ts > g.ts AND e.ts < g.until_ts
) AS alive_event
FROM away AS g WHERE away_id = ?"""


def _away_lines(store: Store, episode: int, station: str | None) -> Iterable[LineRef]:
    for event_id, tried, alive_event in store.rows(_AWAY, [episode]):
        if event_id is not None:
            last = "the last attempt" if tried else "the loss, after which no attempt follows"
            yield LineRef(event_id, "primary", last)
        if alive_event is not None:
            yield LineRef(alive_event, "supporting", "the station is alive and makes no attempt")


def _stuck_lines(store: Store, episode: int, station: str | None) -> Iterable[LineRef]:
    for (event_id,) in store.rows("SELECT event_id FROM stuck WHERE stuck_id = ?", [episode]):
        yield LineRef(event_id, "primary", "the first bad status")


def _wave_lines(store: Store, episode: int, station: str | None) -> Iterable[LineRef]:
    for (event_id,) in store.rows(
        "SELECT a.event_id FROM wave AS w JOIN attempt AS a ON a.ts BETWEEN w.ts AND w.last_ts "
        "AND a.stage <> 'open' AND a.station = ? WHERE w.wave_id = ? ORDER BY a.ts LIMIT 2",
        [station, episode],
    ):
        yield LineRef(event_id, "primary", "one of the rejected attempts of the wave")


def _trouble_lines(store: Store, episode: int, station: str | None) -> Iterable[LineRef]:
    for event_id, answer_event, outcome in store.rows(
        "SELECT b.event_id, b.answer_event, b.outcome FROM trouble AS t JOIN bad_call AS b "
        "ON b.station = t.station AND b.direction = t.direction AND b.ts >= t.ts "
        "AND b.ts <= t.until_ts AND b.ocpp_action = t.call_action "
        "WHERE t.trouble_id = ? ORDER BY b.ts, b.event_id LIMIT 3",
        [episode],
    ):
        yield LineRef(event_id, "primary", _TROUBLES[outcome])
        if answer_event is not None:
            yield LineRef(answer_event, "primary", "its answer")


_TROUBLES = {
    "unanswered": "a CALL that gets no answer",
    "error": "a CALL that is answered with an error",
    "late": "a CALL that is answered late",
    "not-accepted": "a BootNotification that is not accepted",
}
_SYMPTOM_LINES = {
    "lost": _lost_lines,
    "failed": _failed_lines,
    "away": _away_lines,
    "stuck": _stuck_lines,
    "wave": _wave_lines,
    "trouble": _trouble_lines,
}


def _proofs(
    store: Store, library: Library, stream: str, episode: int, signature: str | None
) -> Iterable[LineRef]:
    """What the signature's pattern and weights found near the episode."""
    known = next((each for each in library.signatures if each.id == signature), None)
    if known is None:
        return
    rows = store.rows(
        "SELECT station, ts, proof, holds, proofs FROM candidate "
        "WHERE signature = ? AND stream = ? AND episode = ? AND known ORDER BY ts, row_id LIMIT 1",
        [known.id, stream, episode],
    )
    for station, ts, proof, holds, proofs in rows:
        if proof is not None:
            yield LineRef(proof, "primary", known.title.split("{")[0].strip() or known.title)
        asked = [(known.given, "primary")] if known.given is not None else []
        for weight, held, event_id in zip(known.weights, holds, proofs, strict=True):
            role = "supporting" if weight.points > 0 else "contradicting"
            if held and event_id is not None:
                yield LineRef(event_id, role, weight.sentence)
            asked += [(weight.evidence, role)] * bool(held)
        for evidence, role in asked:
            yield from _facts(store, (station, ts), fact_keys(known, evidence), role)


def _facts(
    store: Store, moment: tuple[str | None, datetime], keys: Sequence[str], role: str
) -> Iterator[LineRef]:
    """The lines that tell what is known of a station at a moment, and what each says."""
    rows = store.rows(
        "SELECT key, arg_max(value, from_ts), arg_max(event_id, from_ts) FROM held_fact "
        "WHERE station = $station AND from_ts <= $ts AND key IN (SELECT unnest($keys)) "
        "GROUP BY key ORDER BY key",
        {"station": moment[0], "ts": moment[1], "keys": list(keys)},
    )
    for key, value, event_id in rows if keys else ():
        if event_id is not None:
            why = f"{facts()[key].title}: {_value(key, value)}"
            yield LineRef(event_id, role, why, fact=True)


def _value(key: str, value: str) -> str:
    """The value of a fact as people write it."""
    if facts()[key].type == "boolean":
        return "yes" if value == "true" else "no"
    return shown(key, value if facts()[key].type == "text" else float(value))


def evidence_of(
    store: Store, refs: Iterable[LineRef], texts: Mapping[int, str]
) -> tuple[Evidence, ...]:
    """The chosen records with their text and place, in the order of time."""
    wanted = {ref.event_id: ref for ref in refs}
    rows: list[dict[str, Any]] = store.records(
        "SELECT e.event_id, p.path, line_of(e.event_id, p.glued) AS line, e.byte_offset, e.ts, "
        "e.station "
        "FROM event AS e JOIN part AS p ON p.part_id = e.event_id >> 40 "
        "WHERE e.event_id IN (SELECT unnest(?)) ORDER BY e.ts NULLS LAST, e.event_id",
        [list(wanted)],
    )
    return tuple(
        Evidence(
            source=row["path"],
            line=row["line"],
            byte_offset=row["byte_offset"],
            ts=row["ts"],
            station=row["station"],
            text=texts.get(row["event_id"], ""),
            role=wanted[row["event_id"]].role,
            why=wanted[row["event_id"]].why,
        )
        for row in rows
    )
