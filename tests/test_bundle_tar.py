"""Tar archives of every dialect, plain and compressed: distrusted, and read up to damage."""

import gzip
import hashlib
import tarfile
from datetime import datetime
from pathlib import Path

import pytest

from ocpp_forensics.bundle import open_bundle
from tests.test_bundle_support import CODECS, LINES, every_codec, make_tar, read, refused, write

END = bytes(1024)
GOOD = {"x.tar/good.log": b"good\n"}


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
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def entry(name: bytes, data: bytes, kind: bytes = b"0") -> bytes:
    padded = data.ljust(-(-len(data) // 512) * 512, b"\0")
    return header(name, b"%011o" % len(data), kind) + padded


GOOD_ENTRY = entry(b"good.log", b"good\n")


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


@every_codec
def test_compressed_content_that_is_a_tar_is_an_archive(tmp_path: Path, codec: str) -> None:
    data = CODECS[codec](make_tar(("a.log", LINES)))
    for name in (f"logs.tar.{codec}", "logs.log"):
        assert read(tmp_path / name, data) == ({f"{name}/a.log": LINES}, [])


def test_member_tells_hash_size_and_time(tmp_path: Path) -> None:
    packed = gzip.compress(LINES)
    data = make_tar((info("a.log.gz"), packed), (info("b", mtime=1e30), b"b"))
    with open_bundle([write(tmp_path, {"x.tar": data})]) as bundle:
        first, second = bundle.members
        assert first.sha256 == hashlib.sha256(packed).hexdigest()
        assert first.size == len(packed)
        assert first.modified == datetime(2023, 11, 14, 22, 13, 20)  # noqa: DTZ001
        assert second.modified is None
        assert bundle.open(first).read() == LINES


def test_old_tar_without_mark_is_known_by_its_checksum(tmp_path: Path) -> None:
    block = bytearray(GOOD_ENTRY)
    block[257:265] = bytes(8)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    assert read(tmp_path / "x.bin", bytes(block) + END) == ({"x.bin/good.log": b"good\n"}, [])


HARMFUL = {
    "symbolic link": info("link", tarfile.SYMTYPE, linkname="/etc/passwd"),
    "hard link": info("hard", tarfile.LNKTYPE, linkname="good.log"),
    "char device": info("null", tarfile.CHRTYPE),
    "block device": info("disk", tarfile.BLKTYPE),
    "pipe": info("pipe", tarfile.FIFOTYPE),
    "sparse": info("sparse", pax_headers={"GNU.sparse.map": "0,4", "GNU.sparse.size": "4"}),
    "up": info("a/../../up.log"),
}


@pytest.mark.parametrize("harmful", HARMFUL.values(), ids=HARMFUL)
def test_harmful_entries_are_refused_and_the_rest_read(
    tmp_path: Path, harmful: tarfile.TarInfo
) -> None:
    data = make_tar((harmful, b"evil" if harmful.isreg() else b""), ("good.log", b"good\n"))
    found, codes = read(tmp_path / "x.tar", data)
    assert found == GOOD
    assert [code for code, _ in codes] == ["member-refused"]


def test_names_cannot_steer_a_terminal_and_junk_is_left_out(tmp_path: Path) -> None:
    names = ("a\x1b[31m\n.log", "._a.log", "../\x1b[2J", "n" * 5000)
    found, codes = read(tmp_path / "x.tar", make_tar(*((name, b"x") for name in names)))
    assert list(found) == ["x.tar/a\ufffd[31m\ufffd.log", "x.tar/" + "n" * 1000 + "…"]
    assert codes == [("member-refused", "x.tar/../\ufffd[2J")]


def test_nothing_is_extracted_under_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    read(tmp_path / "x.tgz", gzip.compress(make_tar(("a.log", LINES), ("b/c.log", LINES))))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["empty", "x.tgz"]


def test_tars_that_follow_one_another_are_all_read(tmp_path: Path) -> None:
    data = make_tar(("a.log", b"1")) + make_tar(("b.log", b"2")) + b"padding of a tape"
    assert read(tmp_path / "x.tar", data) == ({"x.tar/a.log": b"1", "x.tar/b.log": b"2"}, [])


def test_truncated_tar_gives_the_beginning_of_its_last_member(tmp_path: Path) -> None:
    data = make_tar(("a.log", LINES), ("b.log", LINES))
    found, codes = read(tmp_path / "x.tar", data[: len(LINES) + 3000])
    assert found["x.tar/a.log"] == LINES
    assert 0 < len(found["x.tar/b.log"]) < 3000
    assert codes == [("member-truncated", "x.tar/b.log"), ("member-truncated", "x.tar")]


def test_truncated_compressed_tar_gives_what_can_be_read(tmp_path: Path) -> None:
    data = gzip.compress(make_tar(("a.log", LINES), ("b.log", LINES)))
    found, codes = read(tmp_path / "x.tgz", data[: len(data) * 3 // 4])
    assert found["x.tgz/a.log"] == LINES
    assert LINES.startswith(found["x.tgz/b.log"])
    assert codes == [("member-truncated", "x.tgz"), ("member-truncated", "x.tgz/b.log")]


def test_spooled_member_ends_where_its_cut_archive_ends(tmp_path: Path) -> None:
    cut = make_tar(("a.log", b"a" * 1000))[:1000]
    found, _ = read(tmp_path / "x.tgz", gzip.compress(make_tar(("in.tar", cut), ("b", b"b"))))
    assert found == {"x.tgz/in.tar/a.log": b"a" * 488, "x.tgz/b": b"b"}


@pytest.mark.parametrize("cut", [b"", header(b"b.log", b"00000000005"), b"b.log".ljust(100, b"\0")])
def test_tar_that_ends_without_end_mark_gives_what_is_whole(tmp_path: Path, cut: bytes) -> None:
    found, codes = read(tmp_path / "x.tar", GOOD_ENTRY + cut)
    assert found == GOOD
    assert codes[-1] == ("member-truncated", "x.tar")


DAMAGED = {
    "no header": b"x" * 512,
    "name without end": entry(b"pax", b"x" * 600, b"L"),
    "header of a megabyte": entry(b"pax", b"x" * (2**20 + 1), b"x"),
    "many headers": entry(b"pax", b"x" * 10, b"L") * 1500,
    "malformed map": header(b"a", b"0" * 11, b"S")[:482] + b"\1" + bytes(29),
    "negative size": header(b"a/", b"\xff" * 11 + b"\x00", b"5")
    + header(b"a", b"\xff" * 10 + b"\0\0"),
    "malformed number": entry(b"pax", b"29 GNU.sparse.map=one,two,xx\n", b"x") + GOOD_ENTRY,
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_damage_ends_a_tar_with_a_warning(tmp_path: Path, damage: bytes) -> None:
    found, codes = read(tmp_path / "x.tar", GOOD_ENTRY + damage + END)
    assert found["x.tar/good.log"] == b"good\n"
    assert codes[-1][0] in {"member-corrupt", "member-truncated"}
    assert codes[-1][1] == "x.tar"


def test_tar_that_gives_nothing_tells_why(tmp_path: Path) -> None:
    link = info("link", tarfile.SYMTYPE, linkname="x")
    assert refused(tmp_path / "x.tar", make_tar((link, b""))) == ["member-refused"]
    broken = b"\xff" + GOOD_ENTRY[1:] + END
    assert refused(tmp_path / "x.tar", broken) == ["member-corrupt"]
