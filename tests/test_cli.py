"""The command line: results on stdout, everything else on stderr, an exit code for every end."""

import gzip
import json
import re
import subprocess
import time
from pathlib import Path

import pytest

from ocpp_forensics import __version__
from tests.reports import (
    COMMAND,
    ENVIRONMENT,
    HOSTILE,
    Result,
    healthy_log,
    run,
    spawn,
    station_log,
)
from tests.support import write_logs


@pytest.fixture
def ill(tmp_path: Path) -> Path:
    return write_logs(tmp_path, {"cp-CP001.log": station_log()})


@pytest.fixture
def unsettled(tmp_path: Path) -> Path:
    """The same without anything that tells the zone."""
    log = station_log().replace('"currentTime":"2026-05-01T10:00:00.500Z",', "")
    return write_logs(tmp_path, {"cp-CP001.log": log})


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """What `analyze` prints of the logs of `ill`."""
    folder = tmp_path_factory.mktemp("shown")
    return run("analyze", write_logs(folder, {"cp-CP001.log": station_log()}))


def test_analyze_names_the_cause_and_its_proof(shown: Result) -> None:
    assert shown.code == 0
    assert "CRITICAL  The server's certificate has expired" in shown.out
    assert "cp-CP001.log:5  2026-05-01 10:05:10.000" in shown.out
    assert shown.err == ""


def test_stats_tell_the_time_of_stages_and_signatures_apart_from_the_report(
    ill: Path, shown: Result
) -> None:
    result = run("analyze", ill, "--stats")

    assert result.out == shown.out
    stages, signatures = re.split(r" for signatures, slowest first\n", result.err)
    seconds = [float(line.split()[0]) for line in signatures.splitlines()]
    assert seconds == sorted(seconds, reverse=True)
    assert "tls-certificate-expired" in signatures
    assert "lines read and given meaning" in stages


def test_analyze_reads_standard_input() -> None:
    result = spawn("analyze", "-", "--format", "json", stdin=station_log().encode())

    assert result.code == 0
    assert result.err == ""
    found = json.loads(result.out)
    assert found["incidents"][0]["cause"] == "tls-certificate-expired"
    assert found["bundle"]["name"] == "stdin"


def test_the_same_input_gives_the_same_output(ill: Path, shown: Result) -> None:
    assert shown == run("analyze", ill)
    assert str(ill.parent) not in shown.out


@pytest.mark.parametrize(
    ("bar", "code"), [("info", 1), ("critical", 1)]
)  # fmt: skip
def test_a_finding_at_or_above_the_bar_exits_with_1(ill: Path, bar: str, code: int) -> None:
    assert code == run("analyze", ill, "--fail-on", bar).code


def test_a_healthy_bundle_exits_with_0(tmp_path: Path) -> None:
    logs = write_logs(tmp_path, {"cp-CP001.log": healthy_log()})
    result = run("analyze", logs, "--fail-on", "info")

    assert result.code == 0
    assert "HEALTHY  No connection trouble was found" in result.out


def test_a_damaged_member_exits_with_4_and_a_finding_beats_it(tmp_path: Path) -> None:
    packed = gzip.compress(station_log().encode() * 50)[:-40]
    logs = write_logs(tmp_path, {"cp-CP001.log": station_log(), "csms.log.gz": packed})
    result = run("analyze", logs)

    assert result.code == 4
    assert "Incomplete   csms.log.gz: its data stops before its end" in result.out
    assert run("analyze", logs, "--fail-on", "high").code == 1


def test_what_is_read_with_reservations_is_no_lack(tmp_path: Path) -> None:
    logs = write_logs(
        tmp_path, {"cp-CP001.log.gz": station_log(), "dump.pcap": b"\xd4\xc3\x02\x04" * 999}
    )
    result = run("analyze", logs, "--format", "json")

    assert result.code == 0
    assert [(each["code"], each["incomplete"]) for each in json.loads(result.out)["warnings"]] == [
        ("name-mismatch", False),
        ("file-binary", False),
    ]


@pytest.mark.parametrize("content", [b"", b"no time in here\n" * 9, bytes(range(256)) * 40])
def test_nothing_usable_exits_with_3(tmp_path: Path, content: bytes) -> None:
    result = run("analyze", write_logs(tmp_path, {"a.log": content}))

    assert result.code == 3
    assert result.out == ""
    assert "error[nothing-readable]: no line with a time was found in 1 file" in result.err
    assert "= help: " in result.err
    assert ("a.log: binary data, no text: left out" in result.err) == (content[:1] == b"\0")


def test_an_empty_folder_exits_with_3(tmp_path: Path) -> None:
    result = run("analyze", tmp_path)

    assert result.code == 3
    assert "nothing readable was found" in result.err


def test_a_missing_path_exits_with_2(tmp_path: Path) -> None:
    result = run("analyze", tmp_path / "nowhere")

    assert result.code == 2
    assert "nowhere does not exist" in result.err


def test_wrong_options_are_all_told_at_once_with_a_suggestion(ill: Path) -> None:
    result = run(
        "analyze", ill, "--tz", "cp-*=Europe/Berln", "--format-of", "cp-CP002.log=python-loging",
        "--link", "CP001=celular", "--station-of", "nonsense", "--tz", "*=+25:00",
    )  # fmt: skip

    assert result.code == 2
    for told in (
        "unknown zone 'Europe/Berln'", "did you mean 'Europe/Berlin'?",
        "no file of the bundle fits 'cp-CP002.log'", "did you mean 'cp-CP001.log'?",
        "unknown format 'python-loging'", "did you mean 'python-logging'?",
        "unknown link 'celular'", "did you mean 'cellular'?",
        "'nonsense' is not GLOB=STATION", "unknown zone '+25:00'",
    ):  # fmt: skip
        assert told in result.err


@pytest.mark.parametrize(
    "arguments", [["analyze"], ["analyse", "x"], ["analyze", "x", "--fail-on", "hgh"], ["nope"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    assert run(*arguments).code == 2


def test_the_options_reach_the_report(unsettled: Path) -> None:
    result = run(
        "analyze", unsettled, "--format", "json", "--tz", "*=+02:00", "--link", "CP001=cellular",
        "--format-of", "*.log=generic", "--link", "CP9=wired",
    )  # fmt: skip
    found = json.loads(result.out)

    assert found["bundle"]["first_ts"] == "2026-05-01T08:00:00.100Z"
    assert found["sources"][0]["format"] == "generic"
    assert found["sources"][0]["clock"]["basis"] == "given with --tz"
    assert found["stations"][0]["link"] == "cellular"
    assert [each["code"] for each in found["warnings"]] == ["link-unused"]


def test_bundle_toml_says_the_same_and_the_command_line_wins(unsettled: Path) -> None:
    (unsettled / "bundle.toml").write_text('[tz]\n"*.log" = "+03:00"\n[link]\nCP001 = "wired"\n')
    found = json.loads(run("analyze", unsettled, "--format", "json").out)

    assert found["bundle"]["first_ts"] == "2026-05-01T07:00:00.100Z"
    assert found["stations"][0]["link"] == "wired"
    assert [each["path"] for each in found["sources"]] == ["cp-CP001.log"]
    over = json.loads(run("analyze", unsettled, "-f", "json", "--tz", "cp-*=Asia/Tokyo").out)
    assert over["bundle"]["first_ts"] == "2026-05-01T01:00:00.100Z"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[tz]\n"*" = "UTC"\n[format-off]\n', "bundle.toml:3:2"),
        ("[tz]\n'*' = 'Mars/Base'\n", "bundle.toml:2:2"),
        ("[tz\n", "bundle.toml:1:4"),
        ("tz = 3\n", "'tz' must be a table of texts"),
    ],
)
def test_a_wrong_bundle_toml_is_told_with_its_line(ill: Path, text: str, told: str) -> None:
    (ill / "bundle.toml").write_text(text)
    result = run("analyze", ill)

    assert result.code == 2
    assert told in result.err


def test_output_goes_to_a_file_and_replaces_none(ill: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    result = run("analyze", ill, "--format", "json", "--output", target)

    assert (result.code, result.out) == (0, "")
    assert json.loads(target.read_text())["incidents"]
    assert run("analyze", ill, "--output", target).code == 2
    assert run("analyze", ill, "--output", target, "--force").code == 0
    assert target.read_text().startswith("logs: ")
    assert {"logs", "report.json"} == {each.name for each in tmp_path.iterdir()}


def test_an_output_that_cannot_be_written_is_an_error(ill: Path, tmp_path: Path) -> None:
    result = run("analyze", ill, "--output", tmp_path / "nowhere" / "report.txt")

    assert result.code == 2
    assert "cannot be written" in result.err


def test_signatures_of_a_folder_are_added_and_checked(ill: Path, tmp_path: Path) -> None:
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "a.sig").write_text('signature x {\n  titel "a"\n}\n')
    result = run("analyze", ill, "--signatures", folder)

    assert result.code == 2
    assert f"--> {folder}/a.sig:2:3" in result.err
    assert '2 |   titel "a"\n  |   ^^^^^' in result.err


def test_hostile_text_reaches_no_terminal(tmp_path: Path) -> None:
    note = f"{HOSTILE} wss://CP001:hunter2@host Authorization: Basic aHVudGVyMg=="
    logs = write_logs(tmp_path, {"cp-CP001.log": station_log(note=note.replace("\x00", ""))})

    for format_ in ("text", "json"):
        out = run("analyze", logs, "--format", format_).out
        assert "\x1b" not in out
        assert "\u202e" not in out
        assert "hunter2" not in out
        assert "aHVudGVyMg" not in out


def test_help_states_the_exit_codes_and_is_there_at_once() -> None:
    started = time.process_time_ns()
    text = run("--help").out
    assert time.process_time_ns() - started < 300_000_000
    for code in ("0", "1", "2", "3", "4", "130"):
        assert re.search(rf"^ +{code}  +\w", text, re.MULTILINE)
    assert "Exit codes:" in run("analyze", "--help").out


def test_the_version_is_printed() -> None:
    result = run("--version")
    assert (result.code, result.out) == (0, f"ocppdiag {__version__}\n")


def test_no_help_of_a_command_is_cut_short() -> None:
    for group in ([], ["signatures"], ["formats"]):
        assert "..." not in run(*group, "--help").out.partition("Commands:")[2]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['ocppdiag', '--help']\n"
        "from ocpp_forensics.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'duckdb', 'pyarrow', 'lark', 'numpy', 'rich'} & set(sys.modules)))"
    )
    out = subprocess.run([COMMAND[0], "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout.endswith("[]\n")


def test_a_reader_that_has_seen_enough_is_no_error(ill: Path) -> None:
    command = [*COMMAND, "timeline", str(ill), "--format", "jsonl"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
