"""What incidents are built from, and what the matches behind one have in common.

Reads: incident_episode, candidate, the tables of streams, the library. Feeds: incidents, rivals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocpp_forensics.dsl.catalogue import Stream, facts
from ocpp_forensics.dsl.check import placeholders
from ocpp_forensics.dsl.library import Library
from ocpp_forensics.dsl.resolve import Names, anchor_of, fields_in
from ocpp_forensics.dsl.tree import Condition, Signature
from ocpp_forensics.model import Outcome
from ocpp_forensics.store import Store

__all__ = [
    "Findings", "anchor_stream", "fact_keys", "fact_places", "held_shares", "typical_of",
    "typical_values",
]  # fmt: skip


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


def anchor_stream(signature: Signature) -> Stream:
    """The stream whose rows are the matches of a signature."""
    return Names(signature).bases(anchor_of(signature.match).source)[0]


_OF_INCIDENT = """
SELECT c.* FROM incident_episode AS i
JOIN candidate AS c ON c.stream = i.stream AND c.episode = i.episode AND c.known
WHERE i.number = ? AND c.signature = ?"""


def typical_values(store: Store, signature: Signature, number: int) -> dict[str, Any]:
    """Typical values of the fields that a signature quotes, over the episodes of an incident."""
    return typical_of(store, signature, _OF_INCIDENT, [number, signature.id])


def typical_of(
    store: Store, signature: Signature, candidates: str, parameters: Sequence[object]
) -> dict[str, Any]:
    """Typical values of the fields that a signature quotes, over some of its candidates."""
    texts = [signature.title, *(each.sentence for each in signature.weights)]
    names = sorted({name for text in texts for name in placeholders(text)})
    stream = anchor_stream(signature)
    known = {**facts(), **stream.fields}
    places = {name: f'{_side(stream, name)}."{name}"' for name in names}
    columns = [
        f"median({place})" if known[name].type == "number" else f"mode({place} ORDER BY {place})"
        for name, place in places.items()
    ]
    if not names:
        return {}
    rows = store.rows(
        f"SELECT {', '.join(columns)} FROM ({candidates}) AS c "
        f"JOIN {stream.table} AS t ON t.{stream.key} = c.row_id "
        "ASOF LEFT JOIN known AS s ON c.station = s.station AND c.ts >= s.from_ts",
        parameters,
    )
    return dict(zip(names, rows[0], strict=True))


def _side(stream: Stream, name: str) -> str:
    return "t" if name in stream.fields else "s"


def fact_keys(signature: Signature, evidence: Condition) -> list[str]:
    """The facts that a piece of evidence asks for, in the order in which it names them."""
    own = anchor_stream(signature).fields
    names = dict.fromkeys(found.name for found in fields_in(evidence))
    return [name for name in names if name in facts() and name not in own]


def fact_places(store: Store, signature: Signature, number: int, keys: Sequence[str]) -> list[str]:
    """Where the facts stand that bear on most of an incident's matches, as path:line."""
    rows = store.rows(
        "SELECT p.path || ':' || line_of(mode(f.event_id ORDER BY f.event_id), any_value(p.glued)) "
        "FROM (SELECT DISTINCT station, ts, unnest(?) AS key "
        f"FROM ({_OF_INCIDENT})) AS c "
        "ASOF JOIN held_fact AS f "
        "ON c.station = f.station AND c.key = f.key AND c.ts >= f.from_ts "
        "JOIN part AS p ON p.part_id = f.event_id >> 40 GROUP BY f.key, p.path ORDER BY 1",
        [list(keys), number, signature.id],
    )
    return [row[0] for row in rows]


def held_shares(store: Store, signature: Signature, number: int) -> list[float]:
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
