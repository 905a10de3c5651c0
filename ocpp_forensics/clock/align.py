"""Clock alignment: the zone and the error of every source's clock against the reference.

Reads: record, source. Feeds: clock_shift (source_id, from_record, to_record, zone_s, shift_us).
The reference is the CSMS that logged most frames; where there is none, the largest source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

import numpy as np
import pyarrow as pa

from ocpp_forensics.clock.dates import complete_stamps
from ocpp_forensics.clock.segments import Anchors, Segment, Step, find_segments
from ocpp_forensics.clock.zones import zone_stretches
from ocpp_forensics.model import ClockInfo, SourceInfo
from ocpp_forensics.store import Store

__all__ = ["align_clocks"]

_END = 2**62
_NO_ANCHORS = Anchors(np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.bool_), "none")


@dataclass(slots=True)
class _Source:
    """What is known of one source's clock while it is being worked out."""

    info: SourceInfo
    overview: Mapping[str, Any]
    steps: tuple[Step, ...]
    segments: tuple[Segment, ...] = ()
    option: bool = False

    @property
    def zoned(self) -> bool:
        """Whether the source writes its zone on (nearly) every line."""
        return bool(self.overview["zoned"] >= 0.9 * self.overview["records"])

    def whole(self, zone_s: int, basis: str) -> Segment:
        """A stretch for all of the source, on a zone that no anchor has confirmed."""
        return Segment(0, zone_s, 0.0, 1.0 if self.overview["whole_seconds"] else 0.5, 0, basis)


def align_clocks(
    store: Store, sources: tuple[SourceInfo, ...], zones: Mapping[int, tzinfo]
) -> tuple[ClockInfo, ...]:
    """Work out every source's clock and fill `clock_shift`.

    Shape: one ClockInfo per source that has a time at all; `zones` are those that the user gave,
    by source_id. Source: RFC 5905 section 8 for the error from messages both ways.
    """
    undated = complete_stamps(store)
    clocks = _load(store, sources)
    for source_id, zone in zones.items():
        if source_id in clocks:
            clocks[source_id].segments = _given(store, clocks[source_id], zone)
            clocks[source_id].option = True
    reference = _reference(clocks)
    for source_id, clock in clocks.items():
        _from_current_time(store, clock, is_reference=source_id == reference)
    if reference is not None:
        _from_messages(store, clocks, reference)
    _from_twins(store, clocks)
    for source_id, clock in clocks.items():
        if not clock.segments:
            found = _assumed(clock, clocks)
            clock.segments = _without_date(found) if source_id in undated else found
    _publish(store, clocks)
    return tuple(_info(source_id, clock, reference) for source_id, clock in clocks.items())


def _given(store: Store, clock: _Source, zone: tzinfo) -> tuple[Segment, ...]:
    """The stretches of a source whose zone the user named."""
    wall = (clock.overview["first_wall"], clock.overview["last_wall"])
    return tuple(
        replace(clock.whole(zone_s, "given with --tz"), from_record=record_id)
        for record_id, zone_s in zone_stretches(store, clock.info.source_id, zone, wall)
    )


def _load(store: Store, sources: tuple[SourceInfo, ...]) -> dict[int, _Source]:
    overview = {row["source_id"]: row for row in store.records("SELECT * FROM clock_overview")}
    steps: dict[int, list[Step]] = {}
    for source_id, record_id, jump in store.rows(
        "SELECT source_id, record_id, jump_s FROM clock_step ORDER BY ALL"
    ):
        steps.setdefault(source_id, []).append(Step(record_id, jump))
    return {
        source.source_id: _Source(
            source, overview[source.source_id], tuple(steps.get(source.source_id, ()))
        )
        for source in sources
        if source.source_id in overview and overview[source.source_id]["records"]
    }


def _without_date(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Stretches of a clock whose stamps carry no date: the day is assumed."""
    basis = "no date written, placed beside the other logs"
    return tuple(replace(each, basis=basis, uncertainty_s=86400.0) for each in segments)


def _reference(clocks: Mapping[int, _Source]) -> int | None:
    """The source whose clock the others are measured against."""
    framed = [key for key, clock in clocks.items() if clock.overview["frames"]]
    central = [key for key in framed if clocks[key].info.kind == "csms"]
    candidates = central or framed
    return max(candidates, key=lambda key: (clocks[key].overview["frames"], -key), default=None)


def _from_current_time(store: Store, clock: _Source, *, is_reference: bool) -> None:
    """Anchors from answers that carry currentTime: the CSMS's own clock in UTC."""
    rows = store.arrow(
        "SELECT record_id, epoch(ts_original) - coalesce(zone_s, 0) - epoch(reported_ts) AS ahead "
        "FROM record JOIN part ON part_id = record_id >> 40 WHERE source_id = ? "
        "AND reported_ts IS NOT NULL AND ts_original IS NOT NULL ORDER BY record_id",
        [clock.info.source_id],
    )
    if clock.option or rows.num_rows == 0:
        return
    ahead = rows["ahead"].to_numpy()
    anchors = Anchors(
        rows["record_id"].to_numpy(), ahead, np.zeros(len(ahead), np.bool_), "currentTime"
    )
    segments = find_segments(anchors, clock.steps, zoned=clock.zoned)
    if is_reference:
        segments = tuple(_as_reference(segment) for segment in segments)
    clock.segments = segments


def _as_reference(segment: Segment) -> Segment:
    """The reference sets the time: what is left after its zone is rounding, not error."""
    return (
        replace(segment, offset_s=0.0, uncertainty_s=0.0) if abs(segment.offset_s) < 60 else segment
    )


def _from_messages(store: Store, clocks: Mapping[int, _Source], reference: int) -> None:
    """Anchors from messages that the reference has logged as well, both ways."""
    source = clocks[reference]
    if not source.segments:
        zone = source.whole(0, "explicit" if source.zoned else "assumed")
        source.segments = find_segments(_NO_ANCHORS, source.steps, zoned=source.zoned, start=zone)
    if sum(1 for clock in clocks.values() if clock.overview["frames"]) == 1:
        return
    _publish(store, {reference: source})
    store.execute("SET VARIABLE reference = ?", [reference])
    store.run_file("clock_messages")
    for source_id, clock in clocks.items():
        if source_id == reference or clock.option:
            continue
        rows = store.arrow(
            "SELECT record_id, epoch(wall) - coalesce(zone_s, 0) - epoch(utc) AS ahead, "
            "coalesce(sent, false) AS up FROM clock_message WHERE source_id = ? ORDER BY record_id",
            [source_id],
        )
        if rows.num_rows >= 3:
            anchors = Anchors(
                rows["record_id"].to_numpy(),
                rows["ahead"].to_numpy(),
                rows["up"].to_numpy(zero_copy_only=False),
                "message ids",
            )
            clock.segments = find_segments(anchors, clock.steps, zoned=clock.zoned)


def _from_twins(store: Store, clocks: Mapping[int, _Source]) -> None:
    """Zones from events that other sources tell of as well, where one zone clearly fits best."""
    pending = {key for key, clock in clocks.items() if not clock.segments and not clock.zoned}
    if not pending:
        return
    known = {key: clock for key, clock in clocks.items() if clock.segments}
    for key, clock in clocks.items():
        if clock.zoned and not clock.segments:
            known[key] = replace(clock, segments=(clock.whole(0, "explicit"),))
    _publish(store, known)
    store.run_file("clock_twin_events")
    found: dict[int, list[tuple[int, int]]] = {}
    for source_id, zone_s, pairs in store.rows_of("clock_twins"):
        found.setdefault(source_id, []).append((zone_s, pairs))
    for source_id in pending & set(found):
        (zone_s, pairs), *others = found[source_id]
        second = others[0][1] if others else 0
        if pairs >= 3 and pairs >= 1.5 * second:
            clock = clocks[source_id]
            start = clock.whole(zone_s, f"{pairs} events that other sources tell of as well")
            clock.segments = find_segments(_NO_ANCHORS, clock.steps, zoned=False, start=start)


def _assumed(clock: _Source, clocks: Mapping[int, _Source]) -> tuple[Segment, ...]:
    """The zone a source writes, the zone of the log next to it, or UTC."""
    if clock.zoned:
        start = clock.whole(0, "explicit")
    else:
        zone = _neighbour_zone(clock, clocks)
        start = clock.whole(zone or 0, "assumed" if zone is None else "assumed from its neighbour")
    return find_segments(_NO_ANCHORS, clock.steps, zoned=clock.zoned, start=start)


def _neighbour_zone(clock: _Source, clocks: Mapping[int, _Source]) -> int | None:
    """The zone of another log of the same kind in the same folder, where all agree."""
    folder = clock.info.path.rpartition("/")[0]
    zones = {
        segment.zone_s
        for other in clocks.values()
        if other is not clock
        and other.info.kind == clock.info.kind
        and other.info.path.rpartition("/")[0] == folder
        for segment in other.segments
        if segment.anchors
    }
    # The logs of one proxy are written on one machine, some of them with its zone.
    written = {
        other.overview["only_zone_s"]
        for other in clocks.values()
        if other.zoned and other.info.kind == clock.info.kind == "proxy"
    } - {None}
    return next(iter(zones or written)) if len(zones or written) == 1 else None


def _publish(store: Store, clocks: Mapping[int, _Source]) -> None:
    """Write the stretches into `clock_shift`."""
    rows: list[tuple[int, ...]] = []
    for source_id, clock in clocks.items():
        ends = [*(segment.from_record for segment in clock.segments[1:]), _END]
        for segment, end in zip(clock.segments, ends, strict=False):
            zone = 0 if clock.zoned else segment.zone_s
            rows.append((source_id, segment.from_record, end, zone, round(segment.offset_s * 1e6)))
    names = ("source_id", "from_record", "to_record", "zone_s", "shift_us")
    table = pa.table({
        name: pa.array([row[place] for row in rows], pa.int64()) for place, name in enumerate(names)
    })
    store.show("shifts", table)
    store.execute("CREATE OR REPLACE TABLE clock_shift AS SELECT * FROM shifts")
    store.hide("shifts")


def _info(source_id: int, clock: _Source, reference: int | None) -> ClockInfo:
    segments = clock.segments
    main = max(segments, key=lambda segment: segment.anchors)
    names = list(dict.fromkeys(_zone_name(segment.zone_s) for segment in segments))
    bases = [segment.basis for segment in segments if segment.basis != "continuity"]
    return ClockInfo(
        source_id=source_id,
        zone="explicit" if clock.zoned else "/".join(names),
        basis="reference" if source_id == reference and main.anchors else (bases or ["none"])[0],
        offset_s=round(main.offset_s, 3),
        uncertainty_s=round(main.uncertainty_s, 3),
        anchors=sum(segment.anchors for segment in segments),
        steps=len(segments) - 1,
    )


def _zone_name(zone_s: int) -> str:
    if zone_s == 0:
        return "UTC"
    hours, minutes = divmod(abs(zone_s) // 60, 60)
    return f"{'-' if zone_s < 0 else '+'}{hours:02}:{minutes:02}"
