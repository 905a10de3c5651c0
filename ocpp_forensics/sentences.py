"""Sentences of signatures with their fields filled in, and numbers as people write them.

Reads: signature sentences, values by field name. Feeds: incidents.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

__all__ = ["count_of", "duration", "few", "fill", "shown", "shown_time"]

_PLACEHOLDER = re.compile(r"\{([a-z_0-9]+)\}")


def fill(sentence: str, values: Mapping[str, Any]) -> str:
    """A sentence with its fields replaced; a field without a value becomes 'unknown'."""
    return _PLACEHOLDER.sub(lambda found: shown(found[1], values.get(found[1])), sentence)


def shown(name: str, value: object) -> str:
    """The value of a field as people write it; its name tells the unit."""
    if value is None:
        return "an unknown time" if name.endswith("_s") else "unknown"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if name.endswith("_s") and name != "per_s":
        return duration(value)
    if name.endswith("_share"):
        return f"{value:.0%}"
    return f"{value:.1f}".removesuffix(".0")


def duration(seconds: float) -> str:
    """A length of time: 0.3 s, 60 s, 15 min, 2 h 5 min, 3 d 4 h."""
    size = abs(seconds)
    sign = "-" if seconds < 0 else ""
    if size < 120:
        return f"{sign}{size:.1f}".removesuffix(".0") + " s"
    if size < 2 * 3600:
        minutes, rest = divmod(round(size), 60)
        return f"{sign}{minutes} min" + (f" {rest} s" if rest and minutes < 20 else "")
    if size < 2 * 86400:
        hours, minutes = divmod(round(size / 60), 60)
        return f"{sign}{hours} h" + (f" {minutes} min" if minutes else "")
    days, hours = divmod(round(size / 3600), 24)
    return f"{sign}{days} d" + (f" {hours} h" if hours else "")


def count_of(number: int, thing: str) -> str:
    """A number with its noun: 1 station, 12 stations, 3 drops."""
    end = "es" if thing.endswith(("ch", "sh", "s", "x")) else "s"
    plural = thing if number == 1 else f"{thing}{end}"
    return f"{number:,} {plural}".replace(",", " ")


def shown_time(moment: datetime) -> str:
    """A moment for people, to the second, in UTC."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def few(names: Sequence[str], most: int = 3) -> str:
    """Some names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
