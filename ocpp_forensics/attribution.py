"""Attribution: which cause explains each episode, and the incidents that follow from it.

Reads: session tables, candidate. Feeds: the report. An incident is one cause over all stations that
it affected; episodes that nothing explains are counted, and become an incident when they matter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from ocpp_forensics.dsl.catalogue import SEVERITIES, causes
from ocpp_forensics.dsl.library import Library
from ocpp_forensics.model import Outcome
from ocpp_forensics.store import Store

__all__ = ["UNEXPLAINED", "Group", "attribute", "group_incidents", "importance", "supersede"]

UNEXPLAINED = "unexplained"
"""Stands for the cause where no signature explains an episode."""


@dataclass(frozen=True, slots=True)
class Group:
    """The episodes of one cause: what an incident is made of.

    Its consequences with causes of their own belong to it, but count only where this is said.
    `severity` is that of the worst of them, `fleet` whether a wave of all stations is among them,
    `followers` the signatures of the consequences.
    """

    number: int
    cause: str
    symptom: str
    stream: str
    variant: str | None
    signature: str | None
    severity: str
    stations: tuple[str, ...]
    first_ts: datetime
    last_ts: datetime
    episodes: int
    occurrences: int
    down_s: float
    score: float
    margin: float
    runner_up: str | None
    ambiguous_with: tuple[str, ...]
    fleet: bool
    followers: tuple[str, ...]

    @property
    def confidence(self) -> str:
        """How sure the cause is: high is held to be right in 95 of 100, see tests/bench."""
        if self.ambiguous_with or self.cause == UNEXPLAINED:
            return "low"
        if self.score >= 8 and self.margin >= 3:
            return "high"
        return "medium" if self.score >= 5 and self.margin >= 2 else "low"


def attribute(store: Store, library: Library) -> None:
    """Fill the table `verdict` (one row per episode) from all candidates."""
    table = pa.table({
        "signature": [each.id for each in library.signatures],
        "cause": [each.cause for each in library.signatures],
        "consequence_of": pa.array(
            [[cause for cause, _ in each.consequence_of] for each in library.signatures],
            pa.list_(pa.string()),
        ),
    })
    store.show("signature_cause", table)
    store.run_file("verdict")
    store.hide("signature_cause")


def group_incidents(store: Store, library: Library) -> tuple[Group, ...]:
    """The incidents of a timeline, most important first. Fills the table `incident_episode`."""
    severity = {each.id: each.severity for each in library.signatures}
    store.run_file("incident")
    groups = [_group(row, severity) for row in store.records("SELECT * FROM incident_group")]
    return tuple(sorted(groups, key=importance))


def _group(row: Mapping[str, Any], severity: Mapping[str, str]) -> Group:
    cause = row["cause"] or UNEXPLAINED
    signatures = [row["signature"], *(row["followers"] or ())]
    worst = max((severity.get(each, "medium") for each in signatures), key=SEVERITIES.index)
    rivals = [name for name in row["rivals"] if name] if row["ambiguous_share"] >= 0.5 else []
    return Group(
        number=row["number"],
        cause=cause,
        symptom=row["symptom"],
        stream=row["stream"],
        variant=row["variant"],
        signature=row["signature"],
        severity=worst,
        stations=tuple(row["stations"]),
        first_ts=row["first_ts"],
        last_ts=row["last_ts"],
        episodes=row["episodes"],
        occurrences=row["occurrences"],
        down_s=row["down_s"],
        score=row["score"] or 0.0,
        margin=row["margin"] or 0.0,
        runner_up=row["runner_up"],
        ambiguous_with=tuple(sorted(rivals)),
        fleet=row["fleet"],
        followers=tuple(row["followers"] or ()),
    )


def importance(group: Group) -> tuple[Any, ...]:
    """Sort key: explained, severity, what ends connections, fleets, how sure, time, size.

    What is not sure counts as one step less severe.
    """
    return (
        group.cause == UNEXPLAINED,
        (group.confidence == "low") - SEVERITIES.index(group.severity),
        group.symptom == "application_trouble",
        not group.fleet,
        -round(min(group.score, 8.0)),
        -round(group.down_s),
        -len(group.stations),
        -group.episodes,
        group.cause,
        group.number,
    )


def supersede(store: Store, library: Library, outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Mark signatures that matched but explain no episode, since others explain them better."""
    winners = {row[0] for row in store.rows("SELECT DISTINCT signature FROM verdict")}
    symptomatic = {each.id for each in library.signatures if each.explains}
    better: dict[str, list[str]] = {}
    for signature, cause in store.rows(
        "SELECT DISTINCT c.signature, v.cause FROM candidate AS c JOIN verdict AS v "
        "ON v.stream = c.stream AND v.episode = c.episode WHERE c.known AND v.cause IS NOT NULL "
        "ORDER BY ALL"
    ):
        better.setdefault(signature, []).append(cause)
    return tuple(
        Outcome(each.signature, "superseded", by=_others(library, each.signature, better))
        if each.result == "match"
        and each.signature in symptomatic
        and each.signature not in winners
        else each
        for each in outcomes
    )


def _others(
    library: Library, signature: str, better: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    own = next(each.cause for each in library.signatures if each.id == signature)
    found = better.get(signature, ())
    return tuple(cause for cause in found if cause != own) or tuple(found)


def cause_title(cause: str) -> str:
    """The sentence that names a cause."""
    known = causes().get(cause)
    return known.title if known else "Nothing in these logs explains it"
