"""Limits: each one stops what it must, keeps what came before, and says so."""

import bz2
import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ocpp_forensics.bundle import Bundle, Limits, open_bundle
from ocpp_forensics.errors import NoInputError

Content = dict[str, bytes]
Codes = list[tuple[str, str]]
Make = Callable[[dict[str, bytes]], bytes]


def make_zip(entries: dict[str, bytes], method: int = 8) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target.getvalue()


def make_tar(entries: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, data in entries.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return target.getvalue()


def content(bundle: Bundle) -> Content:
    return {member.path: bundle.open(member).read() for member in bundle.members}


def codes(bundle: Bundle) -> Codes:
    return [(warning.code, warning.path) for warning in bundle.warnings]


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


THREE = {"a.log": b"a" * 100, "b.log": b"b" * 100, "c.log": b"c" * 100}


def test_members_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path, THREE)
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub", THREE)
    with open_bundle([tmp_path], limits=Limits(members=2)) as bundle:
        assert list(content(bundle)) == ["a.log", "b.log"]
        assert codes(bundle) == [("limit-reached", "c.log")]
        assert "limit members = 2" in bundle.warnings[0].message


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_members_of_archives(tmp_path: Path, make: Make) -> None:
    data = make({**THREE, "z/": b""})
    write(tmp_path, {"x": data, "y": data})
    with open_bundle([tmp_path], limits=Limits(members=3)) as bundle:
        assert list(content(bundle)) == ["x/a.log", "x/b.log"]
        assert codes(bundle) == [("limit-reached", "x/c.log")]
    with open_bundle([tmp_path / "x", tmp_path / "y"], limits=Limits(members=4)) as bundle:
        assert len(bundle.members) == 3
        assert codes(bundle) == [("limit-reached", "y")]


def test_members_of_an_archive_that_has_no_directory(tmp_path: Path) -> None:
    data = make_zip(THREE)
    write(tmp_path, {"x.zip": data[: data.index(b"PK\x01\x02")]})
    with open_bundle([tmp_path], limits=Limits(members=3)) as bundle:
        assert list(content(bundle)) == ["x.zip/a.log", "x.zip/b.log"]
        assert codes(bundle) == [("member-corrupt", "x.zip"), ("limit-reached", "x.zip/c.log")]


def test_refused_entries_count_as_members(tmp_path: Path) -> None:
    write(tmp_path, {"x.zip": make_zip({"../a": b"", "../b": b"", "../c": b""}), "a.log": b"a"})
    with open_bundle([tmp_path], limits=Limits(members=3)) as bundle:
        assert codes(bundle) == [
            ("member-refused", "x.zip/../a"),
            ("limit-reached", "x.zip/../b"),
        ]


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_single_bytes_cuts_a_member_and_goes_on(tmp_path: Path, make: Make) -> None:
    data = make({"a.log": b"a" * 1000, "b.log": b"b"})
    write(tmp_path, {"x": data})
    with open_bundle([tmp_path], limits=Limits(single_bytes=300)) as bundle:
        assert content(bundle) == {"x/a.log": b"a" * 300, "x/b.log": b"b"}
        assert content(bundle) == {"x/a.log": b"a" * 300, "x/b.log": b"b"}
        assert [member.size for member in bundle.members] == [300, 1]
        assert codes(bundle) == [("limit-reached", "x/a.log")]
        assert "limit single_bytes = 300" in bundle.warnings[0].message


def test_single_bytes_of_decompressed_content_and_standard_input(tmp_path: Path) -> None:
    write(tmp_path, {"a.log.gz": gzip.compress(b"a" * 1000), "plain.log": b"p" * 1000})
    limits = Limits(single_bytes=300)
    with open_bundle([tmp_path, "-"], limits=limits, stdin=io.BytesIO(b"s" * 1000)) as bundle:
        found = {path.rpartition("/")[2]: len(data) for path, data in content(bundle).items()}
        assert found == {"a.log.gz": 300, "plain.log": 1000, "stdin": 300}


def test_limit_that_is_met_exactly_is_not_reached(tmp_path: Path) -> None:
    write(tmp_path, {"x.zip": make_zip(THREE), "y.gz": gzip.compress(b"y" * 100)})
    limits = Limits(single_bytes=100, total_bytes=400, members=5)
    with open_bundle([tmp_path], limits=limits) as bundle:
        assert sum(map(len, content(bundle).values())) == 400
        assert bundle.warnings == ()


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_total_bytes_ends_archives_but_not_plain_files(tmp_path: Path, make: Make) -> None:
    data = make(THREE)
    write(tmp_path, {"x": data, "y": data, "z.log": b"z" * 1000})
    with open_bundle([tmp_path], limits=Limits(total_bytes=150)) as bundle:
        for _ in range(2):
            found = content(bundle)
            assert found["z.log"] == b"z" * 1000
        if make is make_zip:
            assert found["x/a.log"] == b"a" * 100
            assert found["x/b.log"] == b"b" * 50
            assert codes(bundle) == [
                ("limit-reached", "x/b.log"),
                ("limit-reached", "x"),
                ("limit-reached", "y"),
            ]


def test_total_bytes_of_a_tar_counts_what_is_spooled(tmp_path: Path) -> None:
    entries = {"a.log": b"a" * 50_000, "b.log": b"b" * 50_000, "c.log": b"c"}
    write(tmp_path, {"x.tar": make_tar(entries)})
    with open_bundle([tmp_path], limits=Limits(total_bytes=60_000)) as bundle:
        assert {path: len(data) for path, data in content(bundle).items()} == {
            "x.tar/a.log": 50_000,
            "x.tar/b.log": 10_000,
        }
        assert codes(bundle) == [("limit-reached", "x.tar/b.log"), ("limit-reached", "x.tar")]


def test_total_bytes_are_shared_by_readers_and_paid_once(tmp_path: Path) -> None:
    write(tmp_path, {f"{name}.gz": gzip.compress(b"x" * 100) for name in "abc"})
    with open_bundle([tmp_path], limits=Limits(total_bytes=250)) as bundle:
        for _ in range(3):
            assert [len(data) for data in content(bundle).values()] == [100, 100, 50]
        assert codes(bundle) == [("limit-reached", "c.gz")]


def test_stream_of_a_compressed_tar_ends_at_total_bytes(tmp_path: Path) -> None:
    write(tmp_path, {"x.tgz": gzip.compress(make_tar({"a.log": b"", "b.log": b"b" * 100}))})
    with open_bundle([tmp_path], limits=Limits(total_bytes=1030)) as bundle:
        assert list(content(bundle)) == ["x.tgz/a.log", "x.tgz/b.log"]
        assert codes(bundle) == [("member-truncated", "x.tgz/b.log"), ("limit-reached", "x.tgz")]


@pytest.mark.parametrize("bomb", [gzip.compress(bytes(10_000_000)), bz2.compress(bytes(10**7))])
def test_ratio_ends_a_bomb(tmp_path: Path, bomb: bytes) -> None:
    limits = Limits(ratio=10, ratio_floor_bytes=1_000_000)
    write(tmp_path, {"x.log": bomb, "y.log": b"y"})
    with open_bundle([tmp_path], limits=limits) as bundle:
        found = content(bundle)
        assert len(found["x.log"]) == 1_000_000
        assert found["y.log"] == b"y"
        assert codes(bundle) == [("limit-reached", "x.log")]
        assert "limit ratio = 10" in bundle.warnings[0].message


def test_default_ratio_ends_a_real_bomb(tmp_path: Path) -> None:
    packer = bz2.BZ2Compressor()
    bomb = b"".join(packer.compress(bytes(2**20)) for _ in range(100)) + packer.flush()
    write(tmp_path, {"x.bz2": bomb})
    with open_bundle([tmp_path]) as bundle, bundle.open(bundle.members[0]) as stream:
        assert sum(len(piece) for piece in iter(lambda: stream.read(2**20), b"")) == 64 * 2**20
        assert codes(bundle) == [("limit-reached", "x.bz2")]


def test_ratio_ends_bombs_in_archives(tmp_path: Path) -> None:
    bomb = {"a.log": bytes(10_000_000), "b.log": b"b"}
    limits = Limits(ratio=100, ratio_floor_bytes=1_000_000)
    write(tmp_path, {"x.zip": make_zip(bomb), "y.tgz": gzip.compress(make_tar(bomb))})
    with open_bundle([tmp_path], limits=limits) as bundle:
        sizes = {path: len(data) for path, data in content(bundle).items()}
        assert sizes["x.zip/b.log"] == 1
        assert 999_000 < sizes["x.zip/a.log"] <= 1_000_000
        assert 999_000 - 1024 < sizes["y.tgz/a.log"] <= 1_000_000
        assert ("limit-reached", "x.zip/a.log") in codes(bundle)
        assert ("limit-reached", "y.tgz") in codes(bundle)


def test_readers_of_one_member_do_not_share_their_ratio(tmp_path: Path) -> None:
    write(tmp_path, {"x.gz": b"".join(gzip.compress(bytes(100_000)) for _ in range(400))})
    with open_bundle([tmp_path], limits=Limits(ratio=1100, ratio_floor_bytes=1)) as bundle:
        left = bundle.open(bundle.members[0])
        assert len(left.read(30_000_000)) == 30_000_000
        right = bundle.open(bundle.members[0])
        assert right.read(1) == b"\0"
        assert len(left.read()) == 10_000_000
        assert bundle.warnings == ()


def nested(levels: int, make: Sequence[Make]) -> bytes:
    data = b"deep\n"
    for level in range(levels):
        name = "x.log" if level == 0 else "in"
        data = make[level % len(make)]({name: data, f"{level}.log": b"1"})
    return data


@pytest.mark.parametrize("make", [[make_zip], [make_tar], [make_zip, make_tar]])
def test_depth_three_is_read_and_four_is_not(tmp_path: Path, make: Sequence[Make]) -> None:
    write(tmp_path, {"three": nested(3, make), "four": nested(4, make)})
    with open_bundle([tmp_path]) as bundle:
        found = content(bundle)
        assert found["three/in/in/x.log"] == b"deep\n"
        assert found["four/in/in/1.log"] == b"1"
        assert not any(path.startswith("four/in/in/in") for path in found)
        assert codes(bundle) == [("limit-reached", "four/in/in/in")]
        assert "limit depth = 3" in bundle.warnings[0].message


def test_compressed_archives_are_spooled_where_they_must_be(tmp_path: Path) -> None:
    packed = gzip.compress(make_zip(THREE))
    write(tmp_path, {"x.zip.gz": packed, "y.zip.gz": packed[:-30]})
    with open_bundle([tmp_path]) as bundle:
        assert content(bundle)["x.zip.gz/c.log"] == b"c" * 100
        assert content(bundle)["y.zip.gz/c.log"] == b"c" * 100
        assert ("member-truncated", "y.zip.gz") in codes(bundle)


class Clock:
    """Stands still, or ticks with every look at it."""

    def __init__(self, tick: float = 0.0) -> None:
        self.now = 1000.0
        self.tick = tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


def test_seconds_end_the_collection(tmp_path: Path) -> None:
    write(tmp_path, {f"{number:03}.log": b"x" for number in range(100)})
    with open_bundle([tmp_path], limits=Limits(seconds=50), clock=Clock(1)) as bundle:
        assert 5 < len(bundle.members) < 50
        assert {code for code, _ in codes(bundle)} == {"limit-reached"}
        assert "limit seconds = 50" in bundle.warnings[0].message
        assert all(data in {b"", b"x"} for data in content(bundle).values())


def test_no_time_at_all_gives_no_input(tmp_path: Path) -> None:
    write(tmp_path, THREE)
    for paths in ([tmp_path], [tmp_path / "a.log", tmp_path / "b.log"]):
        with pytest.raises(NoInputError, match="limit seconds = 0"):
            open_bundle(paths, limits=Limits(seconds=0), clock=Clock(1))


@pytest.mark.parametrize("seconds", range(3, 12))
def test_time_may_be_up_anywhere(tmp_path: Path, seconds: int) -> None:
    data = make_zip({**THREE, "d.gz": gzip.compress(b"d")})
    write(tmp_path, {"x.zip": data[:-1], "y.gz": gzip.compress(b"y"), "z.zip": data})
    found = codes_or_problems([tmp_path], Limits(seconds=seconds))
    assert "limit-reached" in found
    assert "name-mismatch" not in found


def codes_or_problems(paths: list[Path], limits: Limits) -> set[str]:
    try:
        with open_bundle(paths, limits=limits, clock=Clock(1)) as bundle:
            return {code for code, _ in codes(bundle)}
    except NoInputError as error:
        return {problem.code for problem in error.problems}


def test_seconds_end_reading_but_pauses_are_free(tmp_path: Path) -> None:
    clock = Clock()
    write(tmp_path, {"x.gz": gzip.compress(bytes(1_000_000)), "y.log": b"y"})
    with open_bundle([tmp_path], limits=Limits(seconds=10), clock=clock) as bundle:
        clock.now += 1000
        assert len(content(bundle)["x.gz"]) == 1_000_000
        clock.tick = 1
        assert len(content(bundle)["x.gz"]) < 1_000_000
        assert content(bundle)["y.log"] == b""
        assert codes(bundle) == [("limit-reached", "x.gz"), ("limit-reached", "y.log")]
