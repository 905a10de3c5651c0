"""What is missing: the logs that would decide, the most deciding first, as sentences for a ticket.

Reads: incident_episode, verdict, candidate, coverage, source, the library, logs.toml. Feeds:
incidents and the report.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from ocpp_forensics.attribution import UNEXPLAINED, Group
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.findings import Findings
from ocpp_forensics.model import Incident, MissingEvidence, NextStep, Outcome
from ocpp_forensics.resources import read_text
from ocpp_forensics.sentences import few, shown_time
from ocpp_forensics.store import Store

__all__ = ["kinds_without", "missing_evidence", "next_steps", "reasons_for"]

_AMBIGUOUS, _MATCHED, _UNJUDGED, _OWN, _UNSEEN = 8, 4, 3, 2, 1
"""How much a log decides on a cause: on one as likely as the first; on one that matches; on one
that could not be judged; on the first itself; on one of which nothing was seen."""
_AROUND = timedelta(minutes=10)
_LONG = timedelta(hours=6)


@dataclass(slots=True)
class _Ask:
    """A kind of log and the points it would decide, by cause."""

    kind: str
    causes: dict[str, int] = field(default_factory=dict)

    def add(self, cause: str, points: int) -> None:
        self.causes[cause] = max(points, self.causes.get(cause, 0))

    @property
    def points(self) -> int:
        return sum(self.causes.values())

    @property
    def decides(self) -> tuple[str, ...]:
        return tuple(sorted(self.causes, key=lambda each: (-self.causes[each], each)))


@cache
def _kinds() -> dict[str, Any]:
    return tomllib.loads(read_text("logs.toml"))


def missing_evidence(
    found: Findings, signature: Signature | None, group: Group
) -> tuple[MissingEvidence, ...]:
    """Logs that do not cover an incident and would decide on its cause, the most deciding first.

    A sure result asks for nothing.
    """
    if group.confidence == "high":
        return ()
    uncovered = kinds_without(found.store, group.number)
    asks = {kind: _Ask(kind) for kind in uncovered}
    scores = _scores(found.store, group.number)
    for each, points in _rivals(found, signature, group, scores):
        for need in each.needs:
            if need.kind in asks:
                asks[need.kind].add(each.cause, points)
    deciding = [ask for ask in asks.values() if set(ask.causes) - {group.cause}]
    return tuple(
        _missing(ask, group)
        for ask in sorted(
            deciding, key=lambda each: (-each.points, list(_kinds()).index(each.kind))
        )
    )


def _rivals(
    found: Findings, signature: Signature | None, group: Group, scores: Mapping[str, float]
) -> Iterator[tuple[Signature, int]]:
    """The signatures that a missing log could bring into play, and for how many points."""
    named = {name for name, _ in signature.rivals} if signature else set()
    for each in found.library.signatures:
        if each.explains is None or (signature is None and each.explains != group.symptom):
            continue
        unjudged = found.outcomes[each.id].result == "not_evaluable"
        if each.cause == group.cause:
            yield each, _OWN
        elif each.cause in group.ambiguous_with:
            yield each, _AMBIGUOUS
        elif scores.get(each.id, 0) > 0:
            yield each, _MATCHED
        elif unjudged and (signature is None or each.cause in named):
            yield each, _UNJUDGED
        elif signature is None and each.id not in scores:
            yield each, _UNSEEN


def _scores(store: Store, number: int) -> dict[str, float]:
    """The best score of each signature that matches episodes of an incident."""
    return dict(
        store.rows(
            "SELECT c.signature, max(c.score) FROM incident_episode AS i JOIN candidate AS c "
            "ON c.stream = i.stream AND c.episode = i.episode AND c.known "
            "WHERE i.number = ? AND NOT i.follows GROUP BY ALL",
            [number],
        )
    )


def kinds_without(store: Store, number: int) -> list[str]:
    """The kinds of log that cover none of an incident's episodes."""
    covered = {
        row[0]
        for row in store.rows(
            "SELECT DISTINCT v.kind FROM incident_episode AS i JOIN coverage AS v "
            "ON (v.station IS NULL OR v.station = i.affected) "
            "AND i.ts <= v.to_ts + INTERVAL 1 HOUR AND i.end_ts >= v.from_ts - INTERVAL 1 HOUR "
            "WHERE i.number = ?",
            [number],
        )
    }
    return [kind for kind in _kinds() if kind not in covered]


def _missing(ask: _Ask, group: Group) -> MissingEvidence:
    first, last = group.first_ts - _AROUND, group.last_ts + _AROUND
    decides = tuple(each for each in ask.decides if each != group.cause)
    if group.cause == UNEXPLAINED:
        aim = f"show or exclude {few(decides)}"
    else:
        aim = f"tell {group.cause} from {few(decides)}"
    return MissingEvidence(
        need=f"{_kinds()[ask.kind]['name']} from {shown_time(first)} to {shown_time(last)} UTC",
        would_decide=ask.decides,
        kind=ask.kind,
        from_ts=first,
        to_ts=last,
        points=ask.points * group.episodes,
        sentence=_request(ask.kind, group.stations, (first, last), aim),
    )


def _request(kind: str, stations: Sequence[str], times: tuple[datetime, datetime], aim: str) -> str:
    """What to send, of whom and of when, what for, and how it is got."""
    first, last = times
    known = _kinds()[kind]
    whose = ""
    if known["per_station"] and stations:
        whose = f" of {'one of ' * (len(stations) > 1)}{few(stations)}"
    span = f"{shown_time(first)[:-3]} to {shown_time(last)[:-3]} UTC"
    if last - first > _LONG:
        enough = f"{shown_time(first)[:-3]} to {shown_time(first + 3 * _AROUND)[11:-3]}"
        span += f" (or at least {enough})"
    return f"{known['name']}{whose}, {span}, to {aim} ({known['get']})"


_LONE = """
SELECT v.symptom, k.kind, count(*) AS episodes, min(v.ts) AS first_ts, max(v.end_ts) AS last_ts,
    list(DISTINCT v.station ORDER BY v.station) AS stations
FROM verdict AS v CROSS JOIN (SELECT unnest($kinds) AS kind) AS k
WHERE v.cause IS NULL AND v.station IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM incident_episode AS i
        WHERE i.stream = v.stream AND i.episode = v.episode)
    AND NOT EXISTS (SELECT 1 FROM coverage AS c WHERE c.kind = k.kind
        AND (c.station IS NULL OR c.station = v.station) AND v.ts BETWEEN c.from_ts AND c.to_ts)
GROUP BY v.symptom, k.kind ORDER BY v.symptom, k.kind"""


def next_steps(found: Findings, incidents: Sequence[Incident]) -> tuple[NextStep, ...]:
    """What to send, for incidents that are not sure and for episodes that nothing explains."""
    steps = [
        NextStep(each.sentence, each.kind, (incident.id,), incident.episodes, each.points)
        for incident in incidents
        for each in incident.missing_evidence
    ]
    steps += _lone_steps(found)
    return tuple(sorted(steps, key=lambda each: -each.points))


def _lone_steps(found: Findings) -> Iterator[NextStep]:
    for row in found.store.records(_LONE, {"kinds": list(_kinds())}):
        ask = _Ask(row["kind"])
        for each in found.library.signatures:
            if each.explains == row["symptom"] and ask.kind in [need.kind for need in each.needs]:
                unjudged = found.outcomes[each.id].result == "not_evaluable"
                ask.add(each.cause, _UNJUDGED if unjudged else _UNSEEN)
        if ask.causes:
            first, last = row["first_ts"] - _AROUND, row["last_ts"] + _AROUND
            aim = f"show or exclude {few(ask.decides)}"
            sentence = _request(ask.kind, row["stations"], (first, last), aim)
            yield NextStep(sentence, ask.kind, (), row["episodes"], ask.points * row["episodes"])


def reasons_for(store: Store, outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes, those that could not be judged with the true reason for each kind of log."""
    counts: dict[str, dict[str, int]] = {}
    for kind, path, events in store.rows(
        "SELECT s.kind, s.path, (SELECT count(*) FROM event AS e WHERE e.source_id = s.source_id) "
        "FROM source AS s ORDER BY s.source_id"
    ):
        counts.setdefault(kind, {})[path] = events
    return tuple(
        replace(each, why="; ".join(_reason(kind, counts.get(kind, {})) for kind in each.missing))
        if each.result == "not_evaluable"
        else each
        for each in outcomes
    )


def _reason(kind: str, sources: Mapping[str, int]) -> str:
    if not sources:
        return f"no {kind} log"
    silent = [path for path, events in sources.items() if not events]
    if len(silent) == len(sources):
        are = "is" if len(silent) == 1 else "are"
        return f"{few(silent)} {are} empty or not readable"
    return f"the {kind} logs do not cover enough time"
