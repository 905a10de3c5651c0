"""Matching: every signature against one timeline.

Reads: the session tables, a library of signatures. Feeds: attribution (table `candidate`).
"""

from collections.abc import Iterable, Sequence

from ocpp_forensics.dsl.catalogue import Stream
from ocpp_forensics.dsl.compiler import compile_signature
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


def create_candidates(store: Store) -> None:
    """Make the table that matching fills: one row per match of a signature."""
    store.execute(_CANDIDATE)


def match_signatures(
    store: Store, signatures: Iterable[Signature], watch: Watch | None = None
) -> tuple[Outcome, ...]:
    """Match all signatures; the rows of `candidate` are their matches."""
    watch = watch or Watch()
    create_candidates(store)
    covered = {row[0] for row in store.rows("SELECT DISTINCT kind FROM coverage")}
    present: dict[str, bool] = {}
    outcomes = []
    for signature in signatures:
        outcomes.append(_match(store, signature, covered, present))
        watch.lap(signature.id)
    return tuple(outcomes)


def _match(
    store: Store, signature: Signature, covered: set[str], present: dict[str, bool]
) -> Outcome:
    needed = [need.kind for need in signature.needs if not need.optional]
    missing = tuple(kind for kind in needed if kind not in covered)
    if missing:
        return Outcome(signature.id, "not_evaluable", missing)
    stream = anchor_of(signature.match).source
    bases = Names(signature).bases(stream)
    if not any(_has_rows(store, base, present) for base in bases):
        return Outcome(signature.id, "no_match")
    store.execute(
        f"INSERT INTO candidate BY NAME SELECT *, $signature AS signature, $stream AS stream, "
        f"{_score(signature)} AS score FROM ({compile_signature(signature)})",
        {"signature": signature.id, "stream": bases[0].table},
    )
    counts = store.rows(
        "SELECT count(*) FILTER (known), count(*) FILTER (NOT known) FROM candidate "
        "WHERE signature = ?",
        [signature.id],
    )
    matches, unknown = counts[0]
    if matches:
        return Outcome(signature.id, "match")
    if unknown:
        return Outcome(signature.id, "not_evaluable", _absence_kinds(signature))
    return Outcome(signature.id, "no_match")


def _has_rows(store: Store, base: Stream, known: dict[str, bool]) -> bool:
    """Whether a stream has any rows: planning a query costs more than running it on nothing."""
    if base.name not in known:
        where = f" WHERE action = '{base.name}'" if base.is_event else ""
        found = store.rows(f"SELECT 1 FROM main.{base.table}{where} LIMIT 1")
        known[base.name] = bool(found)
    return known[base.name]


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
