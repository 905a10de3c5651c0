"""Compressed files: told by their bytes, read to the end, and as far as they are whole."""

import bz2
import gzip
import hashlib
import lzma
import struct
import zlib
from pathlib import Path

import pytest

from ocpp_forensics.bundle import open_bundle
from tests import test_bundle_support as support
from tests.test_bundle_support import CODECS, LINES, codes, content, every_codec, write, zstd


def read(path: Path, data: bytes) -> tuple[bytes, list[str]]:
    """Content and warnings of a bundle of one file."""
    found, warned = support.read(path, data)
    assert {name for _, name in warned} <= {path.name}
    return found[path.name], [code for code, _ in warned]


@every_codec
def test_content_is_decompressed_whatever_the_name(tmp_path: Path, codec: str) -> None:
    data = CODECS[codec](LINES)
    for name in ("csms.log", f"csms.log.{codec}"):
        assert read(tmp_path / name, data) == (LINES, [])


@every_codec
def test_hash_and_size_are_those_of_the_file_as_received(tmp_path: Path, codec: str) -> None:
    data = CODECS[codec](b"")
    with open_bundle([write(tmp_path, {"x.log": data})]) as bundle:
        (member,) = bundle.members
        assert (member.sha256, member.size) == (hashlib.sha256(data).hexdigest(), len(data))
        assert content(bundle) == {"x.log": b""}


@every_codec
def test_streams_that_follow_one_another_are_all_read(tmp_path: Path, codec: str) -> None:
    compress = CODECS[codec]
    data = compress(b"one\n") + compress(b"") + compress(LINES) + compress(b"two\n")
    assert read(tmp_path / "x.log", data) == (b"one\n" + LINES + b"two\n", [])


@pytest.mark.parametrize("codec", ["gz", "xz"])
def test_padding_between_and_behind_streams_is_ignored(tmp_path: Path, codec: str) -> None:
    compress = CODECS[codec]
    data = compress(b"one\n") + bytes(4) + compress(b"two\n") + bytes(100_000)
    assert read(tmp_path / "x.log", data) == (b"one\ntwo\n", [])


@every_codec
def test_garbage_behind_is_a_warning(tmp_path: Path, codec: str) -> None:
    data = CODECS[codec](b"one\n") + b"garbage that is not compressed"
    assert read(tmp_path / "x.log", data) == (b"one\n", ["member-corrupt"])


@every_codec
def test_truncated_data_is_read_up_to_the_cut(tmp_path: Path, codec: str) -> None:
    first, data = CODECS[codec](b"short\n"), CODECS[codec](LINES)
    text, warned = read(tmp_path / "x.log", first + data[: len(data) * 2 // 3])
    assert text.startswith(b"short\n")
    assert (b"short\n" + LINES).startswith(text)
    assert len(text) > len(LINES) // 4 or codec == "bz2"  # which is one block
    assert warned == ["member-truncated"]


@every_codec
def test_damaged_data_is_read_up_to_the_damage(tmp_path: Path, codec: str) -> None:
    compress = CODECS[codec]
    second = bytearray(compress(LINES))
    middle = len(second) // 2
    second[middle : middle + 2000] = b"\xff" * 2000
    text, warned = read(tmp_path / "x.log", compress(LINES) + bytes(second))
    assert text.startswith(LINES)
    assert warned == ["member-corrupt"]


@pytest.mark.parametrize("change", [0, 1], ids=["missing", "wrong"])
def test_gzip_without_its_checksum_is_complete_but_not_proven(tmp_path: Path, change: int) -> None:
    data = bytearray(gzip.compress(LINES))
    data[-8] ^= 1
    expected = "member-corrupt" if change else "member-truncated"
    assert read(tmp_path / "x.log", bytes(data if change else data[:-8])) == (LINES, [expected])


def test_damaged_header_gives_nothing_but_a_warning(tmp_path: Path) -> None:
    assert read(tmp_path / "x.log", b"\x1f\x8b\x08\xff" + bytes(20)) == (b"", ["member-corrupt"])


def test_xz_that_wants_too_much_memory_is_refused(tmp_path: Path) -> None:
    data = bytearray(lzma.compress(b"x" * 10))
    header = data[12:24]  # of the block: size, flags, filter, its dictionary, padding, checksum
    header[4] = 38  # 2 GiB
    header[8:] = struct.pack("<I", zlib.crc32(header[:8]))
    data[12:24] = header
    assert read(tmp_path / "x.log", bytes(data)) == (b"", ["member-corrupt"])


def test_name_that_promises_too_much_is_a_warning(tmp_path: Path) -> None:
    for ending in ("gz", "tbz", "XZ", "zst", "zip", "tar"):
        assert read(tmp_path / f"x.{ending}", b"plain\n") == (b"plain\n", ["name-mismatch"])


def test_kinds_that_are_not_supported_are_named(tmp_path: Path) -> None:
    files = {
        "7z data": b"7z\xbc\xaf\x27\x1c",
        "rar data": b"Rar!\x1a\x07\x01\x00",
        "lz4 data": b"\x04\x22\x4d\x18",
        "compress (.Z) data": b"\x1f\x9d\x90",
        "zstd data inside gzip data": gzip.compress(zstd(b"one\n")),
        "7z data inside bzip2 data": bz2.compress(b"7z\xbc\xaf\x27\x1c"),
    }
    with open_bundle([write(tmp_path, {**files, "b.log": b"b"})]) as bundle:
        assert content(bundle) == {"b.log": b"b"}
        assert codes(bundle) == [("member-unreadable", name) for name in sorted(files)]
        for warning in bundle.warnings:
            assert f": {warning.path} is not supported" in warning.message
