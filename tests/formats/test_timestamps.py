"""Stamps of all kinds, read by the same SQL as lines."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_forensics.formats.timestamps import TIME_KINDS, zone_seconds
from ocpp_forensics.store import Store


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store() as opened:
        yield opened


def read(store: Store, kind: str, text: str) -> tuple[str | None, int | None]:
    """The wall clock as text, and the offset in seconds."""
    time = TIME_KINDS[kind]
    ((wall, zone),) = store.rows(
        f"SELECT ({time.wall('stamp')})::VARCHAR, {time.zone('stamp')} FROM (SELECT $1 AS stamp)",
        [text],
    )
    return wall, zone


@pytest.mark.parametrize(
    ("kind", "text", "wall", "zone"),
    [
        ("iso", "2026-03-04 05:06:07", "2026-03-04 05:06:07", None),
        ("iso", "2026-03-04T05:06:07,890", "2026-03-04 05:06:07.89", None),
        ("iso-zone", "2026-03-04T05:06:07.890Z", "2026-03-04 05:06:07.89", 0),
        ("iso-zone", "2026-03-04T05:06:07-0430", "2026-03-04 05:06:07", -16200),
        ("dmy", "04.03.2026 05:06:07", "2026-03-04 05:06:07", None),
        ("dmy", "04/03/2026, 05:06:07.890", "2026-03-04 05:06:07.89", None),
        ("dmy", "31.12.2026 23:59:59,999", "2026-12-31 23:59:59.999", None),
        ("dmy", "12.31.2026 05:06:07", None, None),
        ("ymd-slash", "2026/03/04 05:06:07.890123", "2026-03-04 05:06:07.890123", None),
        ("us-12h", "03/04/2026 12:06:07 AM", "2026-03-04 00:06:07", None),
        ("us-12h", "03/04/2026 12:06:07 PM", "2026-03-04 12:06:07", None),
        ("us-12h", "03/04/2026 11:06:07 PM", "2026-03-04 23:06:07", None),
        ("clf", "04/Mar/2026:05:06:07", "2026-03-04 05:06:07", None),
        ("ctime", "Wed Mar 04 05:06:07 2026", "2026-03-04 05:06:07", None),
        ("rfc3164", "Mar  4 05:06:07", "1904-03-04 05:06:07", None),
        ("rfc3164", "Feb 29 05:06:07", "1904-02-29 05:06:07", None),
        ("epoch", "1772600767", "2026-03-04 05:06:07", 0),
        ("epoch", "1772600767.89", "2026-03-04 05:06:07.89", 0),
        ("epoch", "1772600767890", "2026-03-04 05:06:07.89", 0),
        ("epoch", "1772600767890123", "2026-03-04 05:06:07.890123", 0),
        ("epoch", "1772600767890000000", "2026-03-04 05:06:07.89", 0),
        ("auto", "1772600767890", "2026-03-04 05:06:07.89", 0),
        ("auto", "2026-03-04T05:06:07+01:00", "2026-03-04 05:06:07", 3600),
        ("auto", "2026-03-04 05:06:07,890", "2026-03-04 05:06:07.89", None),
        ("none", "2026-03-04 05:06:07", None, None),
    ],
)
def test_a_stamp_is_the_wall_clock_as_written(
    store: Store, kind: str, text: str, wall: str | None, zone: int | None
) -> None:
    assert read(store, kind, text) == (wall, zone)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001 - wall clocks
def test_epochs_of_every_size_are_the_same_moment(store: Store, moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    ms = round(moment.replace(tzinfo=UTC).timestamp() * 1000)
    for text in (str(ms), str(ms * 1000), f"{ms / 1000:.3f}"):
        wall, zone = read(store, "epoch", text)
        assert zone == 0
        assert wall is not None
        assert abs((datetime.fromisoformat(wall) - moment).total_seconds()) < 1e-3


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("Z", 0), ("+02:00", 7200), ("+0200", 7200), ("-04", -14400), ("UTC", 0), ("", None)],
)
def test_zones_are_seconds_east_of_greenwich(store: Store, text: str, seconds: int | None) -> None:
    assert store.value(f"SELECT {zone_seconds('z')} FROM (SELECT $1 AS z)", [text]) == seconds
