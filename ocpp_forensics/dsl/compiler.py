"""A signature as one DuckDB query: its matches, what speaks for and against each, its variant.

Reads: a checked signature. Feeds: the engine. The query's columns are row_id (key of the anchor's
table), episode, ts, station, event_id, known (false: absence could not be judged), proof (event_id
of the pattern's other part), holds (a boolean for each weight, null where it could not be judged),
proofs (an event_id for each weight) and variant.

Semantics: window ends are inclusive; equal instants are ordered by `ord`; nulls never join; `then`
pairs each end with the latest start that no `until` follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.dsl.catalogue import Stream, facts
from ocpp_forensics.dsl.resolve import Names, anchor_of, fields_in, presences_in, refs_of
from ocpp_forensics.vocabulary import SQL_TYPES

__all__ = ["compile_signature"]

_CORE = ("row_id", "ord", "ts", "station", "event_id", "fleet", "episode")


def compile_signature(signature: ast.Signature) -> str:
    """The query that finds the matches of one signature."""
    return _Query(signature, Names(signature)).text()


def condition_sql(condition: ast.Condition) -> str:
    """A condition as SQL over the columns of its row."""
    match condition:
        case ast.Literal(value=value):
            return _literal(value)
        case ast.Field(name=name):
            return f'"{name}"'
        case ast.Not(condition=inner):
            return f"(NOT {condition_sql(inner)})"
    left = condition_sql(condition.left)
    match condition.operator, condition.right:
        case "is", word:
            return f"({left} IS {'NOT ' if word == 'known' else ''}NULL)"
        case "matches", str(pattern):
            return f"regexp_matches({left}, {_literal(pattern)})"
        case "in", tuple(members):
            return f"({left} IN ({', '.join(_literal(each.value) for each in members)}))"
        case operator, ast.Literal() | ast.Field() | ast.Binary() | ast.Not() as right:
            return f"({left} {operator} {condition_sql(right)})"
    raise AssertionError(condition)


def _literal(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(int(value)) if value == int(value) else repr(value)


def _micros(seconds: float) -> int:
    return round(seconds * 1_000_000)


@dataclass(slots=True)
class _Query:
    """Builds the common table expressions of one signature in the order in which they depend."""

    signature: ast.Signature
    names: Names
    parts: list[str] = field(default_factory=list)
    count: int = 0

    def text(self) -> str:
        """The whole query."""
        for stream in self.signature.streams:
            self._add(stream.name, self._union(stream.name))
        self._pattern(self.signature.match)
        holds, proofs = self._weights([each.evidence for each in self.signature.weights])
        marks, _ = self._weights([each.evidence for each in self.signature.variants])
        variant = "NULL::VARCHAR"
        if marks:
            cases = zip(marks, self.signature.variants, strict=True)
            arms = " ".join(f"WHEN {mark} THEN '{each.name}'" for mark, each in cases)
            variant = f"CASE {arms} END"
        joins = " ".join(f"LEFT JOIN near{n} USING (n)" for n in range(self.count))
        return (
            f"WITH {', '.join(self.parts)} SELECT row_id, coalesce(episode, row_id) AS episode, "
            f"ts, station, event_id, known, proof, [{', '.join(holds)}]::BOOLEAN[] AS holds, "
            f"[{', '.join(proofs)}]::BIGINT[] AS proofs, {variant} AS variant "
            f"FROM anchored {joins} ORDER BY ord, row_id"
        )

    def _add(self, name: str, sql: str, materialized: bool = False) -> str:
        hint = "MATERIALIZED " if materialized else ""
        self.parts.append(f'"{name}" AS {hint}({sql})')
        return name

    # Streams

    def _columns(self) -> dict[str, str]:
        """Every field that the signature uses anywhere on a stream, with its SQL type."""
        judged = [each.evidence for each in (*self.signature.weights, *self.signature.variants)]
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
            for name, sql_type in self._columns().items()
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

    def _source(self, name: str) -> str:
        """A stream as a relation."""
        if self.names.declared(name):
            return f'SELECT * FROM "{name}"'
        (base,) = self.names.bases(name)
        return self._base(base)

    def _union(self, name: str) -> str:
        stream = self.names.declared(name)
        assert stream is not None
        text = " UNION ALL ".join(self._source(source) for source, _ in stream.sources)
        if stream.condition is None:
            return text
        return f"SELECT * FROM ({text}) WHERE {condition_sql(stream.condition)}"

    def _ref(self, ref: ast.Ref, name: str) -> str:
        where = f" WHERE {condition_sql(ref.condition)}" if ref.condition else ""
        return self._add(name, f"SELECT * FROM ({self._source(ref.source)}){where}")

    # Joins in time

    def _keys(self, ref: ast.Ref, any_station: bool = False) -> list[tuple[str, str]]:
        """How the rows of a stream meet an anchor: (condition on them, equality) for each kind."""
        key = self.signature.scope
        if any_station or key == "fleet":
            return [("true", "")]
        scopes = {base.scope for base in self.names.bases(ref.source)}
        joined = [("NOT fleet", f'a."{key}" = r."{key}" AND ')] if "station" in scopes else []
        return [*joined, ("fleet", "")] if "fleet" in scopes else joined

    def _nearest(
        self, anchor: str, relation: str, keys: Sequence[tuple[str, str]], order: str
    ) -> str:
        """For each anchor row the nearest row before (`>`) or after (`<`) it: n, event_id, r_ord."""
        return " UNION ALL ".join(
            "SELECT a.n, r.event_id, r.ord AS r_ord, abs(epoch_us(a.ts) - epoch_us(r.ts)) AS gap_us "
            f"FROM {anchor} AS a ASOF JOIN (SELECT * FROM {relation} WHERE {which}) AS r "
            f"ON {equal}a.ord {order} r.ord"
            for which, equal in keys
        )

    # Patterns: each defines the relation `matched` with n, proof and known added to the anchor

    def _pattern(self, match: ast.Match) -> None:
        self._ref(anchor_of(match), "subject")
        key = self.signature.scope
        some = "" if key == "fleet" else f' WHERE "{key}" IS NOT NULL'
        self._add(
            "anchor", f"SELECT row_number() OVER () AS n, * FROM subject{some}", materialized=True
        )
        match match:
            case ast.Single():
                matched = "SELECT *, NULL::BIGINT AS proof, true AS known FROM anchor"
            case ast.Sequence():
                matched = self._sequence(match)
            case ast.Together():
                matched = self._together(match)
            case ast.Absence():
                matched = self._absence(match)
            case ast.Periodic():
                matched = self._periodic(match)
            case ast.Counted():
                matched = self._counted(match)
        self._add("matched", matched)
        self._facts()

    def _facts(self) -> None:
        """Add what is known of the station and keep what `given` asks for."""
        own = self._columns()
        columns = [
            f'coalesce(m."{name}", f."{name}") AS "{name}"' if name in own else f'f."{name}"'
            for name in facts()
        ]
        hidden = [f'"{name}"' for name in facts() if name in own]
        kept = f"m.* EXCLUDE ({', '.join(hidden)})" if hidden else "m.*"
        given = self.signature.given
        where = f" WHERE {condition_sql(given)}" if given else ""
        self._add(
            "anchored",
            f"SELECT * FROM (SELECT {', '.join([kept, *columns])} FROM matched AS m "
            f"LEFT JOIN main.station AS f USING (station)){where}",
            materialized=True,
        )

    def _sequence(self, match: ast.Sequence) -> str:
        first = self._ref(match.first, "first")
        starts = self._nearest("anchor", first, self._keys(match.first), ">")
        self._add("start", f"SELECT n, max(r_ord) AS r_ord, arg_max(event_id, r_ord) AS event_id, "
                           f"arg_max(gap_us, r_ord) AS gap_us FROM ({starts}) GROUP BY n")  # fmt: skip
        stop = ""
        if match.until:
            until = self._ref(match.until, "stop")
            ends = self._nearest("anchor", until, self._keys(match.until), ">")
            self._add("stopped", f"SELECT n, max(r_ord) AS until_ord FROM ({ends}) GROUP BY n")
            stop = " AND NOT EXISTS (SELECT 1 FROM stopped AS u WHERE u.n = s.n AND u.until_ord > s.r_ord)"
        return (
            "SELECT a.*, s.event_id AS proof, true AS known FROM anchor AS a JOIN start AS s "
            f"USING (n) WHERE s.gap_us <= {_micros(match.within_s)}{stop}"
        )

    def _together(self, match: ast.Together) -> str:
        other = self._ref(match.other, "other")
        near = self._around(other, self._keys(match.other), match.within_s, "anchor")
        return (
            "SELECT a.*, o.event_id AS proof, true AS known FROM anchor AS a "
            f"JOIN ({near}) AS o USING (n)"
        )

    def _around(
        self, relation: str, keys: Sequence[tuple[str, str]], within_s: float, anchor: str,
        orders: str = "><",
    ) -> str:  # fmt: skip
        """For each anchor row the nearest row of a relation inside the window: n, event_id."""
        text = " UNION ALL ".join(self._nearest(anchor, relation, keys, order) for order in orders)
        return (
            f"SELECT n, arg_min(event_id, gap_us) AS event_id, true AS found FROM ({text}) "
            f"WHERE gap_us <= {_micros(within_s)} GROUP BY n"
        )

    def _absence(self, match: ast.Absence) -> str:
        missing = self._ref(match.missing, "missing")
        near = self._around(missing, self._keys(match.missing), match.for_s, "anchor", "<")
        lasting = ""
        if match.during:
            lasting = (
                f" AND EXISTS (SELECT 1 FROM main.{match.during} AS d WHERE d.station = a.station "
                f"AND d.from_ts <= a.ts AND d.to_ts >= a.ts + to_microseconds({_micros(match.for_s)}))"
            )
        covered = self._covered(match.missing, 0.0, match.for_s, "a")
        return (
            f"SELECT a.*, NULL::BIGINT AS proof, {covered} AS known FROM anchor AS a "
            f"LEFT JOIN ({near}) AS x USING (n) WHERE x.n IS NULL{lasting}"
        )

    def _covered(self, ref: ast.Ref, before_s: float, after_s: float, alias: str) -> str:
        """Whether a log that could tell of a stream covers the time around a row."""
        kinds = sorted({kind for base in self.names.bases(ref.source) for kind in base.kinds})
        listed = ", ".join(f"'{kind}'" for kind in kinds)
        return (
            f"EXISTS (SELECT 1 FROM main.coverage AS v WHERE v.kind IN ({listed}) "
            f"AND (v.station IS NULL OR v.station = {alias}.station) "
            f"AND v.from_ts <= {alias}.ts - to_microseconds({_micros(before_s)}) "
            f"AND v.to_ts >= {alias}.ts + to_microseconds({_micros(after_s)}))"
        )

    def _partition(self) -> str:
        key = self.signature.scope
        return "" if key == "fleet" else f'PARTITION BY "{key}" '

    def _periodic(self, match: ast.Periodic) -> str:
        by = self._partition()
        bound = f"{match.tolerance!r} * middle" if match.relative else str(_micros(match.tolerance))
        self._add(
            "gap",
            "SELECT *, epoch_us(ts) - lag(epoch_us(ts)) OVER w AS gap_us FROM anchor "
            f"WINDOW w AS ({by}ORDER BY ord)",
        )
        self._add(
            "run",
            f"SELECT *, coalesce(gap_us BETWEEN {_micros(match.low_s)} AND {_micros(match.high_s)}, "
            "false) AS fits, sum((NOT fits)::INTEGER) OVER "
            f"({by}ORDER BY ord ROWS UNBOUNDED PRECEDING) AS run FROM gap",
        )
        run = f"{by or 'PARTITION BY '}{', ' if by else ''}run"
        self._add(
            "beat",
            f"SELECT *, median(gap_us) FILTER (fits) OVER ({run}) AS middle, "
            f"fits AND abs(gap_us - middle) <= {bound} AS good FROM run",
        )
        self._add(
            "counted_beat",
            f"SELECT *, count(*) FILTER (good) OVER ({run}) AS beats, "
            f"lead(good AND fits) OVER ({by}ORDER BY ord) AS next_good, "
            f"lead(run) OVER ({by}ORDER BY ord) = run AS same_run FROM beat",
        )
        return (
            "SELECT * EXCLUDE (gap_us, fits, run, middle, good, beats, next_good, same_run), "
            "NULL::BIGINT AS proof, true AS known FROM counted_beat "
            f"WHERE beats >= {match.times} AND (good OR (next_good AND same_run))"
        )

    def _counted(self, match: ast.Counted) -> str:
        by = self._partition()
        window = f"INTERVAL {_micros(match.within_s)} MICROSECOND"
        amount = str(match.amount.value)
        if match.amount.percent:
            amount = f"(SELECT ceil(count(*) * {match.amount.value} / 100.0) FROM main.station)"
        what = f'DISTINCT "{match.distinct}"' if match.distinct else "*"
        self._add(
            "crowd",
            f"SELECT *, count({what}) OVER ({by}ORDER BY ts RANGE BETWEEN {window} PRECEDING "
            f"AND CURRENT ROW) >= greatest({amount}, 1) AS reached FROM anchor",
        )
        return (
            "SELECT * EXCLUDE (reached, inside), NULL::BIGINT AS proof, true AS known FROM ("
            f"SELECT *, bool_or(reached) OVER ({by}ORDER BY ts RANGE BETWEEN CURRENT ROW "
            f"AND {window} FOLLOWING) AS inside FROM crowd) WHERE inside"
        )

    # Evidence on each match

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
        relation = self._ref(presence.ref, f"seen{number}")
        keys = self._keys(presence.ref, presence.any_station)
        orders = {"before": ">", "after": "<", "around": "><"}[presence.position]
        near = self._around(relation, keys, presence.within_s, "anchored", orders)
        answer = "coalesce(found, false)"
        if presence.absent:
            before = 0.0 if presence.position == "after" else presence.within_s
            after = 0.0 if presence.position == "before" else presence.within_s
            covered = self._covered(presence.ref, before, after, "a")
            answer = f"CASE WHEN found THEN false WHEN {covered} THEN true END"
        self._add(
            f"near{number}",
            f"SELECT n, o.event_id AS event{number}, {answer} AS found{number} "
            f"FROM anchored AS a LEFT JOIN ({near}) AS o USING (n)",
        )
        return f"found{number}"
