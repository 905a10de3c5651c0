"""Policies: what self-heal is allowed to do, for whom, and in which variants.

Feeds: policy files, the engine. The settings are those of a policy file, with their defaults.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

from ocpp_forensics.errors import InputError, Problem

__all__ = ["NUMBERS", "Identity", "Policy", "Selector", "fits_number", "is_enabled", "sweep"]

NUMBERS = {
    "scan_s": "a number of seconds above 0",
    "scan_phase_s": "a number of seconds, 0 or more",
    "dwell_s": "a number of seconds, 0 or more",
    "grace_s": "a number of seconds, 0 or more",
}
"""The settings that can be swept, and what may stand there."""

_WILD = re.compile(r"[*?]|\[[^\]]*\]")

Identity = tuple[str, str, str]
"""Vendor, model and firmware of a BootNotification; a field that it lacks is empty."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Which stations a table [[enable]] or [[disable]] means: globs, `*` where a key is missing."""

    vendor: str = "*"
    model: str = "*"
    firmware: str = "*"

    @property
    def globs(self) -> Identity:
        """The globs in the order of an identity."""
        return (self.vendor, self.model, self.firmware)

    @property
    def rank(self) -> tuple[int, int, int]:
        """How specific it is: fields that it narrows, fields without wildcard, letters given."""
        return (
            sum(glob != "*" for glob in self.globs),
            sum(not _WILD.search(glob) for glob in self.globs),
            sum(len(_WILD.sub("", glob)) for glob in self.globs),
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """One self-heal rule.

    Units: seconds. `assumed` names the settings that stand for something that nobody said.
    """

    name: str = "default"
    scan_s: float = 180
    scan_phase_s: float = 0
    dwell_s: float = 3600
    grace_s: float = 86400
    statuses: tuple[str, ...] = ("Faulted", "Unavailable")
    action: str = "hard_reset"
    flip_restarts: bool = False
    count_operator_resets: bool = False
    enable: tuple[Selector, ...] = ()
    disable: tuple[Selector, ...] = ()
    assumed: tuple[str, ...] = ("grace_s",)


def is_enabled(policy: Policy, identity: Identity) -> bool:
    """Whether self-heal is on for an identity: the most specific table decides, a tie is off."""
    on, off = _best(policy.enable, identity), _best(policy.disable, identity)
    if off is None:
        return on is not None or not policy.enable
    return on is not None and on > off


def _best(selectors: Iterable[Selector], identity: Identity) -> tuple[int, int, int] | None:
    ranks = [each.rank for each in selectors if all(map(fnmatchcase, identity, each.globs))]
    return max(ranks, default=None)


def fits_number(key: str, value: object) -> bool:
    """Whether a value may stand for one of the NUMBERS."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value <= _LONGEST_S and (value >= _SHORTEST_S or key != "scan_s")


_LONGEST_S = 1e9
_SHORTEST_S = 1e-3


def sweep(policies: Sequence[Policy], sweeps: Sequence[str]) -> tuple[Policy, ...]:
    """Every policy with every combination of swept values, such as `dwell_s=1800,3600`.

    Errors: InputError for every text that is no sweep.
    """
    axes: list[list[tuple[str, float]]] = []
    problems: list[Problem] = []
    for text in sweeps:
        key, _, listed = text.partition("=")
        values = [_number(each) for each in listed.split(",")]
        if key not in NUMBERS or not all(fits_number(key, each) for each in values):
            hint = f"write KEY=NUMBER,NUMBER: {_ALLOWED}; such as dwell_s=1800,3600"
            problems.append(Problem("sweep-shape", f"'{text}' is no sweep", help=hint))
        axes.append([(key, each) for each in values if each is not None])
    if problems:
        raise InputError(problems)
    return tuple(_varied(policy, chosen) for policy in policies for chosen in product(*axes))


_ALLOWED = ", ".join(f"{key} ({what})" for key, what in NUMBERS.items())


def _number(text: str) -> float | None:
    if re.fullmatch(r"\d{1,12}", text.strip()):
        return int(text)
    return float(text) if re.fullmatch(r"\d{1,12}\.\d{1,9}", text.strip()) else None


def _varied(policy: Policy, chosen: Sequence[tuple[str, float]]) -> Policy:
    settings: dict[str, Any] = dict(chosen)
    name = " ".join((policy.name, *(f"{key}={value:g}" for key, value in chosen)))
    assumed = tuple(key for key in policy.assumed if key not in settings)
    return replace(policy, name=name, assumed=assumed, **settings)
