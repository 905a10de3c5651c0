"""Stretches of a source in which its clock runs evenly, found from anchors and steps.

An anchor is a record whose true time is known: an answer that carries currentTime, or a message
that a source with a known clock has logged as well. Reads: arrays. Feeds: clock alignment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ocpp_forensics.clock.fit import Floats, Truths, find_jump, fit_clock
from ocpp_forensics.clock.zones import nearest_zone

__all__ = ["Anchors", "Segment", "Step", "find_segments"]

_END = 2**63 - 1
_STEADY_S = 120.0
"""Anchors whose clock error differs by more than this belong to different stretches."""

_SOON_S = 60.0
"""A zone changes while a log is written: the next line comes soon."""

_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Anchors:
    """Records of one source whose true time is known, in the order of the source.

    Units: record_id; `wall_s` is what the clock shows, in seconds since 1970; `ahead_s` that minus
    true UTC (for a source that writes its zone, the wall clock is taken in UTC already). `up` tells
    messages on their way to the CSMS (written early by a station) from those on their way back.
    """

    record_id: _Ints
    wall_s: Floats
    ahead_s: Floats
    up: Truths
    basis: str

    def __len__(self) -> int:
        return len(self.record_id)

    def within(self, begin: int, end: int) -> "Anchors":
        """The anchors among the records from `begin` on and before `end`."""
        kept = (self.record_id >= begin) & (self.record_id < end)
        return Anchors(
            self.record_id[kept], self.wall_s[kept], self.ahead_s[kept], self.up[kept], self.basis
        )


@dataclass(frozen=True, slots=True)
class Step:
    """A record before which the wall clock jumps by `jump_s` seconds to `wall_s`."""

    record_id: int
    jump_s: float
    wall_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a source from `from_record` on with one zone, one clock error and one drift.

    Units: zone_s, offset_s (positive: the clock is ahead) and uncertainty_s in seconds; drift in
    seconds per second of the wall clock since `origin_s`, at which the offset holds.
    """

    from_record: int
    zone_s: int
    offset_s: float
    uncertainty_s: float
    anchors: int
    basis: str
    drift: float = 0.0
    origin_s: float = 0.0

    @property
    def ahead_s(self) -> float:
        """Wall clock minus true UTC."""
        return self.zone_s + self.offset_s

    def ahead_at(self, wall_s: float) -> float:
        """Wall clock minus true UTC when the clock shows `wall_s`."""
        return self.ahead_s + self.drift * (wall_s - self.origin_s)


def find_segments(
    sets: Sequence[Anchors], steps: Sequence[Step], *, zoned: bool, start: Segment | None = None
) -> tuple[Segment, ...]:
    """Cut a source into stretches and give each its zone and clock error.

    `sets` are anchors of several kinds, the best kind first: the first that has any in a stretch
    measures it. A stretch without anchors goes on from its neighbours: true time does not jump.
    Empty where there are neither anchors nor a `start` to go on from.
    """
    cuts = sorted({each.record_id: each for each in _cuts(sets, steps)}.values(), key=_place)
    measured: list[Segment | None] = []
    for cut, following in pairwise([*cuts, Step(_END, 0.0)]):
        inside = [each.within(cut.record_id, following.record_id) for each in sets]
        best = next((each for each in inside if len(each)), None)
        measured.append(_measured(cut.record_id, best, zoned=zoned) if best else None)
    if not any(measured):
        if start is None:
            return ()
        measured[0] = start
    return tuple(_completed(cuts, measured, zoned=zoned))


def _place(step: Step) -> int:
    return step.record_id


def _cuts(sets: Sequence[Anchors], steps: Sequence[Step]) -> Iterator[Step]:
    """Where stretches begin: the first record, every step, every change between anchors."""
    known = [Step(0, 0.0), *steps]
    for anchors in sets:
        found = list(_large_changes(anchors, known))
        known += found
        bounds = sorted(step.record_id for step in known)
        known += [
            step
            for begin, end in pairwise([*bounds, _END])
            for step in _small_changes(anchors.within(begin, end))
        ]
    yield from known


def _large_changes(anchors: Anchors, known: Sequence[Step]) -> Iterator[Step]:
    ahead, ids = anchors.ahead_s, anchors.record_id
    for place in np.flatnonzero(np.abs(np.diff(ahead)) > _STEADY_S):
        low, high = int(ids[place]), int(ids[place + 1])
        if any(low < step.record_id <= high for step in known) or _outlier(ahead, int(place)):
            continue
        yield Step(high, float(ahead[place + 1] - ahead[place]), float(anchors.wall_s[place + 1]))


def _outlier(ahead: Floats, place: int) -> bool:
    """Whether one anchor alone stands out, its neighbours agreeing with each other."""
    after = ahead[place + 2] if place + 2 < len(ahead) else None
    before = ahead[place - 1] if place > 0 else None
    alone_next = after is not None and abs(after - ahead[place]) <= _STEADY_S
    alone_here = before is not None and abs(before - ahead[place + 1]) <= _STEADY_S
    return alone_next or alone_here


def _small_changes(anchors: Anchors) -> Iterator[Step]:
    place = find_jump(anchors.wall_s, anchors.ahead_s, anchors.up)
    if place is not None:
        cut = int(anchors.record_id[place])
        jump = float(anchors.ahead_s[place] - anchors.ahead_s[place - 1])
        yield from _small_changes(anchors.within(0, cut))
        yield Step(cut, jump, float(anchors.wall_s[place]))
        yield from _small_changes(anchors.within(cut, _END))


def _measured(begin: int, anchors: Anchors, *, zoned: bool) -> Segment:
    fit = fit_clock(anchors.wall_s, anchors.ahead_s, anchors.up)
    zone = 0 if zoned else nearest_zone(fit.ahead_s)
    return Segment(
        begin, zone, fit.ahead_s - zone, fit.error_s, len(anchors), anchors.basis, fit.drift,
        fit.origin_s,
    )  # fmt: skip


def _completed(
    cuts: Sequence[Step], measured: Sequence[Segment | None], *, zoned: bool
) -> Iterator[Segment]:
    """All stretches; those without anchors go on from the one before or lead to the next.

    A clock loses its time while its machine is off and is set while it runs. So a stretch that
    ends with a jump forward is tied to what follows it, all others to what came before.
    """
    place = next(number for number, each in enumerate(measured) if each)
    first = measured[place]
    assert first is not None
    begun = [first]
    for step in reversed(cuts[1 : place + 1]):
        begun.insert(0, _led(begun[0], step, 0, zoned=zoned))
    # Records before the first stretch that was measured run on its clock, but for jumps.
    yield from (
        replace(each, from_record=cut.record_id)
        for each, cut in zip(begun, cuts, strict=False)
    )  # fmt: skip
    before = first
    for number in range(place + 1, len(cuts)):
        found = measured[number]
        following = measured[number + 1] if number + 1 < len(cuts) else None
        if found is None and following and cuts[number + 1].jump_s > _STEADY_S:
            begin = cuts[number].record_id
            found = _led(following, cuts[number + 1], begin, zoned=zoned)
        before = found or _continued(before, cuts[number], zoned=zoned)
        yield before


def _led(after: Segment, step: Step, begin: int, *, zoned: bool) -> Segment:
    """The stretch that a jump ends: it leads to the one after it."""
    if not step.jump_s:
        return replace(after, from_record=begin)
    later = after.ahead_at(step.wall_s)
    change = 0 if zoned else _zone_change(step)
    if change and nearest_zone(after.zone_s - change) == after.zone_s - change:
        return _unmeasured(after, begin, after.zone_s - change, later - change, 0.0)
    return _unmeasured(after, begin, after.zone_s, later - step.jump_s)


def _continued(before: Segment, step: Step, *, zoned: bool) -> Segment:
    """The stretch that a jump begins: it goes on from the one before it."""
    if not step.jump_s:
        return replace(before, from_record=step.record_id)
    was = before.ahead_at(step.wall_s - step.jump_s)
    change = 0 if zoned else _zone_change(step)
    if change and nearest_zone(before.zone_s + change) == before.zone_s + change:
        return _unmeasured(before, step.record_id, before.zone_s + change, was + change, 0.0)
    return _unmeasured(before, step.record_id, before.zone_s, was + step.jump_s)


def _unmeasured(
    like: Segment, begin: int, zone_s: int, ahead_s: float, more_s: float = 60.0
) -> Segment:
    return Segment(
        begin, zone_s, ahead_s - zone_s, like.uncertainty_s + more_s, 0, "continuity"
    )  # fmt: skip


def _zone_change(step: Step) -> int:
    """Which change of zone a jump is: whole half hours and what passed meanwhile, 0 for none.

    Summer time ends on the night to a Sunday, whatever passed; other changes are seen at once.
    """
    half_hours = int(step.jump_s // 1800) * 1800
    wall = datetime.fromtimestamp(step.wall_s, UTC)
    if -3600 <= half_hours < 0 and wall.weekday() == 6 and wall.hour < 4:
        return -3600
    return half_hours if step.jump_s - half_hours <= _SOON_S else 0
