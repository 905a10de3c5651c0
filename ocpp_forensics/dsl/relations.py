"""The relations that one signature draws from, and how they meet in time.

Reads: a checked signature, the catalogue. Feeds: the patterns and the compiler. Window ends are
inclusive; equal instants are ordered by `ord`; nulls never join.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.dsl.catalogue import Stream
from ocpp_forensics.dsl.condition_sql import condition_sql, micros
from ocpp_forensics.dsl.resolve import Names, fields_in, presences_in, refs_of
from ocpp_forensics.vocabulary import SQL_TYPES

__all__ = ["Relations"]

_CORE = ("row_id", "ord", "ts", "station", "event_id", "fleet", "episode")


@dataclass(slots=True)
class Relations:
    """Builds the common table expressions of one signature in the order in which they depend."""

    signature: ast.Signature
    names: Names
    parts: list[str] = field(default_factory=list)

    def add(self, name: str, sql: str, *, materialized: bool = False) -> str:
        """Add a common table expression and give its name."""
        hint = "MATERIALIZED " if materialized else ""
        self.parts.append(f'"{name}" AS {hint}({sql})')
        return name

    def declare(self) -> None:
        """Add the streams that the signature declares itself."""
        for stream in self.signature.streams:
            self.add(stream.name, self.union(stream.name))

    def columns(self) -> dict[str, str]:
        """Every field that the signature uses anywhere on a stream, with its SQL type."""
        judged = self.signature.evidence
        near = [found.ref for each in judged for found in presences_in(each)]
        refs = [*refs_of(self.signature.match), *near]
        sources = [each.source for each in refs]
        typed = {
            name: SQL_TYPES[each.type]
            for source in sources
            for name, each in self.names.fields(source).items()
        }
        parts: list[ast.Condition | None] = [each.condition for each in self.signature.streams]
        parts += [each.condition for each in refs_of(self.signature.match)]
        parts += judged
        used = {found.name for part in parts for found in fields_in(part)}
        if isinstance(self.signature.match, ast.Counted) and self.signature.match.distinct:
            used.add(self.signature.match.distinct)
        if self.signature.scope not in ("station", "fleet"):
            used.add(self.signature.scope)
        return {name: typed[name] for name in sorted(used - set(_CORE)) if name in typed}

    def _base(self, stream: Stream) -> str:
        columns = [
            f'"{name}"' if name in stream.fields else f'NULL::{sql_type} AS "{name}"'
            for name, sql_type in self.columns().items()
        ]
        fleet = "true" if stream.scope == "fleet" else "false"
        fixed = [
            f"{stream.key} AS row_id", "ord", "ts",
            "NULL::VARCHAR AS station" if stream.scope == "fleet" else "station",
            "NULL::BIGINT AS event_id" if stream.table == "wave" else "event_id",
            f"{fleet} AS fleet", f"{stream.episode or 'NULL::BIGINT'} AS episode",
        ]  # fmt: skip
        where = f" WHERE action = '{stream.name}'" if stream.is_event else ""
        return f"SELECT {', '.join([*fixed, *columns])} FROM main.{stream.table}{where}"

    def source(self, name: str) -> str:
        """A stream as a relation."""
        if self.names.declared(name):
            return f'SELECT * FROM "{name}"'
        (base,) = self.names.bases(name)
        return self._base(base)

    def union(self, name: str) -> str:
        """A stream that the signature declares itself, from its sources."""
        stream = self.names.declared(name)
        assert stream is not None
        text = " UNION ALL ".join(self.source(source) for source, _ in stream.sources)
        if stream.condition is None:
            return text
        return f"SELECT * FROM ({text}) WHERE {condition_sql(stream.condition)}"

    def ref(self, ref: ast.Ref, name: str) -> str:
        """Add the rows of a stream that fulfil what the pattern asks of them."""
        where = f" WHERE {condition_sql(ref.condition)}" if ref.condition else ""
        return self.add(name, f"SELECT * FROM ({self.source(ref.source)}){where}")

    def keys(self, ref: ast.Ref, *, any_station: bool = False) -> list[tuple[str, str]]:
        """How the rows of a stream meet an anchor: (condition on them, equality) for each kind."""
        key = self.signature.scope
        if any_station or key == "fleet":
            return [("true", "")]
        scopes = {base.scope for base in self.names.bases(ref.source)}
        joined = [("NOT fleet", f'a."{key}" = r."{key}" AND ')] if "station" in scopes else []
        return [*joined, ("fleet", "")] if "fleet" in scopes else joined

    def nearest(
        self, anchor: str, relation: str, keys: Sequence[tuple[str, str]], order: str
    ) -> str:
        """For each anchor row the nearest row before (`>`) or after (`<`) it.

        Shape: at most one row per anchor row and key: n, event_id, r_ord, gap_us.
        """
        return " UNION ALL ".join(
            "SELECT a.n, r.event_id, r.ord AS r_ord, "
            "abs(epoch_us(a.ts) - epoch_us(r.ts)) AS gap_us "
            f"FROM {anchor} AS a ASOF JOIN (SELECT * FROM {relation} WHERE {which}) AS r "
            f"ON {equal}a.ord {order} r.ord"
            for which, equal in keys
        )

    def around(
        self, relation: str, keys: Sequence[tuple[str, str]], within_s: float, anchor: str,
        orders: str = "><",
    ) -> str:  # fmt: skip
        """For each anchor row the nearest row of a relation inside the window: n, event_id."""
        text = " UNION ALL ".join(self.nearest(anchor, relation, keys, order) for order in orders)
        return (
            f"SELECT n, arg_min(event_id, gap_us) AS event_id, true AS found FROM ({text}) "
            f"WHERE gap_us <= {micros(within_s)} GROUP BY n"
        )

    def covered(self, ref: ast.Ref, before_s: float, after_s: float, alias: str) -> str:
        """Whether a log that could tell of a stream covers the time around a row."""
        kinds = sorted({kind for base in self.names.bases(ref.source) for kind in base.kinds})
        listed = ", ".join(f"'{kind}'" for kind in kinds)
        begin = f"{alias}.ts - to_microseconds({micros(before_s)})"
        end = f"{alias}.ts + to_microseconds({micros(after_s)})"
        covered = (
            f"EXISTS (SELECT 1 FROM main.coverage AS v WHERE v.kind IN ({listed}) "
            f"AND (v.station IS NULL OR v.station = {alias}.station) "
            f"AND v.from_ts <= {begin} AND v.to_ts >= {end})"
        )
        if not any(base.framed for base in self.names.bases(ref.source)):
            return covered
        return (
            f"({covered} AND NOT EXISTS (SELECT 1 FROM main.hole AS h WHERE h.what = 'frames' "
            f"AND h.kind IN ({listed}) AND coalesce(h.station = {alias}.station, true) "
            f"AND h.from_ts < {end} AND h.to_ts > {begin}))"
        )

    def partition(self) -> str:
        """How window functions keep the stations (or what the pattern goes by) apart."""
        key = self.signature.scope
        return "" if key == "fleet" else f'PARTITION BY "{key}" '
