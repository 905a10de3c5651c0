"""What one line of a document tells. Feeds: the table fact."""

import re
from dataclasses import dataclass
from datetime import datetime

__all__ = ["Told", "seconds_of"]

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0,
          "M": 2592000.0, "y": 31536000.0}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A fact and the line that tells it; scope, host and path say whom it binds."""

    key: str
    value: str
    line: int
    scope: str
    basis: str
    host: str | None = None
    path: str | None = None
    valid_from: datetime | None = None


def seconds_of(text: str, unit: str) -> float | None:
    """A time of a configuration in seconds: 90s, 1h 30m, 500ms, 60 (in `unit`); None for none."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(us|ms|[smhdwMy])?\s*", text)
    if not parts or re.sub(r"[\d.]+(?:us|ms|[smhdwMy])?\s*", "", text):
        return None
    return sum(float(number) * _UNITS[letters or unit] for number, letters in parts)
