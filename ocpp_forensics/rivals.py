"""Why an incident has this cause and no other: rivals that lost, and logs that would decide.

Reads: groups of episodes, candidate, coverage, the library. Feeds: incidents.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ocpp_forensics.attribution import Group
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.findings import Findings, held_shares, typical_values
from ocpp_forensics.model import MissingEvidence, RuledOut
from ocpp_forensics.sentences import fill, shown_time

__all__ = ["missing_evidence", "ruled_out"]

_KIND_NAMES = {
    "csms": "the CSMS's log",
    "proxy": "the proxy's log (nginx, HAProxy)",
    "station": "the station's own log",
    "modem": "the modem's or router's log",
    "os": "the station's system log",
}


def ruled_out(found: Findings, signature: Signature | None, group: Group) -> Iterator[RuledOut]:
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
        held = held_shares(found.store, best, group.number)
        values = typical_values(found.store, best, group.number)
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


def missing_evidence(
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
