"""Extended headers and sparse files of tar archives, well-formed and hostile."""

from pathlib import Path

import pytest

from ocpp_forensics.bundle import open_bundle

Content = dict[str, bytes]
Codes = list[str]
END = bytes(1024)


def header(name: str, size: int, kind: bytes = b"0", tail: bytes = b"") -> bytes:
    block = bytearray(512)
    block[: len(name)] = name.encode()
    block[124:136] = b"%011o\0" % size
    block[136:148] = b"00000000000\0"
    block[156:157] = kind
    block[257:265] = b"ustar\x0000"
    block[512 - len(tail) :] = tail
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def entry(name: str, data: bytes, kind: bytes = b"0", tail: bytes = b"") -> bytes:
    return header(name, len(data), kind, tail) + data.ljust(-(-len(data) // 512) * 512, b"\0")


def record(key: str, value: str) -> bytes:
    body = f" {key}={value}\n".encode()
    length = len(body) + 2
    return str(length if length >= 10 else length - 1).encode() + body


def pax(**values: str) -> bytes:
    return entry("pax", b"".join(record(key, value) for key, value in values.items()), b"x")


def read(path: Path, data: bytes) -> tuple[Content, Codes]:
    path.write_bytes(data)
    with open_bundle([path]) as bundle:
        found = {member.path: bundle.open(member).read() for member in bundle.members}
        return found, [warning.code for warning in bundle.warnings]


GOOD = entry("good.log", b"good\n")


def test_pax_header_renames_and_resizes_the_next_entry_only(tmp_path: Path) -> None:
    first = pax(path="ä/b.log", size="3", mtime="1.5") + header("x", 0) + b"abc".ljust(512, b"\0")
    found, codes = read(tmp_path / "x.tar", first + GOOD + END)
    assert found == {"x.tar/ä/b.log": b"abc", "x.tar/good.log": b"good\n"}
    assert codes == []


@pytest.mark.parametrize("values", [{"size": "-3"}, {"size": "9" * 30}, {"mtime": "soon"}])
def test_pax_values_that_make_no_sense_are_ignored(tmp_path: Path, values: dict[str, str]) -> None:
    assert read(tmp_path / "x.tar", pax(**values) + GOOD + END) == (
        {"x.tar/good.log": b"good\n"},
        [],
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"99", b"0 path=x\n", b"4 a=b", b"99999999999 path=x\n", b"5 abc\n", b"\xff" * 99],
)
def test_malformed_pax_records_are_ignored(tmp_path: Path, data: bytes) -> None:
    assert read(tmp_path / "x.tar", entry("pax", data, b"x") + GOOD + END) == (
        {"x.tar/good.log": b"good\n"},
        [],
    )


def test_headers_that_say_nothing_about_content_are_passed_over(tmp_path: Path) -> None:
    data = (
        entry("pax", record("path", "evil"), b"g")
        + entry("link", b"x" * 600, b"K")
        + entry("label", b"", b"V")
        + entry("folder", b"list of files", b"D")
        + entry("folder", b"", b"5")
    )
    assert read(tmp_path / "x.tar", data + GOOD + END) == ({"x.tar/good.log": b"good\n"}, [])


def test_entries_of_unknown_type_are_files(tmp_path: Path) -> None:
    data = entry("a.log", b"a", b"7") + entry("b.log", b"b", b"\0") + entry("c.log", b"c", b"Q")
    assert read(tmp_path / "x.tar", data + END)[0] == {
        "x.tar/a.log": b"a",
        "x.tar/b.log": b"b",
        "x.tar/c.log": b"c",
    }


def test_extended_header_of_a_gigabyte_is_not_held_in_memory(tmp_path: Path) -> None:
    size = 2**20 + 1
    data = entry("pax", b"x" * size, b"x") + GOOD + entry("name", b"y" * size, b"L") + END
    assert read(tmp_path / "x.tar", data) == (
        {"x.tar/good.log": b"good\n"},
        ["member-corrupt"],
    )


def test_name_of_an_entry_can_be_in_two_fields(tmp_path: Path) -> None:
    block = bytearray(GOOD)
    block[345:351] = b"folder"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    assert list(read(tmp_path / "x.tar", bytes(block) + END)[0]) == ["x.tar/folder/good.log"]


def test_old_sparse_file_comes_without_its_holes(tmp_path: Path) -> None:
    more = b"\x01" + bytes(29)  # the map goes on in the next block
    maps = bytearray(512)
    maps[504] = 1
    data = b"data\n"
    sparse = header("a.log", 5, b"S", more) + bytes(maps) + bytes(512) + data.ljust(512, b"\0")
    assert read(tmp_path / "x.tar", sparse + GOOD + END) == (
        {"x.tar/a.log": b"data\n", "x.tar/good.log": b"good\n"},
        ["member-sparse"],
    )
    short = entry("a.log", b"data\n", b"S")
    assert read(tmp_path / "x.tar", short + END) == ({"x.tar/a.log": b"data\n"}, ["member-sparse"])


def test_sparse_map_that_is_cut_ends_the_archive(tmp_path: Path) -> None:
    sparse = header("a.log", 5, b"S", b"\x01" + bytes(29))
    found, codes = read(tmp_path / "x.tar", GOOD + sparse + b"\x01" * 511)
    assert found == {"x.tar/good.log": b"good\n"}
    assert "member-truncated" in codes


def sparse_pax(body: bytes) -> bytes:
    keys = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "a.log"}
    return pax(**keys) + entry("GNUSparseFile.0/a.log", body)


def test_pax_sparse_file_comes_without_its_holes_and_map(tmp_path: Path) -> None:
    long_map = b"150\n" + b"".join(b"%d\n1\n" % (at * 4096) for at in range(150))
    padded = long_map.ljust(-(-len(long_map) // 512) * 512, b"\0")
    for front in (b"1\n4096\n5\n".ljust(512, b"\0"), padded):
        found, codes = read(tmp_path / "x.tar", sparse_pax(front + b"data\n") + GOOD + END)
        assert found == {"x.tar/a.log": b"data\n", "x.tar/good.log": b"good\n"}
        assert codes == ["member-sparse"]


@pytest.mark.parametrize("body", [b"", b"short", b"x" * 512, b"99999999999\n" + b"x" * 2000])
def test_malformed_sparse_map_does_no_harm(tmp_path: Path, body: bytes) -> None:
    found, codes = read(tmp_path / "x.tar", sparse_pax(body) + GOOD + END)
    assert found["x.tar/good.log"] == b"good\n"
    assert codes == ["member-sparse"]
