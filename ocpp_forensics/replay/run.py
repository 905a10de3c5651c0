"""A whole replay: decide, judge, trace; and what its result means for CI.

Reads: a store with its sessions, policies. Feeds: the renderers. Everything a caller needs is here.
"""

from collections.abc import Sequence

from ocpp_forensics.replay.engine import decide, judge
from ocpp_forensics.replay.policy import Policy
from ocpp_forensics.replay.results import Replay
from ocpp_forensics.replay.trace import trace
from ocpp_forensics.store import Store

__all__ = ["exit_code", "run_replay"]

_FINDING = 1


def run_replay(store: Store, policies: Sequence[Policy], station: str | None = None) -> Replay:
    """Replay policies over the history in a store, and trace every scan of one station.

    Errors: InputError where the station to be traced is unknown.
    """
    decide(store, policies)
    judge(store)
    replay = Replay(store, tuple(policies))
    return replay if station is None else trace(replay, station)


def exit_code(replay: Replay, fail_on: str) -> int:
    """The exit code of a replay: 1 where a policy made a decision (futile: a futile one)."""
    names = {"any": ("decisions",), "futile": ("futile_physical", "futile_inoperative")}
    counted = [row[name] for row in replay.summaries() for name in names.get(fail_on, ())]
    return _FINDING if any(counted) else 0
