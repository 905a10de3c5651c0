"""The strip of a station: status, connection and decisions over time, a character per cell.

Reads: the tables of the engine. Feeds: the text of the replay.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from ocpp_forensics.replay.results import Replay, Row

__all__ = ["LEGEND", "axis", "strips"]

LEGEND = (
    "█ bad, ░ partly bad; ─ connected, ╌ partly, blank offline; R reset by the rule, r a real one"
)

Span = tuple[datetime, datetime]
Line = tuple[str, str]
"""A label and as many characters as the strip is wide."""


def strips(replay: Replay, policy: int, station: str, width: int) -> list[Line]:
    """The lines of one station: every connector that was bad, the connection, resets."""
    cells = _cells(replay.span(), width)
    values = [policy, station]
    bad: dict[str, list[Span]] = {}
    for row in replay.store.records(_BAD, values):
        bad.setdefault(connector_name(row), []).append((row["from_ts"], row["until_ts"]))
    linked = replay.store.rows(_LINKED, [station])
    resets = replay.store.rows(_RESETS, values)
    fired = [ts for ts, ours in resets if ours]
    real = [ts for ts, ours in resets if not ours]
    return [
        *((name, _drawn(cells, spans, ("█", "░", "·"))) for name, spans in bad.items()),
        ("connection", _drawn(cells, linked, ("─", "╌", " "))),
        ("resets", _marked(cells, fired, real)),
    ]


def connector_name(row: Row) -> str:
    """The connector of a row for people."""
    if row["evse"] is not None:
        return f"EVSE {row['evse']} connector {row['connector']}"
    return f"connector {row['connector']}" if row["connector"] else "station"


def axis(replay: Replay, width: int) -> str:
    """The time over a strip: its start, its end, and how long a character is."""
    span = replay.span()
    low, high = (f"{span[key]:%Y-%m-%d %H:%M}" for key in ("start_ts", "end_ts"))
    return f"{low}{high:>{width - len(low)}}"


def _cells(span: Row, width: int) -> list[Span]:
    step = max((span["end_ts"] - span["start_ts"]) / width, timedelta(milliseconds=1))
    edges = [span["start_ts"] + step * number for number in range(width + 1)]
    return list(pairwise(edges))


def _drawn(cells: Sequence[Span], spans: Sequence[Span], signs: tuple[str, str, str]) -> str:
    """A character per cell: filled, partly filled, or not at all."""
    full, part, none = signs
    drawn = ""
    for low, high in cells:
        covered = sum((_shared(low, high, span) for span in spans), timedelta())
        drawn += none if not covered else full if covered >= (high - low) * 0.99 else part
    return drawn


def _shared(low: datetime, high: datetime, span: Span) -> timedelta:
    return max(min(high, span[1]) - max(low, span[0]), timedelta())


def _marked(cells: Sequence[Span], fired: Iterable[datetime], real: Iterable[datetime]) -> str:
    ours = _inside(cells, fired)
    theirs = _inside(cells, real)
    return "".join(
        "R" if ours(number) else "r" if theirs(number) else " " for number in range(len(cells))
    )


def _inside(cells: Sequence[Span], instants: Iterable[datetime]) -> Callable[[int], bool]:
    step = cells[0][1] - cells[0][0]
    hit = {min(int((each - cells[0][0]) / step), len(cells) - 1) for each in instants}
    return hit.__contains__


_BAD = """
SELECT nullif(s.connector // 1000, 0) AS evse, s.connector % 1000 AS connector,
    s.from_ts, s.until_ts
FROM replay_stretch AS s JOIN replay_policy AS p USING (class)
JOIN replay_station AS h USING (number)
WHERE p.policy = $1 AND h.station = $2 ORDER BY s.connector, s.from_ts
"""
_LINKED = """
SELECT from_ts, coalesce(to_ts, (SELECT end_ts FROM replay_span))
FROM replay_link JOIN replay_station USING (number) WHERE station = $1 ORDER BY from_ts
"""
_RESETS = """
SELECT ts, true FROM replay_decision JOIN replay_station USING (number)
WHERE policy = $1 AND station = $2
UNION ALL
SELECT ts, false FROM replay_reset JOIN replay_station USING (number) WHERE station = $2
ORDER BY 1, 2
"""
