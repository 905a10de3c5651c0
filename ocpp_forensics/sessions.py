"""Sessions: connections, attempts, boots, status stretches, waves, what is lost, what is known.

Reads: event, detail, payload. Feeds: the signatures and the report. Every view is one SQL file; its
header names the grain, the columns and the units.
"""

from collections.abc import Mapping

import pyarrow as pa

from ocpp_forensics.facts import bind_facts, show_variables
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
"""The views in the order in which they are built."""


def build_sessions(store: Store, links: Mapping[str, str]) -> None:
    """Build all session tables; `links` gives the access link of stations that the user named."""
    table = pa.table({
        "station": pa.array(list(links), pa.string()),
        "link": pa.array(list(links.values()), pa.string()),
    })
    store.show("given_link", table)
    show_variables(store)
    store.show("known_timer", timer_table())
    for view in VIEWS:
        store.run_file(f"session_{view}")
    bind_facts(store)
    store.hide("ocpp_variable")
    store.hide("known_timer")
    store.hide("given_link")


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
