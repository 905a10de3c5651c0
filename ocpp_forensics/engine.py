"""Matching: every signature against one timeline.

Reads: the session tables, a library of signatures. Feeds: attribution (table `candidate`).
"""

from collections.abc import Sequence

from ocpp_forensics.dsl.compiler import anchor_query, compile_signature
from ocpp_forensics.dsl.resolve import Names, anchor_of
from ocpp_forensics.dsl.tree import Signature
from ocpp_forensics.model import Outcome
from ocpp_forensics.store import Store
from ocpp_forensics.watch import Watch

__all__ = ["create_candidates", "match_signatures"]

_CANDIDATE = """
CREATE OR REPLACE TABLE candidate (
    signature VARCHAR, stream VARCHAR, row_id BIGINT, episode BIGINT, ts TIMESTAMP,
    station VARCHAR, event_id BIGINT, known BOOLEAN, proof BIGINT, holds BOOLEAN[],
    proofs BIGINT[], variant VARCHAR, score INTEGER
)"""

_PARTS = 4
"""Into so many queries the look for what any signature begins with is cut, to be run at once."""

_COUNTS = (
    "SELECT signature, count(*) FILTER (known), count(*) FILTER (NOT known) FROM candidate "
    "GROUP BY signature"
)


def create_candidates(store: Store) -> None:
    """Make the table that matching fills: one row per match of a signature."""
    store.execute(_CANDIDATE)


def match_signatures(
    store: Store, signatures: Sequence[Signature], watch: Watch | None = None
) -> tuple[Outcome, ...]:
    """Match all signatures, several at once; the rows of `candidate` are their matches."""
    watch = watch or Watch()
    create_candidates(store)
    covered = {row[0] for row in store.rows("SELECT DISTINCT kind FROM coverage")}
    missing = {each.id: _missing(each, covered) for each in signatures}
    begun = _begun(store, [each for each in signatures if not missing[each.id]])
    watch.lap("(what any of them begins with)")
    seconds = store.run_beside([_match(each) for each in begun])
    watch.laps |= {each.id: took for each, took in zip(begun, seconds, strict=True)}
    counts = {signature: (matches, unknown) for signature, matches, unknown in store.rows(_COUNTS)}
    return tuple(
        _outcome(each, missing[each.id], *counts.get(each.id, (0, 0))) for each in signatures
    )


def _missing(signature: Signature, covered: set[str]) -> tuple[str, ...]:
    """The kinds of log that a signature needs and the timeline lacks."""
    return tuple(
        need.kind for need in signature.needs if not need.optional and need.kind not in covered
    )


def _begun(store: Store, signatures: Sequence[Signature]) -> list[Signature]:
    """The signatures whose anchor has any rows: to plan a query costs more than to run it."""
    looks = [f"(SELECT '{each.id}' FROM ({anchor_query(each)}) LIMIT 1)" for each in signatures]
    store.execute("CREATE OR REPLACE TABLE scratch.begun (signature VARCHAR)")
    parts = [looks[start::_PARTS] for start in range(min(_PARTS, len(looks)))]
    store.run_beside([f"INSERT INTO begun {' UNION ALL '.join(part)}" for part in parts])
    found = {row[0] for row in store.rows("FROM begun")}
    return [each for each in signatures if each.id in found]


def _match(signature: Signature) -> str:
    (base, *_) = Names(signature).bases(anchor_of(signature.match).source)
    return (
        f"INSERT INTO candidate BY NAME SELECT *, '{signature.id}' AS signature, "
        f"'{base.table}' AS stream, {_score(signature)} AS score "
        f"FROM ({compile_signature(signature)})"
    )


def _outcome(signature: Signature, missing: tuple[str, ...], matches: int, unknown: int) -> Outcome:
    if missing:
        return Outcome(signature.id, "not_evaluable", missing)
    if unknown and not matches:
        return Outcome(signature.id, "not_evaluable", _absence_kinds(signature))
    return Outcome(signature.id, "match" if matches else "no_match")


def _score(signature: Signature) -> str:
    """The base and every weight that holds, as SQL over `holds`."""
    terms = [
        f"CASE WHEN holds[{number}] THEN {weight.points} ELSE 0 END"
        for number, weight in enumerate(signature.weights, 1)
    ]
    return " + ".join([str(signature.base), *terms])


def _absence_kinds(signature: Signature) -> tuple[str, ...]:
    names = Names(signature)
    missing = getattr(signature.match, "missing", None)
    bases: Sequence[str] = ()
    if missing is not None:
        bases = sorted({kind for base in names.bases(missing.source) for kind in base.kinds})
    return tuple(bases)
