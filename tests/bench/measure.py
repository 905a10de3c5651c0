"""What one run of a command costs."""

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Cost", "measure"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command took. Units: seconds, bytes."""

    wall_s: float
    cpu_s: float
    peak_bytes: int


def measure(command: Sequence[str]) -> tuple[Cost, str]:
    """Run a command to its end: what it cost, and what it printed. A failure is printed, too."""
    with tempfile.TemporaryFile() as output:
        since = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - since
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode()
    if process.returncode:
        print(f"failed with {process.returncode}: {' '.join(command)}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024), text
