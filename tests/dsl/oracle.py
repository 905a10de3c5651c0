"""A matcher that is too simple to be wrong: plain loops over all rows, for small timelines only."""

import operator
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ocpp_forensics.dsl import tree as ast

_COMPARE = {"<": operator.lt, ">": operator.gt, ">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True)
class Row:
    """One event: seconds, place in the order of all events, station (None: fleet event)."""

    id: int
    at: int
    action: str
    station: str | None
    fleet: bool
    value: int | None
    cell: str | None = None


@dataclass(frozen=True)
class World:
    """All rows, the time that logs cover by kind of log, the spans with an open connection."""

    rows: tuple[Row, ...]
    covered: dict[str, tuple[int, int]]
    connected: tuple[tuple[str, int, int], ...]
    stations: int


def matches(signature: ast.Signature, world: World) -> set[tuple[int, bool]]:
    """Ids of the anchor rows that match, each with whether that could be judged."""
    return set(_found(signature, world))


def weights(signature: ast.Signature, world: World, row: Row) -> list[bool | None]:
    """Whether each weight of a signature holds for one anchor row; None where unknown."""
    return [_presence(signature, world, row, each.evidence) for each in signature.weights]


def _order(row: Row) -> tuple[int, int]:
    return row.at, row.id


def _holds(condition: ast.Condition | None, row: Row) -> bool:
    if condition is None:
        return True
    assert isinstance(condition, ast.Binary)
    assert isinstance(condition.right, ast.Literal)
    return row.value is not None and bool(
        _COMPARE[condition.operator](row.value, condition.right.value)
    )


def _members(signature: ast.Signature, world: World, ref: ast.Ref) -> list[Row]:
    names = {ref.source}
    own: list[ast.Condition | None] = [ref.condition]
    for stream in signature.streams:
        if stream.name == ref.source:
            names = {source for source, _ in stream.sources}
            own.append(stream.condition)
    return [
        row for row in world.rows if row.action in names and all(_holds(each, row) for each in own)
    ]


def _key(signature: ast.Signature, row: Row) -> str | None:
    return {"station": row.station, "fleet": "all", "cell_id": row.cell}[signature.scope]


def _meets(signature: ast.Signature, anchor: Row, other: Row) -> bool:
    if signature.scope == "fleet" or other.fleet:
        return True
    return _key(signature, other) is not None and _key(signature, other) == _key(signature, anchor)


def _found(signature: ast.Signature, world: World) -> Iterator[tuple[int, bool]]:
    match signature.match:
        case ast.Single(ref=ref):
            yield from ((row.id, True) for row in _anchors(signature, world, ref))
        case ast.Sequence():
            yield from _sequence(signature, world, signature.match)
        case ast.Together():
            yield from _together(signature, world, signature.match)
        case ast.Absence():
            yield from _absence(signature, world, signature.match)
        case ast.Periodic():
            yield from _periodic(signature, world, signature.match)
        case ast.Counted():
            yield from _counted(signature, world, signature.match)


def _anchors(signature: ast.Signature, world: World, ref: ast.Ref) -> list[Row]:
    return [row for row in _members(signature, world, ref) if _key(signature, row) is not None]


def _sequence(
    signature: ast.Signature, world: World, match: ast.Sequence
) -> Iterator[tuple[int, bool]]:
    stops = _members(signature, world, match.until) if match.until else []
    for end in _anchors(signature, world, match.second):
        for start in _members(signature, world, match.first):
            if (
                _meets(signature, end, start)
                and _order(start) < _order(end)
                and end.at - start.at <= match.within_s
                and not any(
                    _meets(signature, end, stop) and _order(start) < _order(stop) < _order(end)
                    for stop in stops
                )
            ):
                yield end.id, True
                break


def _together(
    signature: ast.Signature, world: World, match: ast.Together
) -> Iterator[tuple[int, bool]]:
    for one in _anchors(signature, world, match.one):
        if any(
            other.id != one.id
            and _meets(signature, one, other)
            and abs(other.at - one.at) <= match.within_s
            for other in _members(signature, world, match.other)
        ):
            yield one.id, True


def _covers(world: World, ref_kinds: set[str], low: float, high: float) -> bool:
    return any(
        kind in ref_kinds and from_at <= low and to_at >= high
        for kind, (from_at, to_at) in world.covered.items()
    )


def _kinds(signature: ast.Signature, ref: ast.Ref) -> set[str]:
    names = {ref.source}
    for stream in signature.streams:
        if stream.name == ref.source:
            names = {source for source, _ in stream.sources}
    kinds = {"modem": {"modem"}, "csms": {"csms"}, "tcp": {"csms", "proxy", "station"}}
    return set().union(*(kinds[name.split(".")[0]] for name in names))


def _absence(
    signature: ast.Signature, world: World, match: ast.Absence
) -> Iterator[tuple[int, bool]]:
    for row in _anchors(signature, world, match.after):
        followed = any(
            _meets(signature, row, other)
            and _order(other) > _order(row)
            and other.at - row.at <= match.for_s
            for other in _members(signature, world, match.missing)
        )
        lasts = match.during is None or any(
            station == row.station and low <= row.at and high >= row.at + match.for_s
            for station, low, high in world.connected
        )
        if not followed and lasts:
            kinds = _kinds(signature, match.missing)
            yield row.id, _covers(world, kinds, row.at, row.at + match.for_s)


def _groups(signature: ast.Signature, world: World, ref: ast.Ref) -> list[list[Row]]:
    groups: dict[str | None, list[Row]] = {}
    for row in _anchors(signature, world, ref):
        groups.setdefault(_key(signature, row), []).append(row)
    return [sorted(rows, key=_order) for rows in groups.values()]


def _periodic(
    signature: ast.Signature, world: World, match: ast.Periodic
) -> Iterator[tuple[int, bool]]:
    for rows in _groups(signature, world, match.ref):
        for run in _runs(rows, match):
            middle = median(b.at - a.at for a, b in run)
            bound = match.tolerance * middle if match.relative else match.tolerance
            good = [(a, b) for a, b in run if abs(b.at - a.at - middle) <= bound]
            if len(good) >= match.times:
                yield from ((row.id, True) for each in good for row in each)


def _runs(rows: list[Row], match: ast.Periodic) -> Iterator[list[tuple[Row, Row]]]:
    """Neighbours with a fitting gap between them, cut where a gap does not fit."""
    run: list[tuple[Row, Row]] = []
    for before, after in pairwise(rows):
        if match.low_s <= after.at - before.at <= match.high_s:
            run.append((before, after))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _counted(
    signature: ast.Signature, world: World, match: ast.Counted
) -> Iterator[tuple[int, bool]]:
    needed = match.amount.value
    if match.amount.percent:
        needed = max(1, -(-match.amount.value * world.stations // 100))
    for rows in _groups(signature, world, match.ref):
        for end in rows:
            inside = [row for row in rows if 0 <= end.at - row.at <= match.within_s]
            counted: list[object] = list(inside)
            if match.distinct:
                counted = list({row.station for row in inside if row.station is not None})
            if len(counted) >= needed:
                yield from ((row.id, True) for row in inside)


def _presence(
    signature: ast.Signature, world: World, row: Row, evidence: ast.Condition
) -> bool | None:
    assert isinstance(evidence, ast.Presence)
    before = 0.0 if evidence.position == "after" else evidence.within_s
    after = 0.0 if evidence.position == "before" else evidence.within_s
    seen = any(
        other.id != row.id
        and (evidence.any_station or _meets(signature, row, other))
        and abs(other.at - row.at) <= evidence.within_s
        and not (evidence.position == "after" and _order(other) < _order(row))
        and not (evidence.position == "before" and _order(other) > _order(row))
        for other in _members(signature, world, evidence.ref)
    )
    if not evidence.absent:
        return seen
    if seen:
        return False
    covered = _covers(world, _kinds(signature, evidence.ref), row.at - before, row.at + after)
    return True if covered else None
