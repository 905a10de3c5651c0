"""The matrix: what the diagnosis answers for generated bundles whose cause is known.

An answer is what is named first for the affected stations; it is sure when the report says high or
medium, ambiguous when it names rivals that it cannot tell apart.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import chain, product
from multiprocessing import get_context
from pathlib import Path

from ocpp_forensics.attribution import UNEXPLAINED
from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.diagnosis import diagnose
from ocpp_forensics.dsl.library import Library, load_signatures
from ocpp_forensics.model import Incident, Report
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import Options
from tests.bench.claims import Claim, claims_of
from tests.lookalikes import cases_fleet, cases_handshake, cases_keepalive, cases_radio, cases_tls
from tests.lookalikes.scene import Scene

__all__ = ["CASES", "Answer", "answers", "table", "told_apart", "wrong_though_sure"]

CASES: dict[str, Callable[[Scene], None]] = {
    **cases_keepalive.CASES,
    **cases_fleet.CASES,
    **cases_tls.CASES,
    **cases_handshake.CASES,
    **cases_radio.CASES,
}


@dataclass(frozen=True)
class Answer:
    """What the diagnosis said of one bundle."""

    cause: str
    seed: int
    full: bool
    named: str
    """The cause named first for most affected stations, or `unexplained`."""
    right: bool
    """Whatever is named first for an affected station is the cause, and no other is accused.

    A station that left no log of its own may stay without an answer.
    """
    wrong_though_sure: bool
    detail: str
    claims: tuple[Claim, ...]
    """What the report says of each station, with what is true of it."""


def play(cause: str, seed: int) -> Scene:
    scene = Scene(cause, seed)
    CASES[cause](scene)
    scene.play()
    return scene


def answers(causes: Iterable[str], seeds: Iterable[int], workers: int = 2) -> Iterator[Answer]:
    """Diagnose each bundle twice: with all its logs, and without those that decide."""
    wanted = [(cause, seed) for cause, seed in product(causes, seeds)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from chain.from_iterable(pool.map(_both, wanted))


def _both(wanted: tuple[str, int]) -> list[Answer]:
    scene = play(*wanted)
    found = []
    for without in (set[str](), scene.deciding):
        with tempfile.TemporaryDirectory() as folder:
            report = _diagnosis(scene.write(Path(folder), without))
        found.append(judge(scene, report, full=not without))
    return found


@cache
def _library() -> Library:
    return load_signatures(tests=False)


def _diagnosis(logs: Path) -> Report:
    with open_bundle([logs]) as bundle, Store() as store:
        return diagnose(store, bundle, _library(), Options())


def judge(scene: Scene, report: Report, *, full: bool) -> Answer:
    true = {scene.cause} | scene.also_right
    firsts = Counter(
        station.causes[0].cause
        for station in report.stations
        if station.id in scene.affected and station.causes
    )
    sure = [each for each in report.incidents if _accuses(each, scene, true)]
    return Answer(
        cause=scene.cause,
        seed=scene.seed,
        full=full,
        named=firsts.most_common(1)[0][0] if firsts else UNEXPLAINED,
        right=bool(firsts) and set(firsts) <= true and not sure,
        wrong_though_sure=bool(sure),
        detail="; ".join(
            f"{each.cause} {each.confidence} {len(each.stations)}" for each in report.incidents
        )
        + f" of {len(scene.affected)} affected",
        claims=tuple(claims_of(f"{scene.cause}-{scene.seed}", report, scene.truth())),
    )


def _accuses(incident: Incident, scene: Scene, true: set[str]) -> bool:
    """Whether an incident is a wrong accusation that the report is sure of."""
    if incident.cause in {UNEXPLAINED, *true, *scene.acceptable}:
        return False
    return incident.confidence != "low" and not set(incident.ambiguous_with) & true


def told_apart(found: Iterable[Answer]) -> float:
    full = [each for each in found if each.full]
    return sum(each.right for each in full) / len(full)


def wrong_though_sure(found: Iterable[Answer]) -> list[Answer]:
    return [each for each in found if each.wrong_though_sure]


def table(found: list[Answer], *, full: bool) -> str:
    """The confusion matrix as text: a row per true cause, what was named with its count."""
    lines = []
    for cause in dict.fromkeys(each.cause for each in found):
        mine = [each for each in found if each.cause == cause and each.full == full]
        named = Counter(each.named for each in mine).most_common()
        right = sum(each.right for each in mine)
        sure = sum(each.wrong_though_sure for each in mine)
        told = ", ".join(f"{name} {count}" for name, count in named)
        lines.append(
            f"{cause:32} {right:3} of {len(mine):3} right, {sure:2} wrong though sure: {told}"
        )
    return "\n".join(lines)
