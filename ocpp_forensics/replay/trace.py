"""The trace: every scan of one station, connector by connector, equal neighbours as one row.

Reads: the tables of the engine. Feeds: `--trace`, text and JSON.
"""

from dataclasses import replace

from ocpp_forensics.dsl.complaints import suggestion
from ocpp_forensics.errors import InputError, Problem
from ocpp_forensics.replay.results import Replay
from ocpp_forensics.resources import read_text

__all__ = ["trace"]


def trace(replay: Replay, station: str) -> Replay:
    """The replay with every scan of a station. Errors: InputError where it is unknown.

    Shape: station, and scans: one row per policy, connector and run of scans with one outcome;
    from_ts and to_ts are its first and last scan.
    """
    names = [row[0] for row in replay.store.rows("SELECT station FROM replay_station ORDER BY 1")]
    if station not in names:
        message = f"no station {station} reports a status"
        hint = suggestion(station, names) or f"stations: {', '.join(names[:8])}"
        raise InputError(Problem("station-unknown", message, help=hint))
    rows = replay.store.records(read_text("sql/replay_trace.sql"), [station])
    named = [row | {"policy": replay.policies[row["policy"]].name} for row in rows]
    return replace(replay, traced={"station": station, "scans": named})
