"""What the user gives: folders, files, standard input, pipes; what changes or cannot be read."""

import gzip
import hashlib
import io
import os
import socket
import threading
import tracemalloc
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_forensics.bundle import Member, open_bundle
from ocpp_forensics.errors import InputError, NoInputError
from tests.test_bundle_support import CODECS, codes, content, make_tar, make_zip, write

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def test_folder_gives_its_files_sorted_with_relative_paths(tmp_path: Path) -> None:
    files = {name: name.encode() for name in ("a.log", "a/b/c.log", "a/z.log", "z.log")}
    files["empty.log"] = b""
    with open_bundle([write(tmp_path / "logs", files)]) as bundle:
        assert bundle.name == "logs"
        assert content(bundle) == files
        assert [member.path for member in bundle.members] == sorted(files)
        assert bundle.warnings == ()


def test_member_tells_hash_size_and_time_of_the_file_as_received(tmp_path: Path) -> None:
    data = gzip.compress(b"hello")
    path = write(tmp_path, {"csms.log.gz": data}) / "csms.log.gz"
    os.utime(path, (0, 1_700_000_000.5))
    with open_bundle([str(path)]) as bundle:
        modified = datetime(2023, 11, 14, 22, 13, 20, 500_000)  # noqa: DTZ001
        digest = hashlib.sha256(data).hexdigest()
        (member,) = bundle.members
        assert (member.path, member.size, member.modified) == ("csms.log.gz", len(data), modified)
        assert member.sha256 == digest


def test_several_roots_are_told_apart_and_read_once(tmp_path: Path) -> None:
    write(tmp_path, {"csms/x": b"1", "cp/x": b"2", "other/cp/x": b"3", "y": b"4", "other/y": b"5"})
    paths = [tmp_path / name for name in ("csms", "cp", "other/cp", "y", "other/y", "cp", "cp/x")]
    with open_bundle(paths) as bundle:
        expected = {"csms/x": b"1", "cp/x": b"2", "cp (2)/x": b"3", "y": b"4", "y (2)": b"5"}
        assert (bundle.name, content(bundle)) == ("csms", expected)


def test_given_path_may_be_the_current_folder_a_link_or_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / ".real", {"x.log": b"1"})
    (tmp_path / "link").symlink_to(tmp_path / ".real")
    (tmp_path / "link.log").symlink_to(tmp_path / ".real" / "x.log")
    monkeypatch.chdir(tmp_path / ".real")
    for asked, name, path in (
        (".", ".real", "x.log"),
        ("../link", "link", "x.log"),
        ("../link.log", "link.log", "link.log"),
    ):
        with open_bundle([asked]) as bundle:
            assert (bundle.name, content(bundle)) == (name, {path: b"1"})


def test_any_place_of_what_is_not_compressed_can_be_gone_to(tmp_path: Path) -> None:
    data = bytes(range(256)) * 2_000
    folder = write(tmp_path, {"a.log": data, "b.log.gz": gzip.compress(data)})
    with open_bundle([folder]) as bundle:
        plain, packed = (bundle.open(member) for member in bundle.members)
        with plain, packed:
            for place in (300_007, 5, 500_000):
                assert plain.seek(place) == place
                assert plain.read(300) == data[place : place + 300]
            assert not packed.seekable()
            with pytest.raises(io.UnsupportedOperation):
                packed.seek(5)


def test_a_member_can_be_opened_many_times_and_at_once(tmp_path: Path) -> None:
    with open_bundle([write(tmp_path, {"x.gz": gzip.compress(b"one\ntwo\n")})]) as bundle:
        (member,) = bundle.members
        with bundle.open(member) as left, bundle.open(member) as right:
            assert left.readline() == b"one\n"
            assert list(right) == [b"one\n", b"two\n"]
            assert left.read() == b"two\n"
            assert left.read() == b""


def test_closed_bundle_and_unknown_member_are_errors_of_the_caller(tmp_path: Path) -> None:
    bundle = open_bundle([write(tmp_path, {"x.log": b"x"})])
    stream = bundle.open(bundle.members[0])
    with pytest.raises(KeyError):
        bundle.open(Member("other.log", 0, None, str))
    bundle.close()
    with pytest.raises(ValueError, match="closed"):
        bundle.open(bundle.members[0])
    with pytest.raises(ValueError, match="closed"):
        stream.read()


def test_links_and_special_files_in_a_folder_are_refused(tmp_path: Path) -> None:
    logs = write(tmp_path / "logs", {"x.log": b"x"})
    (logs / "link.log").symlink_to(write(tmp_path, {"secret": b"secret"}) / "secret")
    (logs / "folder").symlink_to(tmp_path)
    os.mkfifo(logs / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(logs / "socket"))
        with open_bundle([logs]) as bundle:
            assert content(bundle) == {"x.log": b"x"}
            names = ("folder", "link.log", "pipe", "socket")
            assert codes(bundle) == [("member-refused", name) for name in names]


def test_hidden_files_and_junk_are_counted_not_read_and_names_are_clean(tmp_path: Path) -> None:
    evil = os.fsdecode(b"a\x1b[31m\n\xc2\x9b\xe2\x80\xae\xff.log")
    names = (evil, ".hidden", ".git/config", ".git/HEAD", "a/.DS_Store", "a/Thumbs.db")
    write(tmp_path, dict.fromkeys((*names, "__MACOSX/x.log"), b"x"))
    with open_bundle([tmp_path]) as bundle:
        assert list(content(bundle)) == ["a\ufffd[31m\ufffd\ufffd\ufffd\ufffd.log"]
        assert (bundle.skipped, bundle.warnings) == (5, ())


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "compressed"])
def test_standard_input_is_a_file_named_stdin(pack: type[bytes]) -> None:
    data = pack(b"a line\n")
    with open_bundle(["-", "-"], stdin=io.BytesIO(data)) as bundle:
        digest = hashlib.sha256(data).hexdigest()
        (member,) = bundle.members
        assert (member.path, member.sha256, member.size) == ("stdin", digest, len(data))
        assert (bundle.name, content(bundle)) == ("stdin", {"stdin": b"a line\n"})


class Failing(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if data := super().read(5):
            return data
        raise OSError(5, "Input/output error")


def test_standard_input_that_fails_keeps_what_was_read(tmp_path: Path) -> None:
    with open_bundle(["-"], stdin=Failing(b"0123456789")) as bundle:
        assert content(bundle) == {"stdin": b"0123456789"}
        assert codes(bundle) == [("member-unreadable", "stdin")]
    with open_bundle(["-", write(tmp_path, {"x": b"x"}) / "x"], stdin=Failing(b"")) as bundle:
        assert content(bundle) == {"x": b"x"}


def test_named_pipe_that_is_given_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"through the pipe",))
    writer.start()
    with open_bundle([pipe]) as bundle:
        assert content(bundle) == {"pipe": b"through the pipe"}
    writer.join()


def refuse(name: str, monkeypatch: pytest.MonkeyPatch, *, after: int = 0) -> None:
    """Lets the system refuse that file or folder after it was opened so many times."""
    seen: list[str] = []

    def refusing(real: Callable[..., object]) -> Callable[..., object]:
        def call(path: str | Path, *args: object, **options: object) -> object:
            seen.append(Path(path).name)
            if seen[-1] == name and seen.count(name) > after:
                raise PermissionError(13, "Permission denied")
            return real(path, *args, **options)

        return call

    monkeypatch.setattr(os, "open", refusing(os.open))
    monkeypatch.setattr(os, "scandir", refusing(os.scandir))


def test_all_paths_that_cannot_be_read_are_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, {"x.log": b"x"}) / "x.log"
    refuse("x.log", monkeypatch)
    with pytest.raises(InputError) as caught:
        open_bundle([
            f"{tmp_path}/no\x1b[1m",
            file / "in",
            "nul\0",
            "-",
            "x" * 300,
            "/dev/null",
            file,
        ])
    problems = caught.value.problems
    assert [problem.code[5:] for problem in problems] == ["not-found"] * 4 + ["unreadable"] * 3
    assert all(problem.where and problem.help for problem in problems)
    assert "\x1b" not in str(caught.value)
    assert not isinstance(caught.value, NoInputError)


@pytest.mark.parametrize(("name", "after"), [("a.log", 0), ("folder", 0), ("z.zip", 1)])
def test_what_cannot_be_read_is_reported_and_the_rest_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, after: int
) -> None:
    write(tmp_path, {"a.log": b"a", "b.log": b"b", "folder/c.log": b"c"})
    write(tmp_path, {"z.zip": make_zip(("z.log", b"z"))})
    refuse(name, monkeypatch, after=after)
    with open_bundle([tmp_path]) as bundle:
        assert codes(bundle) == [("member-unreadable", name)]
        assert "Permission denied" in bundle.warnings[0].message
        assert len(bundle.members) == 3


def test_what_cannot_be_read_any_more_is_reported_when_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.log": b"a", "b.log": b"b"})
    refuse("a.log", monkeypatch, after=1)
    with open_bundle([tmp_path]) as bundle:
        assert content(bundle) == {"a.log": b"", "b.log": b"b"}
        assert codes(bundle) == [("member-unreadable", "a.log")]
        assert bundle.members[0].sha256 == hashlib.sha256().hexdigest()
        assert bundle.members[1].sha256 == hashlib.sha256(b"b").hexdigest()


@given(st.binary(max_size=300), st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300))))
def test_the_hash_of_a_member_is_the_same_however_it_is_read(
    data: bytes, looks: list[tuple[int, int]]
) -> None:
    with TemporaryDirectory() as folder, open_bundle([write(Path(folder), {"x": data})]) as bundle:
        (member,) = bundle.members
        with bundle.open(member) as stream:
            for place, size in looks:
                stream.seek(place)
                assert stream.read(size) == data[place : place + size]
        assert member.sha256 == hashlib.sha256(data).hexdigest()


def test_a_member_that_was_read_is_not_read_again_for_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytes(range(256)) * 4096
    with open_bundle([write(tmp_path, {"a.log": data})]) as bundle:
        assert content(bundle)["a.log"] == data
        refuse("a.log", monkeypatch)
        assert bundle.members[0].sha256 == hashlib.sha256(data).hexdigest()
        assert bundle.warnings == ()


def test_file_that_vanishes_while_collecting_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.log": b"a", "b.log": b"b"})
    monkeypatch.setattr(Path, "lstat", lambda path: os.lstat(str(path).replace("a.log", "gone")))
    with open_bundle([tmp_path]) as bundle:
        assert content(bundle) == {"b.log": b"b"}
        assert codes(bundle) == [("member-unreadable", "a.log")]


def test_file_that_changes_is_read_as_it_was_hashed_or_reported_once(tmp_path: Path) -> None:
    secret = write(tmp_path, {"secret": b"secret\n"}) / "secret"
    with open_bundle([write(tmp_path / "logs", {"a.log": b"one\ntwo\n"})]) as bundle:
        write(tmp_path / "logs", {"a.log": b"one\ntwo\nthree\n"})
        assert content(bundle) == {"a.log": b"one\ntwo\n"}
        write(tmp_path / "logs", {"a.log": b"one\n"})
        assert content(bundle) == content(bundle) == {"a.log": b"one\n"}
        (tmp_path / "logs" / "a.log").unlink()
        (tmp_path / "logs" / "a.log").symlink_to(secret)
        assert content(bundle) == {"a.log": b""}
        assert codes(bundle) == [("member-truncated", "a.log"), ("member-unreadable", "a.log")]


@pytest.mark.parametrize("kind", ["plain", "zip", "gz", "zst"])
def test_large_files_are_never_in_memory(tmp_path: Path, kind: str) -> None:
    data = bytes(range(256)) * 2**15
    archives = {"plain": data, "zip": make_zip(("a", data)), "tar": make_tar(("a", data))}
    packed = CODECS[kind](archives["tar"]) if kind in CODECS else archives[kind]
    write(tmp_path, {"a.log": packed})
    tracemalloc.start()
    with open_bundle([tmp_path]) as bundle, bundle.open(bundle.members[0]) as stream:
        size = sum(len(piece) for piece in iter(lambda: stream.read(2**16), b""))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == len(data)
    assert peak < len(data) / 4


def test_no_input_error_tells_what_was_found_instead(tmp_path: Path) -> None:
    with pytest.raises(NoInputError, match="nothing readable was found in what was given"):
        open_bundle([])
    write(tmp_path, {f"{number:02}.7z": b"7z\xbc\xaf\x27\x1c...." for number in range(30)})
    with pytest.raises(NoInputError) as caught:
        open_bundle([write(tmp_path, {".hidden": b"x"})])
    summary, *details = caught.value.problems
    assert "30 refused or unreadable, 1 hidden" in summary.message
    assert ".zst" in (summary.help or "")
    assert len(details) == 20
    assert (details[0].code, details[0].message[:5]) == ("member-unreadable", "00.7z")


class Full(io.BytesIO):
    """A temporary file on a disk with room for 12 bytes."""

    def write(self, data: "ReadableBuffer", /) -> int:
        if self.tell() >= 12:
            raise OSError(28, "No space left on device")
        return super().write(memoryview(data)[: 12 - self.tell()])


def test_full_temporary_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocpp_forensics.bundle.streams.TemporaryFile", lambda buffering: Full())
    path = write(tmp_path, {"x.tgz": gzip.compress(make_tar(("a", b"a")))}) / "x.tgz"
    with open_bundle(["-", path], stdin=Failing(b"0123456789abcdef")) as bundle:
        assert content(bundle) == {"stdin": b"0123456789"}
        assert codes(bundle) == [("spool-full", "stdin"), ("spool-full", "x.tgz")]
        assert "TMPDIR" in bundle.warnings[0].message
