"""Formats of damaged and mixed logs: cut, torn, changed by a restart."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocpp_forensics.bundle import open_bundle
from ocpp_forensics.formats.definition import load_formats
from ocpp_forensics.sources import collect_parts, detect_parts
from ocpp_forensics.store import Store
from ocpp_forensics.timeline import Options, build_timeline
from tests.catalogue.test_catalogue import LOGS, written

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
STEVE = (
    "[INFO ] 2026-02-11 {:02}:{:02}:{:02},118 a.ws.WebSocketLogger (t-1) - "
    '[chargeBoxId=KRK-1, sessionId=9b] Received: [2,"{}","Heartbeat",{{}}]'
)
EVCC = '[ocpp  ] TRACE 2026/02/12 04:{:02}:{:02} recv KRK-1: [2,"x{}","Heartbeat",{{}}]'


def formats_of(folder: Path) -> dict[str, str]:
    """The format that is shown for every file of a folder."""
    with Store() as store, open_bundle([folder]) as bundle:
        parts, _ = collect_parts(bundle)
        detect_parts(store, bundle, parts, load_formats(), {})
        return {
            part.member.path.rpartition("/")[2]: part.detection.format if part.detection else ""
            for part in parts
        }


def fixture_logs() -> Iterator[tuple[str, bytes]]:
    for number, path in enumerate(sorted(FIXTURES.glob("*/logs/**/*"))):
        if path.is_file() and path.suffix not in {".zip", ".tar", ".tgz"}:
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            yield f"{number:04}-{path.name.removesuffix('.gz')}", data


def test_a_fixture_cut_to_its_last_lines_keeps_its_format(tmp_path: Path) -> None:
    for folder in ("whole", "cut"):
        (tmp_path / folder).mkdir()
    for name, data in fixture_logs():
        (tmp_path / "whole" / name).write_bytes(data)
        (tmp_path / "cut" / name).write_bytes(b"\n".join(data.splitlines()[-200:]) + b"\n")
    (tmp_path / "whole" / "steve.log").write_text(written(LOGS["steve"]) * 60, encoding="utf-8")
    (tmp_path / "cut" / "steve.log").write_text(written(LOGS["steve"]) * 5, encoding="utf-8")
    assert formats_of(tmp_path / "cut") == formats_of(tmp_path / "whole")


def test_a_log_torn_at_both_ends_keeps_its_format(tmp_path: Path) -> None:
    whole = {name: written(log) * 20 for name, log in LOGS.items() if "header" not in log}
    for name, text in whole.items():
        (tmp_path / f"{name}.txt").write_text(text[17:-17], encoding="utf-8")
    found = formats_of(tmp_path)
    assert found == {f"{name}.txt": LOGS[name]["format"] for name in whole}


def test_a_layout_that_begins_after_ten_thousand_lines_is_read(tmp_path: Path) -> None:
    first = [STEVE.format(4 + n // 3600, n // 60 % 60, n % 60, n) for n in range(12_000)]
    second = [EVCC.format(n // 60, n % 60, n) for n in range(300)]
    (tmp_path / "mixed.log").write_text("\n".join([*first, *second, *first]), encoding="utf-8")
    with Store() as store, open_bundle([tmp_path]) as bundle:
        build_timeline(store, bundle, Options())
        rows = store.rows("SELECT station, action::VARCHAR, count(*) FROM event GROUP BY ALL")
        unparsed = store.value("SELECT sum(unparsed) FROM part")
    assert rows == [("KRK-1", "ocpp.call", 24_300)]
    assert unparsed == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_a_table_in_any_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    lines = (
        "sep=;", "Zeitstempel;Ladestation;Nachricht",
        '04.03.2026 05:06:07;GRZ-1;"[2,""1"",""Heartbeat"",{}]"',
        '04.03.2026 05:06:09;GRZ-1;"[2,""2"",""Heartbeat"",{}]"',
    )  # fmt: skip
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    (tmp_path / "export.csv").write_text(mark + "\r\n".join(lines), encoding=encoding, newline="")
    with Store() as store, open_bundle([tmp_path]) as bundle:
        build_timeline(store, bundle, Options())
        rows = store.rows("SELECT ocpp_action, ts_original::VARCHAR FROM event ORDER BY event_id")
    assert rows == [("Heartbeat", "2026-03-04 05:06:07"), ("Heartbeat", "2026-03-04 05:06:09")]
