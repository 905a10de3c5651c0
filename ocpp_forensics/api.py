"""The whole pipeline: from paths to a report, or to a timeline that can be asked.

Reads: paths. Feeds: the command line, and programs that import the package.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from ocpp_forensics.bundle import Bundle, open_bundle
from ocpp_forensics.diagnosis import diagnose
from ocpp_forensics.dsl.library import load_signatures
from ocpp_forensics.errors import NoInputError, Problem
from ocpp_forensics.keep import about, is_store, open_kept, refuse_stores, save
from ocpp_forensics.model import Report
from ocpp_forensics.report.json import render_json
from ocpp_forensics.report.safety import masked
from ocpp_forensics.sessions import build_sessions
from ocpp_forensics.settings import read_options, unused_links
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import build_timeline

__all__ = ["Request", "analyze", "open_timeline"]


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
    library = load_signatures(request.signatures)
    with open_bundle(paths, stdin=request.stdin) as bundle, Store() as store:
        options = read_options(request.settings, bundle, keep_text=request.store is not None)
        found = diagnose(store, bundle, library, options, request.reading(bundle))
        _check_events(store, len(found.sources))
        warnings = (*found.warnings, *unused_links(options, found.stations))
        report: Report = masked(replace(found, warnings=warnings))
        if request.store is not None:
            store.run_file("timeline")
            save(store, request.store, {**about(report), "report": render_json(report)})
    return report


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
        _check_events(store, len(timeline.sources))
        build_sessions(store, options.links)
        store.run_file("timeline")
        store.lock()
        yield store


def _check_events(store: Store, sources: int) -> None:
    if not store.value("SELECT count(ts) FROM event"):
        message = f"no line with a time was found in {sources} file{'s' * (sources != 1)}"
        hint = "`ocppdiag formats detect PATH` tells what each file looks like"
        raise NoInputError(Problem("nothing-readable", message, help=hint))
