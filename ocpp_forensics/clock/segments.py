"""Stretches of a source in which its clock runs evenly, found from anchors and steps.

An anchor is a record whose true time is known: an answer that carries currentTime, or a message
that a source with a known clock has logged as well. Reads: arrays. Feeds: clock alignment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

__all__ = ["QUARTER_S", "Anchors", "Segment", "Step", "find_segments"]

QUARTER_S = 900
"""Zones differ from UTC by whole quarters of an hour."""

_MAX_ZONE_S = 14 * 3600
_STEADY_S = 120.0
"""Anchors whose clock error differs by more than this belong to different stretches."""

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Anchors:
    """Records of one source whose true time is known, in the order of the source.

    Units: record_id; `ahead_s` is wall clock minus true UTC in seconds (for a source that writes
    its zone, the wall clock is taken in UTC already). `up` tells messages on their way to the
    CSMS (written early by a station) from those on their way back.
    """

    record_id: _Ints
    ahead_s: _Floats
    up: npt.NDArray[np.bool_]
    basis: str

    def __len__(self) -> int:
        return len(self.record_id)


@dataclass(frozen=True, slots=True)
class Step:
    """A record before which the wall clock jumps by `jump_s` seconds (negative: backwards)."""

    record_id: int
    jump_s: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a source from `from_record` on with one zone and one clock error.

    Units: zone_s, offset_s (positive: the clock is ahead) and uncertainty_s in seconds.
    """

    from_record: int
    zone_s: int
    offset_s: float
    uncertainty_s: float
    anchors: int
    basis: str

    @property
    def ahead_s(self) -> float:
        """Wall clock minus true UTC."""
        return self.zone_s + self.offset_s


def find_segments(
    anchors: Anchors, steps: Sequence[Step], *, zoned: bool, start: Segment | None = None
) -> tuple[Segment, ...]:
    """Cut a source into stretches and give each its zone and clock error.

    A stretch without anchors goes on from the one before it: true time does not jump, so the jump
    of the wall clock is a change of zone (about a quarter hour or more, whole quarters) or of the
    clock. Empty where there are neither anchors nor a `start` to go on from.
    """
    cuts = _cuts(anchors, steps)
    segments: list[Segment] = []
    bounds = [*cuts, (2**63 - 1, 0.0)]
    for (begin, jump), (end, _) in pairwise(bounds):
        inside = (anchors.record_id >= begin) & (anchors.record_id < end)
        if inside.any():
            segments.append(_measured(begin, anchors, inside, zoned=zoned))
        elif segments or start:
            before = segments[-1] if segments else start
            if before is not None:
                segments.append(_continued(begin, before, jump, zoned=zoned))
    return _backfilled(segments)


def _cuts(anchors: Anchors, steps: Sequence[Step]) -> list[tuple[int, float]]:
    """Where stretches begin: the first record, every step, every change between anchors."""
    cuts = {0: 0.0} | {step.record_id: step.jump_s for step in steps}
    ahead, ids = anchors.ahead_s, anchors.record_id
    for place in np.flatnonzero(np.abs(np.diff(ahead)) > _STEADY_S):
        low, high = int(ids[place]), int(ids[place + 1])
        known = any(low < cut <= high for cut in cuts)
        if not known and not _outlier(ahead, int(place)):
            cuts[high] = float(ahead[place + 1] - ahead[place])
    return sorted(cuts.items())


def _outlier(ahead: _Floats, place: int) -> bool:
    """Whether one anchor alone stands out, its neighbours agreeing with each other."""
    after = ahead[place + 2] if place + 2 < len(ahead) else None
    before = ahead[place - 1] if place > 0 else None
    alone_next = after is not None and abs(after - ahead[place]) <= _STEADY_S
    alone_here = before is not None and abs(before - ahead[place + 1]) <= _STEADY_S
    return alone_next or alone_here


def _measured(
    begin: int, anchors: Anchors, inside: npt.NDArray[np.bool_], *, zoned: bool
) -> Segment:
    ahead, up = anchors.ahead_s[inside], anchors.up[inside]
    if up.any() and (~up).any():
        early, late = float(np.median(ahead[up])), float(np.median(ahead[~up]))
        middle, spread = (early + late) / 2, abs(late - early) / 2
    else:
        middle = float(np.median(ahead))
        spread = float(np.median(np.abs(ahead - middle))) + 1.0
    zone = 0 if zoned else _zone(middle)
    return Segment(begin, zone, middle - zone, spread, int(inside.sum()), anchors.basis)


def _zone(ahead: float) -> int:
    zone = round(ahead / QUARTER_S) * QUARTER_S
    return zone if abs(zone) <= _MAX_ZONE_S else 0


def _continued(begin: int, before: Segment, jump: float, *, zoned: bool) -> Segment:
    if not jump:
        return replace(before, from_record=begin)
    quarters = round(jump / QUARTER_S) * QUARTER_S
    if not zoned and quarters and abs(before.zone_s + quarters) <= _MAX_ZONE_S:
        zone_s = before.zone_s + quarters
        return replace(before, from_record=begin, zone_s=zone_s, anchors=0, basis="continuity")
    return replace(
        before,
        from_record=begin,
        offset_s=before.offset_s + jump,
        uncertainty_s=before.uncertainty_s + 60.0,
        anchors=0,
        basis="continuity",
    )


def _backfilled(segments: list[Segment]) -> tuple[Segment, ...]:
    """Records before the first measured stretch run on its clock."""
    if segments and segments[0].from_record > 0:
        segments[0] = replace(segments[0], from_record=0)
    return tuple(segments)
