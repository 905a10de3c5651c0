"""Incidents with their sentences: title, reasons, scope, what was ruled out, what is missing.

Reads: groups of episodes, candidate, coverage, the library. Feeds: the report.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ocpp_forensics.attribution import UNEXPLAINED, Group, cause_title
from ocpp_forensics.dsl.catalogue import facts, streams
from ocpp_forensics.dsl.check import placeholders
from ocpp_forensics.dsl.library import Library
from ocpp_forensics.dsl.resolve import Names, anchor_of
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.model import Evidence, Incident, MissingEvidence, Outcome, RuledOut
from ocpp_forensics.sentences import count_of, duration, fill, shown_time
from ocpp_forensics.store import Store

__all__ = ["Findings", "build_incident"]

_KIND_NAMES = {
    "csms": "the CSMS's log",
    "proxy": "the proxy's log (nginx, HAProxy)",
    "station": "the station's own log",
    "modem": "the modem's or router's log",
    "os": "the station's system log",
}
_SYMPTOMS = {
    "connection_lost": ("lost its connection", "lost their connections", "time"),
    "never_connected": ("could not connect", "could not connect", "outage"),
    "stuck_station": ("could not charge", "could not charge", "time"),
    "fleet_reconnect": ("came back at once", "came back at once", "wave"),
}


@dataclass(frozen=True, slots=True)
class Findings:
    """What incidents are built from."""

    store: Store
    library: Library
    outcomes: Mapping[str, Outcome]
    stations: int

    def of_cause(self, cause: str) -> list[Signature]:
        """The signatures that conclude a cause."""
        return [each for each in self.library.signatures if each.cause == cause]

    def signature(self, name: str | None) -> Signature | None:
        """A signature by id."""
        return next((each for each in self.library.signatures if each.id == name), None)


def build_incident(found: Findings, group: Group, evidence: Sequence[Evidence]) -> Incident:
    """One incident with everything that is said about it."""
    group = replace(group, stations=_with_sharers(found, group))
    signature = found.signature(group.signature)
    values = _values(found.store, signature, group.number) if signature else {}
    scope = _scope(found, group)
    cause = cause_title(group.cause)
    return Incident(
        id=f"I{group.number}",
        cause=group.cause,
        variant=group.variant,
        title=fill(signature.title, values) if signature else cause,
        severity=group.severity,
        confidence=_confidence(group),
        symptom=group.symptom,
        scope=scope,
        stations=group.stations,
        first_ts=group.first_ts,
        last_ts=group.last_ts,
        episodes=group.episodes,
        occurrences=group.occurrences,
        down_s=group.down_s,
        summary=_summary(found, group, scope),
        owner=signature.owner if signature else "operator",
        first_check=signature.first_check if signature else _first_check(found, group),
        fix=signature.fixes if signature else (),
        signature=signature.id if signature else "",
        score=group.score,
        reasons=tuple(_reasons(found, signature, group, values)) if signature else (),
        evidence=tuple(evidence),
        ruled_out=tuple(_ruled_out(found, signature, group)),
        missing_evidence=_missing(found, signature, group),
        ambiguous_with=group.ambiguous_with,
        references=signature.references if signature else (),
    )


def _confidence(group: Group) -> str:
    if group.ambiguous_with or group.cause == UNEXPLAINED:
        return "low"
    if group.score >= 7 and group.margin >= 3:
        return "high"
    return "medium" if group.score >= 5 and group.margin >= 2 else "low"


def _with_sharers(found: Findings, group: Group) -> tuple[str, ...]:
    """The stations of an incident and those that share what it hangs on (a client address)."""
    signature = found.signature(group.signature)
    if signature is None or signature.shared_by is None:
        return group.stations
    stream = _table(signature)
    rows = found.store.rows(
        f"WITH value AS (SELECT t.{signature.shared_by} AS value FROM incident_episode AS i "
        f"JOIN candidate AS c ON c.stream = i.stream AND c.episode = i.episode "
        f"JOIN {stream.table} AS t ON t.{stream.key} = c.row_id "
        "WHERE i.number = $number AND c.signature = $signature), "
        "typical AS (SELECT value FROM value GROUP BY value "
        "HAVING count(*) >= 0.5 * (SELECT count(*) FROM value)) "
        f"SELECT DISTINCT station FROM opened WHERE {signature.shared_by} IN (SELECT value FROM typical) "
        "AND ts BETWEEN $first - INTERVAL 10 MINUTE AND $last + INTERVAL 10 MINUTE",
        {
            "number": group.number, "signature": signature.id,
            "first": group.first_ts, "last": group.last_ts,
        },
    )  # fmt: skip
    return tuple(sorted({*group.stations, *(row[0] for row in rows)}))


def _table(signature: Signature) -> Any:
    return Names(signature).bases(anchor_of(signature.match).source)[0]


def _values(store: Store, signature: Signature, number: int) -> dict[str, Any]:
    """Typical values of the fields that the sentences of a signature quote."""
    texts = [signature.title, *(each.sentence for each in signature.weights)]
    names = sorted({name for text in texts for name in placeholders(text)})
    stream = _table(signature)
    known = {**facts(), **stream.fields}
    columns = [
        f'median({_side(stream, name)}."{name}")'
        if known[name].type in ("number", "integer")
        else f'mode({_side(stream, name)}."{name}")'
        for name in names
    ]
    if not names:
        return {}
    rows = store.rows(
        f"SELECT {', '.join(columns)} FROM incident_episode AS i JOIN candidate AS c "
        "ON c.stream = i.stream AND c.episode = i.episode AND c.known "
        f"JOIN {stream.table} AS t ON t.{stream.key} = c.row_id "
        "LEFT JOIN station AS s ON s.station = c.station "
        "WHERE i.number = ? AND c.signature = ?",
        [number, signature.id],
    )
    return dict(zip(names, rows[0], strict=True))


def _side(stream: Any, name: str) -> str:
    return "t" if name in stream.fields else "s"


def _scope(found: Findings, group: Group) -> str:
    """What the affected stations share that others do not have."""
    size = len(group.stations)
    if size == found.stations and size > 1:
        return "all"
    if size <= 1:
        return "station"
    for name in ("link", "vendor", "model", "firmware"):
        rows = found.store.rows(
            f'SELECT "{name}", count(*), count(*) FILTER (station IN (SELECT unnest($stations))) '
            f'FROM station GROUP BY "{name}"',
            {"stations": list(group.stations)},
        )
        hit = [row for row in rows if row[2]]
        if (
            len(hit) == 1
            and hit[0][0] is not None
            and hit[0][1] == hit[0][2] == size
            and len(rows) > 1
        ):
            return name
    return "stations"


def _summary(found: Findings, group: Group, scope: str) -> str:
    one, many, noun = _SYMPTOMS[group.symptom]
    names = ", ".join(group.stations[:3])
    more = f" and {len(group.stations) - 3} more" if len(group.stations) > 3 else ""
    who = f"{names}{more}" if group.stations else "The fleet"
    what = one if len(group.stations) == 1 else many
    times = f"{count_of(group.episodes, noun)} " if group.episodes > 1 or noun == "time" else ""
    tries = (
        f"({count_of(group.occurrences, 'attempt')}) " if group.occurrences > group.episodes else ""
    )
    when = f"between {shown_time(group.first_ts)} and {shown_time(group.last_ts)} UTC"
    if group.first_ts == group.last_ts:
        when = f"at {shown_time(group.first_ts)} UTC"
    share = f"{len(group.stations)} of {count_of(found.stations, 'station')}"
    common = {"all": "all stations", "station": share, "stations": share}.get(
        scope, f"{share}, all that share a {scope}"
    )
    down = f", {duration(group.down_s)} offline in all" if group.down_s >= 1 else ""
    return f"{who} {what} {times}{tries}{when} ({common}{down})."


def _first_check(found: Findings, group: Group) -> str:
    return "Send the logs named under missing evidence for the time of the first episode"


def _reasons(
    found: Findings, signature: Signature, group: Group, values: Mapping[str, Any]
) -> Iterator[str]:
    """The sentences of the weights that hold for at least half of the matches."""
    held = _held(found.store, signature, group.number)
    for weight, share in zip(signature.weights, held, strict=True):
        if share >= 0.5:
            yield f"{weight.points:+d} {fill(weight.sentence, values)}"


def _held(store: Store, signature: Signature, number: int) -> list[float]:
    """For each weight of a signature the share of an incident's matches for which it holds."""
    if not signature.weights:
        return []
    columns = ", ".join(
        f"coalesce(avg(coalesce(c.holds[{n}], false)::INTEGER), 0)"
        for n in range(1, len(signature.weights) + 1)
    )
    rows = store.rows(
        f"SELECT {columns} FROM incident_episode AS i JOIN candidate AS c "
        "ON c.stream = i.stream AND c.episode = i.episode AND c.known "
        "WHERE i.number = ? AND c.signature = ?",
        [number, signature.id],
    )
    return [float(share) for share in rows[0]]


def _ruled_out(found: Findings, signature: Signature | None, group: Group) -> Iterator[RuledOut]:
    """Rivals that were looked at and lost, and why."""
    scores = dict(
        found.store.rows(
            "SELECT c.signature, max(c.score) FROM incident_episode AS i JOIN candidate AS c "
            "ON c.stream = i.stream AND c.episode = i.episode AND c.known "
            "WHERE i.number = ? GROUP BY ALL",
            [group.number],
        )
    )
    named = [name for name, _ in signature.rivals] if signature else []
    scored = [each.cause for each in found.library.signatures if each.id in scores]
    for cause in dict.fromkeys([*named, *scored]):
        if cause == group.cause or cause in group.ambiguous_with:
            continue
        why = _why_not(found, cause, scores, group)
        if why:
            yield RuledOut(cause, why)


def _why_not(found: Findings, cause: str, scores: Mapping[str, int], group: Group) -> str | None:
    candidates = found.of_cause(cause)
    best = max(
        (each for each in candidates if each.id in scores), key=lambda s: scores[s.id], default=None
    )
    if best is not None:
        held = _held(found.store, best, group.number)
        values = _values(found.store, best, group.number)
        against = [
            fill(weight.sentence, values)
            for weight, share in zip(best.weights, held, strict=True)
            if share >= 0.5 and weight.points < 0
        ]
        score = f"score {scores[best.id]} against {group.score:g}"
        return f"{'; '.join(against)} ({score})" if against else f"explains it less well ({score})"
    evaluated = [each for each in candidates if found.outcomes[each.id].result != "not_evaluable"]
    for each in evaluated:
        if not any(
            _uncovered(found, group, [need.kind]) for need in each.needs if not need.optional
        ):
            return each.ruled_out
    return None


def _missing(
    found: Findings, signature: Signature | None, group: Group
) -> tuple[MissingEvidence, ...]:
    """Logs that do not cover the incident and would decide between it and its rivals."""
    rivals = [name for name, _ in signature.rivals] if signature else []
    rivals += list(group.ambiguous_with)
    wanted: dict[str, list[str]] = {}
    if signature is not None:
        for need in signature.needs:
            wanted.setdefault(need.kind, []).append(group.cause)
    candidates: Iterable[Signature] = (
        each
        for each in found.library.signatures
        if (each.cause in rivals if signature else each.explains == group.symptom)
    )
    for each in candidates:
        for need in each.needs:
            wanted.setdefault(need.kind, []).append(each.cause)
    missing = _uncovered(found, group, sorted(wanted))
    span = f"{shown_time(group.first_ts)} to {shown_time(group.last_ts)} UTC"
    return tuple(
        MissingEvidence(f"{_KIND_NAMES[kind]} from {span}", tuple(dict.fromkeys(wanted[kind])))
        for kind in missing
        if set(wanted[kind]) - {group.cause}
    )


def _uncovered(found: Findings, group: Group, kinds: Sequence[str]) -> list[str]:
    """The kinds of log that cover none of an incident's episodes."""
    covered = {
        row[0]
        for row in found.store.rows(
            "SELECT DISTINCT v.kind FROM incident_episode AS i JOIN coverage AS v "
            "ON (v.station IS NULL OR v.station = i.affected) "
            "AND i.ts <= v.to_ts + INTERVAL 1 HOUR AND i.end_ts >= v.from_ts - INTERVAL 1 HOUR "
            "WHERE i.number = ?",
            [group.number],
        )
    }
    return [kind for kind in kinds if kind not in covered]


def stream_symptom(name: str) -> str | None:
    """The symptom that the rows of a stream stand for."""
    return streams()[name].symptom
