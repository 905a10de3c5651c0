"""The values that stages hand to each other, all frozen.

Bulk data stays in the store; these are the small things: sources, evidence, incidents, the report.
"""

from dataclasses import dataclass

__all__ = ["ClockInfo", "SourceInfo"]


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

    Units: offset_s and uncertainty_s in seconds, positive where the clock is ahead of the reference.
    """

    source_id: int
    zone: str
    basis: str
    offset_s: float
    uncertainty_s: float
    anchors: int
    steps: int
