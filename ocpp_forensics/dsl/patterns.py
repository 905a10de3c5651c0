"""The patterns of a signature as SQL: each gives the anchor's rows with `proof` and `known`.

Reads: a checked pattern, its relations. Feeds: the compiler. `then` pairs each end with the latest
start that no `until` follows.
"""

from collections.abc import Callable
from typing import Any

from ocpp_forensics.dsl import tree as ast
from ocpp_forensics.dsl.condition_sql import micros
from ocpp_forensics.dsl.relations import Relations

__all__ = ["pattern_sql"]


def pattern_sql(relations: Relations, match: ast.Match) -> str:
    """SQL for the anchor rows that a pattern keeps.

    Shape: one row per match: the columns of `anchor`, `proof` (event_id of the pattern's other
    part) and `known` (false where absence could not be judged).
    """
    return _PATTERNS[type(match)](relations, match)


def _single(_relations: Relations, _match: ast.Single) -> str:
    return "SELECT *, NULL::BIGINT AS proof, true AS known FROM anchor"


def _sequence(relations: Relations, match: ast.Sequence) -> str:
    first = relations.ref(match.first, "first")
    starts = relations.nearest("anchor", first, relations.keys(match.first), ">")
    relations.add(
        "start",
        "SELECT n, max(r_ord) AS r_ord, arg_max(event_id, r_ord) AS event_id, "
        f"arg_max(gap_us, r_ord) AS gap_us FROM ({starts}) GROUP BY n",
    )
    stop = ""
    if match.until:
        until = relations.ref(match.until, "stop")
        ends = relations.nearest("anchor", until, relations.keys(match.until), ">")
        relations.add("stopped", f"SELECT n, max(r_ord) AS until_ord FROM ({ends}) GROUP BY n")
        stop = (
            " AND NOT EXISTS (SELECT 1 FROM stopped AS u WHERE u.n = s.n AND u.until_ord > s.r_ord)"
        )
    return (
        "SELECT a.*, s.event_id AS proof, true AS known FROM anchor AS a JOIN start AS s "
        f"USING (n) WHERE s.gap_us <= {micros(match.within_s)}{stop}"
    )


def _together(relations: Relations, match: ast.Together) -> str:
    other = relations.ref(match.other, "other")
    near = relations.around(other, relations.keys(match.other), match.within_s, "anchor")
    return (
        "SELECT a.*, o.event_id AS proof, true AS known FROM anchor AS a "
        f"JOIN ({near}) AS o USING (n)"
    )


def _absence(relations: Relations, match: ast.Absence) -> str:
    missing = relations.ref(match.missing, "missing")
    near = relations.around(missing, relations.keys(match.missing), match.for_s, "anchor", "<")
    lasting = ""
    if match.during:
        size = f"to_microseconds({micros(match.for_s)})"
        lasting = (
            f" AND EXISTS (SELECT 1 FROM main.{match.during} AS d WHERE d.station = a.station "
            f"AND d.from_ts <= a.ts AND d.to_ts >= a.ts + {size})"
        )
    covered = relations.covered(match.missing, 0.0, match.for_s, "a")
    return (
        f"SELECT a.*, NULL::BIGINT AS proof, {covered} AS known FROM anchor AS a "
        f"LEFT JOIN ({near}) AS x USING (n) WHERE x.n IS NULL{lasting}"
    )


def _periodic(relations: Relations, match: ast.Periodic) -> str:
    by = relations.partition()
    bound = f"{match.tolerance!r} * middle" if match.relative else str(micros(match.tolerance))
    relations.add(
        "gap",
        "SELECT *, epoch_us(ts) - lag(epoch_us(ts)) OVER w AS gap_us FROM anchor "
        f"WINDOW w AS ({by}ORDER BY ord)",
    )
    relations.add(
        "run",
        f"SELECT *, coalesce(gap_us BETWEEN {micros(match.low_s)} "
        f"AND {micros(match.high_s)}, false) AS fits, sum((NOT fits)::INTEGER) OVER "
        f"({by}ORDER BY ord ROWS UNBOUNDED PRECEDING) AS run FROM gap",
    )
    run = f"{by or 'PARTITION BY '}{', ' if by else ''}run"
    relations.add(
        "beat",
        f"SELECT *, median(gap_us) FILTER (fits) OVER ({run}) AS middle, "
        f"fits AND abs(gap_us - middle) <= {bound} AS good FROM run",
    )
    relations.add(
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


def _counted(relations: Relations, match: ast.Counted) -> str:
    by = relations.partition()
    window = f"INTERVAL {micros(match.within_s)} MICROSECOND"
    amount = str(match.amount.value)
    if match.amount.percent:
        amount = f"(SELECT ceil(count(*) * {match.amount.value} / 100.0) FROM main.station)"
    what = f'DISTINCT "{match.distinct}"' if match.distinct else "*"
    relations.add(
        "crowd",
        f"SELECT *, count({what}) OVER ({by}ORDER BY ts RANGE BETWEEN {window} PRECEDING "
        f"AND CURRENT ROW) >= greatest({amount}, 1) AS reached FROM anchor",
    )
    return (
        "SELECT * EXCLUDE (reached, inside), NULL::BIGINT AS proof, true AS known FROM ("
        f"SELECT *, bool_or(reached) OVER ({by}ORDER BY ts RANGE BETWEEN CURRENT ROW "
        f"AND {window} FOLLOWING) AS inside FROM crowd) WHERE inside"
    )


_PATTERNS: dict[type[ast.Match], Callable[[Relations, Any], str]] = {
    ast.Single: _single,
    ast.Sequence: _sequence,
    ast.Together: _together,
    ast.Absence: _absence,
    ast.Periodic: _periodic,
    ast.Counted: _counted,
}
