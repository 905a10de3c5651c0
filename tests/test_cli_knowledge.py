"""explain, signatures, formats, schema: what the package knows, and what is wrong with files."""

import json
from pathlib import Path

import pytest

from ocpp_forensics.dsl.catalogue import streams
from ocpp_forensics.resources import data_dir
from tests.reports import run, station_log
from tests.support import write_logs

SIGNATURE = """\
signature my-drop {
  title    "A drop"
  cause    csms-restart
  severity low
  status   experimental
  owner    csms
  explains connection_lost
  needs    csms?
  match    lost where code = 1012
  base     3
  ruled_out "no drop with 1012"
  first_check "the deployment log"
  test "restart" {
    at 0s lost code=1012
    expect match
  }
  test "wrong" {
    at 0s lost code=1000
    expect match
  }
}
"""


def test_signatures_are_listed_shown_and_tested() -> None:
    assert "carrier-nat-expiry  " in run("signatures", "list").out
    shown = run("signatures", "show", "tls-clock-skew").out
    assert shown.startswith("signature tls-clock-skew {\n")
    assert shown.endswith("\n}\n")
    assert run("signatures", "show", "tls-clock").code == 2
    assert run("signatures", "test").code == 0
    assert run("signatures", "lint").code == 0


def test_a_failing_test_of_a_signature_exits_with_1(tmp_path: Path) -> None:
    (tmp_path / "mine.sig").write_text(SIGNATURE)
    result = run("signatures", "test", tmp_path)

    assert result.code == 1
    assert "my-drop, test 'wrong': expected a match, got no match" in result.out
    assert f"{tmp_path}/mine.sig:19:" in result.out
    assert "2 tests of 1 signature, 1 failed" in result.out


def test_lint_tells_what_is_unfinished_and_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "mine.sig").write_text(SIGNATURE)
    unfinished = run("signatures", "lint", tmp_path)
    assert unfinished.code == 1
    assert "signature 'my-drop' lacks a fix" in unfinished.out

    (tmp_path / "mine.sig").write_text(SIGNATURE.replace("code = 1012", "coed = 1012"))
    (tmp_path / "other.sig").write_text(SIGNATURE.replace("csms-restart", "csms-restrat"))
    wrong = run("signatures", "lint", tmp_path)
    assert wrong.code == 2
    assert "did you mean 'csms-restart'?" in wrong.err
    assert "mine.sig:9:23" in wrong.err


def test_formats_are_listed_detected_and_tested(tmp_path: Path) -> None:
    logs = write_logs(
        tmp_path, {"cp.log": station_log(), "x.log": "nothing\n", "b.bin": b"\0" * 99}
    )

    assert "nginx-error" in run("formats", "list").out
    assert run("formats", "test").code == 0
    out = run("formats", "detect", logs).out
    assert "format  python-logging, 100% of the lines; runner-up generic, 100%" in out
    assert "python-logging fits 100% of 10 lines" in out
    assert "no known format fits" in out
    assert "1 x  nothing" in out
    forced = run("formats", "detect", logs, "--format-of", "cp.log=generic").out
    assert "format  generic, 100% of the lines" in forced
    assert "given with --format-of" in forced


def test_a_format_that_misreads_its_samples_exits_with_1(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(r"""
id = "mine"
title = "mine"
time = "iso"
[[layout]]
pattern = '(?P<ts>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?P<level>[A-Z]+) '
[[sample]]
line = "2026-05-01 10:00:00 INFO hello"
expect = { level = "WARN", body = "hullo", ts = "2026-05-01 10:00:01" }
[[sample]]
line = "something else"
[[not_sample]]
line = "2026-05-01 10:00:00 INFO counter"
""")
    result = run("formats", "test", path)

    assert result.code == 1
    for told in (
        "level should be 'WARN', is 'INFO'", "body should be 'hullo', is 'hello'",
        "ts should be '2026-05-01 10:00:01'", "the sample is not read by its own format",
        "the counter-sample is read by the format", "mine.toml",
    ):  # fmt: skip
        assert told in result.out


def test_a_broken_format_file_exits_with_2(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('id = "other"\ntitle = "x"\n')

    assert run("formats", "test", path).code == 2


def test_the_schema_is_printed() -> None:
    assert json.loads(run("schema", "report").out)["title"] == "ocppdiag report, version 1"
    assert run("schema", "nothing").code == 2


def draft(folder: Path, *arguments: str) -> Path:
    target = folder / "mine.sig"
    result = run("signatures", "new", "my-drop", "-o", target, "--force", *arguments)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"wrote {target}\n")
    return target


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--cause", "carrier-nat-expiry"], "explains connection_lost"),
        (["--cause", "unknown-station"], "explains never_connected"),
        (["--cause", "station-stuck"], "explains stuck_station"),
        (["--cause", "csms-restart", "--explains", "fleet_reconnect"], "explains fleet_reconnect"),
        (["--cause", "no-reconnect-jitter"], "advice   no-reconnect-jitter"),
    ],
)
def test_a_draft_passes_its_tests_and_is_finished(
    tmp_path: Path, arguments: list[str], told: str
) -> None:
    path = draft(tmp_path, *arguments)

    assert told in path.read_text()
    assert run("signatures", "lint", path).out == "1 signature, 0 unfinished points\n"
    tested = run("signatures", "test", "--signatures", tmp_path)
    assert (tested.code, tested.out) == (0, "3 tests of 1 signature, 0 failed\n")


def test_a_draft_replaces_no_file_and_takes_no_wrong_names(tmp_path: Path) -> None:
    path = draft(tmp_path, "--cause", "csms-restart")
    path.write_text("mine")

    again = run("signatures", "new", "my-drop", "--cause", "csms-restart", "-o", path)
    assert again.code == 2
    assert "say --force" in again.err
    assert path.read_text() == "mine"
    wrong = run(
        "signatures", "new", "Drop!", "--cause", "csms-restat", "--explains", "conection_lost"
    )
    assert wrong.code == 2
    for told in (
        "'Drop!' cannot name",
        "did you mean 'csms-restart'?",
        "did you mean 'connection_lost'?",
    ):
        assert told in wrong.err
    taken = run("signatures", "new", "tls-clock-skew", "--cause", "tls-clock-skew")
    assert "there is a signature 'tls-clock-skew' already" in taken.err


def test_a_name_that_the_package_has_is_an_error_but_its_own_files_are_none(tmp_path: Path) -> None:
    (tmp_path / "mine.sig").write_text(SIGNATURE.replace("my-drop", "tls-clock-skew"))
    result = run("signatures", "lint", tmp_path)

    assert result.code == 2
    assert "the package has a signature 'tls-clock-skew' already" in result.err
    assert run("signatures", "lint", data_dir("signatures") / "tls.sig").code == 0


def test_streams_and_fields_are_listed() -> None:
    out = run("signatures", "fields").out
    for name in [*streams(), "facts"]:
        assert f"\n{name}  " in out
    fields = run("signatures", "fields", "failed").out
    assert "stage " in fields
    assert "how far it got: dns, tcp, tls, http, unknown" in fields
    assert "heartbeat_interval_s" in run("signatures", "fields", "facts").out
    assert "did you mean 'lost'?" in run("signatures", "fields", "lots").err
