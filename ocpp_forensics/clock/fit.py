"""How a clock runs over one stretch: its error, its drift, and whether it jumps in between.

Reads: arrays of anchors. Feeds: clock/segments.py. Medians throughout, so that some late messages
do not matter. Source: RFC 5905 section 8 for the error from messages both ways; Page (1954) for the
place of a jump; Theil (1950) for the drift.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Fit", "Floats", "Truths", "find_jump", "fit_clock"]

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

_MAX_DRIFT = 1e-3
"""No oscillator is worse; what looks so is something else."""

_MIN_SPAN_S = 1800.0
_MIN_CHANGE_S = 1.0
_BINS = 12
_MIN_JUMP_S = 2.0
_FEW = 3
"""So many anchors on either side make a jump believable."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Wall clock minus true time: `ahead_s` at the moment `origin_s` of the wall clock, and drift.

    Units: seconds; drift in seconds per second, positive where the clock runs fast; `error_s`
    bounds what is left unknown.
    """

    ahead_s: float
    drift: float
    origin_s: float
    error_s: float


def fit_clock(wall_s: Floats, ahead_s: Floats, up: Truths) -> Fit:
    """The clock of a stretch from its anchors; `up` are messages that the clock's owner sent.

    Messages both ways bound the error by half their round trip; one way alone leaves a second.
    """
    drift = _drift(wall_s, ahead_s, up)
    origin = float(np.median(wall_s))
    level = ahead_s - drift * (wall_s - origin)
    if up.any() and (~up).any():
        early, late = float(np.median(level[up])), float(np.median(level[~up]))
        return Fit((early + late) / 2, drift, origin, abs(late - early) / 2)
    middle = float(np.median(level))
    return Fit(middle, drift, origin, float(np.median(np.abs(level - middle))) + 1.0)


def find_jump(wall_s: Floats, ahead_s: Floats, up: Truths) -> int | None:
    """The place of the first anchor after a jump of the clock, None where it runs evenly."""
    size = len(ahead_s)
    if size < 2 * _FEW:
        return None
    rest = _centred(ahead_s, up)
    rest = np.clip(rest, *np.quantile(rest, (0.05, 0.95)))
    left = np.arange(1, size)
    apart = np.cumsum(rest)[:-1] - left * rest.mean()
    place = int(np.argmax(apart**2 / (left * (size - left)))) + 1
    if not _FEW <= place <= size - _FEW:
        return None
    jump = _difference(ahead_s[:place], up[:place], ahead_s[place:], up[place:])
    rest = np.concatenate([
        _centred(ahead_s[:place], up[:place]), _centred(ahead_s[place:], up[place:]),
    ])  # fmt: skip
    noise = float(np.median(np.abs(rest)))
    level = ahead_s - _drift(wall_s, ahead_s, up) * (wall_s - wall_s[0])
    clearly = abs(jump) > max(_MIN_JUMP_S, 6 * noise)
    better = np.abs(rest).sum() < 0.5 * np.abs(_centred(level, up)).sum()
    return place if clearly and better else None


def _centred(values: Floats, up: Truths) -> Floats:
    """What is left of values without the median of their direction."""
    rest = values.copy()
    for way in (up, ~up):
        if way.any():
            rest[way] -= np.median(values[way])
    return rest


def _difference(left: Floats, left_up: Truths, right: Floats, right_up: Truths) -> float:
    """How much higher the right values are; a jump of the clock shows in both directions alike."""
    found = [
        float(np.median(right[there]) - np.median(left[here]))
        for here, there in ((left_up, right_up), (~left_up, ~right_up))
        if here.any() and there.any()
    ]
    return min(found, key=abs) if found else float(np.median(right) - np.median(left))


def _drift(wall_s: Floats, ahead_s: Floats, up: Truths) -> float:
    """The median slope between the medians of a few bins, 0 where a line fits no better."""
    if len(wall_s) < _BINS or np.ptp(wall_s) < _MIN_SPAN_S:
        return 0.0
    slopes: list[Floats] = []
    for way in (up, ~up):
        if way.sum() >= _BINS // 2:
            bins = np.array_split(np.flatnonzero(way), _BINS // 2)
            at = np.array([np.median(wall_s[each]) for each in bins])
            high = np.array([np.median(ahead_s[each]) for each in bins])
            later, earlier = np.triu_indices(len(bins), 2)
            apart = at[earlier] - at[later]
            far = np.abs(apart) > 0
            slopes.append((high[earlier] - high[later])[far] / apart[far])
    if not slopes:
        return 0.0
    drift = float(np.median(np.concatenate(slopes)))
    if abs(drift) > _MAX_DRIFT or abs(drift) * np.ptp(wall_s) < _MIN_CHANGE_S:
        return 0.0
    level = ahead_s - drift * (wall_s - wall_s[0])
    better = np.abs(_centred(level, up)).sum() < 0.7 * np.abs(_centred(ahead_s, up)).sum()
    return drift if better else 0.0
