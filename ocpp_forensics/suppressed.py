"""What looks like trouble and is none: resets that were ordered, probes, holes in logs, by kind.

Reads: the session tables, incident_episode (sql/suppressed.sql). Feeds: the report.
"""

from ocpp_forensics.model import Suppressed
from ocpp_forensics.store import Store

__all__ = ["suppressed_of"]

_NAMES = {
    "planned-reset": ("reset that the CSMS ordered", "resets that the CSMS ordered"),
    "normal-close": ("normal close", "normal closes"),
    "quick-retry": (
        "failed attempt that succeeded within a minute",
        "failed attempts that succeeded within a minute",
    ),
    "replayed-message": (
        "queued message that came after a reconnect",
        "queued messages that came after a reconnect",
    ),
    "health-probe": ("health probe", "health probes"),
    "stranger": ("request that named no station", "requests that named no station"),
    "log-hole": ("hole in a log", "holes in logs"),
}
"""What each kind is called, one and several."""


def suppressed_of(store: Store) -> tuple[Suppressed, ...]:
    """What was counted and is no incident, the most frequent kind first."""
    rows = [row for row in store.rows_of("suppressed") if row[1]]
    return tuple(
        Suppressed(kind, count, tuple(stations or ()), _sentence(kind, count))
        for kind, count, stations in sorted(rows, key=lambda row: (-row[1], row[0]))
    )


def _sentence(kind: str, count: int) -> str:
    return f"{count:,} {_NAMES[kind][count > 1]}".replace(",", " ")
