"""Tar archives of every dialect, plain and compressed: distrusted, and read past damage."""

import bz2
import gzip
import hashlib
import io
import lzma
import tarfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from ocpp_forensics.bundle import Bundle, open_bundle
from ocpp_forensics.errors import NoInputError

LINES = b"".join(b"2026-11-03T14:%02d:00Z line %d\n" % (n % 60, n * n) for n in range(5_000))
Content = dict[str, bytes]
Codes = list[tuple[str, str]]
Entry = tuple[str | tarfile.TarInfo, bytes]


def make_tar(*entries: Entry, dialect: int = tarfile.PAX_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=dialect) as archive:
        for name, data in entries:
            entry = info(name) if isinstance(name, str) else name
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return target.getvalue()


def info(name: str, kind: bytes = tarfile.REGTYPE, **fields: object) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.mtime = 1_700_000_000
    for field, value in fields.items():
        setattr(entry, field, value)
    return entry


def header(name: bytes, size: bytes, kind: bytes = b"0") -> bytes:
    """A ustar header made by hand, with a valid checksum."""
    block = bytearray(512)
    block[: len(name)] = name
    block[124 : 124 + len(size)] = size
    block[136:148] = b"00000000000\0"
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def content(bundle: Bundle) -> Content:
    return {member.path: bundle.open(member).read() for member in bundle.members}


def read(path: Path, data: bytes) -> tuple[Content, Codes]:
    path.write_bytes(data)
    with open_bundle([path]) as bundle:
        found = content(bundle)
        assert content(bundle) == found
        return found, [(warning.code, warning.path) for warning in bundle.warnings]


def zstd(data: bytes) -> bytes:
    target = pa.BufferOutputStream()
    with pa.CompressedOutputStream(target, "zstd") as stream:
        stream.write(data)
    compressed: bytes = target.getvalue().to_pybytes()
    return compressed


END = bytes(1024)
GOOD = header(b"good.log", b"00000000005") + b"good\n".ljust(512, b"\0")


@pytest.mark.parametrize("dialect", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_members_are_named_after_the_archive(tmp_path: Path, dialect: int) -> None:
    long = "folder/" * 20 + "x.log"
    data = make_tar(
        (info("a", tarfile.DIRTYPE), b""),
        ("a/csms.log", LINES),
        (long, b"long"),
        ("empty", b""),
        dialect=dialect,
    )
    assert read(tmp_path / "logs.tar", data) == (
        {"logs.tar/a/csms.log": LINES, f"logs.tar/{long}": b"long", "logs.tar/empty": b""},
        [],
    )


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstd])
@pytest.mark.parametrize("name", ["logs.tar.gz", "logs.tgz", "logs", "logs.log"])
def test_compressed_content_that_is_a_tar_is_an_archive(
    tmp_path: Path, compress: Callable[[bytes], bytes], name: str
) -> None:
    data = compress(make_tar(("a.log", LINES)))
    assert read(tmp_path / name, data) == ({f"{name}/a.log": LINES}, [])


def test_member_tells_hash_size_and_time(tmp_path: Path) -> None:
    packed = gzip.compress(LINES)
    path = tmp_path / "x.tar"
    path.write_bytes(make_tar(("a.log.gz", packed), (info("b", mtime=1e30), b"b")))
    with open_bundle([path]) as bundle:
        first, second = bundle.members
        assert first.sha256 == hashlib.sha256(packed).hexdigest()
        assert first.size == len(packed)
        assert first.modified == datetime(2023, 11, 14, 22, 13, 20)  # noqa: DTZ001
        assert second.modified is None
        assert bundle.open(first).read() == LINES


def test_old_tar_without_mark_is_known_by_its_checksum(tmp_path: Path) -> None:
    block = bytearray(GOOD)
    block[257:265] = bytes(8)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    folder = bytearray(block[:512])
    folder[:9] = b"folder/\0\0"
    folder[148:156] = b" " * 8
    folder[148:156] = b"%06o\0 " % sum(folder)
    data = bytes(block) + bytes(folder) + bytes(512) + END
    assert read(tmp_path / "x.bin", data)[0] == {"x.bin/good.log": b"good\n"}


def test_numbers_beyond_octal_are_read(tmp_path: Path) -> None:
    size = b"\x80" + (5).to_bytes(11, "big")
    data = header(b"a.log", size) + b"wide\n".ljust(512, b"\0") + END
    assert read(tmp_path / "x.tar", data) == ({"x.tar/a.log": b"wide\n"}, [])


@pytest.mark.parametrize("size", [b"\xff" * 12, b"-0000000001", b"999", b"0_1"])
def test_numbers_that_make_no_sense_are_damage(tmp_path: Path, size: bytes) -> None:
    found, codes = read(tmp_path / "x.tar", header(b"a.log", size) + GOOD + END)
    assert found == {"x.tar/good.log": b"good\n"}
    assert codes == [("member-corrupt", "x.tar")]


HARMFUL = {
    "symbolic link": info("link", tarfile.SYMTYPE, linkname="/etc/passwd"),
    "hard link": info("hard", tarfile.LNKTYPE, linkname="good.log"),
    "char device": info("null", tarfile.CHRTYPE),
    "block device": info("disk", tarfile.BLKTYPE),
    "pipe": info("pipe", tarfile.FIFOTYPE),
    "up": info("../up.log"),
    "up inside": info("a/../../up.log"),
    "absolute": info("/etc/passwd"),
    "drive": info("c:x.log"),
    "no name": info("./."),
}


@pytest.mark.parametrize("entry", HARMFUL.values(), ids=HARMFUL)
def test_harmful_entries_are_refused_and_the_rest_read(
    tmp_path: Path, entry: tarfile.TarInfo
) -> None:
    data = b"evil" if entry.isreg() else b""
    found, codes = read(tmp_path / "x.tar", make_tar((entry, data), ("good.log", b"good")))
    assert found == {"x.tar/good.log": b"good"}
    assert [code for code, _ in codes] == ["member-refused"]


def test_names_cannot_steer_a_terminal_and_junk_is_left_out(tmp_path: Path) -> None:
    data = make_tar(("a\x1b[31m.log", b"1"), ("._a.log", b"2"), ("../\x1b[2J", b"3"))
    found, codes = read(tmp_path / "x.tar", data)
    assert found == {"x.tar/a\ufffd[31m.log": b"1"}
    assert codes == [("member-refused", "x.tar/../\ufffd[2J")]


def test_duplicate_names_are_both_kept(tmp_path: Path) -> None:
    found, codes = read(tmp_path / "x.tar", make_tar(("a.log", b"1"), ("a.log", b"2")))
    assert found == {"x.tar/a.log": b"1", "x.tar/a.log (2)": b"2"}
    assert codes == [("member-duplicate", "x.tar/a.log (2)")]


def test_nothing_is_extracted_under_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    read(tmp_path / "x.tar", make_tar(("a.log", LINES), ("b/c.log", LINES)))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["empty", "x.tar"]


def test_tars_that_follow_one_another_are_all_read(tmp_path: Path) -> None:
    data = make_tar(("a.log", b"1")) + make_tar(("b.log", b"2")) + b"padding of a tape"
    assert read(tmp_path / "x.tar", data) == ({"x.tar/a.log": b"1", "x.tar/b.log": b"2"}, [])


def test_truncated_tar_gives_the_beginning_of_its_last_member(tmp_path: Path) -> None:
    data = make_tar(("a.log", LINES), ("b.log", LINES))
    found, codes = read(tmp_path / "x.tar", data[: len(LINES) + 3000])
    assert found["x.tar/a.log"] == LINES
    assert 0 < len(found["x.tar/b.log"]) < 3000
    assert codes == [("member-truncated", "x.tar/b.log"), ("member-truncated", "x.tar")]


def test_tar_cut_behind_or_within_a_header_gives_what_is_before(tmp_path: Path) -> None:
    for cut in (header(b"b.log", b"00000000005"), b"b.log".ljust(100, b"\0")):
        found, codes = read(tmp_path / "x.tar", GOOD + cut)
        assert found == {"x.tar/good.log": b"good\n"}
        assert codes[-1] == ("member-truncated", "x.tar")


def test_tar_without_its_end_mark_is_told(tmp_path: Path) -> None:
    assert read(tmp_path / "x.tar", GOOD)[1] == [("member-truncated", "x.tar")]


def test_truncated_compressed_tar_gives_what_can_be_read(tmp_path: Path) -> None:
    data = gzip.compress(make_tar(("a.log", LINES), ("b.log", LINES)))
    found, codes = read(tmp_path / "x.tgz", data[: len(data) * 3 // 4])
    assert found["x.tgz/a.log"] == LINES
    assert LINES.startswith(found["x.tgz/b.log"])
    assert codes == [("member-truncated", "x.tgz/b.log"), ("member-truncated", "x.tgz")]


def test_damaged_header_loses_only_its_member(tmp_path: Path) -> None:
    bad = bytearray(make_tar(("bad.log", LINES), dialect=tarfile.USTAR_FORMAT)[: 512 * 20])
    bad[0] ^= 0xFF
    found, codes = read(tmp_path / "x.tar", GOOD + bytes(bad) + GOOD + END)
    assert found == {"x.tar/good.log": b"good\n", "x.tar/good.log (2)": b"good\n"}
    assert codes == [("member-duplicate", "x.tar/good.log (2)"), ("member-corrupt", "x.tar")]


def test_tar_whose_first_header_is_damaged_is_still_a_tar(tmp_path: Path) -> None:
    bad = bytearray(GOOD)
    bad[0] ^= 0xFF
    found, codes = read(tmp_path / "x.bin", bytes(bad) + GOOD + END)
    assert found == {"x.bin/good.log": b"good\n"}
    assert codes == [("member-corrupt", "x.bin")]


def test_tar_of_refused_entries_only_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoInputError) as caught:
        read(tmp_path / "x.tar", make_tar((info("link", tarfile.SYMTYPE, linkname="x"), b"")))
    assert [problem.code for problem in caught.value.problems] == [
        "nothing-readable",
        "member-refused",
    ]


def test_archives_in_a_tar_are_gone_through(tmp_path: Path) -> None:
    inner = make_tar(("a.log", LINES))
    data = make_tar(("inner.tar", inner), ("inner.tgz", gzip.compress(inner)))
    assert read(tmp_path / "x.tar", data) == (
        {"x.tar/inner.tar/a.log": LINES, "x.tar/inner.tgz/a.log": LINES},
        [],
    )
