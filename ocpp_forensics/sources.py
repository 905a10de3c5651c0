"""Sources: the logs of a bundle with their format and vantage point.

Reads: bundle members, record, detail. Feeds: part and source tables, ingest, the report.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from typing import TypeVar

import pyarrow as pa

from ocpp_forensics.bundle import Bundle, Member, rotation_groups
from ocpp_forensics.checks.definition import Check, load_checks
from ocpp_forensics.checks.reading import find_checks
from ocpp_forensics.formats.definition import Format
from ocpp_forensics.formats.detection import Detection, detect_formats
from ocpp_forensics.formats.drafting import drafted
from ocpp_forensics.formats.logformat import stated_log_formats
from ocpp_forensics.lines import LineStats
from ocpp_forensics.model import SourceInfo
from ocpp_forensics.records import read_records
from ocpp_forensics.store import Store

__all__ = [
    "SETTINGS", "Part", "choose_kinds", "collect_parts", "detect_parts", "fill_parts", "matching",
]  # fmt: skip

_Value = TypeVar("_Value")

SETTINGS = "bundle.toml"
"""A file of a bundle that says how to read the others; it is no log."""

SAMPLE_LINES = 200
"""So many of the first lines of each part are looked at by detection."""

_LOG_SHARE = 0.3
"""A file of which formats of logs fit this share is a log."""

_FURTHER_LINES = 40
"""So many more are looked at in each of five places behind them."""

RANKS = ("csms", "proxy", "station", "modem", "os", "check", "config", "")
"""Order of events at one instant: what the CSMS wrote counts as first."""

_NAME_HINTS = (
    (
        "proxy",
        r"nginx|haproxy|envoy|traefik|caddy|apache|httpd|access[._-]?log|error[._-]?log|ingress|\blb\b|proxy|alb",
    ),
    ("modem", r"modem|lte|ppp|cellular|4g|5g|\bat[._-]|wwan|mmcli|ModemManager"),
    ("csms", r"csms|central|steve|citrine|ocpp-?server|back-?end|\bcs\d*\b|cs-prod|gateway"),
    ("station", r"\bcp[._-]|charge|charger|station|evse|firmware|wallbox"),
)


@dataclass(slots=True)
class Part:
    """One file of the bundle while it is read; `checks` are set where it is no log."""

    part_id: int
    source_id: int
    member: Member
    stats: LineStats
    detection: Detection | None = None
    checks: tuple[Check, ...] = ()


def collect_parts(
    bundle: Bundle, left_out: Set[str] = frozenset()
) -> tuple[tuple[Part, ...], tuple[SourceInfo, ...]]:
    """The files of a bundle as parts of logs; rotated files of a log follow each other in time."""
    members = {
        member.path: member
        for member in bundle.members
        if member.path.rpartition("/")[2] != SETTINGS and member.path not in left_out
    }
    parts: list[Part] = []
    sources: list[SourceInfo] = []
    for path, names in rotation_groups(tuple(members)):
        source_id = len(sources) + 1
        sources.append(SourceInfo(source_id, path if len(names) > 1 else names[0]))
        parts += [
            Part(number, source_id, members[name], LineStats())
            for number, name in enumerate(names, start=len(parts) + 1)
        ]
    return tuple(parts), tuple(sources)


def matching(path: str, options: Mapping[str, _Value]) -> _Value | None:
    """The value of the first glob that fits a path or its last part, None where none fits."""
    name = path.rpartition("/")[2]
    for glob, value in options.items():
        if fnmatch(path, glob) or fnmatch(name, glob):
            return value
    return None


def detect_parts(
    store: Store,
    bundle: Bundle,
    parts: Sequence[Part],
    formats: Sequence[Format],
    forced: Mapping[str, str],
) -> tuple[Format, ...]:
    """Choose the formats of every part from the first lines of its content.

    Gives the formats that configurations among them state, and those that were worked out for
    logs that no known one fits.
    """
    samples: list[pa.RecordBatch] = []
    texts: dict[int, str] = {}
    for part in parts:
        stats = LineStats()
        with bundle.open(part.member) as stream:
            first = next(read_records(stream, part.part_id, stats), None)
        part.stats.binary = stats.binary
        if first is not None and not stats.binary:
            own = list(_sample(first))
            samples += own
            texts[part.part_id] = "\n".join(
                line for batch in own for line in batch["text"].to_pylist()
            )
    if not samples:
        return ()
    stated = tuple(
        each
        for part in parts
        for each in stated_log_formats(texts.get(part.part_id, ""), part.member.path)
    )
    given = {part.part_id: matching(part.member.path, forced) for part in parts}
    chosen = {part_id: name for part_id, name in given.items() if name}
    found = detect_formats(store, pa.Table.from_batches(samples), (*formats, *stated), chosen)
    for part in parts:
        part.detection = found.get(part.part_id)
        if part.part_id not in chosen and part.detection:
            _recognise(part, part.detection, texts[part.part_id])
    drafts = (_drafted(part, texts.get(part.part_id, "")) for part in parts)
    return *stated, *(made for made in drafts if made is not None)


def _drafted(part: Part, text: str) -> Format | None:
    """A format for a part of which no known one fits more than the time; it is then read by it."""
    found = part.detection
    if found is None or found.inner or found.outer not in {(), ("generic",)}:
        return None
    made = drafted(
        text.split("\n"),
        f"drafted-{part.part_id}",
        part.member.path,
        with_level=found.outer == ("generic",),
    )
    if made is not None:
        reason = f"{found.reason}: a time was found in them, and a layout worked out"
        known = found.outer[0] if found.outer else None
        part.detection = replace(found, outer=(made.id,), reason=reason, known=known)
    return made


def _recognise(part: Part, logged: Detection, text: str) -> None:
    """Take a part for a document where it is the output of a command, and no log that holds one."""
    fits = {timed: _log_share(logged, timed=timed) for timed in (True, False)}
    checks = [each for each in find_checks(text, load_checks()) if fits[each.timed] < _LOG_SHARE]
    if checks:
        part.checks = tuple(checks)
        titles = " and ".join(each.title for each in checks)
        part.detection = replace(
            logged, outer=(checks[0].id,), inner=(), reason=f"it reads as {titles}"
        )


def _log_share(logged: Detection, *, timed: bool) -> float:
    """The share of lines that the best format of logs fits, but for any line with a time."""
    shares = (each.share for each in logged.candidates if not (timed and each.format == "generic"))
    return max(shares, default=0.0)


def _sample(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The first lines and some behind them: a restart may have changed the layout."""
    yield batch.slice(0, SAMPLE_LINES)
    rest = batch.num_rows - SAMPLE_LINES
    for step in range(5 if rest > 5 * _FURTHER_LINES else 0):
        yield batch.slice(SAMPLE_LINES + (rest - _FURTHER_LINES) * step // 4, _FURTHER_LINES)


def fill_parts(store: Store, parts: Sequence[Part], sources: Sequence[SourceInfo]) -> None:
    """Write the tables `part` and `source` from what was collected."""
    store.execute("DELETE FROM part; DELETE FROM source")
    columns = {
        "part_id": [part.part_id for part in parts],
        "source_id": [part.source_id for part in parts],
        "path": [part.member.path for part in parts],
        "sha256": [part.member.sha256 for part in parts],
        "bytes": [part.member.size for part in parts],
        "modified": [part.member.modified for part in parts],
        "format": [part.detection.format if part.detection else None for part in parts],
        "lines": [part.stats.lines for part in parts],
        "undecodable": [part.stats.undecodable for part in parts],
        "glued": pa.array([part.stats.glued for part in parts], pa.list_(pa.int64())),
    }
    store.show("parts", pa.table(columns))
    store.execute("INSERT INTO part BY NAME SELECT * FROM parts")
    store.hide("parts")
    _write_sources(store, sources)


def _write_sources(store: Store, sources: Sequence[SourceInfo]) -> None:
    rank = {kind: number for number, kind in enumerate(RANKS)}
    table = pa.table({
        "source_id": [source.source_id for source in sources],
        "path": [source.path for source in sources],
        "kind": [source.kind for source in sources],
        "station": pa.array([source.station for source in sources], pa.string()),
        "station_basis": pa.array([source.station_basis for source in sources], pa.string()),
        "rank": [rank[source.kind] for source in sources],
    })
    store.show("sources", table)
    store.execute("DELETE FROM source; INSERT INTO source BY NAME SELECT * FROM sources")
    store.hide("sources")


_OPEN_KINDS = {"csms", "station"}
_FORMAT_VOTES = 50
"""What a format says about CSMS or station is a strong hint; its content may say otherwise."""
_FEW = 6
"""So many votes make a log with modem events a station's log."""


def choose_kinds(
    store: Store, parts: Sequence[Part], sources: Sequence[SourceInfo], formats: Sequence[Format]
) -> tuple[SourceInfo, ...]:
    """Give every source its vantage point: from its format, its content, or its name."""
    store.run_file("votes")
    votes: dict[int, dict[str, int]] = {}
    for source_id, kind, count in store.rows("SELECT source_id, kind, votes FROM source_vote"):
        votes.setdefault(source_id, {})[kind] = count
    fixed = {each.id: each.kind for each in formats} | {
        each.id: each.kind for each in load_checks()
    }
    chosen = []
    for source in sources:
        kinds = list(_format_kinds(parts, source.source_id, fixed))
        content = votes.get(source.source_id, {})
        for kind in kinds:
            content[kind] = content.get(kind, 0) + _FORMAT_VOTES
        if kinds and kinds[0] not in _OPEN_KINDS:
            kind = kinds[0]
        elif content:
            kind = max(content, key=lambda name: (content[name], name))
            # Modem events are the modem's in any log; what else stands in it is the station's.
            kind = "station" if kind == "modem" and content.get("station", 0) >= _FEW else kind
        else:
            kind = _kind_by_name(source.path)
        chosen.append(replace(source, kind=kind))
    _write_sources(store, chosen)
    return tuple(chosen)


def _format_kinds(parts: Sequence[Part], source_id: int, fixed: Mapping[str, str]) -> Iterator[str]:
    for part in parts:
        if part.source_id == source_id and part.detection:
            names = (*part.detection.outer[:1], *part.detection.inner[:1])
            yield from (fixed[name] for name in names if fixed.get(name))


def _kind_by_name(path: str) -> str:
    for kind, pattern in _NAME_HINTS:
        if re.search(pattern, path, re.IGNORECASE):
            return kind
    return "os"
