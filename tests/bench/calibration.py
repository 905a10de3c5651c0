"""How often each confidence is right: `python -m tests.bench.calibration [FOLDER...]`.

Diagnoses all bundles with a truth.json below the folders (without any: the project's own fixtures,
and those that OCPPDIAG_BUNDLES names, separated as in PATH) and prints confidence x right or wrong,
per station and cause of the incidents. Right is a true root cause, or one that the truth accepts.
`--lookalikes 10 --first 20` does so for generated bundles of ten seeds, with and without the logs
that decide.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.diagnosis import diagnose
from ocpp_forensics.dsl.library import Library, load_signatures
from ocpp_forensics.model import Report
from ocpp_forensics.resources import data_dir
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import Options
from tests.bench.claims import Claim, claims_of, table
from tests.lookalikes.matrix import CASES, answers

__all__ = ["bundles"]


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


def of_bundles(folders: Sequence[str]) -> list[Claim]:
    """The claims of the reports on bundles that lie on the disk."""
    library = load_signatures()
    claims: list[Claim] = []
    for bundle in bundles(folders):
        truth = json.loads((bundle / "truth.json").read_text("utf-8"))["charge_points"]
        claims += claims_of(bundle.name, diagnosed(bundle, library), truth)
    return claims


def show(head: str, claims: Iterable[Claim]) -> None:
    """Print the table and every wrong claim."""
    claims = list(claims)
    known = len({each.bundle for each in claims})
    sys.stdout.write(f"{head}: {len(claims)} claims in {known} bundles\n\n{table(claims)}\n\n")
    for each in claims:
        if not each.right:
            sys.stdout.write(
                f"wrong, {each.confidence}: {each.bundle} {each.station}: {each.cause} "
                f"(score {each.score:g}, margin {each.margin:g})\n"
            )


def main() -> None:
    """Print what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--lookalikes", type=int, metavar="SEEDS")
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    if options.lookalikes is None:
        show("bundles", of_bundles(options.folders))
        return
    seeds = range(options.first, options.first + options.lookalikes)
    found = list(answers(CASES, seeds))
    for full, head in ((True, "with all logs"), (False, "without the deciding logs")):
        show(head, [claim for each in found if each.full == full for claim in each.claims])


if __name__ == "__main__":
    main()
