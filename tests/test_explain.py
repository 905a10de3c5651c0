"""`ocppdiag explain`: causes, advice and incidents, with what separates them from others."""

import json
from pathlib import Path

import pytest

from ocpp_forensics.dsl.catalogue import causes
from ocpp_forensics.dsl.library import load_signatures
from ocpp_forensics.errors import InputError
from ocpp_forensics.report.explain import render_explanation
from ocpp_forensics.report.json import render_json, report_dict
from ocpp_forensics.report.knowledge import statements_of
from ocpp_forensics.report.page import Look
from ocpp_forensics.report.reading import read_findings
from tests.reports import HOSTILE, incident, report, run, station_log
from tests.support import write_logs

LIBRARY = load_signatures()


def explained(name: str) -> str:
    return render_explanation(name, LIBRARY, None, Look(100))


def test_a_cause_is_explained_with_what_to_do_and_how_it_is_decided() -> None:
    text = explained("carrier-nat-expiry")

    for told in (
        "carrier-nat-expiry (cause): The carrier's NAT forgot the quiet connection.",
        "Fault of     the mobile carrier", "First check  Heartbeat interval",
        "match    lost where", "RFC 5382", "Fix          Set WebSocketPingInterval",
        "+3       the station is on a cellular link\n             if link = \"cellular\"",
        "-4       the station is not on a cellular link\n",
    ):  # fmt: skip
        assert told in text


def test_rivals_are_told_apart_one_by_one_in_both_directions() -> None:
    text = explained("carrier-nat-expiry").partition("Look-alikes, and what separates them")[2]

    _, told, rest = text.partition("cellular-ip-change: The modem got a new address")
    assert told
    assert rest.split("\n", 1)[1].startswith(
        "    for it      the station came back from another ad"
    )
    assert "    out where   the modem kept its address\n" in rest
    for signature in LIBRARY.signatures:
        for rival, _ in signature.rivals if signature.cause == "carrier-nat-expiry" else ():
            assert f"\n  {rival}: " in text
            assert "\n  carrier-nat-expiry: " in explained(rival)


@pytest.mark.parametrize("name", sorted(causes()))
def test_everything_on_the_list_can_be_explained(name: str) -> None:
    text = explained(name)

    assert f"{name} ({'advice' if causes()[name].advice else 'cause'}): " in text
    known = [each for each in LIBRARY.signatures if each.cause == name]
    assert ("No signature concludes it yet" in text) == (not known)
    assert all(f"How signature {each.id} decides" in text for each in known)


def test_statements_are_those_of_the_signature_without_its_tests() -> None:
    for signature in LIBRARY.signatures:
        keywords = [keyword for keyword, _ in statements_of(signature)]
        assert keywords.count("match") == 1
        weights = keywords.count("support") + keywords.count("against")
        assert weights == len(signature.weights)


FINDINGS = read_findings(render_json(report(incident(HOSTILE))), "report.json")


def test_a_report_is_read_back_as_it_was() -> None:
    whole = report(incident(evidence=(), down_s=1.5))
    (found,) = read_findings(render_json(whole), "report.json").incidents

    assert report_dict(report(found))["incidents"] == report_dict(whole)["incidents"]


def test_what_a_newer_version_added_is_passed_over() -> None:
    made = json.loads(render_json(report(incident())))
    made["incidents"][0]["weather"] = "fine"
    made["incidents"][0]["evidence"][0]["weather"] = "fine"

    assert len(read_findings(json.dumps(made), "report.json").incidents) == 1


def test_an_incident_is_explained_with_its_own_proof_and_its_cause() -> None:
    text = render_explanation("i1", LIBRARY, FINDINGS, Look(100))

    for told in (
        "Incident I1: tls-certificate-expired", "Why this cause: score 9, confidence high",
        "+2 it says so", "* CP001: it says so", "a.log:3", "tls-clock-skew: no clock is wrong",
        "To send next", "tls-certificate-expired (cause): ", "Look-alikes",
    ):  # fmt: skip
        assert told in text
    assert text.replace("\n", "").isprintable()


def test_a_cause_with_a_report_tells_its_incidents() -> None:
    found = render_explanation("tls-certificate-expired", LIBRARY, FINDINGS, Look(100))
    other = render_explanation("tls-clock-skew", LIBRARY, FINDINGS, Look(100))

    assert "Incident I1" in found
    assert "Incident" not in other


@pytest.mark.parametrize(
    ("name", "findings", "told"),
    [
        ("carrier-nat-expirey", None, "did you mean 'carrier-nat-expiry'?"),
        ("I1", None, "ocppdiag explain I1 report.json"),
        ("I7", FINDINGS, "incidents: I1"),
        ("xyz", FINDINGS, "`ocppdiag signatures list` names"),
    ],
)
def test_an_unknown_name_is_told_with_a_hint(name: str, findings: None, told: str) -> None:
    with pytest.raises(InputError) as error:
        render_explanation(name, LIBRARY, findings, Look(100))
    assert told in str(error.value.problems[0].help)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema": "ocppdiag.report/v1", "incidents": [{"id": "I1"}]}',
     '{"schema": "ocppdiag.report/v1", "incidents": {"evidence": 1}}'],
)  # fmt: skip
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(InputError) as error:
        read_findings(text, "notes.json")
    assert error.value.problems[0].message.startswith("notes.json is not ")


def test_a_report_comes_from_a_file_a_store_or_stdin(tmp_path: Path) -> None:
    logs = write_logs(tmp_path, {"cp-CP001.log": station_log()})
    kept, written = tmp_path / "kept", tmp_path / "report.json"
    args = ("--store", kept, "-f", "json", "-o", written)
    assert run("analyze", logs, *args).code == 0

    from_file = run("explain", "I1", written)
    assert from_file.code == 0
    assert "cp-CP001.log:5  2026-05-01 10:05:10.000" in from_file.out
    assert run("explain", "I1", kept) == from_file
    assert run("explain", "I1", "-", stdin=written.read_bytes()) == from_file
    assert run("explain", "I1", tmp_path / "nowhere").code == 2
