"""Print the look-alike matrix: `python -m tests.lookalikes --seeds 20`.

`--causes` picks some, `--keep DIR` writes the bundles with their truth instead of diagnosing them.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from tests.bench import claims
from tests.lookalikes.matrix import (
    CASES,
    Answer,
    answers,
    play,
    table,
    told_apart,
    wrong_though_sure,
)

HEADS = {True: "with all logs", False: "without the deciding logs"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--causes", nargs="*", default=list(CASES))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--details", action="store_true")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    if options.keep:
        keep(options.keep, options.causes, seeds)
        return
    began = time.perf_counter()
    found = []
    for answer in answers(options.causes, seeds):
        found.append(answer)
        if options.details:
            sys.stderr.write(f"{line(answer)}\n")
    took_s = time.perf_counter() - began
    out = sys.stdout
    for full in (True, False):
        out.write(f"{HEADS[full]}\n")
        out.write(table(found, full=full) + "\n\n")
    for full in (True, False):
        told = [claim for each in found if each.full == full for claim in each.claims]
        out.write(f"{HEADS[full]}: claims by confidence\n{claims.table(told)}\n\n")
    sure = wrong_though_sure(found)
    cut = sum(not each.full for each in sure)
    out.write(
        f"told apart {told_apart(found):.1%}; wrong though sure: {len(sure) - cut} with all logs, "
        f"{cut} without the deciding ones; {took_s:.0f} s\n"
    )


def line(answer: Answer) -> str:
    """One answer for a reader who wants to see what went wrong."""
    judged = "right" if answer.right else "WRONG" if answer.wrong_though_sure else "open"
    logs = "all" if answer.full else "cut"
    return f"{judged:5} {answer.cause} {answer.seed} {logs}: {answer.named} ({answer.detail})"


def keep(folder: Path, causes: list[str], seeds: range) -> None:
    for cause in causes:
        for seed in seeds:
            scene = play(cause, seed)
            target = folder / f"{cause}-{seed}"
            scene.write(target)
            scene.write(target / "cut", scene.deciding)
            text = json.dumps({"charge_points": scene.truth()}, indent=1)
            (target / "truth.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
