"""One source's clock while it is being worked out, and how the result is written down.

Reads: clock_overview, clock_step. Feeds: clock_shift, by way of clock alignment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

import numpy as np
import pyarrow as pa

from ocpp_forensics.clock.segments import Anchors, Segment, Step, find_segments
from ocpp_forensics.clock.zones import zone_stretches
from ocpp_forensics.model import SourceInfo
from ocpp_forensics.store import Store

__all__ = ["SourceClock", "anchors_of", "give_zone", "load_clocks", "publish_clocks"]

_END = 2**62


@dataclass(slots=True)
class SourceClock:
    """What is known of one source's clock while it is being worked out.

    `given` are the stretches of the zone that the user named: first record, seconds ahead of UTC.
    """

    info: SourceInfo
    overview: Mapping[str, Any]
    steps: tuple[Step, ...]
    anchors: list[Anchors] = field(default_factory=list)
    segments: tuple[Segment, ...] = ()
    given: tuple[tuple[int, int], ...] = ()
    dated: bool = True

    @property
    def written(self) -> bool:
        """Whether the source writes its zone on (nearly) every line."""
        return bool(self.overview["zoned"] >= 0.9 * self.overview["records"])

    @property
    def zoned(self) -> bool:
        """Whether its zone is known without any anchor."""
        return self.written or bool(self.given)

    def measure(self, start: Segment | None = None) -> None:
        """Find the stretches from all anchors that are known."""
        found = find_segments(self.anchors, self.steps, zoned=self.zoned, start=start)
        self.segments = found or self.segments

    def whole(self, zone_s: int, basis: str) -> Segment:
        """A stretch for all of the source, on a zone that no anchor has confirmed."""
        return Segment(0, zone_s, 0.0, 1.0 if self.overview["whole_seconds"] else 0.5, 0, basis)

    def declared(self) -> Segment:
        """A stretch for all of the source by the zone that it, or the user, says."""
        return self.whole(0, "given with --tz" if self.given else "explicit")


def load_clocks(store: Store, sources: tuple[SourceInfo, ...]) -> dict[int, SourceClock]:
    """The clocks of all sources that have a time at all: source_id -> clock."""
    overview = {row["source_id"]: row for row in store.records("SELECT * FROM clock_overview")}
    steps: dict[int, list[Step]] = {}
    for source_id, record_id, jump, wall in store.rows(
        "SELECT source_id, record_id, jump_s, wall_s FROM clock_step ORDER BY ALL"
    ):
        steps.setdefault(source_id, []).append(Step(record_id, jump, wall))
    return {
        source.source_id: SourceClock(
            source, overview[source.source_id], tuple(steps.get(source.source_id, ()))
        )
        for source in sources
        if source.source_id in overview and overview[source.source_id]["records"]
    }


def give_zone(store: Store, clock: SourceClock, zone: tzinfo) -> None:
    """Put a source on the zone that the user named; what is left of its steps is the clock's."""
    wall = (clock.overview["first_wall"], clock.overview["last_wall"])
    clock.given = tuple(zone_stretches(store, clock.info.source_id, zone, wall))
    changes = {
        record_id: zone_s - before
        for (_, before), (record_id, zone_s) in zip(clock.given, clock.given[1:], strict=False)
    }
    clock.steps = tuple(
        Step(step.record_id, jump, step.wall_s - _zone_at(clock, step.record_id))
        for step in clock.steps
        if abs(jump := step.jump_s - changes.get(step.record_id, 0)) >= 600
        and (jump < 0 or step.record_id not in changes)
    )


def _zone_at(clock: SourceClock, record_id: int) -> int:
    """Seconds ahead of UTC of the zone that was given, at a record."""
    return max((each for each in clock.given if each[0] <= record_id), default=(0, 0))[1]


def anchors_of(clock: SourceClock, rows: pa.Table, basis: str) -> Anchors:
    """Anchors from rows of record_id, wall_s, ahead_s and up."""
    record_id, wall = rows["record_id"].to_numpy(), rows["wall_s"].to_numpy()
    ahead, up = rows["ahead_s"].to_numpy(), rows["up"].to_numpy(zero_copy_only=False)
    if clock.given:
        begins = np.array([begin for begin, _ in clock.given])
        zones = np.array([zone_s for _, zone_s in clock.given], np.float64)
        zone = zones[np.searchsorted(begins, record_id, side="right") - 1]
        wall, ahead = wall - zone, ahead - zone
    return Anchors(record_id, wall, ahead, up, basis)


def publish_clocks(store: Store, clocks: Mapping[int, SourceClock]) -> None:
    """Write the stretches into `clock_shift`."""
    rows = [row for source_id, clock in clocks.items() for row in _shifts(source_id, clock)]
    types = {
        "source_id": pa.int64(), "from_record": pa.int64(), "to_record": pa.int64(),
        "zone_s": pa.int64(), "shift_us": pa.int64(), "drift": pa.float64(),
        "origin_us": pa.int64(), "dated": pa.bool_(),
    }  # fmt: skip
    table = pa.table({
        name: pa.array([row[place] for row in rows], kind)
        for place, (name, kind) in enumerate(types.items())
    })
    store.show("shifts", table)
    store.execute("CREATE OR REPLACE TABLE clock_shift AS SELECT * FROM shifts")
    store.hide("shifts")


def _shifts(source_id: int, clock: SourceClock) -> Iterable[tuple[Any, ...]]:
    """One row per stretch with one zone and one clock error."""
    begins = {segment.from_record: segment for segment in clock.segments}
    cuts = sorted({*begins, *(record_id for record_id, _ in clock.given)})
    segment = clock.segments[0]
    for begin, end in zip(cuts, [*cuts[1:], _END], strict=True):
        segment = begins.get(begin, segment)
        given = _zone_at(clock, begin)
        zone = 0 if clock.written else given or segment.zone_s
        origin = round((segment.origin_s + given) * 1e6)
        shift = round(segment.offset_s * 1e6)
        yield source_id, begin, end, zone, shift, segment.drift, origin, clock.dated
