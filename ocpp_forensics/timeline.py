"""From a bundle to the timeline: read, identify, align. The stages in the order in which they run.

Reads: a bundle. Feeds: sessions, signatures, the report, `ocppdiag timeline`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import tzinfo

import pyarrow as pa

from ocpp_forensics.bundle import Bundle
from ocpp_forensics.clock.align import align_clocks, borrowed_clocks
from ocpp_forensics.documents import read_documents
from ocpp_forensics.formats.definition import Format, merged
from ocpp_forensics.identity import name_stations, own_sources
from ocpp_forensics.ingest.glued import with_records_apart
from ocpp_forensics.ingest.load import CHUNK_LINES, Loader, create_tables
from ocpp_forensics.lines import LINE_SCHEMA
from ocpp_forensics.model import ClockInfo, SourceInfo
from ocpp_forensics.ocpp import FROM_STATION, TO_STATION
from ocpp_forensics.records import read_records
from ocpp_forensics.sources import (
    Part,
    choose_kinds,
    collect_parts,
    detect_parts,
    fill_parts,
    matching,
)
from ocpp_forensics.store import Store
from ocpp_forensics.watch import Watch

__all__ = ["Options", "Timeline", "build_timeline"]

_LITTLE_BYTES = 16 << 20
"""With less than this, threads have more to do with each other than with the lines."""

_FIRST_BYTES = 96 << 20
_CHUNK_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Options:
    """What the user knows better than the logs. Globs match the path of a file or its name.

    `own_formats` come before the package's; `left_out` are paths of files that are no logs.
    """

    formats: Mapping[str, str] = field(default_factory=dict)
    stations: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, tzinfo] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    keep_text: bool = False
    own_formats: tuple[Format, ...] = ()
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Timeline:
    """A filled store with what is known of its sources."""

    store: Store
    parts: tuple[Part, ...]
    sources: tuple[SourceInfo, ...]
    clocks: tuple[ClockInfo, ...]


def build_timeline(
    store: Store,
    bundle: Bundle,
    options: Options,
    progress: Callable[[int], None] = lambda _bytes: None,
    watch: Watch | None = None,
) -> Timeline:
    """Read a bundle into a store: part, source, event, detail, payload, fact, clock_shift.

    `progress` is called with the number of bytes read so far.
    """
    watch = watch or Watch()
    create_tables(store)
    _create_ocpp_actions(store)
    formats = merged(options.own_formats)
    watch.lap("formats")
    if sum(member.size for member in bundle.members) < _LITTLE_BYTES:
        store.execute("SET threads = 1")
    parts, sources = collect_parts(bundle, options.left_out)
    formats = (*formats, *detect_parts(store, bundle, parts, formats, options.formats))
    watch.lap("detection")
    _ingest(Reader(store, bundle, formats, progress), parts, options)
    watch.lap("lines")
    fill_parts(store, parts, sources)
    store.execute(f"SET VARIABLE several_files = {len(parts) > 1}")
    store.run_file("duplicate")
    store.run_file("tally")
    store.run_file("newest_first")
    sources = choose_kinds(store, parts, sources, formats)
    sources = _owners(store, sources, options)
    store.run_file("begun")
    zones = {
        source.source_id: zone
        for source in sources
        if (zone := matching(source.path, options.zones)) is not None
    }
    fill_parts(store, parts, sources)
    watch.lap("stations")
    clocks = align_clocks(store, sources, zones)
    store.run_file("event")
    store.run_file("event_timeless")
    store.run_file("account")
    watch.lap("clocks")
    return Timeline(store, parts, sources, (*clocks, *borrowed_clocks(store)))


@dataclass(slots=True)
class Reader:
    """What reading the lines of a bundle needs."""

    store: Store
    bundle: Bundle
    formats: Sequence[Format]
    progress: Callable[[int], None]
    done: int = 0

    def formats_of(self, part: Part) -> tuple[Format, ...]:
        """The formats of the lines of a part that is a log."""
        names = part.detection.outer if part.detection and not part.checks else ()
        return tuple(each for each in self.formats if each.id in names)


def _ingest(reader: Reader, parts: Sequence[Part], options: Options) -> None:
    """Read all lines, parts of the same formats together, and give them their meaning."""
    by_id = {each.id: each for each in reader.formats}
    further = [each for each in reader.formats if not each.alone]
    loader = Loader(reader.store, by_id["generic"], options.keep_text, further)
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Part]] = {}
    documents = {}
    for part in parts:
        if part.checks:
            lines = pa.Table.from_batches(_batches(reader, [part]), LINE_SCHEMA)
            documents[part.member.path] = part, lines
        elif not part.stats.binary:
            found = part.detection
            key = (found.outer, found.inner) if found else ((), ())
            groups.setdefault(key, []).append(part)
    for (outer, inner), members in groups.items():
        shapes = [by_id[name] for name in outer or ("generic",)]
        loader.several = len(members) > 1
        for chunk in _ahead(_chunks(reader, members)):
            loader.add(chunk, shapes, [by_id[name] for name in inner])
    read_documents(reader.store, documents, keep_text=options.keep_text)
    loader.finish()


def _ahead(chunks: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same chunks; while one is used, the next is read already."""
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(next, chunks, None)
        while (chunk := following.result()) is not None:
            following = pool.submit(next, chunks, None)
            yield chunk


def _chunks(reader: Reader, parts: Sequence[Part]) -> Iterator[pa.Table]:
    """Lines of several parts as tables of about a million lines or 256 MiB; the first are smaller.

    That way there is soon something to do while the next one is read.
    """
    held: list[pa.RecordBatch] = []
    lines, done, enough = 0, reader.done, _FIRST_BYTES
    for batch in _batches(reader, parts):
        held.append(batch)
        lines += batch.num_rows
        if lines >= CHUNK_LINES or reader.done - done >= enough:
            yield pa.Table.from_batches(held)
            held, lines, done = [], 0, reader.done
            enough = min(2 * enough, _CHUNK_BYTES)
    if held:
        yield pa.Table.from_batches(held)


def _batches(reader: Reader, parts: Sequence[Part]) -> Iterator[pa.RecordBatch]:
    for part in parts:
        before = reader.done
        with reader.bundle.open(part.member) as stream:
            records = read_records(stream, part.part_id, part.stats)
            for batch in with_records_apart(records, reader.formats_of(part), part.stats):
                reader.done = before + part.stats.bytes
                reader.progress(reader.done)
                yield batch


def _create_ocpp_actions(store: Store) -> None:
    names = [*FROM_STATION, *TO_STATION]
    table = pa.table({
        "name": names,
        "from_station": [name in FROM_STATION for name in names],
    })
    store.show("actions", table)
    store.execute("CREATE TABLE ocpp_action AS SELECT * FROM actions")
    store.hide("actions")


def _owners(
    store: Store, sources: Sequence[SourceInfo], options: Options
) -> tuple[SourceInfo, ...]:
    """Find the stations and the logs that belong to one of them."""
    name_stations(store)
    given = [
        replace(source, station=station, station_basis="given with --station-of")
        if (station := matching(source.path, options.stations))
        else source
        for source in sources
    ]
    counts: dict[int, dict[str, int]] = {}
    for source_id, station, lines in store.rows_of("identity_owners"):
        counts.setdefault(source_id, {})[station] = lines
    hosts: dict[int, list[str]] = {}
    for source_id, host in store.rows(
        "SELECT DISTINCT source_id, host FROM host_name JOIN part USING (part_id) ORDER BY ALL"
    ):
        hosts.setdefault(source_id, []).append(host)
    stations = [
        row[0] for row in store.rows("SELECT DISTINCT station FROM station_name ORDER BY 1")
    ]
    owned = own_sources(given, counts, hosts, stations)
    return tuple(
        replace(
            source, station=owned[source.source_id][0], station_basis=owned[source.source_id][1]
        )
        if source.source_id in owned
        else source
        for source in given
    )
