"""The ways in which logs write the time, as SQL on the text of a stamp.

Every kind gives the wall clock as written (a TIMESTAMP) and, where the stamp says so itself, the
offset of that wall clock from UTC in seconds. Stamps without a year get the year 1904, a time of
day without a date stands on the first of January 1908, a time since the start of a machine begins
on the first of January 1912, and a stamp whose day may be its month stands 4000 years later; the
clock stage finds the right date. Source: formats-csms-cp
section 7, RFC 3164, RFC 3339.
"""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["TIME_KINDS", "TimeKind", "zone_seconds"]

_LOCAL = (
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S.%f", "%d.%m.%Y %H:%M", "%d.%m.%Y. %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y. %I:%M:%S %p", "%m/%d/%Y. %I:%M:%S.%f %p",
    "%m/%d/%Y %I:%M:%S.%f %p", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y. %H:%M:%S", "%d/%m/%Y %H:%M",
    "%d-%m-%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M:%S.%f", "%b %d. %Y @ %H:%M:%S.%f",
    "%d %b %Y %H:%M:%S", "%d/%b/%Y:%H:%M:%S",
)  # fmt: skip
"""How people and exports write the time where it is no ISO stamp; a comma counts as a dot."""

YEARLESS = 1904
"""The year given to stamps that have none: a leap year that no real clock falls back to."""


@dataclass(frozen=True, slots=True)
class TimeKind:
    """One way to write the time.

    `wall(text)` is SQL for the wall clock, `zone(text)` for its offset in seconds where the stamp
    carries one. Units: TIMESTAMP; seconds, positive east of Greenwich. An `undated` stamp lacks
    the date and gives way to the stamp of a wrapper.
    """

    wall: Callable[[str], str]
    zone: Callable[[str], str] = lambda _text: "NULL::INTEGER"
    yearless: bool = False
    undated: bool = False


def zone_seconds(zone: str) -> str:
    """SQL for the offset in seconds of 'Z', '+02:00', '+0200' or '-04'; null where none stands."""
    digits = f"replace({zone}[2:], ':', '')"
    hours = f"try_cast({digits}[1:2] AS INTEGER) * 3600"
    minutes = f"coalesce(try_cast({digits}[3:4] AS INTEGER), 0) * 60"
    sign = f"CASE {zone}[1] WHEN '-' THEN -1 ELSE 1 END"
    return (
        f"CASE WHEN {zone} IS NULL OR {zone} = '' THEN NULL "
        f"WHEN {zone}[1] IN ('+', '-') THEN {sign} * ({hours} + {minutes}) ELSE 0 END"
    )


def _cast(text: str) -> str:
    return f"try_cast(replace({text}, ',', '.') AS TIMESTAMP)"


def _strptime(*layouts: str) -> Callable[[str], str]:
    listed = ", ".join(f"'{layout}'" for layout in layouts)
    return lambda text: f"try_strptime(replace({text}, ',', '.'), [{listed}])"


def _separated(*layouts: str) -> Callable[[str], str]:
    """Day, month and year with dots, hyphens or slashes between them, a mark before the time."""
    parse = _strptime(*layouts)
    shape = r"^(\d\d?)[./-](\d\d?)[./-](\d{4})[,;|]?[ T]?"
    return lambda text: parse(f"regexp_replace({text}, '{shape}', '\\1.\\2.\\3 ')")


def _slashed(text: str) -> str:
    """Day and month in the order that is possible; day first and 4000 years later if both are."""
    day = _separated("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S.%f")(text)
    month = _separated("%m.%d.%Y %H:%M:%S", "%m.%d.%Y %H:%M:%S.%f")(text)
    return (
        f"CASE WHEN {day} <> {month} THEN {day} + INTERVAL 4000 YEAR "
        f"ELSE coalesce({day}, {month}) END"
    )


def _yearless(*layouts: str) -> Callable[[str], str]:
    listed = ", ".join(f"'%Y {layout}'" for layout in layouts)
    return lambda text: (
        f"try_strptime('{YEARLESS} ' || regexp_replace({text}, ' +', ' ', 'g'), [{listed}])"
    )


def _epoch(text: str) -> str:
    """Seconds, milli-, micro- or nanoseconds since 1970, told apart by their size."""
    number = f"try_cast({text} AS DOUBLE)"
    scaled = (
        f"CASE WHEN {number} < 1e11 THEN {number} * 1e6 WHEN {number} < 1e14 THEN {number} * 1e3 "
        f"WHEN {number} < 1e17 THEN {number} ELSE {number} / 1e3 END"
    )
    return f"make_timestamp(try_cast({scaled} AS BIGINT))"


def _zone_at_end(text: str) -> str:
    return zone_seconds(f"regexp_extract({text}, '(Z|[+-][0-9]{{2}}:?[0-9]{{2}})$')")


def _is_number(text: str) -> str:
    return f"regexp_full_match({text}, '[0-9]+(?:\\.[0-9]+)?')"


def _auto(text: str) -> str:
    local = ", ".join(f"'{layout}'" for layout in _LOCAL)
    plain = f"replace(replace({text}, ',', '.'), chr(8239), ' ')"
    return (
        f"CASE WHEN {_is_number(text)} THEN {_epoch(text)} "
        f"ELSE coalesce({_cast(text)}, try_strptime({plain}, [{local}])) END"
    )


def _auto_zone(text: str) -> str:
    return f"CASE WHEN {_is_number(text)} THEN 0 ELSE {_zone_at_end(text)} END"


def _of_day(text: str) -> str:
    return f"try_cast('1908-01-01 ' || replace({text}, ',', '.') AS TIMESTAMP)"


def _uptime(factor: float, prefix: str = "") -> Callable[[str], str]:
    """Time since a start in units of `factor` seconds; `prefix` makes the number one for SQL."""
    sql_type = "BIGINT" if prefix else "DOUBLE"

    def wall(text: str) -> str:
        number = f"try_cast('{prefix}' || replace({text}, ',', '.') AS {sql_type})"
        return f"TIMESTAMP '1912-01-01' + to_microseconds(({number} * {factor * 1e6})::BIGINT)"

    return wall


TIME_KINDS: dict[str, TimeKind] = {
    "iso": TimeKind(_cast),
    "iso-zone": TimeKind(_cast, _zone_at_end),
    "iso-utc": TimeKind(lambda text: _cast(f"replace({text}, chr(9), ' ')"), lambda _text: "0"),
    "auto": TimeKind(_auto, _auto_zone),
    "dmy": TimeKind(_separated("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S.%f")),
    "slashed": TimeKind(_slashed),
    "ymd-slash": TimeKind(
        _strptime("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M:%S.%f", "%Y/%m/%d %H:%M:%S:%f")
    ),
    "compact": TimeKind(
        lambda text: _strptime(
            "%Y%m%d %H%M%S", "%Y%m%d %H%M%S.%f", "%Y%m%d %H:%M:%S", "%Y%m%d %H:%M:%S.%f"
        )(
            f"regexp_replace(regexp_replace({text}, '^(\\d{{6}})[-T_ ]', '20\\1 '), "
            "'^(\\d{8})[-T_]', '\\1 ')"
        )
    ),
    "us-12h": TimeKind(
        lambda text: _strptime(
            "%m/%d/%Y. %I:%M:%S %p",
            "%m/%d/%Y %I:%M:%S %p",
            "%m/%d/%Y %I:%M:%S.%f %p",
            "%m/%d/%Y. %I:%M %p",
            "%m/%d/%Y %I:%M %p",
            "%Y-%m-%d %I:%M:%S %p",
            "%Y-%m-%d %I:%M:%S.%f %p",
        )(f"replace({text}, chr(8239), ' ')")
    ),
    "clf": TimeKind(
        lambda text: _strptime("%d/%b/%Y:%H:%M:%S", "%d/%b/%Y:%H:%M:%S.%f")(
            f"split_part({text}, ' ', 1)"
        ),
        _zone_at_end,
    ),
    "ctime": TimeKind(_strptime("%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S.%f %Y")),
    "rfc3164": TimeKind(_yearless("%b %d %H:%M:%S", "%b %d %H:%M:%S.%f"), yearless=True),
    "mon-slash-day": TimeKind(_yearless("%b/%d %H:%M:%S"), yearless=True),
    "dm-dots": TimeKind(_yearless("%d.%m. %H:%M:%S"), yearless=True),
    "klog": TimeKind(_yearless("%m%d %H:%M:%S.%f"), yearless=True),
    "md-underscore": TimeKind(
        lambda text: f"try_strptime('{YEARLESS}-' || {text}, '%Y-%m-%d_%H:%M:%S:%f')",
        yearless=True,
    ),
    "md-hyphen": TimeKind(
        lambda text: f"try_strptime('{YEARLESS}-' || {text}, '%Y-%m-%d %H:%M:%S.%f')", yearless=True
    ),
    "date-and-time": TimeKind(lambda text: _cast(f"regexp_replace({text}, '[^0-9:.-]+', ' ')")),
    "time-of-day": TimeKind(_of_day, undated=True),
    "uptime-s": TimeKind(_uptime(1.0), undated=True),
    "uptime-ms": TimeKind(_uptime(1e-3), undated=True),
    "uptime-hex-ms": TimeKind(_uptime(1e-3, "0x"), undated=True),
    "epoch": TimeKind(_epoch, lambda _text: "0"),
    "none": TimeKind(lambda _text: "NULL::TIMESTAMP"),
}
