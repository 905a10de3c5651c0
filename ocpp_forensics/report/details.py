"""The details of the text report: every incident with its proof, then what was read, and how.

Reads: Report. Feeds: the text report.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from ocpp_forensics.model import (
    Advice,
    ClockInfo,
    Evidence,
    Incident,
    Report,
    SourceReport,
    StationReport,
)
from ocpp_forensics.report.comebacks import behaviours
from ocpp_forensics.report.page import Page
from ocpp_forensics.report.screen import STYLES, chain_words, outcome
from ocpp_forensics.sentences import count_of, duration, few

__all__ = ["add_advice", "add_details", "add_incident"]

_MOST_ROWS = 40
_MARKS = {
    "primary": ("* ", "bold"), "supporting": ("+ ", "green"), "contradicting": ("- ", "red"),
}  # fmt: skip


def add_details(page: Page, report: Report) -> None:
    """Add everything that stands below the first screen."""
    for number, incident in enumerate(report.incidents, 1):
        add_incident(page, incident, f"{number} of {len(report.incidents)}")
    for advice in report.advice:
        add_advice(page, advice)
    _add_stations(page, report.stations)
    _add_behaviours(page, report.stations)
    _add_sources(page, report.sources)
    _add_not_judged(page, report)
    _add_warnings(page, report)
    _add_closing(page, report)


def _heading(page: Page, title: str, style: str = "bold") -> None:
    rule = "─" * max(page.width - len(title) - 4, 2)
    page.add(("── ", "dim"), (title, style), (f" {rule}", "dim"), most=1)


def add_incident(page: Page, incident: Incident, number: str) -> None:
    """Add one incident with its proof; `number` is what it is called."""
    variant = f" ({incident.variant})" if incident.variant else ""
    _heading(page, f"Incident {number}: {incident.cause}{variant}", STYLES[incident.severity])
    page.add((incident.title, "bold"), indent=2)
    page.add(incident.summary, indent=2, most=7)
    if incident.chain:
        page.add(("chain  ", "bold"), chain_words(incident), indent=2, most=4)
    _add_reasons(page, incident)
    _add_ending(page, incident)
    if incident.evidence:
        _part(page, "Evidence (* tells it, + supports it, - speaks against it; times in UTC)")
    for line in incident.evidence:
        _add_evidence(page, line)
    _add_list(page, "Ruled out", [f"{each.cause}: {each.why}" for each in incident.ruled_out])
    _add_list(page, "To send next", [each.sentence for each in incident.missing_evidence])
    _add_steps(page, incident)
    page.blank()


def _add_reasons(page: Page, incident: Incident) -> None:
    reasons = list(incident.reasons)
    if incident.ambiguous_with:
        reasons.append(f"explained about as well by {', '.join(incident.ambiguous_with)}")
    score = f"score {incident.score:g}, confidence {incident.confidence}"
    if incident.runner_up:
        score += f"; next is {incident.runner_up}, {incident.margin:g} behind"
    if incident.signature:
        _part(page, f"Why this cause: {score}")
    for reason in reasons:
        page.add(reason, indent=4)


def _add_ending(page: Page, incident: Incident) -> None:
    if incident.ending is None:
        return
    _part(page, "How the connections ended")
    page.add(incident.ending.sentence, indent=4, most=4)


def _add_list(page: Page, title: str, texts: Sequence[str]) -> None:
    if texts:
        _part(page, title)
    for text in texts:
        page.add(text, indent=4)


def _add_steps(page: Page, found: Incident | Advice) -> None:
    _part(page, "What to do")
    page.add(("first  ", "bold"), found.first_check, indent=4)
    for fix in found.fix:
        page.add(("then   ", "bold"), fix, indent=4)
    if found.references:
        page.add(("see    ", "bold"), "; ".join(found.references), indent=4)


def _part(page: Page, title: str) -> None:
    page.add((title, "bold"), indent=2)


def _add_evidence(page: Page, line: Evidence) -> None:
    mark, style = _MARKS[line.role]
    page.add((mark, style), f"{line.station}: " if line.station else "", line.why, indent=4, most=2)
    place = f"{line.source}:{line.line}"
    when = f"  {_moment(line.ts)}  " if line.ts else "  "
    page.add((place, "cyan"), when, (line.text.strip(), "dim"), indent=6)


def _moment(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="milliseconds")


def add_advice(page: Page, advice: Advice) -> None:
    """Add one piece of advice with its proof."""
    _heading(page, f"Advice: {advice.id}", STYLES[advice.severity])
    page.add((advice.title, "bold"), indent=2)
    page.add(f"concerns {few(advice.stations, 6)} ({advice.summary})", indent=2)
    for line in advice.evidence:
        _add_evidence(page, line)
    _add_steps(page, advice)
    page.blank()


def _add_stations(page: Page, stations: Iterable[StationReport]) -> None:
    ordered = sorted(
        stations,
        key=lambda each: (-each.unexplained - sum(one.episodes for one in each.causes), each.id),
    )
    if not ordered:
        return
    _heading(page, "Stations")
    for station in ordered[:_MOST_ROWS]:
        causes = [f"{each.cause} {each.episodes}x" for each in station.causes]
        causes += [f"unexplained {station.unexplained}x"] if station.unexplained else []
        page.add((f"{station.id}  ", "bold"), ", ".join(causes) or "healthy", indent=2)
        page.add(_station_facts(station), indent=4)
    _add_more(page, len(ordered))
    page.blank()


def _add_behaviours(page: Page, stations: Iterable[StationReport]) -> None:
    found = behaviours(stations)
    if not found:
        return
    _heading(page, "How stations come back")
    for words, names in found[:_MOST_ROWS]:
        page.add((f"{few(names)}  ", "bold"), words, indent=2, most=2)
    _add_more(page, len(found))
    page.blank()


def _station_facts(station: StationReport) -> str:
    known = [station.vendor, station.model, station.firmware and f"firmware {station.firmware}"]
    known.append(station.link and f"({station.link})")
    counts = (
        f"{count_of(station.connections, 'connection')}, {count_of(station.drops, 'drop')}, "
        f"{station.rejected} rejected"
    )
    about = " ".join(each for each in known if each)
    return f"{about}: {counts}" if about else counts


def _add_more(page: Page, rows: int) -> None:
    if rows > _MOST_ROWS:
        page.add(f"and {rows - _MOST_ROWS} more: see --format json", indent=2)


def _add_sources(page: Page, sources: tuple[SourceReport, ...]) -> None:
    _heading(page, "Logs: lines = events + continuation + unparsed")
    for source in sources[:_MOST_ROWS]:
        kind = source.kind or "unknown kind"
        lines = f"{source.total} = {source.events} + {source.continuation} + {source.unparsed}"
        page.add((source.path, "cyan"), f"  {kind}, {source.format}, {lines}", indent=2)
        if source.total and source.is_log:
            page.add(f"{_clock(source.clock)}; {_stations_of(source)}", indent=4)
    _add_more(page, len(sources))
    page.blank()


def _clock(clock: ClockInfo) -> str:
    anchors = f", {count_of(clock.anchors, 'anchor')}" if clock.anchors else ""
    steps = f", {count_of(clock.steps, 'step')}" if clock.steps else ""
    far = abs(clock.offset_s) >= 120
    sign = "+" if clock.offset_s > 0 else ""
    ahead = f"{sign}{duration(clock.offset_s)}" if far else f"{clock.offset_s:+.3f} s"
    ahead += f" ± {clock.uncertainty_s:.3f} s"
    if clock.drift_ppm:
        ahead += f", drift {clock.drift_ppm:+.0f} ppm"
    return f"clock {clock.zone} ({clock.basis}{anchors}{steps}), {ahead}"


def _stations_of(source: SourceReport) -> str:
    if not source.stations:
        return "no station"
    basis = f" ({source.station_basis})" if source.station_basis else ""
    return f"{'station' if len(source.stations) == 1 else 'stations'} {few(source.stations)}{basis}"


def _add_not_judged(page: Page, report: Report) -> None:
    unjudged = [each for each in report.signatures if each.result == "not_evaluable"]
    if not unjudged:
        return
    _heading(page, "Not judged, and why")
    for why in dict.fromkeys(each.why for each in unjudged):
        names = [each.signature for each in unjudged if each.why == why]
        page.add((f"{why}  ", "bold"), ", ".join(names), indent=2, most=3)
    page.blank()


def _add_warnings(page: Page, report: Report) -> None:
    if not report.warnings:
        return
    _heading(page, "Warnings")
    for each in report.warnings:
        where = (
            f"{each.source}: " if each.source and not each.message.startswith(each.source) else ""
        )
        page.add(
            (f"{each.code}  ", "red" if each.incomplete else "yellow"),
            f"{where}{each.message}",
            indent=2,
        )
    page.blank()


def _add_closing(page: Page, report: Report) -> None:
    """The result once more, for a terminal that shows the end of what was printed."""
    if not report.incidents:
        word, sentence = outcome(report)
        page.add(word, f"{sentence}.")
        return
    first = report.incidents[0]
    more = len(report.incidents) - 1
    rest = f", and {count_of(more, 'more incident')}" if more else ""
    page.add(
        (f"{first.severity.upper()}  ", STYLES[first.severity]),
        f"{first.title} ({few(first.stations) or 'fleet'}){rest}. The summary is at the top.",
    )
