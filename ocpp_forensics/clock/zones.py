"""Zones that the user names: an offset from UTC, or a place with its summer time.

Reads: options, record. Feeds: clock alignment, the checks of --tz.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from ocpp_forensics.store import Store

__all__ = ["ZONES_IN_USE", "nearest_zone", "read_zone", "zone_name", "zone_names", "zone_stretches"]

ZONES_IN_USE = sorted(
    [hours * 3600 for hours in range(-12, 15)]
    + [
        round(hours * 3600)
        for hours in (-9.5, -3.5, -2.5, 3.5, 4.5, 5.5, 5.75, 6.5, 8.75, 9.5, 10.5, 12.75, 13.75)
    ]
)
"""Offsets from UTC that some place has, in seconds. Source: IANA time zone database, 2020s."""

_OFFSET = re.compile(r"([+-])(\d{2}):?([0-5]\d)?")
_MAX_OFFSET = timedelta(hours=14)
_TWICE = timedelta(hours=1)


def read_zone(text: str) -> tzinfo | None:
    """A zone from UTC, Z, +02:00 or Europe/Berlin; None where it is none of these."""
    if text.upper() in ("UTC", "Z", "GMT"):
        return UTC
    found = _OFFSET.fullmatch(text)
    if found:
        sign = -1 if found[1] == "-" else 1
        offset = sign * timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(offset) if abs(offset) <= _MAX_OFFSET else None
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def nearest_zone(ahead_s: float) -> int:
    """The offset in use that a clock ahead of UTC by so much most likely runs on; 0 beyond all."""
    best = min(ZONES_IN_USE, key=lambda zone: (abs(zone - ahead_s), abs(zone)))
    return best if abs(best - ahead_s) <= 3600 else 0


def zone_name(zone_s: int) -> str:
    """How an offset in seconds is written: UTC or +05:30."""
    if zone_s == 0:
        return "UTC"
    hours, minutes = divmod(abs(zone_s) // 60, 60)
    return f"{'-' if zone_s < 0 else '+'}{hours:02}:{minutes:02}"


def zone_names() -> list[str]:
    """All zones by name, in order."""
    return sorted(available_timezones())


def zone_stretches(
    store: Store, source_id: int, zone: tzinfo, wall: tuple[datetime, datetime]
) -> Iterator[tuple[int, int]]:
    """Where in a source which offset holds: pairs of first record and seconds ahead of UTC.

    `wall` are the first and the last time that the source writes. The hour that a clock runs
    through twice in autumn counts as summer time up to where the log steps back; where it never
    does and goes on, it began in the second pass.
    """
    first, last = wall
    again = first.replace(fold=1)
    if _offset(zone, again) != _offset(zone, first) != _offset(zone, last) and not store.value(
        "SELECT count(*) FROM clock_step WHERE source_id = $source AND jump_s < -600 "
        "AND wall_s < epoch($first) + 7200",
        {"source": source_id, "first": first},
    ):
        first = again
    last += _TWICE  # A log may end while its clock runs through an hour for the second time.
    offset = _offset(zone, first)
    yield 0, offset
    for day in range((last - first).days + 2):
        end = min(first + timedelta(days=day + 1), last)
        changed = _offset(zone, end)
        if changed != offset:
            at = _change(zone, first + timedelta(days=day), end)
            record = _first_after(store, source_id, at, back=changed < offset)
            if record is not None:
                yield record, changed
            offset = changed


def _offset(zone: tzinfo, wall: datetime) -> int:
    return round((zone.utcoffset(wall) or timedelta()).total_seconds())


def _change(zone: tzinfo, low: datetime, high: datetime) -> datetime:
    """The wall time within a day at which the offset changes, to the minute."""
    before = _offset(zone, low)
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high.replace(second=0, microsecond=0)


def _first_after(store: Store, source_id: int, at: datetime, *, back: bool) -> int | None:
    """The first record after a change of the offset."""
    stepped = (
        "SELECT min(record_id) FROM clock_step WHERE source_id = $source AND jump_s < -600 "
        "AND record_id IN (SELECT record_id FROM record WHERE ts_original "
        "BETWEEN $at - INTERVAL 90 MINUTE AND $at + INTERVAL 90 MINUTE)"
    )
    later = (
        "SELECT min(record_id) FROM record JOIN part ON part_id = record_id >> 40 "
        "WHERE source_id = $source AND ts_original >= $at"
    )
    values = {"source": source_id, "at": at}
    found: int | None = store.value(stepped, values) if back else None
    if found is None:
        found = store.value(later, values)
    return found
