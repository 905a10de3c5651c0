"""Measure all signatures over many events: `python -m tests.bench.signatures`.

The tables that signatures read are filled with rows of every stream, from 500 stations and all
fields with values, so that every signature has something to match. Prints the total and the slowest
signatures; nothing here fails.
"""

import argparse
import time
from collections.abc import Sequence

from ocpp_forensics.casetests import TestBench
from ocpp_forensics.dsl.catalogue import Stream, StreamField, facts, streams
from ocpp_forensics.dsl.library import load_signatures
from ocpp_forensics.engine import match_signatures
from ocpp_forensics.store import Store
from ocpp_forensics.vocabulary import SQL_TYPES
from ocpp_forensics.watch import Watch

STATIONS = 500
_PER_EVENT = {"traffic": 0.9, "key_event": 0.08, "lost": 0.01, "failed": 0.01, "opened": 0.01}
"""Rows of a table for each event of the timeline; 1 in a thousand for the others."""

_RARE = 0.001
_SECONDS_EACH = 0.5


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures for every number of events that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.signatures", description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000, 4_000_000])
    parser.add_argument("--slowest", type=int, default=10)
    options = parser.parse_args(arguments)
    for events in options.events:
        _measure(events, options.slowest)


def _measure(events: int, slowest: int) -> None:
    signatures = load_signatures().signatures
    with Store() as store:
        fill(store, events)
        watch, cpu_s = Watch(), time.process_time()
        outcomes = match_signatures(store, signatures, watch)
        cpu_s = time.process_time() - cpu_s
    matched = sum(each.result == "match" for each in outcomes)
    print(f"{events} events, {len(signatures)} signatures, {matched} of them match: ", end="")
    print(f"{sum(watch.laps.values()):.2f} s, {cpu_s:.2f} CPU s")
    for name in sorted(watch.laps, key=lambda each: -watch.laps[each])[:slowest]:
        print(f"{watch.laps[name]:9.3f} s  {name}")


def fill(store: Store, events: int) -> None:
    """Fill the tables of all streams with as many rows as that many events would give."""
    TestBench(store)
    tables: dict[str, list[Stream]] = {}
    for stream in streams().values():
        tables.setdefault(stream.table, []).append(stream)
    span_s = events * _SECONDS_EACH
    for number, (table, sources) in enumerate(tables.items()):
        rows = max(round(events * _PER_EVENT.get(table, _RARE)), 1)
        store.execute(f"INSERT INTO {table} BY NAME {_rows(sources, rows, span_s, number)}")
    known = ", ".join(_value(each, "i") for each in facts().values())
    store.execute(f"INSERT INTO station SELECT 'CP' || i FROM range({STATIONS}) AS r(i)")
    store.execute(
        f"INSERT INTO known BY NAME SELECT 'CP' || i % {STATIONS} AS station, {known}, "
        f"TIMESTAMP '2026-03-01' + to_hours((i // {STATIONS}) * 48) AS from_ts "
        f"FROM range({3 * STATIONS}) AS r(i)"
    )
    store.execute(
        "INSERT INTO coverage SELECT kind, TIMESTAMP '2026-01-01', TIMESTAMP '2027-01-01', NULL "
        "FROM unnest(['csms', 'proxy', 'station', 'modem', 'os']) AS k(kind)"
    )


def _rows(sources: Sequence[Stream], rows: int, span_s: float, salt: int) -> str:
    first = sources[0]
    names = ", ".join(f"'{each.name}'" for each in sources)
    moment = f"(hash(i, {salt}) % {round(span_s * 1e6)})::BIGINT"
    columns = {
        "ts": f"TIMESTAMP '2026-03-02' + to_microseconds({moment})",
        "station": f"'CP' || hash(i, {salt}, 1) % {STATIONS}",
        "event_id": "i",
        "kind": "['csms', 'proxy', 'station', 'modem'][1 + (hash(i, 2) % 4)::INTEGER]",
        "action": f"[{names}][1 + (hash(i, 3) % {len(sources)})::INTEGER]",
        first.key: "i",
    }
    if first.episode:
        columns[first.episode] = "i // 3"
    values = [f'{sql} AS "{name}"' for name, sql in columns.items()]
    values += [_value(each, "i") for each in first.fields.values() if each.name not in columns]
    return (
        "SELECT * EXCLUDE (i), epoch_us(ts)::HUGEINT * 18446744073709551616 + i AS ord "
        f"FROM (SELECT i, {', '.join(values)} FROM range({rows}) AS r(i))"
    )


def _value(field: StreamField, row: str) -> str:
    """A field's value in a row: one of those it may have, its typical one half of the time."""
    seed = f"hash({row}, '{field.name}')"
    if field.type == "boolean":
        value = f"{seed} % 4 = 0"
    elif field.type == "text":
        words = field.values or ("CP1", "one", "two", "three")
        value = f"[{', '.join(repr(each) for each in words)}][1 + ({seed} % {len(words)})::INTEGER]"
    else:
        value = f"{seed} % 600"
    return f'({value})::{SQL_TYPES[field.type]} AS "{field.name}"'


if __name__ == "__main__":
    main()
