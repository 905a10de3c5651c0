"""Clock alignment: the zone and the error of every source's clock against the reference.

Reads: record, source. Feeds: clock_shift (source_id, from_record, to_record, zone_s, shift_us,
drift, origin_us, dated). The reference is the CSMS that logged most frames; where there is none,
the largest source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo

from ocpp_forensics.clock.dates import complete_stamps
from ocpp_forensics.clock.segments import Segment
from ocpp_forensics.clock.source_clock import (
    SourceClock,
    anchors_of,
    give_zone,
    load_clocks,
    publish_clocks,
)
from ocpp_forensics.clock.twins import find_twins
from ocpp_forensics.clock.zones import nearest_zone, zone_name
from ocpp_forensics.model import ClockInfo, SourceInfo
from ocpp_forensics.store import Store

__all__ = ["align_clocks", "borrowed_clocks"]

_FEW = 3
"""So many messages that two logs share tell more than chance."""


def align_clocks(
    store: Store, sources: tuple[SourceInfo, ...], zones: Mapping[int, tzinfo]
) -> tuple[ClockInfo, ...]:
    """Work out every source's clock and fill `clock_shift`.

    Shape: one ClockInfo per source that has a time at all; `zones` are those that the user gave,
    by source_id. Source: RFC 5905 section 8 for the error from messages both ways.
    """
    undated = complete_stamps(store)
    clocks = load_clocks(store, sources)
    for source_id, clock in clocks.items():
        clock.dated = source_id not in undated
        if source_id in zones:
            give_zone(store, clock, zones[source_id])
    reference = _reference(clocks)
    for source_id, clock in clocks.items():
        _from_current_time(store, clock, is_reference=source_id == reference)
    if reference is not None:
        _from_messages(store, clocks, reference)
    _from_twins(store, clocks, reference)
    for clock in clocks.values():
        if not clock.segments:
            clock.measure(_assumed(store, clock, clocks))
    publish_clocks(store, clocks)
    return tuple(_info(source_id, clock, reference) for source_id, clock in clocks.items())


def _reference(clocks: Mapping[int, SourceClock]) -> int | None:
    """The source whose clock the others are measured against."""

    def weight(key: int) -> tuple[int, int, int]:
        return clocks[key].overview["frames"], clocks[key].overview["records"], -key

    framed = [key for key, clock in clocks.items() if clock.overview["frames"]]
    central = [key for key, clock in clocks.items() if clock.info.kind == "csms"]
    return max(central or framed, key=weight, default=None)


def _from_current_time(store: Store, clock: SourceClock, *, is_reference: bool) -> None:
    """Anchors from answers that carry currentTime: the CSMS's own clock in UTC."""
    rows = store.arrow(
        "SELECT record_id, epoch(ts_original) - coalesce(zone_s, 0) AS wall_s, "
        "wall_s - epoch(reported_ts) AS ahead_s, false AS up "
        "FROM record JOIN part ON part_id = record_id >> 40 WHERE source_id = ? "
        "AND ocpp_type = 3 AND reported_ts IS NOT NULL AND ts_original IS NOT NULL "
        "ORDER BY record_id",
        [clock.info.source_id],
    )
    if rows.num_rows == 0:
        return
    clock.anchors.append(anchors_of(clock, rows, "currentTime"))
    clock.measure()
    if is_reference:
        clock.segments = tuple(_as_reference(segment) for segment in clock.segments)


def _as_reference(segment: Segment) -> Segment:
    """The reference sets the time: what is left after its zone is rounding, not error."""
    if abs(segment.offset_s) >= 60 or segment.drift:
        return segment
    return replace(segment, offset_s=0.0, uncertainty_s=0.0)


def _from_messages(store: Store, clocks: Mapping[int, SourceClock], reference: int) -> None:
    """Anchors from messages that the reference has logged as well, both ways."""
    source = clocks[reference]
    others = any(
        clock.overview["frames"] for key, clock in clocks.items() if key != reference
    )  # fmt: skip
    if not source.overview["frames"] or not others:
        return
    if not source.segments:
        source.measure(source.declared() if source.zoned else source.whole(0, "assumed"))
    publish_clocks(store, {reference: source})
    store.execute("SET VARIABLE reference = ?", [reference])
    store.run_file("clock_messages")
    for source_id, clock in clocks.items():
        if source_id == reference:
            continue
        rows = store.arrow(
            "SELECT record_id, epoch(wall) - coalesce(zone_s, 0) AS wall_s, "
            "wall_s - epoch(utc) AS ahead_s, sent AS up "
            "FROM clock_message WHERE source_id = ? ORDER BY record_id",
            [source_id],
        )
        if rows.num_rows >= _FEW:
            clock.anchors.insert(0, anchors_of(clock, rows, "message ids"))
            clock.measure()


def _from_twins(store: Store, clocks: Mapping[int, SourceClock], reference: int | None) -> None:
    """Clocks from events that other sources tell of as well, where they fit in one way only."""
    known = {key: clock for key, clock in clocks.items() if clock.segments}
    for key, clock in clocks.items():
        if clock.zoned and not clock.segments:
            known[key] = replace(clock, segments=(clock.declared(),))
    if not known and reference is not None:
        source = clocks[reference]
        known[reference] = replace(source, segments=(source.whole(0, "assumed"),))
    sought = [
        key for key, clock in clocks.items()
        if not clock.segments and not (key == reference and (clock.zoned or key in known))
    ]  # fmt: skip
    _tie(store, clocks, known, sought)
    left = [key for key in sought if not clocks[key].segments]
    server = next(
        (key for kind in ("csms", "proxy") for key in left if clocks[key].info.kind == kind), None
    )
    if server is not None:
        # Nothing ties it to a known clock, but others may be tied to it.
        known = known | {key: clock for key, clock in clocks.items() if clock.segments}
        known[server] = replace(clocks[server], segments=(_assumed(store, clocks[server], clocks),))
        _tie(store, clocks, known, [key for key in left if key != server])


def _tie(
    store: Store, clocks: Mapping[int, SourceClock], known: Mapping[int, SourceClock],
    sought: Sequence[int],
) -> None:  # fmt: skip
    """Measure the clocks sought against those known."""
    if not sought:
        return
    publish_clocks(store, known)
    store.run_file("clock_twin_events")
    for source_id, found in find_twins(
        store, sought, (k for k in sought if clocks[k].zoned)
    ).items():
        clock = clocks[source_id]
        zone = 0 if clock.zoned else nearest_zone(found.ahead_s)
        basis = f"{found.pairs} events that other sources tell of as well"
        start = replace(
            clock.whole(zone, basis), offset_s=found.ahead_s - zone, uncertainty_s=found.error_s
        )
        clock.measure(start)


def _assumed(store: Store, clock: SourceClock, clocks: Mapping[int, SourceClock]) -> Segment:
    """The zone that it writes, the clock of its machine, the zone of a log next to it, or UTC."""
    if not clock.dated:
        basis = "no date written, placed beside the other logs"
        return replace(clock.whole(0, basis), uncertainty_s=86400.0)
    if clock.zoned:
        return clock.declared()
    same = _same_machine(store, clock, clocks)
    if same:
        path, segment = same
        return replace(segment, from_record=0, anchors=0, basis=f"the clock of {path}, same host")
    zone = _neighbour_zone(clock, clocks)
    return clock.whole(zone or 0, "assumed" if zone is None else "assumed from its neighbour")


def _same_machine(
    store: Store, clock: SourceClock, clocks: Mapping[int, SourceClock]
) -> tuple[str, Segment] | None:
    """A log written on the same host whose clock was measured and ran evenly."""
    rows = store.rows(
        "SELECT DISTINCT o.source_id FROM host_name AS a JOIN part AS p USING (part_id) "
        "JOIN host_name AS b USING (host) JOIN part AS o ON o.part_id = b.part_id "
        "WHERE p.source_id = $source AND o.source_id <> $source ORDER BY ALL",
        {"source": clock.info.source_id},
    )
    for (source_id,) in rows:
        other = clocks.get(source_id)
        if other and len(other.segments) == 1 and other.segments[0].anchors and not other.zoned:
            return other.info.path, other.segments[0]
    return None


def _neighbour_zone(clock: SourceClock, clocks: Mapping[int, SourceClock]) -> int | None:
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


def _info(source_id: int, clock: SourceClock, reference: int | None) -> ClockInfo:
    segments = clock.segments
    main = max(segments, key=lambda segment: segment.anchors)
    # A clock that has lost the date tells nothing of its zone.
    near = [segment for segment in segments if abs(segment.offset_s) < 86400] or segments
    zones = [zone_s for _, zone_s in clock.given] or [segment.zone_s for segment in near]
    names = list(dict.fromkeys(zone_name(zone_s) for zone_s in zones))
    bases = [segment.basis for segment in segments if segment.basis != "continuity"]
    return ClockInfo(
        source_id=source_id,
        zone="explicit" if clock.written else "/".join(names),
        basis="reference" if source_id == reference and main.anchors else (bases or ["none"])[0],
        offset_s=round(main.offset_s, 3),
        uncertainty_s=round(main.uncertainty_s, 3),
        anchors=sum(segment.anchors for segment in segments),
        steps=len(segments) - 1,
        drift_ppm=round(main.drift * 1e6, 1),
    )


def borrowed_clocks(store: Store) -> tuple[ClockInfo, ...]:
    """The clocks of sources without any time, where messages of theirs are dated by others.

    What stands between two messages is at the time of the first one: the error is up to the pause.
    """
    rows = store.rows(
        "SELECT source_id, count(*), quantile_cont(pause_s, 0.95) FROM (SELECT source_id, "
        "epoch(ts) - epoch(lag(ts) OVER (PARTITION BY source_id ORDER BY event_id)) AS pause_s "
        "FROM dated_elsewhere) GROUP BY source_id ORDER BY source_id"
    )
    basis = "messages that other logs date, line by line"
    return tuple(
        ClockInfo(source_id, "UTC", basis, 0.0, round(pause_s or 0.0, 3), anchors, 0)
        for source_id, anchors, pause_s in rows
    )
