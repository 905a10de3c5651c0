"""Compressed files: told by their bytes, read to the end, and as far as they are whole."""

import bz2
import gzip
import hashlib
import lzma
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from ocpp_forensics.bundle import Bundle, Limits, open_bundle
from ocpp_forensics.errors import NoInputError

LINES = b"".join(b"2026-11-03T14:%02d:00Z line %d\n" % (n % 60, n * n) for n in range(40_000))


def zstd(data: bytes) -> bytes:
    target = pa.BufferOutputStream()
    with pa.CompressedOutputStream(target, "zstd") as stream:
        stream.write(data)
    compressed: bytes = target.getvalue().to_pybytes()
    return compressed


def xz(data: bytes) -> bytes:
    return lzma.compress(data, preset=0)


CODECS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": xz,
    "zst": zstd,
}
every_codec = pytest.mark.parametrize("codec", CODECS)


def read(path: Path, data: bytes) -> tuple[bytes, list[str]]:
    """Content and warnings of a bundle of one file of that content."""
    path.write_bytes(data)
    with open_bundle([path]) as bundle:
        (member,) = bundle.members
        assert member.path == path.name
        assert member.sha256 == hashlib.sha256(data).hexdigest()
        text = bundle.open(member).read()
        assert bundle.open(member).read() == text
        assert {warning.path for warning in bundle.warnings} <= {member.path}
        return text, [warning.code for warning in bundle.warnings]


@every_codec
@pytest.mark.parametrize("name", ["csms.log", "csms.log.{codec}"])
def test_content_is_decompressed_whatever_the_name(tmp_path: Path, codec: str, name: str) -> None:
    path = tmp_path / name.format(codec=codec)
    assert read(path, CODECS[codec](LINES)) == (LINES, [])


@every_codec
def test_compressed_nothing_is_nothing(tmp_path: Path, codec: str) -> None:
    assert read(tmp_path / "x.log", CODECS[codec](b"")) == (b"", [])


@every_codec
def test_streams_that_follow_one_another_are_all_read(tmp_path: Path, codec: str) -> None:
    compress = CODECS[codec]
    data = compress(b"one\n") + compress(b"") + compress(LINES) + compress(b"two\n")
    assert read(tmp_path / "x.log", data) == (b"one\n" + LINES + b"two\n", [])


@pytest.mark.parametrize("codec", ["gz", "xz"])
def test_padding_between_and_behind_streams_is_ignored(tmp_path: Path, codec: str) -> None:
    compress = CODECS[codec]
    data = compress(b"one\n") + bytes(4) + compress(b"two\n") + bytes(400_000)
    assert read(tmp_path / "x.log", data) == (b"one\ntwo\n", [])


@every_codec
@pytest.mark.parametrize("garbage", [b"\x1f", b"garbage that is not compressed", b"\0\0garbage"])
def test_garbage_behind_is_a_warning(tmp_path: Path, codec: str, garbage: bytes) -> None:
    text, codes = read(tmp_path / "x.log", CODECS[codec](b"one\n") + garbage)
    assert text == b"one\n"
    assert codes == ["member-corrupt" if codec == "zst" else "trailing-bytes"]


def test_garbage_that_begins_like_a_stream_is_damage(tmp_path: Path) -> None:
    data = gzip.compress(b"one\n") + b"\x1f\x8bnot gzip"
    assert read(tmp_path / "x.log", data) == (b"one\n", ["member-corrupt"])


@every_codec
def test_truncated_data_is_read_up_to_the_cut(tmp_path: Path, codec: str) -> None:
    data = CODECS[codec](LINES)
    text, codes = read(tmp_path / "x.log", data[: len(data) * 2 // 3])
    assert LINES.startswith(text)
    assert len(text) > len(LINES) // 4
    assert codes == ["member-truncated"]


@every_codec
def test_truncation_loses_nothing_of_what_is_whole(tmp_path: Path, codec: str) -> None:
    compress = CODECS[codec]
    text, codes = read(tmp_path / "x.log", compress(b"short\n") + compress(LINES)[:40])
    assert text.startswith(b"short\n")
    assert (b"short\n" + LINES).startswith(text)
    assert codes == ["member-truncated"]


def test_gzip_without_its_trailer_is_complete_but_not_proven(tmp_path: Path) -> None:
    data = gzip.compress(LINES)[:-8]
    assert read(tmp_path / "x.log", data) == (LINES, ["member-truncated"])


@every_codec
def test_damaged_data_is_read_up_to_the_damage(tmp_path: Path, codec: str) -> None:
    compress = CODECS[codec]
    second = bytearray(compress(LINES))
    middle = len(second) // 2
    second[middle : middle + 2000] = b"\xff" * 2000
    text, codes = read(tmp_path / "x.log", compress(LINES) + bytes(second))
    assert text.startswith(LINES)
    assert codes == ["member-corrupt"]


def test_damaged_gzip_is_read_to_the_last_byte_before_the_damage(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(LINES))
    data[-8] ^= 1
    assert read(tmp_path / "x.log", bytes(data)) == (LINES, ["member-corrupt"])


def test_damaged_header_gives_nothing_but_a_warning(tmp_path: Path) -> None:
    assert read(tmp_path / "x.log", b"\x1f\x8b\x08\xff" + bytes(20)) == (b"", ["member-corrupt"])


def test_xz_that_wants_too_much_memory_is_refused(tmp_path: Path) -> None:
    data = bytearray(lzma.compress(b"x" * 10))
    header = data[12:24]  # of the block: size, flags, filter, its dictionary, padding, checksum
    header[4] = 38  # 2 GiB
    header[8:] = struct.pack("<I", zlib.crc32(header[:8]))
    data[12:24] = header
    assert read(tmp_path / "x.log", bytes(data)) == (b"", ["member-corrupt"])


def test_skippable_frame_in_front_is_zstd_only_by_name(tmp_path: Path) -> None:
    frame = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
    assert read(tmp_path / "x.log.zst", frame + zstd(b"one\n")) == (b"one\n", [])
    assert read(tmp_path / "x.log", frame + b"one\n") == (frame + b"one\n", [])


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zst", "zip", "tar", "tgz"])
def test_name_that_promises_too_much_is_a_warning(tmp_path: Path, ending: str) -> None:
    assert read(tmp_path / f"x.{ending}", b"plain\n") == (b"plain\n", ["name-mismatch"])


def test_content_that_is_compressed_twice_is_read(tmp_path: Path) -> None:
    data = gzip.compress(zstd(bz2.compress(b"one\n")))
    assert read(tmp_path / "x.log.gz", data) == (b"one\n", [])


def test_content_that_is_compressed_too_often_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.log.gz"
    path.write_bytes(gzip.compress(gzip.compress(gzip.compress(b"one\n"))))
    with pytest.raises(NoInputError, match="limit depth = 2 was reached"):
        open_bundle([path], limits=Limits(depth=2))


@pytest.mark.parametrize(
    ("kind", "magic"),
    [
        ("7z", b"7z\xbc\xaf\x27\x1c"),
        ("rar", b"Rar!\x1a\x07\x01\x00"),
        ("lz4", b"\x04\x22\x4d\x18"),
        ("compress", b"\x1f\x9d\x90"),
    ],
)
def test_kinds_that_are_not_supported_are_named(tmp_path: Path, kind: str, magic: bytes) -> None:
    (tmp_path / "a.bin").write_bytes(magic + bytes(100))
    (tmp_path / "b.log").write_bytes(b"b")
    with open_bundle([tmp_path]) as bundle:
        assert paths(bundle) == ["b.log"]
        (warning,) = bundle.warnings
        assert (warning.code, warning.path) == ("member-unreadable", "a.bin")
        assert f"a.bin: {kind}" in warning.message


def paths(bundle: Bundle) -> list[str]:
    return [member.path for member in bundle.members]
