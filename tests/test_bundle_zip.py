"""Zip archives: distrusted, and searched for members when their directory is damaged."""

import gzip
import hashlib
import io
import stat
import struct
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from ocpp_forensics.bundle import open_bundle
from tests.test_bundle_support import LINES, content, make_zip, read, refused, write

TWO = {"a.log": b"first\n" + LINES, "b.log": LINES}
BOTH = {"x.zip/a.log": TWO["a.log"], "x.zip/b.log": TWO["b.log"]}


def info(name: str, mode: int = 0) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (2026, 11, 3, 14, 6, 40))
    entry.external_attr = mode << 16
    return entry


class Pipe(io.BytesIO):
    """A target that cannot seek: sizes follow the data."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise io.UnsupportedOperation


def make_streamed_zip(method: int = 8) -> bytes:
    target = Pipe()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in TWO.items():
            archive.writestr(name, data)
    return target.getvalue()


def directory_at(data: bytes | bytearray) -> int:
    return data.index(b"PK\x01\x02")


@pytest.mark.parametrize("method", [0, 8, 12, 14])
def test_members_are_read_with_and_without_directory(tmp_path: Path, method: int) -> None:
    data = make_zip(*TWO.items(), ("folder/", b""), method=method)
    assert read(tmp_path / "x.zip", data) == (BOTH, [])
    cut = data[: directory_at(data)]
    assert read(tmp_path / "x.zip", cut) == (BOTH, [("member-corrupt", "x.zip")])


def test_archive_is_known_by_its_bytes_but_documents_are_files(tmp_path: Path) -> None:
    data = make_zip(("a.log", b"a"))
    assert read(tmp_path / "support.bin", data) == ({"support.bin/a.log": b"a"}, [])
    assert refused(tmp_path / "empty.zip", make_zip()) == []
    for name in ("stations.pptx", "report.DOCX", "tool.jar", "costs.ods"):
        assert read(tmp_path / name, data) == ({name: data}, [])


def test_member_tells_hash_size_and_time_of_what_unzip_would_write(tmp_path: Path) -> None:
    data = make_zip((info("csms.log"), LINES))
    with open_bundle([write(tmp_path, {"x.zip": data})]) as bundle:
        (member,) = bundle.members
        assert (member.sha256, member.size) == (hashlib.sha256(LINES).hexdigest(), len(LINES))
        assert member.modified == datetime(2026, 11, 3, 14, 6, 40)  # noqa: DTZ001
    stamp = struct.pack("<2H", 14 << 11 | 6 << 5 | 20, 46 << 9 | 11 << 5 | 3)
    with open_bundle([write(tmp_path, {"x.zip": data.replace(stamp, bytes(4))})]) as bundle:
        assert bundle.members[0].modified is None


HARMFUL = {
    "link": info("link", stat.S_IFLNK | 0o777),
    "pipe": info("pipe", stat.S_IFIFO),
    "up with backslashes": info("a\\..\\up.log"),
    "absolute": info("/etc/passwd"),
    "network": info("\\\\server\\share\\x"),
    "drive": info("C:\\x.log"),
    "no name": info("."),
}


@pytest.mark.parametrize("entry", HARMFUL.values(), ids=HARMFUL)
def test_harmful_entries_are_refused_and_the_rest_read(
    tmp_path: Path, entry: zipfile.ZipInfo
) -> None:
    found, codes = read(tmp_path / "x.zip", make_zip((entry, b"evil"), ("good.log", b"good")))
    assert found == {"x.zip/good.log": b"good"}
    assert [code for code, _ in codes] == ["member-refused"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [(b"a\x84b", "aäb"), (b"\xc3\xa4b", "äb"), (b"a\\b", "a/b")],
    ids=["old code page", "undeclared UTF-8", "Windows"],
)
def test_names_of_other_systems_are_understood(tmp_path: Path, written: bytes, shown: str) -> None:
    data = make_zip(("a#b", b"1")).replace(b"a#b", written)
    assert read(tmp_path / "x.zip", data) == ({f"x.zip/{shown}": b"1"}, [])


def test_duplicate_names_are_both_kept(tmp_path: Path) -> None:
    entries = [("x.log", b"1"), ("x.log (2)", b"2"), ("./x.log", b"3"), ("x.log", b"4")]
    found, codes = read(tmp_path / "x.zip", make_zip(*entries))
    names = ("x.zip/x.log", "x.zip/x.log (2)", "x.zip/x.log (3)", "x.zip/x.log (4)")
    assert found == dict(zip(names, (b"1", b"2", b"3", b"4"), strict=True))
    assert codes == [("member-duplicate", names[2]), ("member-duplicate", names[3])]


def test_junk_of_a_mac_is_left_out_silently(tmp_path: Path) -> None:
    names = ("x.log", "__MACOSX/._x.log", "a/.DS_Store", "a/Thumbs.db")
    data = make_zip(*((name, b"x") for name in names))
    with open_bundle([write(tmp_path, {"x.zip": data})]) as bundle:
        assert list(content(bundle)) == ["x.zip/x.log"]
        assert (bundle.skipped, bundle.warnings) == (3, ())


def test_encrypted_and_unknown_members_are_refused(tmp_path: Path) -> None:
    data = bytearray(make_zip(("a.log", b"secret"), ("b.log", b"b"), ("c.log", b"c"), method=0))
    first = directory_at(data)
    data[6] |= 1
    data[first + 8] |= 1
    data[data.index(b"PK\x01\x02", first + 1) + 10] = 9  # a compression that zipfile lacks
    assert read(tmp_path / "x.zip", bytes(data)) == (
        {"x.zip/c.log": b"c"},
        [("member-encrypted", "x.zip/a.log"), ("member-unreadable", "x.zip/b.log")],
    )
    cut = bytes(data[: data.index(b"PK\x03\x04", 4)])
    assert refused(tmp_path / "y.zip", cut) == ["member-corrupt", "member-encrypted"]


def test_archives_in_archives_are_gone_through(tmp_path: Path) -> None:
    inner = make_zip(("x.log", b"x"), ("y.log.gz", gzip.compress(LINES)))
    data = make_zip(("in/inner.zip", inner), ("in/inner.zip.gz", gzip.compress(inner)))
    found, codes = read(tmp_path / "o.zip", data)
    expected = {"x.log": b"x", "y.log.gz": LINES}
    for folder in ("o.zip/in/inner.zip", "o.zip/in/inner.zip.gz"):
        assert {name: found[f"{folder}/{name}"] for name in expected} == expected
    assert (len(found), codes) == (4, [])


def test_wrong_checksum_is_a_warning_and_loses_nothing(tmp_path: Path) -> None:
    data = make_zip(("a.log", b"hello"), ("b.log", b"b"), method=0).replace(b"hello", b"jello")
    found, codes = read(tmp_path / "x.zip", data)
    assert found == {"x.zip/a.log": b"jello", "x.zip/b.log": b"b"}
    assert codes == [("member-corrupt", "x.zip/a.log")]


def test_damaged_members_are_read_up_to_the_damage(tmp_path: Path) -> None:
    data = bytearray(make_zip(*TWO.items(), ("c.log", b"c")))
    middle = data.index(b"b.log") * 3 // 2
    data[middle : middle + 100] = b"\xff" * 100
    data[data.index(b"c.log") - 30] ^= 0xFF
    found, codes = read(tmp_path / "x.zip", bytes(data))
    assert found["x.zip/a.log"] == TWO["a.log"]
    assert found["x.zip/b.log"].startswith(LINES[:50_000])
    assert codes == [("member-corrupt", f"x.zip/{name}.log") for name in "bc"]


def test_streamed_archive_without_directory_is_read_if_it_is_compressed(tmp_path: Path) -> None:
    data, stored = make_streamed_zip(), make_streamed_zip(method=0)
    assert read(tmp_path / "x.zip", data) == (BOTH, [])
    cut = data[: directory_at(data)]
    assert read(tmp_path / "x.zip", cut) == (BOTH, [("member-corrupt", "x.zip")])
    unreadable = ["member-corrupt", "member-unreadable", "member-unreadable"]
    assert refused(tmp_path / "x.zip", stored[: directory_at(stored)]) == unreadable


@pytest.mark.parametrize("data", [make_zip(*TWO.items()), make_streamed_zip()])
def test_truncated_archive_gives_the_beginning_of_its_last_member(
    tmp_path: Path, data: bytes
) -> None:
    found, codes = read(tmp_path / "x.zip", data[: data.index(b"b.log") + 20_000])
    assert found["x.zip/a.log"] == TWO["a.log"]
    assert LINES.startswith(found["x.zip/b.log"])
    assert len(found["x.zip/b.log"]) > 20_000
    assert codes[0] == ("member-corrupt", "x.zip")
    found, codes = read(tmp_path / "x.zip", data[: data.index(b"b.log") - 10])
    assert (list(found), codes) == (["x.zip/a.log"], [("member-corrupt", "x.zip")])


@pytest.mark.parametrize("field", [-10, -6], ids=["size", "position"])
def test_directory_in_a_wrong_place_is_not_believed(tmp_path: Path, field: int) -> None:
    data = bytearray(make_zip(*TWO.items()))
    at = len(data) + field
    data[at : at + 4] = struct.pack("<I", 2**31)
    assert read(tmp_path / "x.zip", bytes(data)) == (BOTH, [("member-corrupt", "x.zip")])


def test_directory_that_memory_does_not_bear_is_not_read(tmp_path: Path) -> None:
    data = make_zip(("a.log", b"a"))
    large = bytearray(data[: directory_at(data)] + bytes(17 * 2**20) + data[-22:])
    large[-10:-6] = struct.pack("<I", 17 * 2**20)
    found = {"x.zip/a.log": b"a"}
    assert read(tmp_path / "x.zip", bytes(large)) == (found, [("member-corrupt", "x.zip")])


def test_inner_directory_of_a_cut_archive_is_not_taken_for_its_own(tmp_path: Path) -> None:
    inner = make_zip(("inner.log", b"inner\n"))
    data = make_zip(("a.log", LINES), ("inner.zip", inner), method=0)
    found, codes = read(tmp_path / "x.zip", data[: directory_at(data) + len(inner) + 10])
    assert found == {"x.zip/a.log": LINES, "x.zip/inner.zip/inner.log": b"inner\n"}
    assert codes[0] == ("member-corrupt", "x.zip")


def test_what_only_looks_like_a_header_is_passed_over(tmp_path: Path) -> None:
    data = make_zip(("a.log", LINES), method=0)
    cut = data[:4] + b"PK\x03\x04" + b"\xff" * 40 + data[: directory_at(data)] + b"PK\x03\x04"
    assert read(tmp_path / "x.zip", cut)[0] == {"x.zip/a.log": LINES}
