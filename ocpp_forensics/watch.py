"""A stopwatch: the seconds that each stage took, and each signature.

Reads: the clock. Feeds: `--stats`, never a result: those are the same for the same input.
"""

import time

__all__ = ["Watch"]


class Watch:
    """Seconds by name, in the order in which the laps ended. Units: seconds."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, name: str) -> None:
        """End a lap; the next one begins."""
        now = time.perf_counter()
        self.laps[name] = self.laps.get(name, 0.0) + now - self._since
        self._since = now
