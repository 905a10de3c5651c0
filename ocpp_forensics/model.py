"""The values that stages hand to each other, all frozen.

Bulk data stays in the store; these are the small things: sources, clocks, evidence, incidents, the
report. Times are UTC by the reference clock, durations in seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ocpp_forensics.errors import Problem
from ocpp_forensics.incident_parts import (
    ChainLink,
    CheckedFact,
    Ending,
    EndingTimer,
    Evidence,
    MissingEvidence,
    NextStep,
    Rhythm,
    RuledOut,
    Scope,
    Suppressed,
)

__all__ = [
    "Advice", "ChainLink", "Checked", "CheckedFact", "ClockInfo", "Difference", "Ending",
    "EndingTimer",
    "Evidence", "Incident", "MissingEvidence", "NextStep", "Outcome", "PartReport",
    "ReconnectReport", "Report", "Rhythm", "RuledOut", "Scope", "SourceInfo", "SourceReport",
    "StationCause", "StationReport", "Suppressed", "Warn",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """One log of the bundle: where it came from, what it is, whose it is."""

    source_id: int
    path: str
    kind: str = ""
    station: str | None = None
    station_basis: str | None = None


@dataclass(frozen=True, slots=True)
class ClockInfo:
    """The clock of one source as it was worked out.

    Units: offset_s and uncertainty_s in seconds, positive where the clock is ahead of the
    reference; drift_ppm in parts per million, positive where it runs fast.
    """

    source_id: int
    zone: str
    basis: str
    offset_s: float
    uncertainty_s: float
    anchors: int
    steps: int
    drift_ppm: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one signature ended: match, no_match, not_evaluable or superseded.

    `missing` are the kinds of log it lacked, `why` says what there is instead; `by` the causes that
    explained its matches better.
    """

    signature: str
    result: str
    missing: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """One cause over all stations that it affected.

    `scope` says which stations share it: station, stations, all, or the trait that sets them apart.
    `ambiguous_with` are causes that explain the same episodes about as well; `chain` are the causes
    that led to each other, the root first, where there are several. `runner_up` is the cause that
    explains them best after this one, `margin` how far behind its score lies (0 is none).
    """

    id: str
    cause: str
    variant: str | None
    title: str
    severity: str
    confidence: str
    symptom: str
    scope: str
    stations: tuple[str, ...]
    first_ts: datetime
    last_ts: datetime
    episodes: int
    occurrences: int
    down_s: float
    summary: str
    owner: str
    first_check: str
    fix: tuple[str, ...]
    signature: str
    score: float
    reasons: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    ruled_out: tuple[RuledOut, ...]
    missing_evidence: tuple[MissingEvidence, ...]
    ambiguous_with: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    ending: Ending | None = None
    scope_detail: Scope | None = None
    chain: tuple[ChainLink, ...] = ()
    runner_up: str | None = None
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class Advice:
    """A finding about configuration or conformance, apart from incidents."""

    id: str
    title: str
    severity: str
    stations: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    summary: str = ""
    owner: str = "operator"
    first_check: str = ""
    fix: tuple[str, ...] = ()
    signature: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StationCause:
    """How many of a station's episodes a cause explains, and their share (0 to 1)."""

    cause: str
    episodes: int
    share: float


@dataclass(frozen=True, slots=True)
class ReconnectReport:
    """How a station comes back after a loss.

    `law` is what the delays between failed attempts follow (constant, linear, exponential; None
    with too few of them), `step_s` or `growth` its rise from `first_s` up to `cap_s`; a
    `jitter_share` of 0.2 stands for +-20 %; `in_step_share` is the share of other stations'
    attempts that come at the same instants (0.1 is chance). `needless` are BootNotifications
    without a restart.
    """

    reconnects: int = 0
    booted: int = 0
    needless: int = 0
    came_late: int = 0
    never_came: int = 0
    retries: int = 0
    law: str | None = None
    typical_s: float | None = None
    longest_s: float | None = None
    first_s: float | None = None
    step_s: float | None = None
    growth: float | None = None
    cap_s: float | None = None
    jitter_share: float | None = None
    in_step_share: float | None = None


@dataclass(frozen=True, slots=True)
class StationReport:
    """What is known of one station, and what happened to it."""

    id: str
    vendor: str | None
    model: str | None
    firmware: str | None
    link: str | None
    connections: int
    drops: int
    rejected: int
    unexplained: int
    causes: tuple[StationCause, ...]
    reconnect: ReconnectReport | None = None


@dataclass(frozen=True, slots=True)
class PartReport:
    """One file of a log."""

    path: str
    sha256: str
    bytes: int
    format: str


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One log with what was read of it; `lines` add up to its total.

    `duplicates` are lines that another file holds as well: they are not in the total.
    """

    path: str
    kind: str
    format: str
    stations: tuple[str, ...]
    station_basis: str | None
    sha256: str
    bytes: int
    total: int
    events: int
    continuation: int
    unparsed: int
    clock: ClockInfo
    parts: tuple[PartReport, ...]
    duplicates: int = 0

    @property
    def is_log(self) -> bool:
        """Whether it is a log: no output of a first check, and no configuration."""
        return self.kind not in {"check", "config"}


@dataclass(frozen=True, slots=True)
class Warn:
    """Something that could not be read, or was read with reservations.

    `incomplete` tells that something is missing from the result.
    """

    code: str
    message: str
    source: str | None
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """The whole diagnosis of one bundle.

    `seconds` says how long the stages took, `signature_seconds` how long each signature.
    """

    version: str
    signatures_sha256: str
    bundle: str
    bundle_sha256: str
    first_ts: datetime | None
    last_ts: datetime | None
    sources: tuple[SourceReport, ...]
    incidents: tuple[Incident, ...]
    advice: tuple[Advice, ...]
    stations: tuple[StationReport, ...]
    signatures: tuple[Outcome, ...]
    warnings: tuple[Warn, ...]
    next_steps: tuple[NextStep, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    facts: tuple[CheckedFact, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    signature_seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a diagnosis is not as expected: what is new, gone or changed (`kind`), and how."""

    kind: str
    what: str
    name: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """How the diagnosis of one bundle compares with the expected one.

    `state` is same, differs, accepted or unusable.
    """

    bundle: str
    state: str
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()
    incomplete: bool = False
    seconds: float = 0.0
