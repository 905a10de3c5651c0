"""What reports claim of stations whose truth is known, and how often each confidence is right."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ocpp_forensics.model import Report

__all__ = ["Claim", "claims_of", "table"]

LEVELS = ("high", "medium", "low")


@dataclass(frozen=True)
class Claim:
    """One incident at one of its stations, and whether it is true."""

    bundle: str
    station: str
    cause: str
    confidence: str
    score: float
    margin: float
    right: bool


def claims_of(name: str, report: Report, truth: Mapping[str, Any]) -> Iterator[Claim]:
    """What a report claims of the stations whose truth is known."""
    for incident in report.incidents:
        for station in incident.stations if incident.signature else ():
            if station in truth:
                known = truth[station]
                accepted = {*known["root_causes"], *known.get("acceptable", ())}
                yield Claim(
                    name, station, incident.cause, incident.confidence, incident.score,
                    incident.margin, incident.cause in accepted,
                )  # fmt: skip


def table(claims: Iterable[Claim]) -> str:
    """Confidence x right or wrong, as Markdown."""
    counts = Counter((each.confidence, each.right) for each in claims)
    lines = ["| confidence | right | wrong | share right |", "|---|---|---|---|"]
    for level in LEVELS:
        right, wrong = counts[level, True], counts[level, False]
        share = f"{right / (right + wrong):.1%}" if right + wrong else "-"
        lines.append(f"| {level} | {right} | {wrong} | {share} |")
    return "\n".join(lines)
