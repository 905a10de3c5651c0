"""What an incident consists of: evidence, how its connections ended, whom it affects, what lacks.

Small frozen values, part of the report. Times are UTC by the reference clock, durations in seconds.
"""

from dataclasses import dataclass
from datetime import datetime

__all__ = [
    "ChainLink", "CheckedFact", "Ending", "EndingTimer", "Evidence", "MissingEvidence",
    "NextStep", "Rhythm", "RuledOut", "Scope", "Suppressed",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line that speaks for or against a cause, exactly as it stands there.

    `ts` is None for a line without a time: of a configuration, of the output of a command.
    """

    source: str
    line: int
    byte_offset: int
    ts: datetime | None
    station: str | None
    text: str
    role: str
    why: str


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A cause that was looked at and lost, with the reason."""

    cause: str
    why: str


@dataclass(frozen=True, slots=True)
class MissingEvidence:
    """A log that is not in the bundle and would decide between causes.

    `sentence` asks for it in a ticket; `points` tell how much it would decide.
    """

    need: str
    would_decide: tuple[str, ...]
    kind: str = ""
    from_ts: datetime | None = None
    to_ts: datetime | None = None
    points: int = 0
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class EndingTimer:
    """A timer that a length of time is.

    `basis`: bundle (a setting found in the logs), present (the default of a program that wrote one
    of the logs) or default (that of some program).
    """

    who: str
    setting: str
    seconds: float
    basis: str
    reference: str


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A length of time after which many connections ended, and the timers that it can be.

    Of a time of day (measure `time-of-day`), `seconds` counts from midnight UTC.
    """

    measure: str
    seconds: float
    spread_s: float
    drops: int
    timers: tuple[EndingTimer, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How the connections of an incident ended: who hung up, as each side saw it, and when.

    `initiator` is csms, station, unknown or nobody: no close frame arrived.
    """

    initiator: str
    sentence: str
    drops: int
    rhythms: tuple[Rhythm, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """Who is affected and who is not, by the trait that sets them apart best.

    `hit` of `having` stations with this value are affected, and `hit_others` of `others`; `p` is
    the probability of that by chance, all comparisons considered.
    """

    trait: str
    value: str | None
    sentence: str
    hit: int
    having: int
    hit_others: int
    others: int
    p: float | None


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One cause of a chain: when it showed first, in how many episodes, at which stations."""

    cause: str
    symptom: str
    episodes: int
    stations: tuple[str, ...]
    first_ts: datetime
    last_ts: datetime


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to send next: for which incidents (none: for episodes outside of them), for how many."""

    sentence: str
    kind: str
    incidents: tuple[str, ...]
    episodes: int
    points: int


@dataclass(frozen=True, slots=True)
class CheckedFact:
    """What the output of a first check or a configuration says, and where."""

    key: str
    value: str
    sentence: str
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A kind of thing that looks like trouble and is none: how often, and at which stations."""

    kind: str
    count: int
    stations: tuple[str, ...]
    sentence: str
