"""Files that are no text: named, left out, and never the end of the run."""

import io
import random
import sqlite3
import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpp_forensics.binary import binary_kind, wide_codec
from ocpp_forensics.lines import LineStats
from ocpp_forensics.records import read_records
from tests.support import report_of

LOG = '2026-03-04 05:06:07,118 INFO ocpp: BMW-1: receive message [2,"1","Heartbeat",{}]\n' * 40


def ways_to_read(data: bytes) -> tuple[list[str], LineStats]:
    stats = LineStats()
    batches = list(read_records(io.BytesIO(data), 1, stats))
    return [text for batch in batches for text in batch["text"].to_pylist()], stats


@given(st.integers(0, 1 << 40), st.integers(300, 70_000))
@settings(max_examples=60, deadline=None)
def test_random_bytes_of_any_length_are_no_text(seed: int, size: int) -> None:
    assert binary_kind(random.Random(seed).randbytes(size)) == "binary data"


@given(
    st.sampled_from([b"", b"[{", b'[{"a":', b'{"events":[{', b"time;message\n", b"\xff\xfe"]),
    st.binary(max_size=400) | st.text("\"';,[]{}\r\n:\\ud8 a1", max_size=400).map(str.encode),
    st.integers(1, 300),
)
@settings(max_examples=200, deadline=None)
def test_no_bytes_break_the_reading(head: bytes, data: bytes, times: int) -> None:
    texts, stats = ways_to_read((head + data) * times if len(data) < 9 else head + data)
    assert not (stats.binary and texts)


@pytest.mark.parametrize(
    "text",
    [
        '[{"a":' * 60_000,
        '[{"a":' + "9" * 5000 + "}]",
        '[{"time":"2026-03-04T05:06:07Z","message":"\\ud83d"}]',
        "time;message\n2026-03-04 05:06:07;up\rdown\n",
        'time;message\n2026-03-04 05:06:07;"' + "x\n" * 20_000,
    ],
    ids=["deep", "long-number", "half-character", "carriage-return", "open-quote"],
)
def test_hostile_documents_and_tables_are_read_as_lines(text: str) -> None:
    assert ways_to_read(text.encode())[0]


def test_an_open_quote_takes_no_further_rows_along() -> None:
    rows = [f"2026-03-04 05:06:{n % 60:02};up" for n in range(3000)]
    rows[7] = '2026-03-04 05:06:07;"up'
    found, _ = ways_to_read("\n".join(["time;message", *rows]).encode())
    assert sum("table_row" in text for text in found) == 3000


def real_binaries(folder: Path) -> dict[str, bytes]:
    with sqlite3.connect(folder / "db") as database:
        database.execute("CREATE TABLE event AS SELECT 'BootNotification' AS action")
    database.close()
    frame = b"\x02" * 14 + b"E" + b"\x00" * 39 + b'[2,"1","Heartbeat",{}]'
    packet = struct.pack("<IIII", 1_772_600_767, 0, len(frame), len(frame)) + frame
    capture = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + packet * 50
    program = Path(sys.executable).resolve().read_bytes()[:200_000]
    image = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x02\x00" + random.Random(1).randbytes(99)
    return {
        "charger.db": (folder / "db").read_bytes(),
        "trace.pcap": capture,
        "ocppd": program,
        "screen.png": image,
        "core.bin": random.Random(2).randbytes(5000),
        "flash.img": b"\xff" * 8192,
        "erased.log": b"\x00" * 8192,
    }


def test_binaries_are_named_and_left_out(tmp_path: Path) -> None:
    binaries = real_binaries(tmp_path)
    report = report_of(tmp_path, {"csms.log": LOG, **binaries})
    told = {each.source: each.message for each in report.warnings if each.code == "file-binary"}
    program = "ELF program" if sys.platform == "linux" else told["ocppd"].partition(",")[0]
    assert told == {
        "charger.db": "SQLite database, no text: left out",
        "trace.pcap": "packet capture, no text: left out",
        "ocppd": f"{program}, no text: left out",
        "screen.png": "PNG image, no text: left out",
        "core.bin": "binary data, no text: left out",
        "flash.img": "unwritten memory, no text: left out",
        "erased.log": "unwritten memory, no text: left out",
    }
    assert not any(each.incomplete for each in report.warnings)
    assert {source.path: source.total for source in report.sources if source.total} == {
        "csms.log": 40
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        LOG.encode(),
        LOG.encode() + b"\x00" * 9000 + LOG.encode(),
        b"\x00" * 4096 + LOG.encode(),
        LOG.encode() + b"\xb2\x07\x91\xfe\x01" * 20 + LOG.encode(),
        "2026-03-04 05:06:07 Verbindung über Süd gestört\n".encode("latin-1") * 9,
        "05:06:07 充电桩连接断开 原因 网络超时 正在重新连接服务器\n".encode("gbk") * 9,
        b"\x1b[32m05:06:07\x1b[0m \x1b[1mup\x1b[0m\r\n" * 9,
    ],
    ids=["empty", "log", "nul-block", "nul-head", "noise", "latin-1", "gbk", "colours"],
)
def test_damaged_and_foreign_text_is_text(data: bytes) -> None:
    assert not binary_kind(data)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_needs_no_byte_order_mark(codec: str) -> None:
    data = LOG.encode(codec)
    texts, stats = ways_to_read(data)
    assert (wide_codec(data), binary_kind(data), stats.undecodable) == (codec, "", 0)
    assert texts == LOG.splitlines()
