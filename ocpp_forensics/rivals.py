"""Why an incident has this cause and no other: the rivals that lost.

Reads: groups of episodes, candidate, coverage, the library. Feeds: incidents.
"""

from collections.abc import Iterator, Mapping

from ocpp_forensics.attribution import Group
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.findings import Findings, held_shares, typical_values
from ocpp_forensics.missing import kinds_without
from ocpp_forensics.model import RuledOut
from ocpp_forensics.sentences import fill

__all__ = ["ruled_out"]


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
    chain = _chain(found, group)
    named = [name for name, _ in signature.rivals] if signature else []
    scored = [each.cause for each in found.library.signatures if each.id in scores]
    for cause in dict.fromkeys([*named, *scored]):
        if cause == group.cause or cause in group.ambiguous_with or cause in chain:
            continue
        why = _why_not(found, cause, scores, group)
        if why:
            yield RuledOut(cause, why)


def _chain(found: Findings, group: Group) -> set[str]:
    """The causes that belong to the incident."""
    rows = found.store.rows(
        "SELECT DISTINCT unnest(chain) FROM incident_episode WHERE number = ?", [group.number]
    )
    return {row[0] for row in rows}


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
    # One that asks for a fact says nothing where the fact is not known.
    evaluated = [
        each
        for each in candidates
        if found.outcomes[each.id].result != "not_evaluable" and not each.given
    ]
    without = kinds_without(found.store, group.number)
    for each in evaluated:
        if not any(need.kind in without for need in each.needs if not need.optional):
            return each.ruled_out
    return None
