"""What is missing: asked for where it would decide, what decides most first, for true reasons."""

from pathlib import Path

from ocpp_forensics.dsl.library import load_signatures
from ocpp_forensics.model import Report
from tests.support import report_of
from tests.test_attribution import NEVER, csms_log, diagnosed, only_incident, signature
from tests.test_bundles import OWN, diagnosis_of

RIVALS = "needs modem?, station? rivals cellular-ip-change, proxy-idle-timeout"
UNSURE = signature("unsure", "carrier-nat-expiry", RIVALS, "match lost base 5")
SURE = signature("sure", "carrier-nat-expiry", RIVALS, "match lost base 9")
CLOSE = signature("close", "proxy-idle-timeout", "needs proxy? match lost base 4")
MODEM = signature("modem", "cellular-ip-change", "needs modem match lost base 9")


def kinds(report: Report) -> list[str]:
    return [each.kind for each in only_incident(report).missing_evidence]


def test_a_sure_result_asks_for_nothing(tmp_path: Path) -> None:
    report, _ = diagnosed(tmp_path, SURE, MODEM)
    assert only_incident(report).confidence == "high"
    assert (kinds(report), report.next_steps) == ([], ())


def test_what_would_decide_most_comes_first(tmp_path: Path) -> None:
    report, _ = diagnosed(tmp_path, UNSURE, CLOSE, MODEM)
    proxy, modem = only_incident(report).missing_evidence
    assert (proxy.kind, modem.kind) == ("proxy", "modem")
    assert proxy.points > modem.points
    assert proxy.would_decide == ("proxy-idle-timeout",)


def test_the_request_says_what_of_whom_of_when_and_what_for(tmp_path: Path) -> None:
    report, _ = diagnosed(tmp_path, UNSURE, MODEM)
    (asked,) = only_incident(report).missing_evidence
    assert asked.sentence.startswith(
        "the modem's or router's log of EV-0007, 2026-03-03 23:50 to 2026-03-04 02:10 UTC, "
        "to tell carrier-nat-expiry from cellular-ip-change (ModemManager"
    )
    assert [each.sentence for each in report.next_steps] == [asked.sentence]
    assert report.next_steps[0].incidents == ("I1",)


def test_what_is_ruled_out_already_is_not_asked_for(tmp_path: Path) -> None:
    weak = signature("weak", "proxy-idle-timeout", "needs proxy? match lost base 2",
                     'against 6 "messages were flowing" if code = 1006')  # fmt: skip
    report, _ = diagnosed(tmp_path, UNSURE, weak)
    assert kinds(report) == []


def test_episodes_outside_of_incidents_are_asked_for_as_well(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "s.sig").write_text(MODEM, encoding="utf-8")
    log = csms_log(drops=1).replace(" 01:00:0", " 00:01:0")
    library = load_signatures([rules], builtin=False)
    report = report_of(tmp_path, {"cp-EV-0007.log": log}, library)
    assert report.incidents == ()
    (step,) = report.next_steps
    assert (step.kind, step.incidents, step.episodes) == ("modem", (), 1)
    assert "to show or exclude cellular-ip-change" in step.sentence


def test_the_reason_for_not_judging_is_true(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    proxy = signature("proxy", "proxy-idle-timeout", "needs proxy match lost")
    (rules / "s.sig").write_text("\n".join([MODEM, proxy, NEVER]), encoding="utf-8")
    logs = {"cp-EV-0007.log": csms_log(), "nginx-error.log": ""}
    report = report_of(tmp_path, logs, load_signatures([rules], builtin=False))
    why = {each.signature: each.why for each in report.signatures}
    assert why == {
        "modem": "no modem log",
        "proxy": "nginx-error.log is empty or not readable",
        "never": "",
    }


def test_the_consequences_of_a_cause_are_not_ruled_out() -> None:
    (incident,) = diagnosis_of(OWN / "storm-429").report.incidents
    assert not {each.cause for each in incident.ruled_out} & {each.cause for each in incident.chain}
