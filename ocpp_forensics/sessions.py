"""Sessions: connections, attempts, boots, status stretches, waves, what is lost, what is known.

Reads: event, detail, payload. Feeds: the signatures and the report. Every view is one SQL file; its
header names the grain, the columns and the units.
"""

from collections.abc import Mapping

import pyarrow as pa

from ocpp_forensics.facts import bind_facts, variable_table
from ocpp_forensics.store import Store
from ocpp_forensics.timers import timers

__all__ = ["VIEWS", "build_sessions", "timer_table"]

VIEWS = (
    "key_event",
    "station",
    "transaction",
    "derived",
    "fact",
    "leg",
    "connection",
    "coverage",
    "replayed",
    "traffic",
    "attempt",
    "failed",
    "trouble",
    "liveness",
    "site",
    "circumstance",
    "outage",
    "lost",
    "rhythm",
    "status",
    "wave",
    "keepalive",
    "retry",
    "reconnect",
    "away",
    "queued",
    "busy",
    "comeback",
    "stream",
    "trait",
)
"""The views in an order in which they can be built."""


def build_sessions(store: Store, links: Mapping[str, str]) -> None:
    """Build all session tables; `links` gives the access link of stations that the user named."""
    table = pa.table({
        "station": pa.array(list(links), pa.string()),
        "link": pa.array(list(links.values()), pa.string()),
    })
    store.place("given_link", table)
    store.place("ocpp_variable", variable_table())
    store.place("known_timer", timer_table())
    store.run_files(f"session_{view}" for view in VIEWS)
    bind_facts(store)


def timer_table() -> pa.Table:
    """One row per known timer."""
    known = timers()
    return pa.table({
        "who": [each.who for each in known],
        "role": [each.role for each in known],
        "measures": [each.measures for each in known],
        "low_s": [each.low_s for each in known],
        "high_s": [each.high_s for each in known],
    })
