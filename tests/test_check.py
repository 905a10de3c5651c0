"""`ocppdiag check`: what is expected of a bundle is held fixed, and nothing else."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from ocpp_forensics.errors import InputError, Problem
from ocpp_forensics.expected import compare, expectations, expected_of
from ocpp_forensics.model import Advice, Checked, Difference
from ocpp_forensics.report.checked import check_code, render_checked, render_junit
from ocpp_forensics.report.json import schema_text
from ocpp_forensics.report.page import Look
from tests.reports import HOSTILE, healthy_log, incident, report, run, station_log
from tests.support import write_logs

SCHEMA = Draft202012Validator(json.loads(schema_text("expected")))
ADVICE = Advice("no-reconnect-jitter", "Spread them", "low", ("CP001",), ())
FOUND = expected_of(report(incident(), advice=(ADVICE,)))


def told(wanted: Any, got: Any = FOUND) -> list[str]:
    return [
        f"{each.kind} {each.what} {each.name}: {'; '.join(each.details)}"
        for each in compare(wanted, got)
    ]


def changed(**values: Any) -> Any:
    """What is found, with an incident that is a bit different."""
    return {**FOUND, "incidents": [{**FOUND["incidents"][0], **values}]}


def test_what_is_found_fits_the_schema_and_is_as_expected() -> None:
    SCHEMA.validate(FOUND)

    assert json.loads(json.dumps(FOUND)) == FOUND
    assert told(FOUND) == []


def test_scores_wording_and_places_are_not_held_fixed() -> None:
    other = incident("another line", title="New", summary="New", score=3.0, severity="low", fix=())
    other = replace(other, stations=other.stations[::-1], ruled_out=(), signature="another")

    assert told(FOUND, expected_of(report(other, advice=(replace(ADVICE, title="New"),)))) == []


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"confidence": "low"}, "confidence low, was high"),
        ({"scope": "all", "episodes": 3}, "scope all, was stations; episodes 3, was 2"),
        ({"stations": ["CP001"]}, "stations CP001, was CP001, CP002"),
        ({"ambiguous_with": ["x"]}, "ambiguous with x, was none"),
    ],
)
def test_a_change_of_an_incident_is_told(values: dict[str, Any], text: str) -> None:
    assert told(FOUND, changed(**values)) == [f"changed incident tls-certificate-expired: {text}"]


def test_another_cause_is_one_incident_gone_and_one_new() -> None:
    about = "symptom never_connected; scope stations; stations CP001, CP002; episodes 2"

    assert told(FOUND, changed(cause="csms-restart")) == [
        f"gone incident tls-certificate-expired: {about}; confidence high",
        f"new incident csms-restart: {about}; confidence high",
    ]


def test_of_several_incidents_of_a_cause_those_with_the_same_stations_are_compared() -> None:
    one, two = ({**FOUND["incidents"][0], "stations": [name]} for name in ("CP001", "CP002"))
    wanted = {**FOUND, "incidents": [one, two]}

    assert told(wanted, {**FOUND, "incidents": [{**two, "episodes": 7}, one]}) == [
        "changed incident tls-certificate-expired: episodes 7, was 2"
    ]


def test_stations_are_compared_cause_by_cause() -> None:
    wanted = {"stations": {"A": {"x": 2, "y": 1}, "B": {}, "C": {"x": None}}}
    got = {"stations": {"A": {"x": 3, "z": 1}, "C": {"x": 5}, "D": {"unexplained": 2}}}

    assert told(wanted, got) == [
        "changed station A: x 3x, was 2x; y gone (1x); z new (1x)",
        "gone station B: it is not in the logs any more",
        "new station D: unexplained 2x",
    ]


def test_advice_is_compared() -> None:
    assert told(FOUND, {**FOUND, "advice": []}) == [
        "gone advice no-reconnect-jitter: stations CP001"
    ]


def test_what_is_left_out_is_not_compared() -> None:
    got = changed(episodes=99, confidence="low")

    assert told({"schema": FOUND["schema"]}, {**got, "advice": [], "stations": {}}) == []
    cause = {"cause": "tls-certificate-expired"}
    assert told({"incidents": [cause]}, got) == []
    assert told({"incidents": [cause | {"symptom": "connection_lost"}]}, got) != []


def test_everything_that_is_wrong_is_told_before_any_work(tmp_path: Path) -> None:
    for name, text in (
        ("shape", {"schema": FOUND["schema"], "incident": [], "stations": {"A": ["x"]},
                   "incidents": [{"episodes": "2"}]}),
        ("version", {"schema": "ocppdiag.expected/v9"}),
    ):  # fmt: skip
        (tmp_path / name).mkdir()
        (tmp_path / name / "expected.json").write_text(json.dumps(text))
    (tmp_path / "cut.zip").touch()
    (tmp_path / "cut.zip.expected.json").write_text('{\n "schema": ')
    (tmp_path / "none").mkdir()
    names = ("shape", "version", "cut.zip", "none", "nowhere")
    with pytest.raises(InputError) as error:
        expectations([tmp_path / name for name in names], accept=False)

    texts = "\n".join(f"{each.where} {each.message} {each.help}" for each in error.value.problems)
    for expected in (
        "unknown member 'incident'", "did you mean 'incidents'?", "stations, A: must be an object",
        "incident 1: has no 'cause'", "'episodes' must be a whole number",
        "it does not say \"schema\": \"ocppdiag.expected/v1\"", "cut.zip.expected.json', line=2",
        "none has no expected diagnosis", "`ocppdiag check --accept` writes",
        "nowhere does not exist",
    ):  # fmt: skip
        assert expected in texts


def test_a_folder_may_have_it_beside_itself(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    assert expectations([tmp_path / "logs"], accept=True)[0].place.parent == tmp_path / "logs"
    (tmp_path / "logs.expected.json").write_text(json.dumps(FOUND))

    assert expectations([tmp_path / "logs"], accept=False)[0].wanted == FOUND


def test_accept_writes_check_holds_it_and_a_difference_exits_with_1(tmp_path: Path) -> None:
    ill = write_logs(tmp_path, {"cp-CP001.log": station_log()})
    kept, junit = ill / "expected.json", tmp_path / "result.xml"

    assert run("check", ill).code == 2
    accepted = run("check", ill, "--accept")
    assert accepted.code == 0
    assert "accepted" in accepted.out
    assert "+ new  incident tls-certificate-expired" in accepted.out
    text = kept.read_text()
    SCHEMA.validate(json.loads(text))
    same = run("check", ill, "--width", "140")
    assert (same.code, same.out) == (0, f"{ill}: as expected\n1 bundle: 1 as expected\n")

    kept.write_text(text.replace('"confidence": "high"', '"confidence": "low"'))
    held = kept.read_text()
    differs = run("check", ill, "--junit", junit)
    assert differs.code == 1
    assert "~ changed  incident tls-certificate-expired: confidence high, was low" in differs.out
    assert kept.read_text() == held
    assert ET.parse(junit).getroot().attrib["failures"] == "1"
    assert run("check", ill, "--accept").code == 0
    assert kept.read_text() == text


def test_an_unusable_bundle_exits_with_3_and_the_others_are_compared(tmp_path: Path) -> None:
    well = write_logs(tmp_path, {"cp-CP001.log": healthy_log()})
    (well / "expected.json").write_text(json.dumps({"schema": FOUND["schema"], "incidents": []}))
    empty = tmp_path / "empty.zip"
    empty.write_bytes(b"no times in here\n")
    (tmp_path / "empty.zip.expected.json").write_text(json.dumps(FOUND))
    result = run("check", empty, well, "--width", "140")

    assert result.code == 3
    assert "empty.zip: cannot be used\n  no line with a time was found" in result.out
    assert "2 bundles: 1 as expected, 1 unusable" in result.out


RESULTS = (
    Checked("a", "same", seconds=0.5),
    Checked(f"b {HOSTILE}", "differs", (Difference("new", "station", HOSTILE, ("<&>]]>",)),)),
    Checked("c", "unusable", problems=(Problem("nothing-readable", HOSTILE),), incomplete=True),
)


def test_junit_is_valid_xml_whatever_the_names_are() -> None:
    text = render_junit(RESULTS)
    root = ET.fromstring(text)

    (suite,) = root
    assert suite.attrib["name"] == "ocppdiag check"
    for each in (root, suite):
        assert [each.attrib[name] for name in ("tests", "failures", "errors", "time")] == [
            "3", "1", "1", "0.500",
        ]  # fmt: skip
    assert [case.attrib["name"][:1] for case in suite] == ["a", "b", "c"]
    failure, error = suite[1].find("failure"), suite[2].find("error")
    assert failure is not None
    assert failure.attrib == {"message": "1 difference", "type": "difference"}
    assert str(failure.text).startswith("new station ")
    assert str(failure.text).endswith(": <&>]]>")
    assert error is not None
    assert error.attrib["type"] == "nothing-readable"
    assert text.replace("\n", "").isprintable()


def test_the_text_is_harmless_and_says_how_many() -> None:
    text = render_checked(RESULTS, Look(100))

    assert text.replace("\n", "").isprintable()
    assert text.endswith("3 bundles: 1 as expected, 1 different, 1 unusable\n")


def test_the_exit_code_tells_the_worst() -> None:
    same, differs, unusable = RESULTS

    assert check_code([unusable, differs]) == 3
    assert check_code([differs, same]) == 1
    assert check_code([same, replace(same, incomplete=True)]) == 4
    assert check_code([same]) == 0
