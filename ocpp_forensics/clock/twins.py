"""Clocks from events that two sources tell of in their own words.

Reads: twin, filled from record, detail and clock_shift. Feeds: clock alignment. A connection that
opens, ends or is refused stands in the logs of station, proxy and CSMS within a moment; a modem
loses its address shortly before the connection ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocpp_forensics.clock.zones import ZONES_IN_USE
from ocpp_forensics.store import Store

__all__ = ["Found", "find_twins"]

_Ints = npt.NDArray[np.int64]

_TIGHT_S = 3
_LOOSE_S = 90
_SURE = 1.5
"""So many times as many events as the second best must speak for a zone."""
_SURER = 2.0
"""And for any other error of the clock, which is less likely from the start."""
_FEW = 3
_MANY = 4
_SHARPER = 1.4
"""So many times as wide as the narrowest window's must be the spread of every other."""
_ENOUGH = 12
"""So many events tell a spread from another by chance."""


@dataclass(frozen=True, slots=True)
class Found:
    """How far a clock is ahead by `pairs` events, at most `error_s` more or less.

    `lattice` tells that it is a zone in use, right to the second.
    """

    ahead_s: float
    pairs: int
    error_s: float
    lattice: bool


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many events stand at which difference, in order of the differences; events in all."""

    ahead_s: _Ints
    pairs: _Ints

    def inside(self, low: float, high: float) -> _Ints:
        """The differences between two, each as often as events stand there."""
        there = slice(*np.searchsorted(self.ahead_s, [low, high + 0.5]))
        return np.repeat(self.ahead_s[there], self.pairs[there])

    def between(self, low: float, high: float) -> int:
        return len(self.inside(low, high))

    def apart(self, width_s: int) -> list[tuple[int, int]]:
        """Windows that do not overlap with at least half as many events as the best, best first."""
        found: list[tuple[int, int]] = []
        for events, place in self.best(width_s):
            if 2 * events < (found[0][0] if found else events):
                break
            if all(abs(place - other) > width_s for _, other in found):
                found.append((events, place))
        return found

    def best(self, width_s: int) -> list[tuple[int, int]]:
        """The windows with the most events, best first: (events, lowest difference)."""
        total = np.concatenate([[0], np.cumsum(self.pairs)])
        ends = np.searchsorted(self.ahead_s, self.ahead_s + width_s, side="right")
        events = total[ends] - total[np.arange(len(self.ahead_s))]
        order = np.lexsort((np.abs(self.ahead_s), -events))
        return [(int(events[place]), int(self.ahead_s[place])) for place in order]


def find_twins(store: Store, sought: Iterable[int], zoned: Iterable[int]) -> dict[int, Found]:
    """The clocks that events told twice make certain: source_id -> how far it is ahead.

    `zoned` are sources that write their zone: only an error that leaves next to nothing for the
    clock as it is counts for them.
    """
    store.execute("SET VARIABLE sought = ?", [sorted(sought)])
    store.run_file("clock_twins")
    rows = store.arrow("SELECT * FROM twin_difference ORDER BY ALL")
    events = dict(store.rows("SELECT source_id, count(DISTINCT record_id) FROM twin GROUP BY ALL"))
    found: dict[int, Found] = {}
    sources, tight = rows["source_id"].to_numpy(), rows["tight"].to_numpy(zero_copy_only=False)
    ahead, pairs = rows["ahead_s"].to_numpy(), rows["pairs"].to_numpy()
    written = set(zoned)
    for source_id in sorted(set(sources.tolist())):
        for is_tight in (True, False):
            here = (sources == source_id) & (tight == is_tight)
            counts = _Counts(ahead[here], pairs[here])
            answer = _sharpest(store, source_id, counts) if is_tight else None
            if answer is None:
                zoned_too = source_id in written
                answer = _judge(counts, events[source_id], tight=is_tight, zoned=zoned_too)
            elif answer.lattice and source_id in written:
                break
            if answer and source_id not in found:
                found[source_id] = answer
    return found


def _sharpest(store: Store, source_id: int, counts: _Counts) -> Found | None:
    """The clock of a station that loses its connection again and again after about the same time.

    Many differences then bring most events together. At the true one they fall on the same
    moment, at the others they are off by as much as one round differs from the next.
    """
    width = 2 * _TIGHT_S
    windows = counts.apart(width)
    if len(windows) < 2 or windows[0][0] < _ENOUGH:
        return None
    rows = store.arrow(
        "SELECT ahead_s FROM twin_pair WHERE source_id = ? AND tight ORDER BY ALL", [source_id]
    )
    exact = rows["ahead_s"].to_numpy()
    measured = []
    for events, place in windows:
        there = exact[slice(*np.searchsorted(exact, [place - 0.5, place + width + 0.5]))]
        low, middle, high = np.quantile(there, [0.1, 0.5, 0.9])
        measured.append((float(high - low), float(middle), events))
    best, second = sorted(measured)[:2]
    spread_s, ahead_s, events = best
    if second[0] < _SHARPER * max(spread_s, 0.05):
        return None
    zone = min(ZONES_IN_USE, key=lambda each: abs(each - ahead_s))
    lattice = abs(zone - ahead_s) <= _TIGHT_S
    return Found(zone if lattice else ahead_s, events, max(spread_s, 1.0), lattice)


def _judge(counts: _Counts, events: int, *, tight: bool, zoned: bool) -> Found | None:
    if not len(counts.ahead_s):
        return None
    low, high = (-_TIGHT_S, _TIGHT_S) if tight else (-_LOOSE_S, _TIGHT_S)
    by_zone = sorted(
        ((counts.between(zone + low, zone + high), -abs(zone), zone) for zone in ZONES_IN_USE),
        reverse=True,
    )
    best, second = by_zone[0], by_zone[1]
    as_it_is = counts.between(low, high)
    clear = best[0] >= max(_FEW, _SURE * second[0])
    if clear and not zoned:
        return Found(best[2], best[0], 1.0 if tight else float(_LOOSE_S), lattice=True)
    width = high - low
    windows = counts.best(width)
    pairs, start = windows[0]
    others = [each for each, place in windows if abs(place - start) > 4 * width]
    rival = max([*others, as_it_is, 0 if zoned else best[0]])
    if abs(start) > 2 * width and pairs >= max(_MANY, _SURER * rival, events / 2):
        there = counts.inside(start, start + width)
        # A modem's trouble comes before what it brings about: the shortest delay tells best.
        ahead = float(np.median(there) if tight else there.max())
        return Found(ahead, pairs, float(width), lattice=False)
    return None
