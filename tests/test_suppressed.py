"""Noise is counted by kind and becomes no incident."""

from pathlib import Path

from ocpp_forensics.report.page import Look
from ocpp_forensics.report.text import render_text
from tests.support import report_of

DAY = "2026-03-04"


def connection(start: str, end: str, closing: str) -> list[str]:
    return [
        f"{DAY} {start}:00,000 INFO csms station EV-1 connected",
        f'{DAY} {start}:01,000 DEBUG csms EV-1: receive message [2,"h{start}","Heartbeat",{{}}]',
        f'{DAY} {start}:01,100 DEBUG csms EV-1: send [3,"h{start}",{{}}]',
        f"{DAY} {end}:00,000 INFO csms station EV-1 disconnected: {closing}",
    ]


def reset(when: str) -> list[str]:
    return [
        f'{DAY} {when}:30,000 DEBUG csms EV-1: send [2,"r{when}","Reset",{{"type":"Soft"}}]',
        f'{DAY} {when}:31,000 DEBUG csms EV-1: receive message [3,"r{when}",{{}}]',
    ]


ACCESS = [
    '192.0.2.9 - - [04/Mar/2026:08:{minute:02}:00 +0000] "GET /healthz HTTP/1.1" 200 2 "-" "p"',
    '192.0.2.7 - - [04/Mar/2026:08:{minute:02}:30 +0000] "GET /login.php HTTP/1.1" 404 9 "-" "x"',
]


def logs() -> dict[str, str]:
    csms = [
        *connection("08:00", "08:20", "code=1000"),
        *connection("08:21", "08:40", "code=1006"),
        *connection("08:43", "08:50", "code=1000"),
        *reset("08:38"),
    ]
    access = [line.format(minute=minute) for minute in range(0, 50, 5) for line in ACCESS]
    return {
        "csms.log": "\n".join(sorted(csms)) + "\n",
        "access.log": "\n".join(access) + "\n",
    }


def test_noise_is_counted_by_kind_and_no_incident(tmp_path: Path) -> None:
    report = report_of(tmp_path, logs())
    assert report.incidents == ()
    assert {each.kind: each.count for each in report.suppressed} == {
        "health-probe": 10, "stranger": 10, "normal-close": 2, "planned-reset": 1,
    }  # fmt: skip


def test_the_report_says_so_in_one_line(tmp_path: Path) -> None:
    text = render_text(report_of(tmp_path, logs()), Look(160))
    assert (
        "No trouble   10 health probes; 10 requests that named no station; 2 normal closes;" in text
    )
    assert "1 reset that the CSMS ordered" in text


def test_a_quiet_log_has_no_noise(tmp_path: Path) -> None:
    csms = connection("08:00", "08:20", "code=1006")[:3]
    assert report_of(tmp_path, {"csms.log": "\n".join(csms) + "\n"}).suppressed == ()
