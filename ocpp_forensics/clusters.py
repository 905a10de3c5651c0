"""Lengths of time, or times of day, that come again and again.

Reads: what was measured at the ends of connections. Feeds: endings.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

__all__ = ["Cluster", "clusters_of"]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Values that lie closely together: their median, half the width of most of them, and which."""

    middle: float
    spread: float
    members: tuple[int, ...]


def tolerance(length: float) -> float:
    """How far two lengths of time may lie apart to be the same timer, in seconds."""
    return max(1.5, 0.03 * length)


def clusters_of(
    values: Sequence[float],
    occasions: Sequence[float],
    apart: Callable[[float], float] = tolerance,
) -> list[Cluster]:
    """The lengths of time that come again and again, the most frequent first.

    `occasions` are the moments of the ends: what ends at one moment is one occasion, and three of
    them make a rhythm, provided that the values nearby are clearly rarer. `apart` tells how far
    values may lie from one another.
    """
    found = []
    left = sorted(range(len(values)), key=lambda place: (values[place], place))
    while left:
        inner = _densest(left, values, apart)
        middle = median(values[place] for place in inner)
        reach = 6 * apart(middle)
        around = sum(abs(values[place] - middle) <= reach for place in left)
        moments = {round(occasions[place] / 10) for place in inner}
        if len(moments) < 3 or len(inner) < 3 + 2 * (around - len(inner)) / 5:
            break
        found.append(Cluster(middle, _half_width([values[each] for each in inner]), tuple(inner)))
        left = [place for place in left if place not in set(inner)]
    return found


def _densest(
    ordered: Sequence[int], values: Sequence[float], apart: Callable[[float], float]
) -> list[int]:
    """The longest run of ordered values no wider than twice the tolerance of its lowest."""
    best, low = range(1), 0
    for high in range(len(ordered)):
        while values[ordered[high]] - values[ordered[low]] > 2 * apart(values[ordered[low]]):
            low += 1
        if high + 1 - low > len(best):
            best = range(low, high + 1)
    return [ordered[place] for place in best]


def _half_width(values: Sequence[float]) -> float:
    """Half the width of the middle four fifths."""
    ordered = sorted(values)
    cut = len(ordered) // 10
    return (ordered[len(ordered) - 1 - cut] - ordered[cut]) / 2
