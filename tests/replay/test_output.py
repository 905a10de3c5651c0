"""`ocppdiag replay`: golden text and JSON, the contract of the JSON, exit codes, hostile text.

What is golden is written anew with

    ocppdiag replay fixtures/stuck_stations/logs --policy fixtures/stuck_stations/default.toml \
        --policy fixtures/stuck_stations/policy.toml --force -o tests/replay/golden.txt
    ocppdiag replay fixtures/stuck_stations/logs --policy fixtures/stuck_stations/policy.toml \
        --trace CP-GRACE -f json --force -o tests/replay/golden.json
"""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ocpp_forensics.replay.json import json_pieces
from ocpp_forensics.replay.text import render_text
from ocpp_forensics.report.json import schema_text
from ocpp_forensics.report.page import Look
from ocpp_forensics.report.safety import UNSAFE
from tests.replay.logs import Log, Speaker
from tests.replay.support import FIXTURE, replayed
from tests.reports import HOSTILE, run

LOGS = FIXTURE / "logs"
POLICY = ("--policy", FIXTURE / "policy.toml")
BOTH = ("--policy", FIXTURE / "default.toml", *POLICY)
GOLDEN = Path(__file__).parent
SCHEMA: dict[str, Any] = json.loads(schema_text("replay"))


def refusals(found: object, schema: dict[str, Any] = SCHEMA) -> list[str]:
    return [each.message for each in Draft202012Validator(schema).iter_errors(found)]


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema as it would be if it allowed no field that it does not name."""

    def strict(part: Any) -> Any:
        if isinstance(part, list):
            return [strict(each) for each in part]
        if not isinstance(part, dict):
            return part
        fixed = {name: strict(each) for name, each in part.items()}
        return fixed | ({"additionalProperties": False} if part.get("type") == "object" else {})

    made: dict[str, Any] = strict(schema)
    return made


@pytest.fixture(scope="module")
def printed() -> str:
    return run("replay", LOGS, *POLICY, "--trace", "CP-GRACE", "-f", "json").out


def test_the_text_is_golden() -> None:
    result = run("replay", LOGS, *BOTH)
    assert (result.code, result.err) == (0, "")
    assert result.out == (GOLDEN / "golden.txt").read_text(encoding="utf-8")


def test_the_readme_shows_the_policy_and_the_table() -> None:
    readme = (GOLDEN.parent.parent / "README.md").read_text(encoding="utf-8")
    table, _, _ = (GOLDEN / "golden.txt").read_text(encoding="utf-8").partition("\n\n──")
    assert f"```toml\n{(FIXTURE / 'policy.toml').read_text(encoding='utf-8')}```" in readme
    assert f"```text\n{table}\n```" in readme


def test_the_json_is_golden(printed: str) -> None:
    assert printed == (GOLDEN / "golden.json").read_text(encoding="utf-8")


def test_the_schema_describes_every_field(printed: str) -> None:
    found = json.loads(printed)
    assert refusals(found) == []
    assert refusals(found, closed(SCHEMA)) == []
    del found["results"][0]["decisions"][0]["reality"]["outcome"]
    assert refusals(found) == ["'outcome' is a required property"]


def test_the_schema_is_printed() -> None:
    assert json.loads(run("schema", "replay").out) == SCHEMA


@pytest.mark.parametrize("width", [80, 160])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    result = run("replay", LOGS, *BOTH, "--trace", "CP-TWO", "--width", str(width))
    assert max(len(line) for line in result.out.splitlines()) <= width


def test_csv_holds_the_decisions_of_all_policies() -> None:
    rows = list(csv.DictReader(io.StringIO(run("replay", LOGS, *BOTH, "-f", "csv").out)))
    assert {row["policy"] for row in rows} == {"default", "bold"}
    assert [row["ts"][11:19] for row in rows if row["station"] == "CP-OFFLINE"] == ["09:33:00"] * 2


def test_a_sweep_compares_every_combination() -> None:
    result = run(
        "replay", LOGS, "--sweep", "dwell_s=1800,7200", "--sweep", "grace_s=0,3600", "-f", "json"
    )
    found = json.loads(result.out)
    assert [each["policy"] for each in found["results"]] == [
        "default dwell_s=1800 grace_s=0", "default dwell_s=1800 grace_s=3600",
        "default dwell_s=7200 grace_s=0", "default dwell_s=7200 grace_s=3600",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("log", "bar", "code"),
    [("futile", "futile", 1), ("fine", "futile", 0), ("fine", "any", 1), ("none", "any", 0)],
)
def test_fail_on(tmp_path: Path, log: str, bar: str, code: int) -> None:
    lines = Log()
    station = Speaker(lines, "CP1").online()
    if log != "none":
        station.status(
            "07:00:00", 1, "Faulted", "GroundFailure" if log == "futile" else "OtherError"
        )
    lines.say("10:00:00", "csms", "log closed for the day")
    (tmp_path / "csms.log").write_text(lines.text(), encoding="utf-8")
    assert run("replay", tmp_path, "--fail-on", bar).code == code
    assert run("replay", tmp_path).code == 0


def test_a_kept_store_gives_the_same_result(tmp_path: Path, printed: str) -> None:
    store = tmp_path / "kept.duckdb"
    assert run("analyze", LOGS, "--store", store).code == 0
    assert run("replay", store, *POLICY, "--trace", "CP-GRACE", "-f", "json").out == printed


def test_an_unknown_station_to_trace_is_told() -> None:
    result = run("replay", LOGS, "--trace", "CP-GRACEE")
    assert result.code == 2
    assert "did you mean 'CP-GRACE'?" in result.err


def test_a_bad_policy_is_told_before_any_work_is_done(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("dwell_s = -1\n", encoding="utf-8")
    result = run("replay", tmp_path / "nothing", "--policy", path)
    assert result.code == 2
    assert f"--> {path}:1:1" in result.err


def test_log_text_is_harmless_in_every_format(tmp_path: Path) -> None:
    log = Log()
    station = Speaker(log, "CP1").online()
    secret = "AuthorizationKey=0123456789abcdef"
    station.status("07:00:00", 1, "Faulted", f"{HOSTILE} {secret}", info=secret)
    log.say("10:00:00", "csms", "log closed for the day")
    with replayed(tmp_path, log) as replay:
        text = render_text(replay, Look(100))
        printed = "".join(json_pieces(replay))
    assert not UNSAFE.search(text.replace("\n", ""))
    assert not UNSAFE.search(printed.replace("\n", ""))
    assert "0123456789abcdef" not in text + printed
    assert refusals(json.loads(printed)) == []


def test_a_log_without_any_status_says_that_nothing_was_replayed(tmp_path: Path) -> None:
    log = Log()
    Speaker(log, "CP1").opened("06:00:00").boot("06:00:01")
    with replayed(tmp_path, log) as replay:
        assert "no station reports a status" in render_text(replay, Look(100))
