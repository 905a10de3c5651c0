"""Excel workbooks: every sheet is a table; without the extra they are a warning."""

import io
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.reports import run, station_log
from tests.support import report_of, world, write_logs

HEADER = ("Zeitstempel", "Ladestation", "Richtung", "Nachricht")
START = datetime.fromisoformat("2026-03-04T05:06:07")


def workbook(*sheets: tuple[str, list[tuple[object, ...]]]) -> bytes:
    book = Workbook()
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.remove(book.worksheets[0])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def messages(station: str) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = [HEADER]
    for number in range(20):
        moment = START + timedelta(seconds=30 * number)
        rows.append((moment, station, "in", f'[2,"{number}","Heartbeat",\n{{}}]'))
    return rows


def test_a_sheet_is_read_as_a_table(tmp_path: Path) -> None:
    with world(tmp_path, {"export.xlsx": workbook(("Log", messages("GRZ-1")))}) as found:
        rows = found.rows("SELECT path, format, records FROM part")
        assert rows == [("export.xlsx", "table-row > bare-messages", 20)]
        first = found.rows(
            "SELECT station, ocpp_action, ts_original::VARCHAR, event_id & 65535 FROM event "
            "ORDER BY event_id LIMIT 1"
        )
        assert first == [("GRZ-1", "Heartbeat", "2026-03-04 05:06:07", 2)]


def test_every_sheet_is_a_file(tmp_path: Path) -> None:
    about: list[tuple[object, ...]] = [("Site", "Graz"), ("Exported by", "me")]
    book = workbook(("About", about), ("A", messages("GRZ-1")), ("B", messages("GRZ-2")))
    with world(tmp_path, {"export.xlsx": book}) as found:
        assert found.rows("SELECT path, records FROM part ORDER BY path") == [
            ("export.xlsx/A", 20), ("export.xlsx/About", 0), ("export.xlsx/B", 20)
        ]  # fmt: skip


def test_the_text_of_a_row_is_shown(tmp_path: Path) -> None:
    logs = write_logs(tmp_path, {"export.xlsx": workbook(("Log", messages("GRZ-1")))})
    out = run("timeline", logs, "--format", "csv").out
    assert '[2,""1"",""Heartbeat""' in out.replace("\\", "").replace('""""', '""')


@pytest.mark.parametrize("data", [b"PK\x03\x04 nothing more", workbook(("A", [HEADER]))[:900]])
def test_a_broken_workbook_is_a_warning(tmp_path: Path, data: bytes) -> None:
    report = report_of(tmp_path, {"cp-CP001.log": station_log(), "export.xlsx": data})
    (warning,) = [each for each in report.warnings if each.source == "export.xlsx"]
    assert (warning.code, warning.incomplete) == ("member-corrupt", True)


def test_without_the_extra_a_workbook_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    data = workbook(("Log", messages("GRZ-1")))
    logs = write_logs(tmp_path, {"cp-CP001.log": station_log(), "export.xlsx": data})
    result = run("analyze", logs)
    assert result.code == 4
    assert "pip install 'ocppdiag[xlsx]'" in " ".join(result.out.split())
