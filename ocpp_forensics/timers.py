"""The timers that are known to end connections, and which of them a measured length of time is.

Reads: timers.toml. Feeds: sessions (table `known_timer`) and what incidents say about endings.
"""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from ocpp_forensics.resources import read_text

__all__ = [
    "MEASURES",
    "ROLES",
    "Measure",
    "Timer",
    "matching_timers",
    "measures",
    "setting_names",
    "timers",
]

ROLES = ("proxy", "network", "csms", "station")
MEASURES = ("silence", "heard", "pong", "wait", "age", "clock")


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer with its default, in seconds; the end may come as late as `up_to_s`."""

    who: str
    setting: str
    seconds: float
    up_to_s: float
    role: str
    measures: str
    formats: tuple[str, ...]
    reference: str

    @property
    def low_s(self) -> float:
        """The shortest measured time that can be this timer: many logs cut off the fraction."""
        return self.seconds - max(1.2, 0.003 * self.seconds)

    @property
    def high_s(self) -> float:
        """The longest measured time that can be this timer: ends are logged a little late."""
        return self.up_to_s + max(2.0, 0.005 * self.seconds)


@dataclass(frozen=True, slots=True)
class Measure:
    """A length of time that ends of connections can have in common.

    `field` is that of a lost connection; `compares` is what known timers of this kind measure.
    """

    name: str
    field: str
    after: str
    compares: str
    causes: frozenset[str]
    roles: tuple[str, ...]
    settings: tuple[str, ...]
    multiples: tuple[str, ...]


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(read_text("timers.toml"))


@cache
def measures() -> tuple[Measure, ...]:
    """All measures, in the order of the file."""
    return tuple(
        Measure(
            name=name,
            field=entry["field"],
            after=entry["after"],
            compares=entry.get("compares", name),
            causes=frozenset(entry["causes"]),
            roles=tuple(entry["roles"]),
            settings=tuple(entry["settings"]),
            multiples=tuple(entry["multiples"]),
        )
        for name, entry in _tables()["measure"].items()
    )


@cache
def setting_names() -> dict[str, str]:
    """What the settings that can end connections are called in a sentence."""
    return dict(_tables()["setting"])


@cache
def timers() -> tuple[Timer, ...]:
    """All known timers, in the order of the file: the frequent ones first."""
    return tuple(
        Timer(
            who=entry["who"],
            setting=entry["setting"],
            seconds=float(entry["seconds"]),
            up_to_s=float(entry.get("up_to", entry["seconds"])),
            role=entry["role"],
            measures=entry["measures"],
            formats=tuple(entry["formats"]),
            reference=entry["reference"],
        )
        for entry in _tables()["timer"]
    )


def matching_timers(
    seconds: float, compares: str, roles: Collection[str] = ROLES
) -> tuple[Timer, ...]:
    """The known timers that a measured length of time can be."""
    return tuple(
        each
        for each in timers()
        if each.measures == compares and each.role in roles and each.low_s <= seconds <= each.high_s
    )
