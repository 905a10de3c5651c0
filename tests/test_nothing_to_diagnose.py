"""Bundles in which nothing can be diagnosed: what there is is told, and logs are asked for."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from ocpp_forensics.report.json import schema_text
from tests.reports import run
from tests.support import write_logs

CERTIFICATE = """\
notBefore=Jan  1 00:00:00 2026 GMT
notAfter=Mar 31 00:00:00 2026 GMT
subject=CN = ocpp.example.com
"""
NGINX = """\
server {
    server_name ocpp.example.com;
    location /ocpp/ {
        proxy_pass http://csms;
    }
}
"""
CHECKS = {"cert.txt": CERTIFICATE, "nginx.conf": NGINX}


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_logs(tmp_path_factory.mktemp("checks"), CHECKS)


def test_the_screen_tells_what_the_checks_show_and_asks_for_logs(checks: Path) -> None:
    result = run("analyze", checks)
    screen = "\n".join(result.out.splitlines()[:25])

    assert result.code == 4
    assert "HEALTHY" not in result.out
    for told in (
        "NO LOGS  Nothing can be diagnosed: the bundle holds 2 other files",
        "the server's certificate at that moment: expired, from 2026-03-31",
        "cert.txt:2",
        "passes the WebSocket upgrade (ocpp.example.com",
        "nginx.conf:4",
        "Send next    the log of the CSMS",
    ):
        assert told in screen


def test_the_report_holds_the_facts_and_no_incident(checks: Path) -> None:
    result = run("analyze", checks, "--format", "json")
    report = json.loads(result.out)

    Draft202012Validator(json.loads(schema_text("report"))).validate(report)
    assert report["incidents"] == []
    assert [(each["code"], each["incomplete"]) for each in report["warnings"]] == [
        ("no-logs", True)
    ]
    assert report["facts"][1] == {
        "key": "certificate_state", "value": "expired", "source": "cert.txt", "line": 2,
        "sentence": "the server's certificate at that moment: expired, "
        "from 2026-03-31 00:00:00 UTC",
    }  # fmt: skip
    assert [each["sentence"][:19] for each in report["next_steps"]] == ["the log of the CSMS"]


def test_logs_that_tell_of_no_station_are_not_called_healthy(tmp_path: Path) -> None:
    noise = "".join(f"2026-03-01T00:00:{second:02d}Z INFO tick\n" for second in range(30))
    result = run("analyze", write_logs(tmp_path, {"app.log": noise}))

    assert result.code == 4
    assert "HEALTHY" not in result.out
    assert "NO STATIONS  Nothing can be diagnosed: 1 log" in result.out
    assert "--station-of 'FILE=STATION'" in result.out
    assert result.out.rstrip().endswith("NO STATIONS  Nothing can be diagnosed.")


def test_the_timeline_of_checks_is_no_timeline(checks: Path) -> None:
    result = run("timeline", checks)

    assert result.code == 3
    assert "error[nothing-readable]" in result.err
