"""A replay of a small log, and how its results are asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocpp_forensics.replay.policy import Policy
from ocpp_forensics.replay.results import Replay, Row
from ocpp_forensics.replay.run import run_replay
from ocpp_forensics.resources import data_dir
from tests.replay.logs import Log
from tests.support import world

FIXTURE = data_dir("fixtures") / "stuck_stations"


@contextmanager
def replayed(folder: Path, log: Log | str, *policies: Policy) -> Iterator[Replay]:
    text = log if isinstance(log, str) else log.text()
    with world(folder, {"csms.log": text}) as small:
        small.store.run_file("timeline")
        yield run_replay(small.store, policies or (Policy(),))


def fired(replay: Replay, station: str, policy: int = 0) -> list[str]:
    """The times of day at which a station would have been reset."""
    rows = replay.decisions(policy)
    return [f"{row['ts']:%H:%M:%S}" for row in rows if row["station"] == station]


def only(replay: Replay, station: str, policy: int = 0) -> Row:
    """The only decision on a station."""
    (row,) = [row for row in replay.decisions(policy) if row["station"] == station]
    return row


def blocked(replay: Replay, station: str, policy: int = 0) -> list[tuple[str, str, str]]:
    """Why a station was not reset, from when to when."""
    return [
        (row["reason"], f"{row['from_ts']:%H:%M:%S}", f"{row['to_ts']:%H:%M:%S}")
        for row in replay.skips(policy)
        if row["station"] == station
    ]
