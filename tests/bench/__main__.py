"""Measure `ocppdiag analyze` against lnav on the same generated log: `python -m tests.bench`.

lnav (Debian package `lnav`) gets a format for that log, indexes it and counts the stations with one
SQL query. Both run in turns, so that whatever else the machine does hits both. Figures are of the
best run of each; nothing here fails.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.generate import STATIONS, write_log
from tests.bench.measure import Cost, measure

_FORMAT = Path(__file__).with_name("steve-logback.json")
_QUERY = ";SELECT count(distinct station) AS stations FROM ocppbench_log"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures for every size of log that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[20_000, 1_000_000, 4_000_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder in which the logs are kept")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="ocppbench-") as scratch:
        folder = options.keep or Path(scratch)
        commands = _commands(Path(scratch))
        print("    lines     MB tool      wall s   CPU s   lines/s  peak MB")
        for lines in options.lines:
            _compare(commands, _log(folder, lines), lines, options.repeats)


def _log(folder: Path, lines: int) -> Path:
    path = folder / f"steve-{lines}.log"
    if not path.exists():
        write_log(path, lines)
    return path


def _commands(scratch: Path) -> dict[str, tuple[str, ...]]:
    """The command of each tool, without the log; lnav only where it is installed."""
    analyze = (sys.executable, "-m", "ocpp_forensics", "analyze", "--format", "json", "--quiet")
    commands: dict[str, tuple[str, ...]] = {"ocppdiag": analyze}
    lnav = shutil.which("lnav")
    if lnav is None:
        print("lnav is not installed: no comparison")
        return commands
    formats = scratch / "formats" / "ocppbench"
    formats.mkdir(parents=True)
    shutil.copy(_FORMAT, formats)
    return commands | {"lnav": (lnav, "-I", str(scratch), "-n", "-c", _QUERY)}


def _compare(commands: dict[str, tuple[str, ...]], log: Path, lines: int, repeats: int) -> None:
    """Run all tools in turns on one log and print the best run of each, and the ratio."""
    runs: dict[str, list[Cost]] = {tool: [] for tool in commands}
    for _ in range(repeats):
        for tool, command in commands.items():
            runs[tool].append(_run((*command, str(log))))
    best = {
        tool: Cost(
            min(cost.wall_s for cost in costs),
            min(cost.cpu_s for cost in costs),
            max(cost.peak_bytes for cost in costs),
        )
        for tool, costs in runs.items()
    }
    size = log.stat().st_size / 1e6
    for tool, cost in best.items():
        print(
            f"{lines:>9} {size:>6.0f} {tool:<8} {cost.wall_s:>7.2f} {cost.cpu_s:>7.2f} "
            f"{lines / cost.wall_s:>9.0f} {cost.peak_bytes / 1e6:>8.0f}"
        )
    if "lnav" in best:
        wall = best["ocppdiag"].wall_s / best["lnav"].wall_s
        cpu = best["ocppdiag"].cpu_s / best["lnav"].cpu_s
        print(f"{'':>16} ocppdiag / lnav: wall {wall:.1f}, CPU {cpu:.1f}", flush=True)


def _run(command: Sequence[str]) -> Cost:
    """Run a command to its end; what it prints must name all stations."""
    cost, text = measure(command)
    if str(STATIONS) not in text and text.count("DE-HAM-") < STATIONS:
        print(f"stations are missing: {' '.join(command)}")
    return cost


if __name__ == "__main__":
    main()
