"""From matches to causes: the best explains, a close second makes it ambiguous, none is honest."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ocpp_forensics.attribution import Group, importance
from ocpp_forensics.dsl.library import Library, load_signatures
from ocpp_forensics.model import Incident, Report
from tests.support import report_of

HEAD = "2026-03-04 0{hour}:00:{second:02},000 INFO"


def csms_log(stations: tuple[str, ...] = ("EV-0007",), drops: int = 3) -> str:
    """Connections that open on the hour and are lost half a minute later."""
    lines = []
    for hour in range(drops + 1):
        for station in stations:
            path = f"wss://csms.example/ocpp/{station}"
            lines.append(f"{HEAD.format(hour=hour, second=0)} ws connecting to {path}")
            lines.append(f"{HEAD.format(hour=hour, second=1)} ws connection established")
            lines.append(f"{HEAD.format(hour=hour, second=30)} ws connection closed: code=1006")
    return "\n".join(lines[: -len(stations)]) + "\n"


def signature(name: str, cause: str, *body: str) -> str:
    return "\n".join([
        f'signature {name} {{ title "because of {name}" cause {cause} severity high',
        "explains connection_lost", *body,
        f'ruled_out "nothing of {name}" first_check "look at {name}" }}',
    ])  # fmt: skip


def diagnosed(folder: Path, *signatures: str) -> tuple[Report, Library]:
    rules = folder / "rules"
    rules.mkdir()
    (rules / "s.sig").write_text("\n".join(signatures), encoding="utf-8")
    library = load_signatures([rules], builtin=False)
    return report_of(folder, {"cp-EV-0007.log": csms_log()}, library), library


def only_incident(report: Report) -> Incident:
    (incident,) = report.incidents
    return incident


def results(report: Report) -> dict[str, str]:
    return {each.signature: each.result for each in report.signatures}


STRONG = signature("strong", "carrier-nat-expiry", "match lost base 3",
                   'support 4 "it was quiet" if code = 1006')  # fmt: skip
CLOSE = signature("close", "proxy-idle-timeout", "match lost base 3",
                  'support 3 "it was idle" if code = 1006')  # fmt: skip
WEAK = signature("weak", "ws-ping-timeout", "match lost base 3",
                 'against 2 "no ping was missed" if code = 1006')  # fmt: skip
RIVAL = signature("rival", "ws-ping-timeout", "match lost base 5",
                  'against 2 "no ping was missed" if code = 1006')  # fmt: skip
MODEM = signature("modem", "cellular-ip-change", "needs modem match lost base 9")
NEVER = signature("never", "csms-restart", "match lost where code = 1012 base 9")


def test_the_cause_with_the_best_score_explains_the_episodes(tmp_path: Path) -> None:
    report, _ = diagnosed(tmp_path, STRONG, RIVAL, NEVER)
    incident = only_incident(report)
    assert (incident.cause, incident.signature) == ("carrier-nat-expiry", "strong")
    assert incident.score == 7
    assert incident.confidence in {"medium", "high"}
    assert incident.reasons == ("+4 it was quiet",)
    assert incident.ambiguous_with == ()
    assert incident.episodes == 3
    assert results(report) == {"strong": "match", "rival": "superseded", "never": "no_match"}


def test_a_rival_that_lost_is_ruled_out_with_its_reason(tmp_path: Path) -> None:
    report, _ = diagnosed(tmp_path, STRONG, RIVAL)
    (ruled_out,) = only_incident(report).ruled_out
    assert ruled_out.cause == "ws-ping-timeout"
    assert ruled_out.why == "no ping was missed (score 3 against 7)"


def test_two_causes_that_are_close_are_both_named(tmp_path: Path) -> None:
    report, _ = diagnosed(tmp_path, STRONG, CLOSE)
    incident = only_incident(report)
    assert incident.cause == "carrier-nat-expiry"
    assert incident.ambiguous_with == ("proxy-idle-timeout",)
    assert incident.confidence == "low"


def test_a_weak_match_explains_nothing(tmp_path: Path) -> None:
    report, _ = diagnosed(tmp_path, WEAK)
    incident = only_incident(report)
    assert (incident.cause, incident.confidence) == ("unexplained", "low")
    assert results(report) == {"weak": "superseded"}
    assert report.stations[0].unexplained == 3
    assert report.stations[0].causes == ()


def test_what_is_not_sure_counts_as_less_severe() -> None:
    stamp = datetime(2026, 3, 4)  # noqa: DTZ001
    sure = Group(
        number=1, cause="carrier-nat-expiry", symptom="connection_lost", stream="lost",
        variant=None, signature="x", severity="high", stations=("EV-7",), first_ts=stamp,
        last_ts=stamp, episodes=9, occurrences=9, down_s=9.0, score=8.0,
        margin=8.0, runner_up=None, ambiguous_with=(), fleet=False, followers=(),
    )  # fmt: skip
    guess = replace(sure, number=2, cause="csms-crash", severity="critical", score=4.0, margin=4.0)
    known = replace(guess, score=9.0, margin=9.0)
    assert [each.confidence for each in (sure, guess, known)] == ["high", "low", "high"]
    assert sorted([guess, sure, known], key=importance) == [known, sure, guess]


def test_without_a_match_the_episodes_are_unexplained(tmp_path: Path) -> None:
    report, _ = diagnosed(tmp_path, NEVER)
    incident = only_incident(report)
    assert (incident.cause, incident.signature) == ("unexplained", "")
    assert incident.title == "Nothing in these logs explains it"
    assert results(report) == {"never": "no_match"}


def test_a_signature_without_its_log_is_not_evaluable_and_its_log_is_missed(
    tmp_path: Path,
) -> None:
    report, _ = diagnosed(tmp_path, MODEM)
    (outcome,) = report.signatures
    assert (outcome.result, outcome.missing) == ("not_evaluable", ("modem",))
    (missing,) = only_incident(report).missing_evidence
    assert missing.need.startswith("the modem's or router's log from 2026-03-03 23:50:30")
    assert missing.would_decide == ("cellular-ip-change",)


def test_the_station_of_an_incident_has_its_cause_with_its_share(tmp_path: Path) -> None:
    report, _ = diagnosed(tmp_path, STRONG)
    (station,) = report.stations
    assert (station.id, station.drops, station.unexplained) == ("EV-0007", 3, 0)
    ((cause, episodes, share),) = [
        (each.cause, each.episodes, each.share) for each in station.causes
    ]
    assert (cause, episodes, share) == ("carrier-nat-expiry", 3, 1.0)


def test_the_evidence_shows_the_end_of_the_connection(tmp_path: Path) -> None:
    report, _ = diagnosed(tmp_path, STRONG)
    primary = [each for each in only_incident(report).evidence if each.role == "primary"]
    assert [(each.line, each.text.rpartition("INFO ")[2]) for each in primary] == [
        (3, "ws connection closed: code=1006")
    ]


def test_evidence_that_speaks_against_is_marked(tmp_path: Path) -> None:
    text = signature(
        "odd", "carrier-nat-expiry", "match lost base 9",
        'against 1 "it dialled at once" if tcp.connect within 60s before',
    )  # fmt: skip
    report, _ = diagnosed(tmp_path, text)
    roles = {each.why: each.role for each in only_incident(report).evidence}
    assert roles["it dialled at once"] == "contradicting"


def test_one_loss_without_a_cause_is_counted_but_no_incident(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "s.sig").write_text(NEVER, encoding="utf-8")
    library = load_signatures([rules], builtin=False)
    log = csms_log(drops=1).replace(" 01:00:0", " 00:01:0")
    report = report_of(tmp_path, {"cp-EV-0007.log": log}, library)
    assert report.incidents == ()
    assert report.stations[0].unexplained == 1


def test_the_same_input_gives_the_same_report(tmp_path: Path) -> None:
    reports = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        report, _ = diagnosed(folder, STRONG, CLOSE, RIVAL, NEVER)
        reports.append(replace(report, seconds={}, signature_seconds={}))
    assert reports[0] == reports[1]
