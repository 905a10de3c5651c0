"""The text report: one screen that says what to do, then the proof, harmless throughout."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from ocpp_forensics.model import Advice, Outcome, Report, StationReport, Warn
from ocpp_forensics.report.page import Look
from ocpp_forensics.report.safety import UNSAFE
from ocpp_forensics.report.text import render_text
from tests.reports import HOSTILE, STEP, incident, moment, report


def lines_of(made: Report, width: int = 100) -> list[str]:
    return render_text(made, Look(width)).splitlines()


def screen_of(made: Report, width: int = 100) -> list[str]:
    """The lines above the first rule."""
    lines = lines_of(made, width)
    return lines[: next(number for number, line in enumerate(lines) if line.startswith("──"))]


def test_the_first_screen_says_what_who_when_whose_how_sure_and_what_next() -> None:
    screen = "\n".join(screen_of(report(incident())))

    assert "CRITICAL  The certificate has expired" in screen
    assert "CP001, CP002 (2 of 2 stations): 2 outages, 9 failed attempts" in screen
    assert "since 2026-05-01 10:00:00 UTC, last 10:00:30 (29 s before the logs end)" in screen
    assert "the CSMS (its operator)    How sure  high (score 9)" in screen
    assert "First check  openssl s_client" in screen
    assert "Healthy      1 of 2 stations: CP002" in screen


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 12])
def test_the_first_screen_has_at_most_25_lines(count: int) -> None:
    stations = tuple(f"STATION-{number:05}" for number in range(40))
    incidents = [
        incident(
            id=f"I{number}", title="A long title " * 20, first_check="check " * 60,
            stations=stations, confidence="low", ambiguous_with=("proxy-reload", "csms-crash"),
        )
        for number in range(count)
    ]  # fmt: skip
    made = report(*incidents, warnings=(Warn("member-corrupt", "x" * 300, "a", incomplete=True),))

    assert len(screen_of(made)) <= 25
    if count == 12:
        assert "And 10 more incidents: " in "\n".join(screen_of(made))


def test_missing_logs_are_asked_for_only_where_they_would_help() -> None:
    sure = "\n".join(screen_of(report(incident())))
    unsure = "\n".join(screen_of(report(incident(confidence="low"), next_steps=(STEP,))))
    lost = "\n".join(screen_of(report(incident(confidence="low"))))

    assert "Send next    nothing: the result is sure" in sure
    assert "Send next    the proxy's log, to tell it from proxy-reload" in unsure
    assert "Send next    nothing that is missing would help" in lost


def test_the_details_hold_the_proof() -> None:
    text = "\n".join(lines_of(report(incident())))

    assert "Incident 1 of 1: tls-certificate-expired" in text
    assert "+2 it says so" in text
    assert "* CP001: it says so\n      a.log:3  2026-05-01 10:00:05.123  the line" in text
    assert "tls-clock-skew: no clock is wrong" in text
    assert "the proxy's log, to tell it from proxy-reload" in text
    assert "then   Renew it" in text
    assert "a.log  station, python-logging, 10 = 7 + 2 + 1" in text
    assert "clock UTC (assumed), +0.000 s ± 0.500 s; station CP001 (file name)" in text
    assert "lines-unparsed  a.log: 1 of 10 lines" in text
    assert "no proxy log  b" in text


def test_the_last_line_tells_the_result_again() -> None:
    assert (
        (lines_of(report(incident()))[-1])
        == "CRITICAL  The certificate has expired (CP001, CP002). The summary is at the top."
    )


def test_a_healthy_bundle_says_so_and_on_what_basis() -> None:
    text = "\n".join(screen_of(report()))

    assert "HEALTHY  No connection trouble was found" in text
    assert "4 connections of CP001, CP002; logs of station" in text
    assert "1 known pattern; none explains a loss of connection" in text
    assert "Not judged   1 pattern: no proxy log" in text


def test_a_bundle_with_trouble_that_nothing_explains_is_not_healthy() -> None:
    made = report()
    stations = (replace(made.stations[0], unexplained=2), *made.stations[1:])
    lines = lines_of(replace(made, stations=stations))

    assert "UNKNOWN  2 episodes of trouble that no known pattern explains" in lines
    assert lines[-1] == "UNKNOWN  2 episodes of trouble that no known pattern explains."
    assert not [line for line in lines if "HEALTHY" in line]


def test_an_unexplained_incident_blames_nobody() -> None:
    made = report(incident(cause="unexplained", signature="", confidence="low", owner="operator"))

    assert not [line for line in screen_of(made) if "Fault of" in line]


def test_what_could_not_be_read_is_on_the_first_screen() -> None:
    lacking = Warn("member-corrupt", "b.log: its data is damaged", "b.log", incomplete=True)
    screen = "\n".join(screen_of(report(warnings=(lacking, lacking))))

    assert "Incomplete   b.log: its data is damaged (and 1 more)" in screen


@pytest.mark.parametrize("width", [40, 80, 100])
def test_no_line_is_wider_than_the_page_and_none_is_unsafe(width: int) -> None:
    advice = Advice("no-reconnect-backoff", HOSTILE, "low", ("CP001",), ())
    station = StationReport(f"CP{HOSTILE}", HOSTILE, None, None, None, 1, 1, 0, 1, ())
    made = report(
        incident(HOSTILE + "x" * 5000 + "試" * 90, title=HOSTILE * 3, stations=(HOSTILE,)),
        advice=(advice,), stations=(station,), bundle=HOSTILE,
        warnings=(Warn("c", HOSTILE, HOSTILE),), signatures=(Outcome(HOSTILE, "not_evaluable"),),
    )  # fmt: skip

    for line in lines_of(made, width):
        assert not UNSAFE.search(line)
        assert cell_len(line) <= width


def test_log_text_is_not_read_as_markup() -> None:
    text = render_text(report(incident("[red]hot[/red] :smile: [/]")), Look(100))

    assert "[red]hot[/red] :smile: [/]" in text


def test_a_long_line_of_a_log_is_cut() -> None:
    lines = lines_of(report(incident("word " * 1000)))
    start = next(number for number, line in enumerate(lines) if "a.log:3" in line)

    assert lines[start + 2].endswith("…")
    assert "Ruled out" in lines[start + 3]


def test_colours_are_used_only_where_wanted() -> None:
    assert "\x1b[" in render_text(report(incident()), Look(100, colour=True))
    assert "\x1b" not in render_text(report(incident(HOSTILE)), Look(100))


def test_a_long_list_of_stations_and_logs_is_cut() -> None:
    stations = tuple(
        StationReport(f"CP{number:03}", None, None, None, None, 1, 0, 0, 0, ())
        for number in range(60)
    )

    assert "and 20 more: see --format json" in "\n".join(lines_of(report(stations=stations)))


def test_an_incident_of_one_instant_has_one_time() -> None:
    screen = "\n".join(screen_of(report(incident(last_ts=moment()))))

    assert "2026-05-01 10:00:00 UTC (59 s before the logs end)" in screen
