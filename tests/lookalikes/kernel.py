"""The clock of a simulated incident and the facts that its vantage points notice.

A fact is what one party could know at that moment; what a party cannot see is no fact of its.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

__all__ = ["Fact", "Kernel"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that one vantage point noticed: `at_s` after the scene began."""

    at_s: float
    vantage: str
    """csms, proxy, station, modem, site or check."""
    owner: str
    """The station that a log belongs to, or empty for a log of all stations."""
    what: str
    fields: dict[str, Any]


class Kernel:
    """An event simulation: actions at instants, facts in the order in which they happen."""

    def __init__(self, random: Random, start: datetime) -> None:
        self.random = random
        self.start = start
        self.now = 0.0
        self.facts: list[Fact] = []
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, at_s: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (max(at_s, self.now), next(self._order), action))

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        self.at(self.now + delay_s, action)

    def tell(self, vantage: str, owner: str, what: str, **fields: Any) -> None:
        self.facts.append(Fact(self.now, vantage, owner, what, fields))

    def run(self, until_s: float) -> None:
        while self._queue and self._queue[0][0] <= until_s:
            self.now, _, action = heapq.heappop(self._queue)
            action()
        self.now = until_s

    def instant(self) -> str:
        """Now, as payloads write it."""
        return (self.start + timedelta(seconds=self.now)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def message_id(self) -> str:
        return f"{self.random.getrandbits(32):08x}-{self.random.getrandbits(16):04x}"
