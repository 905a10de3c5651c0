"""The whole pipeline: from paths to a report, or to a timeline that can be asked.

Reads: paths. Feeds: the command line, and programs that import the package.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from ocpp_forensics.bundle import Bundle, open_bundle
from ocpp_forensics.diagnosis import diagnose, left_out
from ocpp_forensics.dsl.library import Library, load_signatures
from ocpp_forensics.errors import InputError, NoInputError, Problem
from ocpp_forensics.expected import (
    NOTHING_EXPECTED,
    Expectation,
    compare,
    expectations,
    expected_of,
    write_expected,
)
from ocpp_forensics.keep import about, is_store, open_kept, refuse_stores, save
from ocpp_forensics.model import Checked, Report, Warn
from ocpp_forensics.report.json import render_json
from ocpp_forensics.report.reading import Findings, read_findings
from ocpp_forensics.report.safety import masked
from ocpp_forensics.sessions import build_sessions
from ocpp_forensics.settings import read_options, unused_links
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import build_timeline
from ocpp_forensics.watch import Watch

__all__ = ["Request", "analyze", "check", "open_timeline", "read_report"]


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

    def reading(self, bundle: Bundle) -> Callable[[int], None]:
        """What a stage calls with the bytes that it has read."""
        total = sum(member.size for member in bundle.members)
        return lambda done: self.progress(done, total)


_NOTHING = Request()


def analyze(paths: Sequence[str | Path], request: Request = _NOTHING) -> Report:
    """Diagnose the logs in some paths; secrets are masked in the report."""
    refuse_stores(paths)
    watch = Watch()
    library = load_signatures(request.signatures, tests=False)
    watch.lap("definitions")
    return _analyze(paths, request, library, watch)


def check(
    bundles: Sequence[str | Path], request: Request = _NOTHING, *, accept: bool = False
) -> tuple[Checked, ...]:
    """Compare the diagnosis of each bundle with the expected one; `accept` writes that anew."""
    cases = expectations(bundles, accept=accept)
    library = load_signatures(request.signatures, tests=False)
    return tuple(_check(case, request, library, accept=accept) for case in cases)


def _check(case: Expectation, request: Request, library: Library, *, accept: bool) -> Checked:
    watch, bundle = Watch(), str(case.bundle)
    try:
        refuse_stores([case.bundle])
        report = _analyze([case.bundle], request, library, Watch())
    except InputError as error:
        return Checked(bundle, "unusable", problems=error.problems)
    found = expected_of(report)
    differences = compare(case.wanted or NOTHING_EXPECTED, found)
    state = "same" if case.wanted is not None and not differences else "differs"
    if accept and state == "differs":
        write_expected(case.place, found)
        state = "accepted"
    watch.lap(bundle)
    incomplete = any(each.incomplete for each in report.warnings)
    return Checked(bundle, state, differences, (), incomplete, watch.laps[bundle])


def _analyze(
    paths: Sequence[str | Path], request: Request, library: Library, watch: Watch
) -> Report:
    with open_bundle(paths, stdin=request.stdin) as bundle, Store() as store:
        options = read_options(request.settings, bundle, keep_text=request.store is not None)
        watch.lap("opening")
        found = diagnose(store, bundle, library, options, request.reading(bundle))
        if not found.facts:
            _check_events(store, len(found.sources), found.warnings)
        warnings = (*found.warnings, *unused_links(options, found.stations))
        seconds = {**watch.laps, **found.seconds}
        report: Report = masked(replace(found, warnings=warnings, seconds=seconds))
        if request.store is not None:
            store.run_file("timeline")
            save(store, request.store, {**about(report), "report": render_json(report)})
    return report


def read_report(path: str | Path, stdin: BinaryIO) -> Findings:
    """What a JSON report, or the report in a kept store, found; `-` is stdin."""
    if str(path) == "-":
        return read_findings(stdin.read().decode("utf-8", errors="replace"), "stdin")
    if is_store(Path(path)):
        with open_kept(Path(path)) as store:
            text = store.value("SELECT value FROM meta WHERE name = 'report'")
        return read_findings(str(text), str(path))
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror})"
        raise InputError(Problem("report-unreadable", message)) from error
    return read_findings(text, str(path))


@contextmanager
def open_timeline(paths: Sequence[str | Path], request: Request = _NOTHING) -> Iterator[Store]:
    """A timeline to be asked, cut off from files and network: of a kept store, or of logs."""
    if len(paths) == 1 and is_store(Path(paths[0])):
        with open_kept(Path(paths[0])) as store:
            yield store
        return
    refuse_stores(paths)
    with open_bundle(paths, stdin=request.stdin) as bundle, Store() as store:
        options = read_options(request.settings, bundle, keep_text=True)
        timeline = build_timeline(store, bundle, options, request.reading(bundle))
        _check_events(store, len(timeline.sources), left_out(timeline))
        build_sessions(store, options.links)
        store.run_file("timeline")
        store.lock()
        yield store


def _check_events(store: Store, sources: int, warnings: Sequence[Warn]) -> None:
    if not store.value("SELECT count(ts) FROM event"):
        message = f"no line with a time was found in {sources} file{'s' * (sources != 1)}"
        hint = "`ocppdiag formats detect PATH` tells what each file looks like"
        known = [
            Problem(each.code, f"{each.source}: {each.message}") for each in warnings if each.source
        ]
        raise NoInputError([Problem("nothing-readable", message, help=hint), *known])
