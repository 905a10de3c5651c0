"""The rule as it is told, scan by scan and connector by connector: slow, plain, obviously right.

Times are whole seconds since BASE. Nothing here knows SQL or spans.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ocpp_forensics.replay.policy import Identity, Policy, is_enabled

BASE = datetime(2026, 1, 5, 12, tzinfo=UTC).replace(tzinfo=None)
_UNIX = int(BASE.replace(tzinfo=UTC).timestamp())
_NEVER = -(10**9)


@dataclass(frozen=True)
class Report:
    at: int
    connector: int
    status: str


@dataclass(frozen=True)
class Link:
    """A connection in the order of the log: its open and its close, each known or not."""

    opened: int | None
    closed: int | None


@dataclass(frozen=True)
class Station:
    """All that the CSMS knows of one station. No two reports of a connector at one instant."""

    reports: tuple[Report, ...] = ()
    links: tuple[Link, ...] = ()
    boots: tuple[tuple[int, Identity], ...] = ()
    resets: tuple[int, ...] = ()
    frames: tuple[int, ...] = ()


Outcome = dict[int, str]
"""What a scan made of each bad connector: `fire`, or what blocked."""


def instant(at: int) -> datetime:
    return BASE + timedelta(seconds=at)


def scans(policy: Policy, last: int) -> Iterator[int]:
    step, phase = int(policy.scan_s), int(policy.scan_phase_s)
    return iter(range((phase - _UNIX) % step, last + 1, step))


def replay(station: Station, policy: Policy, last: int) -> dict[int, Outcome]:
    """The outcome of every scan up to the end of the history."""
    outcomes = {}
    fired: list[int] = []
    for at in scans(policy, last):
        blocked = {
            connector: _blocks(station, policy, connector, since, at)
            for connector, since in sorted(_bad(station, policy, at).items())
        }
        attempts = fired + (list(station.resets) if policy.count_operator_resets else [])
        waiting = any(attempt <= at < attempt + policy.grace_s for attempt in attempts)
        ready = [connector for connector, reason in blocked.items() if reason is None]
        outcome = {connector: reason or "grace" for connector, reason in blocked.items()}
        if ready and not waiting:
            outcome[ready[0]] = "fire"
            fired.append(at)
        outcomes[at] = outcome
    return outcomes


def _blocks(station: Station, policy: Policy, connector: int, since: int, at: int) -> str | None:
    if at - since < policy.dwell_s:
        return "dwell"
    seen = {report.connector for report in station.reports if report.at <= at}
    if connector != 0 and any(2 <= each < 1000 or each >= 2000 for each in seen):
        return "multi_evse"
    if not _connected(station, at):
        return "disconnected"
    identity = _identity(station, at)
    if identity is None:
        return "identity_unknown"
    return None if is_enabled(policy, identity) else "not_enabled"


def _bad(station: Station, policy: Policy, at: int) -> dict[int, int]:
    """Since when each connector that is bad has been so."""
    bad: dict[int, tuple[int, str]] = {}
    for report in sorted(station.reports, key=lambda each: each.at):
        if report.at > at:
            break
        since = bad.get(report.connector)
        if report.status not in policy.statuses:
            bad.pop(report.connector, None)
        elif since is None or (policy.flip_restarts and since[1] != report.status):
            bad[report.connector] = (report.at, report.status)
    return {connector: since for connector, (since, _) in bad.items()}


def _connected(station: Station, at: int) -> bool:
    known = [each for each in station.links if each.opened is not None and each.opened <= at]
    newest = max(known, key=lambda each: (each.opened, station.links.index(each)), default=None)
    ended = newest.closed if newest else _NEVER
    if ended is None or ended > at:
        return True
    closes = [
        each.closed
        for each in station.links
        if each.opened is None and each.closed is not None and each.closed <= at
    ]
    since = max([ended, *closes]) + 5
    heard = [*station.frames, *(report.at for report in station.reports)]
    return any(since <= frame <= at for frame in heard)


def _identity(station: Station, at: int) -> Identity | None:
    boots = [boot for boot in station.boots if boot[0] <= at]
    return max(boots, key=lambda boot: (boot[0], station.boots.index(boot)))[1] if boots else None
