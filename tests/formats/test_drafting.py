"""Formats drafted from logs, and the user's own formats in use."""

import re
from pathlib import Path

import pytest

from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.drafts import draft_format, slug
from ocpp_forensics.errors import NoInputError
from ocpp_forensics.formats.definition import read_format
from ocpp_forensics.formats.drafting import draft_layouts
from ocpp_forensics.formats.samples import check_formats
from ocpp_forensics.store import Store
from tests.catalogue.test_catalogue import LOGS, written
from tests.reports import run
from tests.support import write_logs

VENDOR = """\
[KRK-1] (I) 04.03.2026 05:06:07 net/ws: websocket connected
[KRK-1] (I) 04.03.2026 05:06:08 net/ws: rx [2,"1","Heartbeat",{}]
[KRK-2] (W) 04.03.2026 05:06:09 net/ws: something odd 17
    with more to it
[KRK-1] (W) 04.03.2026 05:06:12 core: something odd 18
"""
TIMED = [
    name
    for name, log in LOGS.items()
    if "header" not in log and draft_layouts(written(log).splitlines())
]
JSON = [name for name, log in LOGS.items() if log["line"][0]["text"].startswith("{")]


def draft(folder: Path, content: str, id_: str) -> str:
    with open_bundle([write_logs(folder, {"my.log": content})]) as bundle:
        return draft_format(bundle, id_)


@pytest.mark.parametrize("name", sorted({*TIMED, *JSON}))
def test_a_draft_from_any_log_reads_its_own_samples(tmp_path: Path, name: str) -> None:
    text = draft(tmp_path, written(LOGS[name]), f"draft-{name}")
    format_ = read_format(Path(f"draft-{name}.toml"), text)
    with Store() as store:
        assert check_formats(store, (format_,)) == ()
    assert all(dict(sample.expect)["ts"] for sample in format_.samples)


def test_most_logs_of_the_catalogue_can_be_drafted() -> None:
    assert len(TIMED) >= 50


def test_time_level_logger_and_station_are_found(tmp_path: Path) -> None:
    format_ = read_format(Path("mine.toml"), draft(tmp_path, VENDOR, "mine"))
    (layout,) = format_.layouts
    assert (layout.time, set(layout.names)) == ("dmy", {"station", "level", "ts", "logger"})
    assert dict(format_.samples[1].expect) == {
        "ts": "2026-03-04 05:06:08", "level": "I", "logger": "net/ws", "station": "KRK-1",
        "body": 'rx [2,"1","Heartbeat",{}]',
    }  # fmt: skip


def test_members_of_json_are_found(tmp_path: Path) -> None:
    line = (
        '{"when":"2026-03-04T05:06:07Z","wallbox":"KRK-1","lvl":3,"info":"websocket connected"}\n'
    )
    format_ = read_format(Path("mine.toml"), draft(tmp_path, line * 3, "mine"))
    assert dict(format_.keys) == {"ts": ("when",), "body": ("info",), "station": ("wallbox",)}


def test_a_log_without_a_time_cannot_be_drafted(tmp_path: Path) -> None:
    with pytest.raises(NoInputError, match="no time was found in the first 2 lines"):
        draft(tmp_path, "up\ndown\n", "mine")


def test_an_id_is_made_of_a_name() -> None:
    assert [slug("Site 7/GW_log.txt"), slug("..")] == ["gw-log", "mine"]


def test_a_drafted_format_reads_the_log_at_once(tmp_path: Path) -> None:
    logs = write_logs(tmp_path, {"vendor.log": VENDOR})
    (tmp_path / "own").mkdir()
    before = run("formats", "detect", logs).out
    made = run("formats", "new", "--from", logs / "vendor.log", "-o", tmp_path / "own/vendor.toml")
    assert (made.code, made.out) == (0, "")
    assert run("formats", "test", tmp_path / "own").out == "1 formats, 0 samples read wrongly\n"
    after = run("formats", "detect", logs, "--formats", tmp_path / "own").out
    assert "format  vendor" not in before
    assert "format  vendor, 80% of the lines" in after
    assert "5 lines, 0 of them unparsed; of the records 100% have a time, 100% a station" in after
    assert re.search(r"1 x  something odd 1[78]", after)
    assert "vendor" in run("formats", "list", "--formats", tmp_path / "own").out
    told = run("formats", "explain", "vendor", "--formats", tmp_path / "own").out
    assert "vendor, a format of our own" in told
    assert "KRK-1" in told
    again = run("formats", "new", "--from", logs / "vendor.log", "-o", tmp_path / "own/vendor.toml")
    assert again.code == 2


def test_formats_in_the_bundle_are_used_and_are_no_logs(tmp_path: Path) -> None:
    text = draft(tmp_path / "first", VENDOR, "vendor")
    logs = write_logs(
        tmp_path,
        {
            "vendor.log": VENDOR,
            "bundle.toml": 'formats = "ours"\n',
            "ours/vendor.toml": text,
        },
    )
    out = run("formats", "detect", logs).out
    assert "format  vendor, 80%" in out
    assert "vendor.toml" not in out
    (logs / "ours/vendor.toml").write_text(text.replace('time = "dmy"', 'time = "dym"'))
    wrong = run("formats", "detect", logs)
    assert wrong.code == 2
    assert "unknown kind of time 'dym'" in wrong.err


def test_a_folder_without_formats_is_an_error(tmp_path: Path) -> None:
    logs = write_logs(tmp_path, {"vendor.log": VENDOR})
    result = run("formats", "detect", logs, "--formats", tmp_path / "none")
    assert result.code == 2
    assert "no format files (*.toml)" in result.err
    assert "formats new --from FILE" in result.err


def test_an_unknown_format_is_told_with_what_is_near() -> None:
    result = run("formats", "explain", "nginx-acess")
    assert (result.code, "did you mean 'nginx-access'?" in result.err) == (2, True)
    known = run("formats", "explain", "nginx-access").out
    assert "formats/nginx-access.toml of the package" in known
