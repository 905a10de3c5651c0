"""The whole pipeline: from paths to a report, or to a timeline that can be asked.

Reads: paths. Feeds: the command line, and programs that import the package.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.diagnosis import diagnose
from ocpp_forensics.dsl.catalogue import SEVERITIES
from ocpp_forensics.dsl.library import load_signatures
from ocpp_forensics.errors import InputError, NoInputError, Problem
from ocpp_forensics.keep import is_store, open_kept, save
from ocpp_forensics.model import Report, Warn
from ocpp_forensics.report.json import render_json
from ocpp_forensics.report.safety import masked
from ocpp_forensics.sessions import build_sessions
from ocpp_forensics.settings import read_options
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import build_timeline

__all__ = ["FINDING", "INCOMPLETE", "Request", "analyze", "exit_code", "open_timeline"]

FINDING, INCOMPLETE = 1, 4


def _silent(_done: int, _total: int) -> None:
    """Report no progress."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked besides the paths.

    `settings` are texts KEY=VALUE by name (tz, format-of, station-of, link); `signatures` are
    folders besides the package's own; `store` is where the timeline is kept. `progress` is called
    with the bytes read so far and those of all files as they were received.
    """

    settings: Mapping[str, Sequence[str] | None] = field(default_factory=dict)
    signatures: Sequence[Path] = ()
    store: Path | None = None
    progress: Callable[[int, int], None] = _silent
    stdin: BinaryIO | None = None


def analyze(paths: Sequence[str | Path], request: Request = Request()) -> Report:
    """Diagnose the logs in some paths; secrets are masked in the report."""
    _no_stores(paths)
    library = load_signatures(request.signatures)
    with open_bundle(paths, stdin=request.stdin) as bundle, Store() as store:
        options = read_options(request.settings, bundle, keep_text=request.store is not None)
        total = sum(member.size for member in bundle.members)
        report = diagnose(
            store, bundle, library, options, lambda done: request.progress(done, total)
        )
        _check_events(sum(source.events for source in report.sources), len(report.sources))
        report = masked(replace(report, warnings=(*report.warnings, *_unused(report, options.links))))
        if request.store is not None:
            store.run_file("timeline")
            save(store, request.store, _about(report))
    return report


@contextmanager
def open_timeline(paths: Sequence[str | Path], request: Request = Request()) -> Iterator[Store]:
    """A timeline to be asked, cut off from files and network: of a kept store, or of logs."""
    if len(paths) == 1 and is_store(Path(paths[0])):
        with open_kept(Path(paths[0])) as store:
            store.lock()
            yield store
        return
    _no_stores(paths)
    with open_bundle(paths, stdin=request.stdin) as bundle, Store() as store:
        options = read_options(request.settings, bundle, keep_text=True)
        total = sum(member.size for member in bundle.members)
        timeline = build_timeline(store, bundle, options, lambda done: request.progress(done, total))
        _check_events(store.value("SELECT count(*) FROM event"), len(timeline.sources))
        build_sessions(store, options.links)
        store.run_file("timeline")
        store.lock()
        yield store


def exit_code(report: Report, fail_on: str) -> int:
    """The exit code that a report stands for: 0, 1 (finding at or above `fail_on`) or 4."""
    bar = SEVERITIES.index(fail_on) if fail_on in SEVERITIES else len(SEVERITIES)
    if any(SEVERITIES.index(each.severity) >= bar for each in (*report.incidents, *report.advice)):
        return FINDING
    return INCOMPLETE if any(each.incomplete for each in report.warnings) else 0


def _no_stores(paths: Sequence[str | Path]) -> None:
    for path in paths:
        if is_store(Path(path)):
            message = f"{path} is a store, not a log"
            hint = "ask it with `ocppdiag timeline` or `ocppdiag query`; analyze reads logs"
            raise InputError(Problem("store-given", message, help=hint))


def _check_events(events: int, sources: int) -> None:
    if not events:
        message = f"no line with a time was found in {sources} file{'s' * (sources != 1)}"
        hint = "`ocppdiag formats detect PATH` tells what each file looks like"
        raise NoInputError(Problem("nothing-readable", message, help=hint))


def _unused(report: Report, links: Mapping[str, str]) -> Iterator[Warn]:
    known = {station.id for station in report.stations}
    for station in links:
        if station not in known:
            yield Warn("link-unused", f"a link is given for {station}, which no log names", None)


def _about(report: Report) -> dict[str, str]:
    return {
        "tool_version": report.version,
        "bundle": report.bundle,
        "bundle_sha256": report.bundle_sha256,
        "signatures_sha256": report.signatures_sha256,
        "report": render_json(report),
    }
