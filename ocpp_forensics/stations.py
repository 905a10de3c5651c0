"""What is known of each station, and which causes explain what happened to it.

Reads: station, connection, attempt, verdict, incident_episode, incidents. Feeds: the report.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ocpp_forensics.model import Incident, ReconnectReport, StationCause, StationReport
from ocpp_forensics.store import Store

__all__ = ["station_reports"]

_CAUSES = """
SELECT affected, cause, count(*) FILTER (NOT continues) AS episodes, any_value(root) AS root,
    bool_or(follows) AS follows
FROM incident_episode WHERE cause IS NOT NULL AND affected IS NOT NULL
GROUP BY affected, cause ORDER BY ALL"""

_STATIONS = """
SELECT s.*,
    (SELECT count(*) FROM connection AS c WHERE c.station = s.station) AS connections,
    (SELECT count(*) FROM verdict AS v WHERE v.station = s.station AND v.stream = 'lost') AS drops,
    (SELECT count(*) FROM attempt AS a WHERE a.station = s.station AND a.stage <> 'open')
        AS rejected,
    (SELECT count(*) FROM verdict AS v WHERE v.station = s.station AND v.cause IS NULL)
        AS unexplained
FROM station AS s ORDER BY s.station"""


def station_reports(store: Store, incidents: Sequence[Incident]) -> tuple[StationReport, ...]:
    """One report per station, in the order of their names.

    The most frequent cause comes first; of equal ones that of the more important incident, and a
    consequence before what led to it.
    """
    places = {incident.cause: place for place, incident in reversed(list(enumerate(incidents)))}
    causes: dict[str, dict[str, int]] = {}
    for station, cause, episodes, *_ in sorted(
        store.rows(_CAUSES), key=lambda row: (-row[2], places[row[3]], not row[4], row[1])
    ):
        causes.setdefault(station, {})[cause] = episodes
    for incident in incidents:
        for station in incident.stations if incident.signature else ():
            causes.setdefault(station, {}).setdefault(incident.cause, 0)
    reconnects = _reconnects(store)
    return tuple(
        _station_report(row, reconnects, list(causes.get(row["station"], {}).items()))
        for row in store.records(_STATIONS)
    )


def _reconnects(store: Store) -> dict[str, ReconnectReport]:
    """How the stations that lost a connection or retried came back."""
    rows = store.records("SELECT * FROM comeback")
    return {row.pop("station"): ReconnectReport(**row) for row in rows}


def _station_report(
    row: dict[str, Any],
    reconnects: Mapping[str, ReconnectReport],
    causes: Sequence[tuple[str, int]],
) -> StationReport:
    total = row["unexplained"] + sum(episodes for _, episodes in causes)
    return StationReport(
        id=row["station"],
        vendor=row["vendor"],
        model=row["model"],
        firmware=row["firmware"],
        link=row["link"],
        connections=row["connections"],
        drops=row["drops"],
        rejected=row["rejected"],
        unexplained=row["unexplained"],
        causes=tuple(
            StationCause(cause, episodes, round(episodes / total, 4) if total else 0.0)
            for cause, episodes in causes
        ),
        reconnect=reconnects.get(row["station"]),
    )
