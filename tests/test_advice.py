"""Advice: what to change although nothing broke, apart from incidents."""

from pathlib import Path

from ocpp_forensics.dsl.library import load_signatures
from ocpp_forensics.model import Report
from ocpp_forensics.report.json import report_dict
from ocpp_forensics.report.page import Look
from ocpp_forensics.report.text import render_text
from tests.support import report_of

BOOT = (
    '[2,"b{n}","BootNotification",{{"chargePointVendor":"V","chargePointModel":"M1","iccid":"89"}}]'
)
ANSWER = '[3,"b{n}",{{"status":"Accepted","currentTime":"2026-03-04T05:00:00Z","interval":300}}]'


def csms_log(stations: int, drops: int) -> str:
    """Stations that boot, are told to send a Heartbeat every 300 s, and vanish now and then."""
    lines = []
    for n in range(stations):
        for hour in range(drops + 1):
            head = f"2026-03-04 0{5 + hour}:0{n}"
            lines += [
                f"{head}:00,000 INFO websockets.server connection open EV-{n}",
                f"{head}:01,000 INFO ocpp EV-{n}: receive message {BOOT.format(n=hour)}",
                f"{head}:01,100 INFO ocpp EV-{n}: send {ANSWER.format(n=hour)}",
            ]
            if hour < drops:
                lines.append(f"{head}:40,000 INFO websockets.server connection closed EV-{n} 1006")
    return "\n".join(sorted(lines)) + "\n"


def advised(folder: Path, body: str, *, stations: int = 2, drops: int = 0) -> Report:
    rules = folder / "rules"
    rules.mkdir()
    (rules / "a.sig").write_text(body, encoding="utf-8")
    library = load_signatures([rules], builtin=False)
    return report_of(folder, {"csms.log": csms_log(stations, drops)}, library)


def rule(name: str, *body: str) -> str:
    return "\n".join([
        f'signature {name} {{ title "every {{interval_s}}"',
        *body,
        'ruled_out "nothing" first_check "look" fix "mend" reference "there" }',
    ])


SLOW = rule("slow", "advice heartbeat-too-slow-for-cellular severity low",
            "match keepalive where interval_s > 60")  # fmt: skip


def test_advice_names_the_stations_and_shows_the_line(tmp_path: Path) -> None:
    (advice,) = advised(tmp_path, SLOW).advice

    assert advice.id == "heartbeat-too-slow-for-cellular"
    assert advice.title == "every 5 min"
    assert advice.stations == ("EV-0", "EV-1")
    assert [line.role for line in advice.evidence] == ["primary", "primary"]
    assert '"interval":300' in advice.evidence[0].text


def test_advice_is_no_incident_and_rules_no_cause_out(tmp_path: Path) -> None:
    body = SLOW + rule("lossy", "advice busy-hour-drops", "match lost").replace(
        "{interval_s}", "now"
    )
    report = advised(tmp_path, body, stations=1, drops=3)

    (incident,) = report.incidents
    assert incident.cause == "unexplained"
    assert incident.ruled_out == ()
    assert {each.id for each in report.advice} == {
        "busy-hour-drops", "heartbeat-too-slow-for-cellular",
    }  # fmt: skip
    assert {each.result for each in report.signatures} == {"match"}


def test_a_weak_match_gives_no_advice(tmp_path: Path) -> None:
    body = SLOW.replace("interval_s > 60", 'interval_s > 60 against 1 "fine" if lost_quiet = 0')

    assert advised(tmp_path, body).advice == ()


def test_of_two_signatures_for_one_advice_the_graver_one_speaks(tmp_path: Path) -> None:
    graver = rule("graver", "advice heartbeat-too-slow-for-cellular severity high",
                  'match keepalive where station = "EV-1"')  # fmt: skip
    (advice,) = advised(tmp_path, SLOW + graver).advice

    assert (advice.severity, advice.signature, advice.stations) == ("high", "graver", ("EV-1",))


def test_the_text_says_what_to_do(tmp_path: Path) -> None:
    report = advised(tmp_path, SLOW)
    text = render_text(report, Look(100))

    assert "Advice       heartbeat-too-slow-for-cellular (low)" in text
    assert "concerns EV-0, EV-1 (2 stations, 2 findings)" in text
    for word in ("look", "mend", "there"):
        assert word in text
    assert report_dict(report)["advice"][0]["fix"] == ("mend",)
