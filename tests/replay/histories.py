"""Histories as hypothesis draws them, and as the tables of sessions that the engine reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from ocpp_forensics.replay.policy import Policy, Selector
from ocpp_forensics.store import Store
from tests.replay.oracle import Link, Report, Station, instant
from tests.support import world

__all__ = ["empty_tables", "fill", "policies", "stations"]

LAST = 5 * 3600
_COARSE = st.builds(
    lambda number, apart: number * 1200 + apart,
    st.integers(0, LAST // 1200 - 1),
    st.sampled_from((0, 0, 4, 5)),
)
_TIMES = st.one_of(_COARSE, _COARSE, st.integers(0, LAST))
"""Instants that often coincide, or lie just so far apart that it matters."""

_STATUSES = st.sampled_from(("Faulted", "Faulted", "Unavailable", "Available", "Charging"))
_IDENTITIES = st.sampled_from((
    ("Voltera", "EVC-22", "2.4.1"), ("Voltera", "EVC-22", "2.3.0"), ("Ampera", "A1", ""),
))  # fmt: skip
_CONNECTORS = st.sampled_from(((1,), (0, 1), (0, 1), (0, 1, 2), (1, 2), (1001,), (0, 1001, 2001)))


@st.composite
def stations(draw: st.DrawFn) -> Station:
    connectors = st.sampled_from(draw(_CONNECTORS))
    reports = draw(
        st.lists(
            st.builds(Report, _TIMES, connectors, _STATUSES),
            max_size=9,
            unique_by=lambda each: (each.at, each.connector),
        )
    )
    return Station(
        reports=tuple(reports),
        links=tuple(draw(st.lists(_links(), max_size=4))),
        boots=tuple(draw(st.lists(st.tuples(_TIMES, _IDENTITIES), max_size=2, unique_by=_first))),
        resets=tuple(draw(st.lists(_TIMES, max_size=2))),
        frames=tuple(draw(st.lists(_TIMES, max_size=2))),
    )


def _first(boot: tuple[int, Any]) -> int:
    return boot[0]


@st.composite
def _links(draw: st.DrawFn) -> Link:
    low, high = sorted((draw(_TIMES), draw(_TIMES)))
    return draw(
        st.sampled_from((Link(low, high), Link(low, high), Link(low, None), Link(None, high)))
    )


_SELECTORS = st.lists(
    st.sampled_from((
        Selector(vendor="Voltera"),
        Selector(vendor="Voltera", firmware="2.4.*"),
        Selector(model="A?"),
    )),
    max_size=2,
)
policies = st.builds(
    Policy,
    scan_s=st.sampled_from((180, 180, 60, 420)),
    scan_phase_s=st.sampled_from((0, 0, 37, 200)),
    dwell_s=st.sampled_from((3600, 1800, 600, 0)),
    grace_s=st.sampled_from((86400, 3600, 1000, 0)),
    statuses=st.sampled_from((("Faulted", "Unavailable"), ("Faulted",))),
    flip_restarts=st.booleans(),
    count_operator_resets=st.booleans(),
    enable=_SELECTORS.map(tuple),
    disable=_SELECTORS.map(tuple),
)

_FILLED = ("event", "status", "connection", "boot", "spoken", "transaction")


def empty_tables(store: Store, folder: Path) -> None:
    """Create all tables of a timeline with its sessions, without rows."""
    line = '2026-01-05 12:00:00,000 INFO ocpp: CP1: receive message [2,"1","Heartbeat",{}]\n'
    with world(folder, {"csms.log": line}) as small:
        for table in (*_FILLED, "part", "source", "line_text"):
            arrow = small.store.arrow(f'SELECT * FROM "{table}" LIMIT 0')
            store.show("given", arrow)
            store.execute(f'CREATE TABLE "{table}" AS SELECT * FROM given')
            store.hide("given")


def fill(store: Store, history: Mapping[str, Station], last: int = LAST) -> None:
    """Put a history into the tables; it ends with a line of the CSMS that concerns nobody."""
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in _FILLED}
    rows["event"].append(_event("", last, "log.message"))
    for name, station in history.items():
        _add_frames(rows, name, station)
        for number, link in enumerate(station.links):
            rows["connection"].append({
                "station": name, "connection_id": number, "open_ts": _ts(link.opened),
                "close_ts": _ts(link.closed), "csms_close_ts": _ts(link.closed),
            })  # fmt: skip
        for number, (at, (vendor, model, firmware)) in enumerate(station.boots):
            rows["boot"].append({
                "station": name, "ts": instant(at), "event_id": number, "vendor": vendor,
                "model": model, "firmware": firmware or None,
            })  # fmt: skip
    for number, row in enumerate(rows["event"]):
        row["event_id"] = number
    for table in _FILLED:
        _replace(store, table, rows[table])


def _add_frames(rows: Mapping[str, list[dict[str, Any]]], name: str, station: Station) -> None:
    for report in station.reports:
        rows["event"].append(_event(name, report.at, "ocpp.call"))
        rows["status"].append({
            "station": name, "connector": report.connector, "ts": instant(report.at),
            "kind": "csms", "event_id": len(rows["status"]), "status": report.status,
            "error_code": "InternalError",
        })  # fmt: skip
    rows["event"].extend(_event(name, at, "ocpp.call") for at in station.frames)
    for at in station.resets:
        rows["spoken"].append({
            "station": name, "ts": instant(at), "event_id": len(rows["spoken"]), "kind": "csms",
            "source_id": 1, "ocpp_type": 2, "ocpp_action": "Reset", "message_key": at,
            "frame": '[2,"r","Reset",{"type":"Hard"}]',
        })  # fmt: skip


def _event(station: str, at: int, action: str) -> dict[str, Any]:
    return {
        "station": station or None, "ts": instant(at), "kind": "csms", "action": action,
        "direction": "to_csms",
    }  # fmt: skip


def _ts(at: int | None) -> Any:
    return None if at is None else instant(at)


def _replace(store: Store, table: str, rows: Sequence[dict[str, Any]]) -> None:
    store.execute(f'TRUNCATE "{table}"')
    if rows:
        store.show("given", pa.Table.from_pylist(list(rows)))
        store.execute(f'INSERT INTO "{table}" BY NAME SELECT * FROM given')
        store.hide("given")
