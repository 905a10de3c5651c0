"""Incidents with their sentences: title, reasons, scope, what was ruled out, what is missing.

Reads: groups of episodes, candidate, coverage, the library. Feeds: the report.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ocpp_forensics.attribution import Group, cause_title
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.endings import ending_of
from ocpp_forensics.findings import (
    Findings,
    anchor_stream,
    fact_keys,
    fact_places,
    held_shares,
    typical_values,
)
from ocpp_forensics.missing import missing_evidence
from ocpp_forensics.missing_checks import missing_checks
from ocpp_forensics.model import ChainLink, Ending, Evidence, Incident, MissingEvidence, Scope
from ocpp_forensics.rivals import ruled_out
from ocpp_forensics.scope import scope_of
from ocpp_forensics.sentences import count_of, duration, fill, shown_time

__all__ = ["build_incident"]

_SYMPTOMS = {
    "connection_lost": ("lost its connection", "lost their connections", ""),
    "never_connected": ("could not connect", "could not connect", "outage"),
    "stuck_station": ("could not charge", "could not charge", ""),
    "fleet_reconnect": ("came back at once", "came back at once", "wave"),
    "application_trouble": ("had trouble while connected", "had trouble while connected", ""),
}

_SEND_MORE = "Send the logs named under what to send next"


def build_incident(
    found: Findings, group: Group, evidence: Sequence[Evidence], place: int
) -> Incident:
    """One incident with everything that is said about it; `place` is its place in the report."""
    ending = ending_of(found.store, group)
    group = replace(group, stations=_with_sharers(found, group))
    signature = found.signature(group.signature)
    values = typical_values(found.store, signature, group.number) if signature else {}
    scope = scope_of(found.store, group.stations)
    cause = cause_title(group.cause)
    return Incident(
        id=f"I{place}",
        cause=group.cause,
        variant=group.variant,
        title=fill(signature.title, values) if signature else cause,
        severity=group.severity,
        confidence=group.confidence,
        symptom=group.symptom,
        scope=scope.trait,
        stations=group.stations,
        first_ts=group.first_ts,
        last_ts=group.last_ts,
        episodes=group.episodes,
        occurrences=group.occurrences,
        down_s=group.down_s,
        summary=" ".join([_summary(group, scope), *_rhythms(ending)]),
        owner=signature.owner if signature else "operator",
        first_check=signature.first_check if signature else _SEND_MORE,
        fix=_fixes(found, signature, group),
        signature=signature.id if signature else "",
        score=group.score,
        reasons=tuple(_reasons(found, signature, group, values)) if signature else (),
        evidence=tuple(evidence),
        ruled_out=tuple(ruled_out(found, signature, group)),
        missing_evidence=_missing(found, signature, group),
        ambiguous_with=group.ambiguous_with,
        references=signature.references if signature else (),
        ending=ending,
        scope_detail=scope,
        chain=_chain(found, group),
        runner_up=group.runner_up,
        margin=group.margin,
    )


def _fixes(found: Findings, signature: Signature | None, group: Group) -> tuple[str, ...]:
    """What mends the cause, then what mends its consequences."""
    later = [found.signature(name) for name in group.followers]
    everyone = [each for each in (signature, *later) if each]
    return tuple(dict.fromkeys(fix for each in everyone for fix in each.fixes))


def _chain(found: Findings, group: Group) -> tuple[ChainLink, ...]:
    """The causes that led to each other, the root first; empty where there is but one."""
    rows = found.store.records(
        "SELECT * FROM incident_chain WHERE number = ? ORDER BY place, first_ts, cause",
        [group.number],
    )
    return tuple(
        ChainLink(
            cause=row["cause"],
            symptom=row["symptom"],
            episodes=row["episodes"],
            stations=tuple(row["stations"] or ()),
            first_ts=row["first_ts"],
            last_ts=row["last_ts"],
        )
        for row in rows
    )


def _rhythms(ending: Ending | None) -> Iterator[str]:
    """The lengths of time after which the connections ended, as sentences."""
    for each in ending.rhythms if ending else ():
        yield f"{each.sentence}."


def _with_sharers(found: Findings, group: Group) -> tuple[str, ...]:
    """The stations of an incident and those that share what it hangs on (a client address)."""
    signature = found.signature(group.signature)
    if signature is None or signature.shared_by is None:
        return group.stations
    stream = anchor_stream(signature)
    rows = found.store.rows(
        f"WITH value AS (SELECT t.{signature.shared_by} AS value FROM incident_episode AS i "
        "JOIN candidate AS c ON c.stream = i.stream AND c.episode = i.episode "
        f"JOIN {stream.table} AS t ON t.{stream.key} = c.row_id "
        "WHERE i.number = $number AND c.signature = $signature), "
        "typical AS (SELECT value FROM value GROUP BY value "
        "HAVING count(*) >= 0.5 * (SELECT count(*) FROM value)) "
        "SELECT DISTINCT station FROM opened "
        f"WHERE {signature.shared_by} IN (SELECT value FROM typical) "
        "AND ts BETWEEN $first - INTERVAL 10 MINUTE AND $last + INTERVAL 10 MINUTE",
        {
            "number": group.number, "signature": signature.id,
            "first": group.first_ts, "last": group.last_ts,
        },
    )  # fmt: skip
    return tuple(sorted({*group.stations, *(row[0] for row in rows)}))


def _missing(
    found: Findings, signature: Signature | None, group: Group
) -> tuple[MissingEvidence, ...]:
    """The logs and the checks that would decide, the most deciding first."""
    asked = (
        *missing_checks(found, group),
        *missing_evidence(found, signature, group),
    )
    return tuple(sorted(asked, key=lambda each: -each.points))


def _summary(group: Group, scope: Scope) -> str:
    one, many, noun = _SYMPTOMS[group.symptom]
    names = ", ".join(group.stations[:3])
    more = f" and {len(group.stations) - 3} more" if len(group.stations) > 3 else ""
    who = f"{names}{more}" if group.stations else "The fleet"
    what = one if len(group.stations) == 1 else many
    times = ""
    if group.episodes > 1:
        times = f"in {count_of(group.episodes, noun)} " if noun else f"{group.episodes} times "
    tries = (
        f"({count_of(group.occurrences, 'attempt')}) " if group.occurrences > group.episodes else ""
    )
    first, last = shown_time(group.first_ts), shown_time(group.last_ts)
    when = f"at {first} UTC" if first == last else f"between {first} and {last} UTC"
    down = f", {duration(group.down_s)} offline in all" if group.down_s >= 1 else ""
    return f"{who} {what} {times}{tries}{when} ({scope.sentence}{down})."


def _reasons(
    found: Findings, signature: Signature, group: Group, values: Mapping[str, Any]
) -> Iterator[str]:
    """The sentences of the weights that hold for at least half of the matches, with their facts."""
    held = held_shares(found.store, signature, group.number)
    for weight, share in zip(signature.weights, held, strict=True):
        if share >= 0.5:
            keys = fact_keys(signature, weight.evidence)
            places = fact_places(found.store, signature, group.number, keys) if keys else []
            told = f" ({', '.join(places)})" if len(places) in {1, 2} else ""
            yield f"{weight.points:+d} {fill(weight.sentence, values)}{told}"
