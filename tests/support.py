"""Small logs in, timelines and reports out: what many tests need."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.diagnosis import diagnose
from ocpp_forensics.dsl.catalogue import streams
from ocpp_forensics.dsl.library import Library, load_signatures
from ocpp_forensics.model import Report
from ocpp_forensics.sessions import build_sessions
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import Options, Timeline, build_timeline


@dataclass(frozen=True)
class World:
    """A filled store, with what is asked of it."""

    store: Store
    timeline: Timeline

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.store.rows(sql)

    def actions(self) -> list[str]:
        return [row[0] for row in self.rows("SELECT action FROM event ORDER BY ts, event_id")]


def unknown_truths(store: Store) -> dict[str, int]:
    """How many rows leave a column open that signatures use as true or false.

    A signature that says `not x` would silently pass over the rows in which x is null.
    """
    found = {}
    for stream in streams().values():
        for field in stream.fields.values():
            if not stream.is_event and field.type == "boolean" and field.typical is not None:
                sql = f'SELECT count(*) FROM {stream.table} WHERE "{field.name}" IS NULL'
                found[f"{stream.table}.{field.name}"] = store.value(sql)
    return {name: count for name, count in found.items() if count}


def write_logs(folder: Path, logs: Mapping[str, str | bytes]) -> Path:
    root = folder / "logs"
    for name, content in logs.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


@contextmanager
def world(
    folder: Path, logs: Mapping[str, str | bytes], options: Options | None = None
) -> Iterator[World]:
    """The timeline and the sessions of some logs."""
    options = options or Options()
    with open_bundle([write_logs(folder, logs)]) as bundle, Store() as store:
        timeline = build_timeline(store, bundle, options)
        build_sessions(store, options.links)
        yield World(store, timeline)


def report_of(
    folder: Path, logs: Mapping[str, str | bytes], library: Library | None = None
) -> Report:
    """The diagnosis of some logs."""
    with open_bundle([write_logs(folder, logs)]) as bundle, Store() as store:
        return diagnose(store, bundle, library or load_signatures(tests=False), Options())
