"""Limits: each one stops what it must, keeps what came before, and says so."""

import bz2
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from ocpp_forensics.bundle import Limits, open_bundle
from ocpp_forensics.errors import NoInputError
from tests.test_bundle_support import codes, content, make_tar, make_zip, read, write

THREE = {"a.log": b"a" * 100, "b.log": b"b" * 100, "c.log": b"c" * 100}
Make = Callable[..., bytes]


def test_members_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path, {**THREE, "sub/d.log": b"d"})
    with open_bundle([tmp_path], limits=Limits(members=2)) as bundle:
        assert list(content(bundle)) == ["a.log", "b.log"]
        assert codes(bundle) == [("limit-reached", "c.log")]
        assert "limit members = 2" in bundle.warnings[0].message


@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_members_of_archives(tmp_path: Path, make: Make) -> None:
    data = make(*THREE.items(), ("z/", b""))
    write(tmp_path, {"x": data, "y": data})
    with open_bundle([tmp_path], limits=Limits(members=3)) as bundle:
        assert list(content(bundle)) == ["x/a.log", "x/b.log"]
        assert codes(bundle) == [("limit-reached", "x/c.log")]
    with open_bundle([tmp_path / "x", tmp_path / "y"], limits=Limits(members=4)) as bundle:
        assert len(bundle.members) == 3
        assert codes(bundle) == [("limit-reached", "y")]


def test_members_that_are_refused_or_searched_for_count(tmp_path: Path) -> None:
    data = make_zip(("../a", b""), *THREE.items())
    cut = data[: data.index(b"PK\x01\x02")]
    found, warned = read(tmp_path / "x.zip", cut, Limits(members=3))
    assert list(found) == ["x.zip/a.log"]
    assert [code for code, _ in warned] == ["member-corrupt", "member-refused", "limit-reached"]


def test_single_bytes_cuts_a_member_and_goes_on(tmp_path: Path) -> None:
    data = make_zip(("a.log", b"a" * 1000), ("b.log", b"b"))
    found, warned = read(tmp_path / "x", data, Limits(single_bytes=300))
    assert found == {"x/a.log": b"a" * 300, "x/b.log": b"b"}
    assert warned == [("limit-reached", "x/a.log")]


def test_single_bytes_of_what_is_unpacked_only(tmp_path: Path) -> None:
    write(tmp_path / "f", {"a.gz": gzip.compress(b"a" * 1000), "p": b"p" * 1000})
    write(tmp_path / "f", {"t": make_tar(("in", b"t" * 1000))})
    limits = Limits(single_bytes=300)
    with open_bundle([tmp_path / "f", "-"], limits=limits, stdin=io.BytesIO(b"s" * 1000)) as bundle:
        sizes = {path: len(data) for path, data in content(bundle).items()}
        assert sizes == {"f/a.gz": 300, "f/p": 1000, "f/t/in": 1000, "stdin": 300}


def test_limit_that_is_met_exactly_is_not_reached(tmp_path: Path) -> None:
    write(tmp_path, {"x.zip": make_zip(*THREE.items()), "y.gz": gzip.compress(b"y" * 100)})
    limits = Limits(single_bytes=100, total_bytes=400, members=5)
    with open_bundle([tmp_path], limits=limits) as bundle:
        assert sum(map(len, content(bundle).values())) == 400
        assert bundle.warnings == ()


def test_total_bytes_ends_archives_but_not_plain_files(tmp_path: Path) -> None:
    data = make_zip(*THREE.items())
    write(tmp_path, {"x": data, "y": data, "z.log": b"z" * 1000})
    with open_bundle([tmp_path], limits=Limits(total_bytes=150)) as bundle:
        found = {"x/a.log": b"a" * 100, "x/b.log": b"b" * 50, "z.log": b"z" * 1000}
        assert content(bundle) == content(bundle) == found
        assert codes(bundle) == [("limit-reached", path) for path in ("x/b.log", "x", "y")]


def test_total_bytes_of_a_compressed_tar(tmp_path: Path) -> None:
    data = gzip.compress(make_tar(("a.log", b"a" * 50_000), ("b.log", b"b" * 50_000)))
    found, warned = read(tmp_path / "x.tgz", data, Limits(total_bytes=60_000))
    assert found["x.tgz/a.log"] == b"a" * 50_000
    assert 0 < len(found["x.tgz/b.log"]) < 10_000
    assert warned[0] == ("limit-reached", "x.tgz")


def test_total_bytes_are_shared_by_readers_and_paid_once(tmp_path: Path) -> None:
    write(tmp_path, {f"{name}.gz": gzip.compress(b"x" * 100) for name in "abc"})
    with open_bundle([tmp_path], limits=Limits(total_bytes=250)) as bundle:
        for _ in range(3):
            assert [len(data) for data in content(bundle).values()] == [100, 100, 50]
        assert codes(bundle) == [("limit-reached", "c.gz")]


@pytest.mark.parametrize("bomb", [gzip.compress(bytes(10_000_000)), bz2.compress(bytes(10**7))])
def test_ratio_ends_a_bomb(tmp_path: Path, bomb: bytes) -> None:
    limits = Limits(ratio=10, ratio_floor_bytes=1_000_000)
    with open_bundle([write(tmp_path, {"x.log": bomb, "y.log": b"y"})], limits=limits) as bundle:
        found = content(bundle)
        assert (len(found["x.log"]), found["y.log"]) == (1_000_000, b"y")
        assert codes(bundle) == [("limit-reached", "x.log")]
        assert "limit ratio = 10" in bundle.warnings[0].message


def test_ratio_ends_bombs_in_archives(tmp_path: Path) -> None:
    bomb = (("a.log", bytes(10_000_000)), ("b.log", b"b"))
    limits = Limits(ratio=100, ratio_floor_bytes=1_000_000)
    write(tmp_path, {"x.zip": make_zip(*bomb), "y.tgz": gzip.compress(make_tar(*bomb))})
    with open_bundle([tmp_path], limits=limits) as bundle:
        sizes = {path: len(data) for path, data in content(bundle).items()}
        assert sizes == {"x.zip/a.log": 1_000_000, "x.zip/b.log": 1, "y.tgz/a.log": 1_000_000 - 512}
        assert {("limit-reached", "x.zip/a.log"), ("limit-reached", "y.tgz")} <= set(codes(bundle))


def nested(levels: int, *make: Make) -> bytes:
    data = b"deep\n"
    for level in range(levels):
        name = "x.log" if level == 0 else "in"
        data = make[level % len(make)]((name, data), (f"{level}.log", b"1"))
    return data


@pytest.mark.parametrize("make", [(make_zip,), (make_tar,), (make_zip, make_tar)])
def test_depth_three_is_read_and_four_is_not(tmp_path: Path, make: tuple[Make, ...]) -> None:
    write(tmp_path, {"three": nested(3, *make), "four": nested(4, *make)})
    with open_bundle([tmp_path]) as bundle:
        found = content(bundle)
        assert found["three/in/in/x.log"] == b"deep\n"
        assert found["four/in/in/1.log"] == b"1"
        assert not any(path.startswith("four/in/in/in") for path in found)
        assert codes(bundle) == [("limit-reached", "four/in/in/in")]
        assert "limit depth = 3" in bundle.warnings[0].message


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


@pytest.mark.parametrize("seconds", range(0, 16, 3))
def test_time_may_be_up_anywhere(tmp_path: Path, seconds: int) -> None:
    archive = make_zip(*THREE.items(), ("d.gz", gzip.compress(b"d")))
    write(tmp_path, {"x.zip": archive[:-1], "y.gz": gzip.compress(b"y"), "z.zip": archive})
    try:
        with open_bundle([tmp_path], limits=Limits(seconds=seconds), clock=Clock(1)) as bundle:
            found = {code for code, _ in codes(bundle)}
    except NoInputError as error:
        found = {problem.code for problem in error.problems}
    assert "limit-reached" in found
    assert "name-mismatch" not in found


def test_time_is_watched_where_nothing_is_given_out(tmp_path: Path) -> None:
    write(tmp_path, {"x.gz": gzip.compress(b"") * 10_000, "y.tar": make_tar(("a/", b"")) * 300})
    for name in ("x.gz", "y.tar"):
        with pytest.raises(NoInputError, match="limit seconds = 20"):
            open_bundle([tmp_path / name], limits=Limits(seconds=20), clock=Clock(1))


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
