"""The first screen: what broke, for whom, since when, whose fault, how sure, what to do next.

Reads: Report. Feeds: the text report. At most 25 lines at 100 columns; incidents that find no room
are named in one line and stand in the details.
"""

from collections.abc import Iterable, Sequence

from ocpp_forensics.model import Incident, Report, StationReport
from ocpp_forensics.report.page import Look, Page
from ocpp_forensics.sentences import count_of, duration, shown_time

__all__ = ["OWNERS", "STYLES", "add_screen", "few", "field"]

SCREEN_LINES = 25
_LABEL = 11
STYLES = {
    "critical": "bold white on red", "high": "bold red", "medium": "bold yellow", "low": "bold cyan",
    "info": "bold cyan",
}  # fmt: skip
OWNERS = {
    "csms": "the CSMS (its operator)",
    "proxy": "the proxy in front of the CSMS",
    "carrier": "the mobile carrier",
    "station": "the station (firmware, settings, hardware)",
    "site": "the site (power, local network)",
    "operator": "not known",
}


def add_screen(page: Page, report: Report) -> None:
    """Add the first screen and the blank line after it."""
    tail = Page(Look(page.width))
    _add_tail(tail, report)
    _add_head(page, report)
    if not report.incidents:
        _add_healthy(page, report)
    _add_incidents(page, report, SCREEN_LINES - len(tail) - 1)
    page.extend(tail)
    page.blank()


def few(names: Sequence[str], most: int = 3) -> str:
    """Some names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def field(page: Page, label: str, *pieces: str | tuple[str, str], most: int = 1) -> None:
    """Add a line with its label."""
    page.add((f"{label:<{_LABEL}}  ", "bold"), *pieces, indent=2, most=most)


def _add_head(page: Page, report: Report) -> None:
    lines = sum(source.total for source in report.sources)
    read = f"{count_of(lines, 'line')} of {count_of(len(report.sources), 'log')}"
    page.add(
        (report.bundle, "bold"),
        f": {_span(report)}, {count_of(len(report.stations), 'station')}, {read}",
        most=1,
    )
    page.blank()


def _span(report: Report) -> str:
    if report.first_ts is None or report.last_ts is None:
        return "no times"
    length = duration((report.last_ts - report.first_ts).total_seconds())
    return f"{shown_time(report.first_ts)} to {shown_time(report.last_ts)} UTC ({length})"


def _add_healthy(page: Page, report: Report) -> None:
    kinds = sorted({source.kind for source in report.sources if source.kind})
    opened = sum(station.connections for station in report.stations)
    judged = [each for each in report.signatures if each.result != "not_evaluable"]
    page.add(("HEALTHY", "bold green"), "  No connection trouble was found.")
    field(page, "Based on", f"{count_of(opened, 'connection')} of {few([s.id for s in report.stations])}")
    field(page, "Logs of", few(kinds, 6))
    field(page, "Looked for", f"{count_of(len(judged), 'known pattern')}; none explains a loss of connection")
    unjudged = [each for each in report.signatures if each.result == "not_evaluable"]
    if unjudged:
        missing = sorted({kind for each in unjudged for kind in each.missing})
        field(page, "Not judged", f"{few([each.id for each in unjudged], 2)}: no log of {few(missing, 5)}")
    page.blank()


def _add_incidents(page: Page, report: Report, last_line: int) -> None:
    """Add as many incidents as fit before a line of the screen, at least one."""
    for number, incident in enumerate(report.incidents):
        block = Page(Look(page.width))
        _add_incident(block, report, incident)
        rest = len(report.incidents) - number - 1
        if number and len(page) + len(block) + bool(rest) > last_line:
            _add_rest(page, report.incidents[number:])
            return
        page.extend(block)


def _add_incident(page: Page, report: Report, incident: Incident) -> None:
    style = STYLES[incident.severity]
    page.add((f"{incident.severity.upper()}  ", style), (incident.title, "bold"), most=1)
    field(page, "Who", _who(report, incident))
    field(page, "When", _when(report, incident))
    sure = f"{incident.confidence} (score {incident.score:g})"
    rivals = f", or {few(incident.ambiguous_with, 2)}" if incident.ambiguous_with else ""
    if incident.signature:
        field(page, "Fault of", f"{OWNERS[incident.owner]}    ", ("How sure  ", "bold"), f"{sure}{rivals}")
    field(page, "First check", incident.first_check, most=2)
    page.blank()


def _who(report: Report, incident: Incident) -> str:
    share = f"{len(incident.stations)} of {count_of(len(report.stations), 'station')}"
    lost = count_of(incident.episodes, _EPISODES[incident.symptom])
    tries = f" of {count_of(incident.occurrences, 'attempt')}" if incident.occurrences > incident.episodes else ""
    who = few(incident.stations) or "the fleet"
    return f"{who} ({share}): {lost}{tries}"


_EPISODES = {
    "connection_lost": "lost connection",
    "never_connected": "outage",
    "stuck_station": "stuck stretch",
    "fleet_reconnect": "reconnect wave",
}


def _when(report: Report, incident: Incident) -> str:
    if report.last_ts is None:
        return shown_time(incident.first_ts)
    left = duration(max((report.last_ts - incident.last_ts).total_seconds(), 0))
    end = f"{left} before the logs end"
    if incident.first_ts == incident.last_ts:
        return f"{shown_time(incident.first_ts)} UTC, {end}"
    return f"since {shown_time(incident.first_ts)} UTC, last {shown_time(incident.last_ts)}, {end}"


def _add_rest(page: Page, incidents: Sequence[Incident]) -> None:
    named = few([f"{each.cause} ({each.severity})" for each in incidents])
    page.add((f"And {count_of(len(incidents), 'more incident')}: ", "bold"), f"{named}; see below", most=1)
    page.blank()


def _add_tail(page: Page, report: Report) -> None:
    """What to send next, and how the rest is doing."""
    needs = list(dict.fromkeys(_needs(report.incidents)))
    for need in needs[:2]:
        field(page, "Send next", need, most=2)
    if report.incidents and not needs:
        field(page, "Send next", "nothing more: no missing log would change the result")
    well = [each.id for each in report.stations if _is_healthy(each)]
    if report.incidents:
        names = f": {few(well)}" if well else ""
        field(page, "Healthy", f"{len(well)} of {count_of(len(report.stations), 'station')}{names}")
    unexplained = sum(each.unexplained for each in report.stations)
    explained = sum(each.episodes for station in report.stations for each in station.causes)
    if unexplained:
        total = count_of(unexplained + explained, "episode")
        field(page, "Unexplained", f"{unexplained} of {total}")
    lacking = [each for each in report.warnings if each.incomplete]
    if lacking:
        what = f"{lacking[0].message}" + (f" (and {len(lacking) - 1} more)" if len(lacking) > 1 else "")
        field(page, "Incomplete", (what, "red"))


def _needs(incidents: Sequence[Incident]) -> Iterable[str]:
    """Missing logs, those first that would settle the least sure incident."""
    order = {"low": 0, "medium": 1, "high": 2}
    for incident in sorted(incidents, key=lambda each: order[each.confidence]):
        for each in incident.missing_evidence:
            yield f"{each.need}: would decide on {few(each.would_decide)}"


def _is_healthy(station: StationReport) -> bool:
    return not station.causes and not station.unexplained
