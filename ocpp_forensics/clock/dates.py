"""Stamps that leave out the year or the whole date, completed beside the other logs.

Reads: record, part. Feeds: clock alignment. Changes the stamps of the sources concerned.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from ocpp_forensics.store import Store

__all__ = ["complete_stamps"]

_NO_DAY = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def complete_stamps(store: Store) -> set[int]:
    """Look how the sources write time and add what they leave out; those without dates."""
    store.run_file("clock_overview")
    if _settle_days(store):
        store.run_file("clock_overview")
    if _complete_years(store):
        store.run_file("clock_overview")
    undated = _complete_days(store)
    if undated:
        store.run_file("clock_overview")
    return undated


def _settle_days(store: Store) -> bool:
    """Put day and month in the order in which the clock of the whole source runs evenly.

    Where both do (a log of one day), the order that brings it next to the other logs, day first
    otherwise. True where there were any.
    """
    store.run_file("clock_day_order")
    unsure = store.records("SELECT * FROM day_order ORDER BY source_id")
    others = store.records(
        "SELECT * FROM clock_overview WHERE records > 0 AND yearless = 0 AND undated = 0 "
        "AND source_id NOT IN (SELECT source_id FROM day_order)"
    )
    by_month = [row["source_id"] for row in unsure if _month_first(row, others)]
    if unsure:
        store.execute("SET VARIABLE by_month = ?::BIGINT[]", [by_month])
        store.run_file("clock_day_settled")
    return bool(unsure)


def _month_first(row: dict[str, Any], others: list[dict[str, Any]]) -> bool:
    if row["day_first"] != row["month_first"]:
        return bool(row["month_first"] < row["day_first"])

    def away(moment: datetime) -> float:
        """Seconds to the nearest stamp of the other logs."""
        return min(
            (
                max(each["first_utc"] - moment, moment - each["last_utc"], timedelta())
                for each in others
            ),
            default=timedelta(),
        ).total_seconds()

    return away(row["month_utc"]) < away(row["day_utc"])


def _complete_years(store: Store) -> bool:
    """Give stamps without a year the year that brings their source next to the others.

    True where there were any.
    """
    sources = store.records(
        "SELECT c.*, p.modified FROM clock_overview AS c JOIN (SELECT source_id, "
        "max(modified) AS modified FROM part GROUP BY ALL) AS p USING (source_id)"
    )
    dated = [row for row in sources if row["records"] and not row["yearless"]]
    yearless = [row for row in sources if row["yearless"]]
    for row in yearless:
        store.execute("SET VARIABLE source = ?", [row["source_id"]])
        store.run_file("clock_new_years")
        store.execute("SET VARIABLE first_year = ?", [_first_year(store, row["modified"], dated)])
        store.run_file("clock_years")
    return bool(yearless)


def _complete_days(store: Store) -> set[int]:
    """Place stamps without a date on the days of the other sources; gives the ids of those sources.

    A time of day goes to the day of the earliest dated stamp, a time since a start begins there.
    """
    rows = store.records("SELECT * FROM clock_overview")
    dated = [row["first_utc"] for row in rows if row["records"] and not row["undated"]]
    first = min(dated, default=_NO_DAY)
    undated = {row["source_id"] for row in rows if row["undated"]}
    for source_id in sorted(undated):
        store.execute("SET VARIABLE source = ?", [source_id])
        store.execute("SET VARIABLE first_day = ?", [first.date()])
        store.execute("SET VARIABLE first_ts = ?", [first])
        store.run_file("clock_days")
    return undated


def _first_year(store: Store, modified: datetime | None, dated: list[dict[str, Any]]) -> int:
    """The year of the first stamp of a source that writes none."""
    first, last, turns = store.rows(
        "SELECT arg_min(ts_original, record_id), arg_max(ts_original, record_id), max(years) "
        "FROM new_year"
    )[0]
    if dated:
        low = min(each["first_utc"] for each in dated)
        high = max(each["last_utc"] for each in dated)
        middle = low + (high - low) / 2
        half = (_in_year(last, first.year + turns) - first) / 2
        years = range(low.year - turns - 1, high.year + 2)
        return min(years, key=lambda year: abs(_in_year(first, year) + half - middle))
    if modified is not None:
        ended = _in_year(last, modified.year) <= modified
        return int(modified.year - turns - (0 if ended else 1))
    return 2000


def _in_year(moment: datetime, year: int) -> datetime:
    """The same moment of another year, which may have no 29 February."""
    return moment.replace(year=year, day=min(moment.day, 28) if moment.month == 2 else moment.day)
