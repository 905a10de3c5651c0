"""Advice: findings about settings and conformance, apart from incidents.

Reads: candidate, the tables of streams, the library. Feeds: the report. A signature that advises
explains no episode; the stations it speaks of are those with a match of score 3 or more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocpp_forensics.dsl.catalogue import SEVERITIES
from ocpp_forensics.dsl.library import Library
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.evidence import LineRef
from ocpp_forensics.findings import anchor_stream, typical_of
from ocpp_forensics.model import Advice, Evidence
from ocpp_forensics.sentences import count_of, fill
from ocpp_forensics.store import Store

__all__ = ["Finding", "build_advice", "find_advice"]

_ENOUGH = 3
"""The score that a match needs to count."""
_MAX_STATIONS = 3
_MAX_LINES = 8

_COUNTED = f"SELECT * FROM candidate WHERE known AND score >= {_ENOUGH} AND signature = ?"


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of advice before its lines are read: who it concerns, and which lines show it."""

    signature: Signature
    stations: tuple[str, ...]
    matches: int
    lines: tuple[LineRef, ...]


def find_advice(store: Store, library: Library) -> tuple[Finding, ...]:
    """What is to be advised, most important first; of several signatures the widest one speaks."""
    found = [_finding(store, each) for each in library.signatures if each.advice]
    ordered = sorted((each for each in found if each.stations), key=_importance)
    first: dict[str, Finding] = {}
    for finding in ordered:
        first.setdefault(finding.signature.cause, finding)
    return tuple(first.values())


def _importance(finding: Finding) -> tuple[int, int, int, str]:
    severity = SEVERITIES.index(finding.signature.severity)
    return -severity, -len(finding.stations), -finding.matches, finding.signature.id


def _finding(store: Store, signature: Signature) -> Finding:
    rows = store.rows(
        f"SELECT station, count(*) FROM ({_COUNTED}) WHERE station IS NOT NULL "
        "GROUP BY station ORDER BY count(*) DESC, station",
        [signature.id],
    )
    shown = [station for station, _ in rows[:_MAX_STATIONS]]
    return Finding(
        signature,
        tuple(sorted(station for station, _ in rows)),
        sum(matches for _, matches in rows),
        tuple(_lines(store, signature, shown)),
    )


def _lines(store: Store, signature: Signature, stations: Sequence[str]) -> Iterable[LineRef]:
    """The first match of some stations, and what its weights found near it."""
    refs: dict[int, LineRef] = {}
    title = anchor_stream(signature).title
    for row in store.records(
        f"SELECT * FROM ({_COUNTED}) WHERE station IN (SELECT unnest(?)) "
        "QUALIFY row_number() OVER (PARTITION BY station ORDER BY ts, row_id) = 1 "
        "ORDER BY station",
        [signature.id, list(stations)],
    ):
        near = [(row["event_id"], "primary", title), (row["proof"], "supporting", title)]
        near += [
            (event, "supporting" if weight.points > 0 else "contradicting", weight.sentence)
            for weight, held, event in zip(
                signature.weights, row["holds"], row["proofs"], strict=True
            )
            if held
        ]
        for event, role, why in near:
            if event is not None:
                refs.setdefault(event, LineRef(event, role, why))
    return tuple(refs.values())[:_MAX_LINES]


def build_advice(store: Store, finding: Finding, evidence: Iterable[Evidence]) -> Advice:
    """A piece of advice with its sentences filled in."""
    signature = finding.signature
    values = typical_of(store, signature, _COUNTED, [signature.id])
    return Advice(
        id=signature.cause,
        title=fill(signature.title, values),
        severity=signature.severity,
        stations=finding.stations,
        evidence=tuple(evidence),
        summary=f"{count_of(len(finding.stations), 'station')}, "
        f"{count_of(finding.matches, 'finding')}",
        owner=signature.owner,
        first_check=signature.first_check,
        fix=signature.fixes,
        signature=signature.id,
        references=signature.references,
    )
