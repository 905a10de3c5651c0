"""Zip archives that are cut, damaged or written in unusual ways."""

import gzip
import io
import struct
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
import pytest

from ocpp_forensics.bundle import Bundle, open_bundle
from ocpp_forensics.errors import NoInputError

LINES = b"".join(b"2026-11-03T14:%02d:00Z line %d\n" % (n % 60, n * n) for n in range(20_000))
Content = dict[str, bytes]
Codes = list[tuple[str, str]]


def make_zip(entries: dict[str, bytes], method: int = 8) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target.getvalue()


class Pipe(io.BytesIO):
    """A target that cannot seek: sizes follow the data."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise io.UnsupportedOperation


def make_streamed_zip(entries: dict[str, bytes], method: int = 8) -> bytes:
    target = Pipe()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target.getvalue()


def zstd(data: bytes) -> bytes:
    target = pa.BufferOutputStream()
    with pa.CompressedOutputStream(target, "zstd") as stream:
        stream.write(data)
    compressed: bytes = target.getvalue().to_pybytes()
    return compressed


def content(bundle: Bundle) -> Content:
    return {member.path: bundle.open(member).read() for member in bundle.members}


def read(path: Path, data: bytes) -> tuple[Content, Codes]:
    path.write_bytes(data)
    with open_bundle([path]) as bundle:
        found = content(bundle)
        assert content(bundle) == found
        return found, [(warning.code, warning.path) for warning in bundle.warnings]


def directory_at(data: bytes | bytearray) -> int:
    return data.index(b"PK\x01\x02")


TWO = {"a.log": b"first\n" + LINES, "b.log": LINES}
BOTH = {"x.zip/a.log": TWO["a.log"], "x.zip/b.log": TWO["b.log"]}


@pytest.mark.parametrize("method", [0, 8, 12, 14])
def test_archive_without_directory_is_read_all_the_same(tmp_path: Path, method: int) -> None:
    data = make_zip(TWO, method)
    assert read(tmp_path / "x.zip", data[: directory_at(data)]) == (
        BOTH,
        [("member-corrupt", "x.zip")],
    )


@pytest.mark.parametrize("method", [0, 8])
def test_streamed_archive_is_read_with_and_without_directory(tmp_path: Path, method: int) -> None:
    data = make_streamed_zip(TWO, method)
    assert read(tmp_path / "x.zip", data) == (BOTH, [])
    found, codes = read(tmp_path / "x.zip", data[: directory_at(data)])
    assert (found, codes) == (BOTH, [("member-corrupt", "x.zip")])


def test_truncated_archive_gives_the_beginning_of_its_last_member(tmp_path: Path) -> None:
    for make in (make_zip, make_streamed_zip):
        data = make(TWO)
        found, codes = read(tmp_path / "x.zip", data[: data.index(b"b.log") + 20_000])
        assert found["x.zip/a.log"] == TWO["a.log"]
        assert LINES.startswith(found["x.zip/b.log"])
        assert len(found["x.zip/b.log"]) > 20_000
        assert codes == [("member-corrupt", "x.zip"), ("member-truncated", "x.zip/b.log")]


def test_archive_cut_within_a_header_gives_what_is_before(tmp_path: Path) -> None:
    data = make_zip(TWO)
    found, codes = read(tmp_path / "x.zip", data[: data.index(b"b.log") - 10])
    assert list(found) == ["x.zip/a.log"]
    assert codes == [("member-corrupt", "x.zip")]


def test_broken_directory_is_completed_from_the_data(tmp_path: Path) -> None:
    data = bytearray(make_zip(TWO))
    second = data.index(b"PK\x01\x02", directory_at(data) + 4)
    data[second] ^= 0xFF
    assert read(tmp_path / "x.zip", bytes(data)) == (BOTH, [("member-corrupt", "x.zip")])


def test_directory_that_stops_within_an_entry_is_completed(tmp_path: Path) -> None:
    data = bytearray(make_zip(TWO))
    end = data.index(b"PK\x05\x06")
    second = data.index(b"PK\x01\x02", directory_at(data) + 4)
    size = second + 20 - directory_at(data)
    cut = data[: second + 20] + data[end:]
    cut[-22 + 12 : -22 + 16] = struct.pack("<I", size)
    assert read(tmp_path / "x.zip", bytes(cut)) == (BOTH, [("member-corrupt", "x.zip")])


@pytest.mark.parametrize("field", [12, 16])
def test_directory_in_a_wrong_place_is_not_believed(tmp_path: Path, field: int) -> None:
    data = bytearray(make_zip(TWO))
    at = len(data) - 22 + field
    data[at : at + 4] = struct.pack("<I", 2**31)
    assert read(tmp_path / "x.zip", bytes(data)) == (BOTH, [("member-corrupt", "x.zip")])


def test_inner_directory_of_a_cut_archive_is_not_taken_for_its_own(tmp_path: Path) -> None:
    inner = make_zip({"inner.log": b"inner\n"})
    data = make_zip({"a.log": LINES, "inner.zip": inner}, 0)
    found, codes = read(tmp_path / "x.zip", data[: directory_at(data) + len(inner) + 10])
    assert found == {"x.zip/a.log": LINES, "x.zip/inner.zip/inner.log": b"inner\n"}
    assert codes[0] == ("member-corrupt", "x.zip")


def test_bytes_before_and_a_comment_behind_do_not_matter(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.log", LINES)
        archive.comment = b"collected by support"
    data = b"#!/bin/sh\nexit\n" + target.getvalue()
    assert read(tmp_path / "x.zip", data) == ({"x.zip/a.log": LINES}, [])


def test_garbage_behind_does_not_matter(tmp_path: Path) -> None:
    assert read(tmp_path / "x.zip", make_zip(TWO) + bytes(1000)) == (BOTH, [])


def test_damaged_data_is_read_up_to_the_damage(tmp_path: Path) -> None:
    data = bytearray(make_zip(TWO))
    middle = directory_at(data) * 3 // 4
    data[middle : middle + 100] = b"\xff" * 100
    found, codes = read(tmp_path / "x.zip", bytes(data))
    assert found["x.zip/a.log"] == TWO["a.log"]
    assert found["x.zip/b.log"].startswith(LINES[:100_000])
    assert codes == [("member-corrupt", "x.zip/b.log")]


def test_member_whose_data_is_elsewhere_is_reported(tmp_path: Path) -> None:
    data = bytearray(make_zip(TWO))
    data[data.index(b"b.log") - 30] ^= 0xFF
    found, codes = read(tmp_path / "x.zip", bytes(data))
    assert list(found) == ["x.zip/a.log"]
    assert codes == [("member-corrupt", "x.zip/b.log")]


def test_lzma_member_without_its_header_is_reported(tmp_path: Path) -> None:
    data = make_zip({"a.log": LINES}, 14)
    cut = data.index(b"a.log") + 5 + 4
    with pytest.raises(NoInputError, match="nothing readable"):
        read(tmp_path / "x.zip", data[:cut])


def test_lzma_member_that_is_too_short_is_reported(tmp_path: Path) -> None:
    data = bytearray(make_zip({"a.log": LINES, "b.log": b"b"}, 14))
    at = directory_at(data) + 20
    data[at : at + 4] = struct.pack("<I", 4)
    assert read(tmp_path / "x.zip", bytes(data)) == (
        {"x.zip/b.log": b"b"},
        [("member-truncated", "x.zip/a.log")],
    )


def test_lzma_member_without_end_mark_is_read_by_its_size(tmp_path: Path) -> None:
    data = bytearray(make_zip({"a.log": LINES}, 14))
    assert data[6] & 2
    data[6] &= ~2
    data[directory_at(data) + 8] &= ~2
    assert read(tmp_path / "x.zip", bytes(data)) == ({"x.zip/a.log": LINES}, [])


def test_compressed_member_of_a_cut_archive_ends_with_it(tmp_path: Path) -> None:
    for packed in (zstd(LINES * 4), gzip.compress(LINES * 4)):
        data = make_zip({"a.log.x": packed}, 0)
        found, codes = read(tmp_path / "x.zip", data[: len(data) // 2])
        text = found["x.zip/a.log.x"]
        assert (LINES * 4).startswith(text)
        assert len(text) > 100_000
        assert codes == [("member-corrupt", "x.zip"), ("member-truncated", "x.zip/a.log.x")]


def test_compressed_member_with_a_wrong_checksum_is_complete_but_not_proven(tmp_path: Path) -> None:
    for packed in (zstd(LINES), gzip.compress(LINES)):
        data = bytearray(make_zip({"a.log.x": packed}, 0))
        data[directory_at(data) + 16] ^= 0xFF
        found, codes = read(tmp_path / "x.zip", bytes(data))
        assert found == {"x.zip/a.log.x": LINES}
        assert codes == [("member-corrupt", "x.zip/a.log.x")]


def test_zip_without_its_first_bytes_is_known_by_its_name(tmp_path: Path) -> None:
    data = bytearray(make_zip(TWO))
    data[:4] = b"XXXX"
    assert read(tmp_path / "x.zip", bytes(data)) == (
        {"x.zip/b.log": LINES},
        [("member-corrupt", "x.zip/a.log")],
    )


def test_empty_zip_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoInputError, match="nothing readable"):
        read(tmp_path / "x.zip", make_zip({}))


def wide_zip(name: bytes = b"a.log", text: bytes = b"wide\n") -> bytes:
    """A zip64 archive of one stored member, all numbers in the 64-bit fields."""
    crc, size, full = zlib.crc32(text), len(text), 0xFFFFFFFF
    extra = struct.pack("<2H2Q", 1, 16, size, size)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 45, 0, 0, 0, 33, crc, full, full, len(name), 20)
    data = local + name + extra + text
    extra = struct.pack("<2H3Q", 1, 24, size, size, 0)
    entry = struct.pack(
        "<4s6H3I5H2I",
        b"PK\1\2",
        45,
        45,
        0,
        0,
        0,
        33,
        crc,
        full,
        full,
        len(name),
        28,
        0,
        0,
        0,
        0,
        full,
    )
    entry += name + extra
    end = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(entry), len(data))
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(data) + len(entry), 1)
    last = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, full, full, 0)
    return data + entry + end + locator + last


def test_wide_archive_is_read_with_and_without_directory(tmp_path: Path) -> None:
    data = wide_zip()
    assert read(tmp_path / "x.zip", data) == ({"x.zip/a.log": b"wide\n"}, [])
    broken = data.replace(b"PK\6\6", b"PK\6\0")
    assert read(tmp_path / "x.zip", broken) == (
        {"x.zip/a.log": b"wide\n"},
        [("member-corrupt", "x.zip")],
    )


def test_what_only_looks_like_a_header_is_passed_over(tmp_path: Path) -> None:
    fake = b"PK\x03\x04" + b"\xff" * 40
    data = make_zip({"a.log": LINES}, 0)
    found, _ = read(
        tmp_path / "x.zip", data[:4] + fake + data[: directory_at(data)] + b"PK\x03\x04"
    )
    assert found == {"x.zip/a.log": LINES}
