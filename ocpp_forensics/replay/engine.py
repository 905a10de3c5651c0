"""The engine: for every policy, the scans at which it would have fired, and why not at others.

Reads: the tables of sessions and events. Feeds: results. Everything is spans that are intersected
in SQL (sql/replay_*.sql); what is left for Python is the grace period, which makes each decision
of a station depend on the one before.
"""

import tomllib
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import groupby
from typing import NamedTuple

import pyarrow as pa

from ocpp_forensics.replay.policy import Policy, is_enabled
from ocpp_forensics.resources import read_text
from ocpp_forensics.store import Store

__all__ = ["Attempt", "Window", "decide", "fire", "judge"]


class Window(NamedTuple):
    """A run of scans at which one stretch of one connector would be acted upon."""

    first_scan: int
    last_scan: int
    connector: int
    stretch: int


class Attempt(NamedTuple):
    """A reset of somebody else that counts: no scan from the first up to the free one may fire."""

    first_scan: int
    free_scan: int


def decide(store: Store, policies: Sequence[Policy]) -> None:
    """Fill replay_decision and replay_skip for all policies, and the tables they rest on."""
    _show_policies(store, policies)
    store.run_file("replay_history")
    enabled = [
        (number, identity, is_enabled(policy, (vendor, model, firmware)))
        for number, policy in enumerate(policies)
        for identity, vendor, model, firmware in store.rows(
            "SELECT identity, vendor, model, firmware FROM replay_identity"
        )
    ]
    _create(store, "replay_enabled", ("policy", "identity", "enabled"), enabled)
    store.run_file("replay_window")
    _create(store, "replay_fired", ("policy", "stretch", "scan"), list(_fired(store, policies)))
    store.run_file("replay_skip")


def judge(store: Store) -> None:
    """Say of every decision what it would have met, and what really happened."""
    known = tomllib.loads(read_text("replay/outlook.toml"))
    store.execute(
        "CREATE OR REPLACE TEMP TABLE replay_taxonomy AS SELECT $1::VARCHAR[] AS physical_codes, "
        "$2::VARCHAR AS physical_words, $3::VARCHAR[] AS firmware_running",
        [known["physical"]["codes"], known["physical"]["words"], known["firmware"]["running"]],
    )
    for view in ("outlook", "reality", "result"):
        store.run_file(f"replay_{view}")


def _show_policies(store: Store, policies: Sequence[Policy]) -> None:
    classes = list(dict.fromkeys((each.statuses, each.flip_restarts) for each in policies))
    _create(
        store,
        "replay_class",
        ("class", "statuses", "flip_restarts"),
        [(number, list(statuses), flips) for number, (statuses, flips) in enumerate(classes)],
    )
    _create(
        store,
        "replay_policy",
        ("policy", "class", "scan_us", "phase_us", "dwell_us", "grace_us", "counts_resets"),
        [
            (
                number,
                classes.index((each.statuses, each.flip_restarts)),
                _us(each.scan_s),
                _us(each.scan_phase_s) % _us(each.scan_s),
                _us(each.dwell_s),
                _us(each.grace_s),
                each.count_operator_resets,
            )
            for number, each in enumerate(policies)
        ],
    )


def _us(seconds: float) -> int:
    return round(seconds * 1_000_000)


_TYPES = {
    "statuses": pa.list_(pa.string()),
    "flip_restarts": pa.bool_(),
    "counts_resets": pa.bool_(),
    "enabled": pa.bool_(),
}


def _create(
    store: Store, name: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
) -> None:
    schema = pa.schema([(each, _TYPES.get(each, pa.int64())) for each in columns])
    table = pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows], schema)
    store.show("given", table)
    store.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM given")
    store.hide("given")


def _fired(store: Store, policies: Sequence[Policy]) -> Iterator[tuple[int, int, int]]:
    """Policy, stretch and scan of every decision."""
    attempts: dict[tuple[int, int], list[Attempt]] = {}
    for policy, number, first, free in store.rows(
        "SELECT policy, number, first_scan, free_scan FROM replay_attempt ORDER BY ALL"
    ):
        attempts.setdefault((policy, number), []).append(Attempt(first, free))
    rows = store.rows(
        "SELECT policy, number, first_scan, last_scan, connector, stretch FROM replay_window "
        "ORDER BY ALL"
    )
    for (policy, number), group in groupby(rows, key=lambda row: (row[0], row[1])):
        windows = [Window(*row[2:]) for row in group]
        grace = -(-_us(policies[policy].grace_s) // _us(policies[policy].scan_s))
        for scan, window in fire(windows, attempts.get((policy, number), ()), max(grace, 1)):
            yield policy, window.stretch, scan


def fire(
    windows: Sequence[Window], attempts: Sequence[Attempt], grace_scans: int
) -> Iterator[tuple[int, Window]]:
    """The scans at which a station is reset, each with the window it falls into.

    Shape: windows and attempts of one station in the order of their first scans. Of windows that
    are open at the same scan the lowest connector counts: 0 is the station itself.
    """
    scan = 0
    waiting, counted = 0, 0
    ready: list[tuple[int, int, Window]] = []
    while ready or waiting < len(windows):
        if not ready:
            scan = max(scan, windows[waiting].first_scan)
        while counted < len(attempts) and attempts[counted].first_scan <= scan:
            scan = max(scan, attempts[counted].free_scan)
            counted += 1
        while waiting < len(windows) and windows[waiting].first_scan <= scan:
            heappush(ready, (windows[waiting].connector, waiting, windows[waiting]))
            waiting += 1
        while ready and ready[0][2].last_scan < scan:
            heappop(ready)
        if ready:
            yield scan, ready[0][2]
            scan += grace_scans
