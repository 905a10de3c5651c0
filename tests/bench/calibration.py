"""How often each confidence is right: `python -m tests.bench.calibration [FOLDER...]`.

Diagnoses all bundles with a truth.json below the folders (without any: the project's own fixtures,
and those that OCPPDIAG_BUNDLES names, separated as in PATH) and prints confidence x right or wrong,
per station and cause of the incidents. Right is a true root cause, or one that the truth accepts.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.diagnosis import diagnose
from ocpp_forensics.dsl.library import Library, load_signatures
from ocpp_forensics.model import Report
from ocpp_forensics.resources import data_dir
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import Options

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


def bundles(folders: Sequence[str]) -> list[Path]:
    """All bundles below some folders."""
    more = os.environ.get("OCPPDIAG_BUNDLES", "").split(os.pathsep)
    roots = [Path(each) for each in folders]
    roots = roots or [data_dir("fixtures"), *(Path(each) for each in more if each)]
    return [truth.parent for root in roots for truth in sorted(root.rglob("truth.json"))]


def diagnosed(bundle: Path, library: Library) -> Report:
    """The diagnosis of one bundle."""
    with open_bundle([bundle / "logs"]) as opened, Store() as store:
        return diagnose(store, opened, library, Options())


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


def main(folders: Sequence[str]) -> None:
    """Print the table and every wrong claim."""
    library = load_signatures()
    claims: list[Claim] = []
    found = bundles(folders)
    for bundle in found:
        truth = json.loads((bundle / "truth.json").read_text("utf-8"))["charge_points"]
        claims += claims_of(bundle.name, diagnosed(bundle, library), truth)
    sys.stdout.write(f"{len(found)} bundles, {len(claims)} claims\n\n{table(claims)}\n")
    for each in claims:
        if not each.right:
            sys.stdout.write(
                f"wrong, {each.confidence}: {each.bundle} {each.station}: {each.cause} "
                f"(score {each.score:g}, margin {each.margin:g})\n"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
