"""The first screen: what broke, for whom, since when, whose fault, how sure, what to do next.

Reads: Report. Feeds: the text report. At most 25 lines at 100 columns; incidents that find no room
are named in one line and stand in the details.
"""

from collections.abc import Sequence
from datetime import datetime

from ocpp_forensics.model import ChainLink, Incident, Report, StationReport
from ocpp_forensics.report.page import Look, Page
from ocpp_forensics.sentences import count_of, duration, few, shown_time

__all__ = ["OWNERS", "STYLES", "add_screen", "chain_words", "field", "outcome"]

SCREEN_LINES = 25
_MOST_NEEDS = 2
_MOST_FACTS = 8
_LABEL = 11
STYLES = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "bold yellow",
    "low": "bold cyan",
    "info": "bold cyan",
}
OWNERS = {
    "csms": "the CSMS (its operator)",
    "proxy": "the proxy in front of the CSMS",
    "carrier": "the mobile carrier",
    "station": "the station (firmware, settings, hardware)",
    "site": "the site (power, local network)",
    "operator": "the operator (settings, installation)",
}


def add_screen(page: Page, report: Report) -> None:
    """Add the first screen and the blank line after it."""
    tail = Page(Look(page.width))
    _add_tail(tail, report)
    _add_head(page, report)
    if report.first_ts is None:
        _add_checks(page, report)
    elif not (report.incidents or report.stations):
        _add_nobody(page, report)
    elif not report.incidents:
        _add_healthy(page, report)
    _add_incidents(page, report, SCREEN_LINES - len(tail) - 1)
    page.extend(tail)
    if len(tail):
        page.blank()


def field(page: Page, label: str, *pieces: str | tuple[str, str], most: int = 1) -> None:
    """Add a line with its label."""
    page.add((f"{label:<{_LABEL}}  ", "bold"), *pieces, indent=2, most=most)


def _add_head(page: Page, report: Report) -> None:
    lines = sum(source.total for source in report.sources)
    logs = sum(source.is_log for source in report.sources)
    others = len(report.sources) - logs
    files = count_of(logs, "log") + (f", {count_of(others, 'other file')}" if others else "")
    read = f"{files}, {count_of(lines, 'line')}"
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
    first, last = shown_time(report.first_ts), _later(report.first_ts, report.last_ts)
    return f"{first[:-3]} to {last[:-3]} UTC ({length})"


def _add_healthy(page: Page, report: Report) -> None:
    kinds = sorted({each.kind for each in report.sources if each.kind and each.is_log})
    names = few([station.id for station in report.stations])
    opened = count_of(sum(station.connections for station in report.stations), "connection")
    unjudged = [each for each in report.signatures if each.result == "not_evaluable"]
    judged = count_of(len(report.signatures) - len(unjudged), "known pattern")
    word, sentence = outcome(report)
    page.add(word, (sentence, "bold"))
    field(page, "Based on", f"{opened} of {names}; logs of {few(kinds, 6)}")
    field(page, "Looked for", f"{judged}; none explains a loss of connection")
    if unjudged:
        why = "; ".join(dict.fromkeys(each.why for each in unjudged))
        field(page, "Not judged", f"{count_of(len(unjudged), 'pattern')}: {why}", most=2)
    page.blank()


def outcome(report: Report) -> tuple[tuple[str, str], str]:
    """What to say of a report without incidents: a word with its style, and a sentence."""
    if report.first_ts is None:
        return ("NO LOGS  ", "bold yellow"), "Nothing can be diagnosed"
    if not report.stations:
        return ("NO STATIONS  ", "bold yellow"), "Nothing can be diagnosed"
    if unexplained := sum(each.unexplained for each in report.stations):
        trouble = f"{count_of(unexplained, 'episode')} of trouble"
        return ("UNKNOWN  ", "bold yellow"), f"{trouble} that no known pattern explains"
    return ("HEALTHY  ", "bold green"), "No connection trouble was found"


def _add_nobody(page: Page, report: Report) -> None:
    """Add that the logs tell of no station."""
    word, sentence = outcome(report)
    logs = count_of(sum(each.is_log for each in report.sources), "log")
    page.add(word, (f"{sentence}: {logs}, and no line tells of a charging station", "bold"))
    field(page, "First check", "What each file looks like: `ocppdiag formats detect`", most=2)
    field(page, "", "Whose log it is: --station-of 'FILE=STATION' names its station", most=2)
    page.blank()


def _add_checks(page: Page, report: Report) -> None:
    """Add what outputs of checks show where there is nothing else."""
    others = count_of(len(report.sources), "other file")
    word, sentence = outcome(report)
    page.add(word, (f"{sentence}: the bundle holds {others}", "bold"))
    for number, each in enumerate(report.facts[:_MOST_FACTS]):
        place = f"  {each.source}:{each.line}"
        field(page, "They show" if not number else "", each.sentence, (place, "dim"), most=2)
    if len(report.facts) > _MOST_FACTS:
        field(page, "", f"and {len(report.facts) - _MOST_FACTS} more (`--format json`)")
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
    field(page, "Who", _who(report, incident), most=2)
    field(page, "When", _when(report, incident), most=2)
    if incident.chain:
        field(page, "Chain", chain_words(incident), most=2)
    sure = f"{incident.confidence} (score {incident.score:g})"
    rivals = f", or {few(incident.ambiguous_with, 2)}" if incident.ambiguous_with else ""
    if incident.signature:
        field(
            page,
            "Fault of",
            f"{OWNERS[incident.owner]}    ",
            ("How sure  ", "bold"),
            f"{sure}{rivals}",
        )
    field(page, "First check", incident.first_check, most=2)
    page.blank()


def _who(report: Report, incident: Incident) -> str:
    share = f"{len(incident.stations)} of {count_of(len(report.stations), 'station')}"
    what = count_of(incident.episodes, _EPISODES[incident.symptom])
    if incident.symptom == "never_connected":
        what += f", {count_of(incident.occurrences, 'failed attempt')}"
    return f"{few(incident.stations) or 'the fleet'} ({share}): {what}"


def chain_words(incident: Incident) -> str:
    """The causes that led to each other, with their size and their delay after the first."""
    first = incident.chain[0].first_ts
    return " → ".join(
        f"{each.cause} ({', '.join([_size(each), *_delay(first, each.first_ts)])})"
        for each in incident.chain
    )


def _delay(first: datetime, then: datetime) -> list[str]:
    passed = (then - first).total_seconds()
    return [f"{duration(passed)} later"] if passed >= 1 else []


def _size(link: ChainLink) -> str:
    if len(link.stations) > 1:
        return count_of(len(link.stations), "station")
    return count_of(link.episodes, _EPISODES[link.symptom])


_EPISODES = {
    "connection_lost": "lost connection",
    "never_connected": "outage",
    "stuck_station": "stuck stretch",
    "fleet_reconnect": "reconnect wave",
    "application_trouble": "troubled stretch",
}


def _when(report: Report, incident: Incident) -> str:
    left = (report.last_ts - incident.last_ts).total_seconds() if report.last_ts else 0.0
    end = f"{duration(left)} before the logs end" if left >= 1 else "up to the end of the logs"
    first, last = shown_time(incident.first_ts), _later(incident.first_ts, incident.last_ts)
    times = f"{first} UTC" if first == last else f"since {first} UTC, last {last}"
    return f"{times} ({end})"


def _later(first: datetime, last: datetime) -> str:
    """A time after another one: without its date where that is the same."""
    shown = shown_time(last)
    return shown[11:] if first.date() == last.date() and shown != shown_time(first) else shown


def _add_rest(page: Page, incidents: Sequence[Incident]) -> None:
    named = few([f"{each.cause} ({each.severity})" for each in incidents])
    page.add(
        (f"And {count_of(len(incidents), 'more incident')}: ", "bold"),
        f"{named}; see below",
        most=1,
    )
    page.blank()


def _add_tail(page: Page, report: Report) -> None:
    """What to send next, and how the rest is doing."""
    for need in _needs(report):
        field(page, "Send next", need, most=3)
    well = [each.id for each in report.stations if _is_healthy(each)]
    if report.incidents:
        names = f": {few(well)}" if well else ""
        field(page, "Healthy", f"{len(well)} of {count_of(len(report.stations), 'station')}{names}")
    if report.advice:
        named = few([f"{each.id} ({each.severity})" for each in report.advice])
        field(page, "Advice", named, most=2)
    unexplained = sum(each.unexplained for each in report.stations)
    explained = sum(each.episodes for station in report.stations for each in station.causes)
    if unexplained:
        total = count_of(unexplained + explained, "episode")
        field(page, "Unexplained", f"{unexplained} of {total}")
    if report.suppressed:
        field(page, "No trouble", "; ".join(each.sentence for each in report.suppressed), most=2)
    lacking = [each for each in report.warnings if each.incomplete]
    if lacking:
        what = f"{lacking[0].message}" + (
            f" (and {len(lacking) - 1} more)" if len(lacking) > 1 else ""
        )
        field(page, "Incomplete", (what, "red"))


def _needs(report: Report) -> list[str]:
    """What to send: what would decide most first."""
    if report.next_steps:
        return [each.sentence for each in report.next_steps[:_MOST_NEEDS]]
    if not report.incidents:
        return []
    sure = all(each.confidence == "high" for each in report.incidents)
    return ["nothing: the result is sure" if sure else "nothing that is missing would help"]


def _is_healthy(station: StationReport) -> bool:
    return not station.causes and not station.unexplained
