"""The whole diagnosis of a bundle, stage by stage, as a report.

Reads: a bundle. Feeds: the renderers. Everything a caller needs is here; see also api.py.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ocpp_forensics import __version__
from ocpp_forensics.advice import build_advice, find_advice
from ocpp_forensics.attribution import attribute, group_incidents, supersede
from ocpp_forensics.bundle import Bundle
from ocpp_forensics.checked_facts import checked_facts
from ocpp_forensics.dsl.library import Library
from ocpp_forensics.engine import match_signatures
from ocpp_forensics.evidence import choose_lines, evidence_of
from ocpp_forensics.findings import Findings
from ocpp_forensics.incidents import build_incident
from ocpp_forensics.missing import next_steps, reasons_for
from ocpp_forensics.model import (
    Advice,
    ClockInfo,
    Incident,
    NextStep,
    Outcome,
    PartReport,
    Report,
    SourceReport,
    Warn,
)
from ocpp_forensics.sentences import count_of, duration, shown_time
from ocpp_forensics.sessions import build_sessions
from ocpp_forensics.stations import station_reports
from ocpp_forensics.store import Store
from ocpp_forensics.suppressed import suppressed_of
from ocpp_forensics.texts import read_texts
from ocpp_forensics.timeline import Options, Timeline, build_timeline
from ocpp_forensics.watch import Watch

__all__ = ["diagnose", "left_out"]

_UNPARSED_SHARE = 0.02
"""A source with more unparsed lines than this gets a warning."""

_LOGS_WANTED = NextStep(
    "the log of the CSMS, and those of the proxy and the station if there are any, from an hour "
    "before the trouble to an hour after it",
    "csms", (), 0, 0,
)  # fmt: skip
"""What to send where a bundle holds outputs of checks alone."""


def diagnose(
    store: Store,
    bundle: Bundle,
    library: Library,
    options: Options,
    progress: Callable[[int], None] = lambda _bytes: None,
) -> Report:
    """Read, align, match and attribute a bundle. The store then holds its timeline."""
    watch = Watch()
    timeline = build_timeline(store, bundle, options, progress, watch)
    build_sessions(store, options.links)
    watch.lap("sessions")
    signatures = Watch()
    outcomes = match_signatures(store, library.signatures, signatures)
    watch.lap("signatures")
    attribute(store, library.causal())
    found = _findings(store, library.causal(), outcomes)
    incidents = _incidents(found, bundle)
    advice = _advice(store, bundle, library)
    watch.lap("incidents")
    first_ts, last_ts = store.rows("SELECT min(ts), max(ts) FROM event")[0]
    return Report(
        version=__version__,
        signatures_sha256=library.sha256,
        bundle=bundle.name,
        bundle_sha256=_digest(bundle),
        first_ts=first_ts,
        last_ts=last_ts,
        sources=_sources(timeline),
        incidents=incidents,
        advice=advice,
        stations=station_reports(store, incidents),
        signatures=reasons_for(store, supersede(store, library, outcomes)),
        warnings=tuple(_warnings(timeline, bundle)),
        next_steps=next_steps(found, incidents) if first_ts else (_LOGS_WANTED,),
        suppressed=suppressed_of(store),
        facts=checked_facts(store),
        seconds=watch.laps,
        signature_seconds=signatures.laps,
    )


def _findings(store: Store, library: Library, outcomes: Sequence[Outcome]) -> Findings:
    stations = store.value("SELECT count(*) FROM station")
    return Findings(store, library, {each.signature: each for each in outcomes}, stations)


def _incidents(found: Findings, bundle: Bundle) -> tuple[Incident, ...]:
    store, library = found.store, found.library
    groups = group_incidents(store, library)
    chosen = {group.number: choose_lines(store, library, group) for group in groups}
    wanted = {ref.event_id for refs in chosen.values() for ref in refs}
    texts = read_texts(store, bundle, wanted)
    return tuple(
        build_incident(found, group, evidence_of(store, chosen[group.number], texts), place)
        for place, group in enumerate(groups, start=1)
    )


def _advice(store: Store, bundle: Bundle, library: Library) -> tuple[Advice, ...]:
    findings = find_advice(store, library)
    wanted = {ref.event_id for finding in findings for ref in finding.lines}
    texts = read_texts(store, bundle, wanted) if wanted else {}
    return tuple(
        build_advice(store, finding, evidence_of(store, finding.lines, texts))
        for finding in findings
    )


def _digest(bundle: Bundle) -> str:
    """SHA-256 over the paths and digests of all members."""
    digest = hashlib.sha256()
    for member in bundle.members:
        digest.update(f"{member.path}\0{member.sha256}\n".encode())
    return digest.hexdigest()


def _sources(timeline: Timeline) -> tuple[SourceReport, ...]:
    store = timeline.store
    clocks = {clock.source_id: clock for clock in timeline.clocks}
    spoken: dict[int, list[str]] = {}
    for source_id, station in store.rows(
        "SELECT DISTINCT source_id, station FROM event WHERE station IS NOT NULL ORDER BY ALL"
    ):
        spoken.setdefault(source_id, []).append(station)
    parts: dict[int, list[dict[str, Any]]] = {}
    for row in store.records("SELECT * FROM part ORDER BY part_id"):
        parts.setdefault(row["source_id"], []).append(row)
    return tuple(
        _source_report(
            source, parts[source["source_id"]], clocks, spoken.get(source["source_id"], [])
        )
        for source in store.records("SELECT * FROM source ORDER BY source_id")
    )


def _source_report(
    source: dict[str, Any],
    parts: list[dict[str, Any]],
    clocks: dict[int, ClockInfo],
    stations: list[str],
) -> SourceReport:
    source_id = source["source_id"]
    joined = "".join(part["sha256"] for part in parts)
    whole = parts[0]["sha256"] if len(parts) == 1 else hashlib.sha256(joined.encode()).hexdigest()
    return SourceReport(
        path=source["path"],
        kind=source["kind"],
        format=parts[0]["format"] or "unknown",
        stations=tuple(stations),
        station_basis=source["station_basis"],
        sha256=whole,
        bytes=sum(part["bytes"] for part in parts),
        total=sum(part["lines"] or 0 for part in parts),
        events=sum(
            (part["lines"] or 0) - (part["continuation"] or 0) - (part["unparsed"] or 0)
            for part in parts
        ),
        continuation=sum(part["continuation"] or 0 for part in parts),
        unparsed=sum(part["unparsed"] or 0 for part in parts),
        clock=clocks.get(source_id, ClockInfo(source_id, "UTC", "no times", 0.0, 0.0, 0, 0)),
        parts=tuple(
            PartReport(part["path"], part["sha256"], part["bytes"], part["format"] or "unknown")
            for part in parts
        ),
        duplicates=sum(part["duplicates"] or 0 for part in parts),
    )


def left_out(timeline: Timeline) -> list[Warn]:
    """The files that were not read, and why."""
    binary = [
        Warn("file-binary", f"{part.stats.binary}, no text: left out", part.member.path)
        for part in timeline.parts
        if part.stats.binary
    ]
    return binary + [
        Warn("file-unread", check.note, part.member.path)
        for part in timeline.parts
        for check in part.checks
        if check.note
    ]


def _warnings(timeline: Timeline, bundle: Bundle) -> list[Warn]:
    found = [Warn(each.code, each.message, each.path, each.incomplete) for each in bundle.warnings]
    found += left_out(timeline)
    for row in timeline.store.records("SELECT * FROM part ORDER BY part_id"):
        lines = row["lines"] or 0
        if lines and (row["unparsed"] or 0) > _UNPARSED_SHARE * lines:
            message = (
                f"{row['unparsed']} of {lines} lines carry no time that could be read: "
                "see `ocppdiag formats detect`"
            )
            found.append(Warn("lines-unparsed", message, row["path"]))
        if row["duplicates"]:
            message = f"{row['duplicates']} lines stand in {row['twin']} as well: they count once"
            found.append(Warn("lines-duplicate", message, row["path"]))
        if row["undecodable"]:
            message = f"{row['undecodable']} lines are not valid text; bad bytes were replaced"
            found.append(Warn("text-undecodable", message, row["path"]))
    if not timeline.store.value("SELECT count(ts) FROM event"):
        found.append(Warn("no-logs", "there is no log to diagnose", None, incomplete=True))
    elif not timeline.store.value("SELECT count(*) FROM station"):
        message = "no line tells of a charging station or its connection"
        found.append(Warn("no-stations", message, None, incomplete=True))
    found += _gaps(timeline.store)
    return found


def _gaps(store: Store) -> Iterator[Warn]:
    """Where lines are missing in a log."""
    missing = {"lines": "no lines", "frames": "no OCPP messages (a lower log level)"}
    for what, path, begin, end, lasting, silent_s, stations in store.rows(
        "SELECT what, path, from_ts, to_ts, lasting, h.silent_s, stations "
        "FROM hole AS h JOIN source USING (source_id) ORDER BY path, from_ts, what DESC"
    ):
        until = shown_time(end) if begin.date() != end.date() else f"{end:%H:%M:%S}"
        told = count_of(stations, "station")
        message = (
            f"no OCPP messages from {shown_time(begin)} UTC to the end of the log "
            f"({duration(silent_s)}), and no line tells that {told} went: a lower log level, or an "
            "outage of all; what happened since is not known"
            if lasting
            else f"{missing[what]} from {shown_time(begin)} to {until} UTC ({duration(silent_s)}), "
            f"while {told} went on: what happened in between is not known"
        )
        yield Warn("log-gap", message, path)
