"""A signature as one DuckDB query: its matches, what speaks for and against each, its variant.

Reads: a checked signature. Feeds: the engine. The query's columns are row_id (key of the anchor's
table), episode, ts, station, event_id, known (false: absence could not be judged), proof (event_id
of the pattern's other part), holds (a boolean for each weight, null where it could not be judged),
proofs (an event_id for each weight) and variant.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.dsl.catalogue import facts
from ocpp_forensics.dsl.condition_sql import condition_sql
from ocpp_forensics.dsl.patterns import pattern_sql
from ocpp_forensics.dsl.relations import Relations
from ocpp_forensics.dsl.resolve import Names, anchor_of

__all__ = ["anchor_query", "compile_signature"]


def compile_signature(signature: ast.Signature) -> str:
    """The query that finds the matches of one signature."""
    return _Query(signature, Relations(signature, Names(signature))).text()


def anchor_query(signature: ast.Signature) -> str:
    """The query that finds the rows that can be matches: those of the pattern's anchor."""
    relations = Relations(signature, Names(signature))
    relations.declare()
    relations.ref(anchor_of(signature.match), "subject")
    return f"WITH {', '.join(relations.parts)} SELECT * FROM subject"


@dataclass(slots=True)
class _Query:
    """One signature's query; `count` is the number of looks around that its evidence needs."""

    signature: ast.Signature
    relations: Relations
    count: int = 0

    def text(self) -> str:
        """The whole query."""
        self.relations.declare()
        self._matched()
        self._anchored()
        holds, proofs = self._weights([each.evidence for each in self.signature.weights])
        variant = self._variant()
        joins = " ".join(f"LEFT JOIN near{n} USING (n)" for n in range(self.count))
        return (
            f"WITH {', '.join(self.relations.parts)} "
            "SELECT row_id, coalesce(episode, row_id) AS episode, "
            f"ts, station, event_id, known, proof, [{', '.join(holds)}]::BOOLEAN[] AS holds, "
            f"[{', '.join(proofs)}]::BIGINT[] AS proofs, {variant} AS variant "
            f"FROM anchored {joins} ORDER BY ord, row_id"
        )

    def _matched(self) -> None:
        """Add the rows that the pattern keeps."""
        self.relations.ref(anchor_of(self.signature.match), "subject")
        key = self.signature.scope
        some = "" if key == "fleet" else f' WHERE "{key}" IS NOT NULL'
        self.relations.add(
            "anchor", f"SELECT row_number() OVER () AS n, * FROM subject{some}", materialized=True
        )
        self.relations.add("matched", pattern_sql(self.relations, self.signature.match))

    def _anchored(self) -> None:
        """Add what is known of the station at that moment and keep what `given` asks for."""
        own = self.relations.columns()
        columns = [
            f'coalesce(m."{name}", f."{name}") AS "{name}"' if name in own else f'f."{name}"'
            for name in facts()
        ]
        hidden = [f'"{name}"' for name in facts() if name in own]
        kept = f"m.* EXCLUDE ({', '.join(hidden)})" if hidden else "m.*"
        given = self.signature.given
        where = f" WHERE {condition_sql(given)}" if given else ""
        self.relations.add(
            "anchored",
            f"SELECT * FROM (SELECT {', '.join([kept, *columns])} FROM matched AS m "
            "ASOF LEFT JOIN main.known AS f ON m.station = f.station AND m.ts >= f.from_ts)"
            f"{where}",
            materialized=True,
        )

    def _variant(self) -> str:
        """SQL of the name of the first variant whose evidence holds."""
        marks, _ = self._weights([each.evidence for each in self.signature.variants])
        if not marks:
            return "NULL::VARCHAR"
        cases = zip(marks, self.signature.variants, strict=True)
        arms = " ".join(f"WHEN {mark} THEN '{each.name}'" for mark, each in cases)
        return f"CASE {arms} END"

    def _weights(self, judged: Sequence[ast.Condition]) -> tuple[list[str], list[str]]:
        """SQL of whether each evidence holds, and of the event that shows it."""
        holds: list[str] = []
        proofs: list[str] = []
        for evidence in judged:
            first = self.count
            holds.append(condition_sql(self._lowered(evidence)))
            shown = [f"event{number}" for number in range(first, self.count)]
            proofs.append(f"coalesce({', '.join([*shown, 'NULL'])})")
        return holds, proofs

    def _lowered(self, node: ast.Condition) -> ast.Condition:
        """Evidence with every look around replaced by a column that holds its answer."""
        if isinstance(node, ast.Presence):
            return ast.Field(self._presence(node), node.span)
        if isinstance(node, ast.Not):
            return replace(node, condition=self._lowered(node.condition))
        if isinstance(node, ast.Binary) and not isinstance(node.right, str | tuple | None):
            return replace(node, left=self._lowered(node.left), right=self._lowered(node.right))
        return node

    def _presence(self, presence: ast.Presence) -> str:
        """Add a relation that answers for every match whether a stream is near it."""
        number = self.count
        self.count += 1
        relation = self.relations.ref(presence.ref, f"seen{number}")
        keys = self.relations.keys(presence.ref, any_station=presence.any_station)
        orders = {"before": ">", "after": "<", "around": "><"}[presence.position]
        near = self.relations.around(relation, keys, presence.within_s, "anchored", orders)
        answer = "coalesce(found, false)"
        if presence.absent:
            before = 0.0 if presence.position == "after" else presence.within_s
            after = 0.0 if presence.position == "before" else presence.within_s
            covered = self.relations.covered(presence.ref, before, after, "a")
            answer = f"CASE WHEN found THEN false WHEN {covered} THEN true END"
        self.relations.add(
            f"near{number}",
            f"SELECT n, o.event_id AS event{number}, {answer} AS found{number} "
            f"FROM anchored AS a LEFT JOIN ({near}) AS o USING (n)",
        )
        return f"found{number}"
