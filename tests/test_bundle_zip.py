"""Zip archives: read in place, distrusted, and salvaged when they are damaged."""

import hashlib
import io
import lzma
import re
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from ocpp_forensics.bundle import Bundle, Limits, open_bundle, sources
from ocpp_forensics.errors import NoInputError

LINES = b"".join(b"2026-11-03T14:%02d:00Z line %d\n" % (n % 60, n * n) for n in range(20_000))
Content = dict[str, bytes]
Codes = list[tuple[str, str]]


def make_zip(entries: Sequence[tuple[str | zipfile.ZipInfo, bytes]], method: int = 8) -> bytes:
    target = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # duplicate names are meant
        with zipfile.ZipFile(target, "w", method) as archive:
            for name, data in entries:
                archive.writestr(name, data, None if isinstance(name, str) else name.compress_type)
    return target.getvalue()


def info(name: str, mode: int = 0, **fields: object) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (2026, 11, 3, 14, 6, 40))
    entry.external_attr = mode << 16
    for field, value in fields.items():
        setattr(entry, field, value)
    return entry


def content(bundle: Bundle) -> Content:
    return {member.path: bundle.open(member).read() for member in bundle.members}


def read(path: Path, data: bytes, limits: Limits | None = None) -> tuple[Content, Codes]:
    path.write_bytes(data)
    with open_bundle([path], limits=limits or Limits()) as bundle:
        found = content(bundle)
        assert content(bundle) == found
        return found, [(warning.code, warning.path) for warning in bundle.warnings]


def refused(path: Path, data: bytes) -> list[str]:
    """Codes of the warnings of an archive that gives nothing."""
    path.write_bytes(data)
    with pytest.raises(NoInputError) as caught:
        open_bundle([path])
    return [problem.code for problem in caught.value.problems[1:]]


@pytest.mark.parametrize("method", [0, 8, 12, 14])
@pytest.mark.parametrize("name", ["logs.zip", "support.bin"])
def test_members_are_decompressed_and_named_after_the_archive(
    tmp_path: Path, method: int, name: str
) -> None:
    data = make_zip([("a/csms.log", LINES), ("a/", b""), ("empty.log", b"")], method)
    assert read(tmp_path / name, data) == (
        {f"{name}/a/csms.log": LINES, f"{name}/empty.log": b""},
        [],
    )


def test_member_tells_hash_and_size_of_what_unzip_would_write(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(make_zip([(info("csms.log"), LINES)]))
    with open_bundle([tmp_path / "x.zip"]) as bundle:
        (member,) = bundle.members
        assert member.sha256 == hashlib.sha256(LINES).hexdigest()
        assert member.size == len(LINES)
        assert member.modified == datetime(2026, 11, 3, 14, 6, 40)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("extra", "modified"),
    [
        (struct.pack("<2HBi", 0x5455, 5, 1, 0), datetime(1970, 1, 1)),  # noqa: DTZ001
        (
            struct.pack("<2HI2HQ", 10, 16, 0, 1, 24, 116_444_736_000_000_000),
            datetime(1970, 1, 1),  # noqa: DTZ001
        ),
        (struct.pack("<2HB", 0x5455, 1, 0), datetime(2026, 11, 3, 14, 6, 40)),  # noqa: DTZ001
        (struct.pack("<2HBi", 0x5455, 99, 0, 5), datetime(2026, 11, 3, 14, 6, 40)),  # noqa: DTZ001
        (b"\x0a\0", datetime(2026, 11, 3, 14, 6, 40)),  # noqa: DTZ001
    ],
)
def test_time_of_a_member_is_utc_where_the_archive_knows_it(
    tmp_path: Path, extra: bytes, modified: datetime
) -> None:
    (tmp_path / "x.zip").write_bytes(make_zip([(info("x", extra=extra), b"x")]))
    with open_bundle([tmp_path / "x.zip"]) as bundle:
        assert bundle.members[0].modified == modified


def test_impossible_time_of_a_member_is_none(tmp_path: Path) -> None:
    data = make_zip([(info("x"), b"x")])
    stamp = struct.pack("<2H", 14 << 11 | 6 << 5 | 20, 46 << 9 | 11 << 5 | 3)
    assert data.count(stamp) == 2
    (tmp_path / "x.zip").write_bytes(data.replace(stamp, bytes(4)))
    with open_bundle([tmp_path / "x.zip"]) as bundle:
        assert bundle.members[0].modified is None


def test_zstd_and_xz_members_are_read(tmp_path: Path) -> None:
    target = pa.BufferOutputStream()
    with pa.CompressedOutputStream(target, "zstd") as stream:
        stream.write(LINES)
    for method, packed in ((93, target.getvalue().to_pybytes()), (95, lzma.compress(LINES))):
        data = bytearray(make_zip([("x.log", packed)], 0))
        directory = data.index(b"PK\x01\x02")
        sizes = struct.pack("<3I", zlib.crc32(LINES), len(packed), len(LINES))
        for at, fields in ((0, 8), (directory, 10)):
            data[at + fields : at + fields + 2] = struct.pack("<H", method)
            data[at + fields + 6 : at + fields + 18] = sizes
        assert read(tmp_path / "x.zip", bytes(data)) == ({"x.zip/x.log": LINES}, [])


def test_zip_members_are_read_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(sources.Spool, "append", fail)
    data = make_zip([("a.log", LINES), ("b.log.gz", b"\x1f\x8bx")])
    assert len(read(tmp_path / "x.zip", data)[0]) == 2


HARMFUL = {
    "link": info("link", stat.S_IFLNK | 0o777),
    "char device": info("null", stat.S_IFCHR),
    "block device": info("disk", stat.S_IFBLK),
    "pipe": info("pipe", stat.S_IFIFO),
    "socket": info("socket", stat.S_IFSOCK),
    "up": info("../up.log"),
    "up inside": info("a/../../up.log"),
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
    found, codes = read(tmp_path / "x.zip", make_zip([(entry, b"evil"), ("good.log", b"good")]))
    assert found == {"x.zip/good.log": b"good"}
    assert [code for code, _ in codes] == ["member-refused"]


def test_names_cannot_steer_a_terminal(tmp_path: Path) -> None:
    data = make_zip([("a\x1b]0;evil\x07\n.log", b"1"), ("n" * 5000, b"2"), ("../\x1b[2J", b"3")])
    found, codes = read(tmp_path / "x.zip", data)
    assert list(found) == ["x.zip/a\ufffd]0;evil\ufffd\ufffd.log", "x.zip/" + "n" * 1000 + "…"]
    assert codes == [("member-refused", "x.zip/../\ufffd[2J")]


def test_names_in_old_code_pages_are_read(tmp_path: Path) -> None:
    data = make_zip([("a#b.log", b"1")]).replace(b"a#b", b"a\x84b")
    assert list(read(tmp_path / "x.zip", data)[0]) == ["x.zip/aäb.log"]
    data = make_zip([("a#ü.log", b"1")]).replace(b"a#\xc3\xbc", b"a\xff\xc3\xbc")
    assert list(read(tmp_path / "x.zip", data)[0]) == ["x.zip/a\ufffdü.log"]


def test_names_of_windows_get_slashes(tmp_path: Path) -> None:
    data = (
        make_zip([("a#csms.log", b"1"), ("b#", b"")]).replace(b"a#", b"a\\").replace(b"b#", b"b\\")
    )
    assert read(tmp_path / "x.zip", data) == ({"x.zip/a/csms.log": b"1"}, [])


def test_duplicate_names_are_both_kept(tmp_path: Path) -> None:
    entries = [("x.log", b"1"), ("x.log (2)", b"2"), ("./x.log", b"3"), ("x.log", b"4")]
    found, codes = read(tmp_path / "x.zip", make_zip(entries))
    assert found == {
        "x.zip/x.log": b"1",
        "x.zip/x.log (2)": b"2",
        "x.zip/x.log (3)": b"3",
        "x.zip/x.log (4)": b"4",
    }
    assert codes == [
        ("member-duplicate", "x.zip/x.log (3)"),
        ("member-duplicate", "x.zip/x.log (4)"),
    ]


def test_junk_of_a_mac_is_left_out_silently(tmp_path: Path) -> None:
    names = ("x.log", "__MACOSX/._x.log", "__MACOSX/._y.log", "a/.DS_Store", "a/Thumbs.db")
    (tmp_path / "x.zip").write_bytes(make_zip([(name, b"x") for name in names]))
    with open_bundle([tmp_path / "x.zip"]) as bundle:
        assert list(content(bundle)) == ["x.zip/x.log"]
        assert bundle.skipped == 3
        assert bundle.warnings == ()


def test_encrypted_members_are_refused(tmp_path: Path) -> None:
    data = bytearray(make_zip([("a.log", b"secret"), ("b.log", b"b")]))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert read(tmp_path / "x.zip", bytes(data)) == (
        {"x.zip/b.log": b"b"},
        [("member-encrypted", "x.zip/a.log")],
    )
    assert refused(tmp_path / "y.zip", bytes(data[: data.index(b"PK\x03\x04", 4)])) == [
        "member-corrupt",
        "member-encrypted",
    ]


def test_unknown_compression_is_named(tmp_path: Path) -> None:
    data = bytearray(make_zip([("a.log", b"a"), ("b.log", b"b")], 0))
    data[data.index(b"PK\x01\x02") + 10] = 9
    assert read(tmp_path / "x.zip", bytes(data)) == (
        {"x.zip/b.log": b"b"},
        [("member-unreadable", "x.zip/a.log")],
    )


def test_members_that_share_data_are_refused(tmp_path: Path) -> None:
    data = make_zip([("a.log", b"a" * 100), ("b.log", b"b" * 100), ("c.log", b"c" * 100)], 0)
    _, second, third = (match.start() for match in re.finditer(b"PK\x01\x02", data))
    swapped = bytearray(data)
    swapped[second + 42 : second + 46] = struct.pack("<I", 0)  # the data of a.log again
    swapped[third + 42 : third + 46] = struct.pack("<I", 60)  # amidst it
    assert read(tmp_path / "x.zip", bytes(swapped)) == (
        {"x.zip/a.log": b"a" * 100},
        [("member-refused", "x.zip/b.log"), ("member-refused", "x.zip/c.log")],
    )


def test_wrong_checksum_is_a_warning(tmp_path: Path) -> None:
    data = make_zip([("a.log", b"hello"), ("b.log", b"b")], 0).replace(b"hello", b"jello")
    found, codes = read(tmp_path / "x.zip", data)
    assert found == {"x.zip/a.log": b"jello", "x.zip/b.log": b"b"}
    assert codes == [("member-corrupt", "x.zip/a.log")]


def test_archives_in_archives_are_gone_through(tmp_path: Path) -> None:
    inner = make_zip([("x.log.gz", b"x"), ("y.log", b"y")])
    data = make_zip([("in/inner.zip", inner), ("z.log", b"z")])
    found, codes = read(tmp_path / "o.zip", data)
    assert found == {
        "o.zip/in/inner.zip/x.log.gz": b"x",
        "o.zip/in/inner.zip/y.log": b"y",
        "o.zip/z.log": b"z",
    }
    assert codes == [("name-mismatch", "o.zip/in/inner.zip/x.log.gz")]


def test_office_documents_are_files_not_archives(tmp_path: Path) -> None:
    data = make_zip([("xl/sheet1.xml", b"<xml/>")])
    assert read(tmp_path / "stations.xlsx", data) == ({"stations.xlsx": data}, [])
    assert [path.name for path in tmp_path.iterdir()] == ["stations.xlsx"]
