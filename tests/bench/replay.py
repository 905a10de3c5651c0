"""Measure `ocppdiag replay` on the history of a fleet: `python -m tests.bench.replay`.

One policy, then a sweep of nine, from a kept store. Nothing here fails.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.history import write_history
from tests.bench.measure import measure

_SWEEPS = ("--sweep", "dwell_s=1800,3600,7200", "--sweep", "grace_s=3600,86400,172800")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what one policy and nine of them cost."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.replay", description=__doc__)
    parser.add_argument("--stations", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--keep", type=Path, help="file in which the store is kept")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="ocppbench-") as scratch:
        store = options.keep or Path(scratch) / "fleet.duckdb"
        if not store.exists():
            write_history(store, options.stations, options.days)
        command = (sys.executable, "-m", "ocpp_forensics", "replay", "--quiet", str(store))
        print("policies   wall s    CPU s  peak MB")
        walls = []
        for policies, sweeps in ((1, ()), (9, _SWEEPS)):
            cost, _ = measure((*command, *sweeps))
            walls.append(cost.wall_s)
            figures = f"{cost.wall_s:8.2f} {cost.cpu_s:8.2f} {cost.peak_bytes / 1e6:8.0f}"
            print(f"{policies:8} {figures}", flush=True)
        print(f"nine policies cost {walls[1] / walls[0]:.1f} times one")


if __name__ == "__main__":
    main()
