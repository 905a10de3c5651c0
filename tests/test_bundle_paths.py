"""What the user gives: folders, files, standard input, pipes; and what is left out of them."""

import gzip
import hashlib
import io
import os
import socket
import threading
from datetime import datetime
from pathlib import Path

import pytest

from ocpp_forensics.bundle import Bundle, Member, open_bundle
from ocpp_forensics.errors import InputError, NoInputError


def content(bundle: Bundle) -> dict[str, bytes]:
    return {member.path: bundle.open(member).read() for member in bundle.members}


def codes(bundle: Bundle) -> list[tuple[str, str]]:
    return [(warning.code, warning.path) for warning in bundle.warnings]


def write(path: Path, data: bytes = b"line\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_folder_gives_its_files_sorted_with_relative_paths(tmp_path: Path) -> None:
    for name in ("z.log", "a/b/c.log", "a.log", "a/z.log"):
        write(tmp_path / "logs" / name, name.encode())
    with open_bundle([tmp_path / "logs"]) as bundle:
        assert bundle.name == "logs"
        assert content(bundle) == {
            name: name.encode() for name in ("a.log", "a/b/c.log", "a/z.log", "z.log")
        }
        assert [member.path for member in bundle.members] == sorted(content(bundle))
        assert bundle.warnings == ()


def test_member_tells_hash_size_and_time_of_the_file_as_received(tmp_path: Path) -> None:
    data = gzip.compress(b"hello")
    path = write(tmp_path / "csms.log.gz", data)
    os.utime(path, (0, 1_700_000_000.5))
    with open_bundle([str(path)]) as bundle:
        assert bundle.members == (
            Member(
                path="csms.log.gz",
                sha256=hashlib.sha256(data).hexdigest(),
                size=len(data),
                modified=datetime(2023, 11, 14, 22, 13, 20, 500_000),  # noqa: DTZ001
            ),
        )


def test_several_folders_are_told_apart_by_their_names(tmp_path: Path) -> None:
    write(tmp_path / "csms" / "x.log", b"1")
    write(tmp_path / "cp" / "x.log", b"2")
    write(tmp_path / "other" / "cp" / "x.log", b"3")
    write(tmp_path / "y.log", b"4")
    paths = [tmp_path / "csms", tmp_path / "cp", tmp_path / "other" / "cp", tmp_path / "y.log"]
    with open_bundle(paths) as bundle:
        assert bundle.name == "csms"
        assert content(bundle) == {
            "csms/x.log": b"1",
            "cp/x.log": b"2",
            "cp (2)/x.log": b"3",
            "y.log": b"4",
        }


def test_a_file_that_is_given_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "logs" / "x.log")
    with open_bundle([tmp_path / "logs", tmp_path / "logs", path]) as bundle:
        assert list(content(bundle)) == ["logs/x.log"]


def test_files_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    paths = [write(tmp_path / folder / "x.log", folder.encode()) for folder in "abc"]
    with open_bundle(paths) as bundle:
        assert content(bundle) == {"x.log": b"a", "x.log (2)": b"b", "x.log (3)": b"c"}


def test_current_folder_is_named_by_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "logs" / "x.log")
    monkeypatch.chdir(tmp_path / "logs")
    with open_bundle(["."]) as bundle:
        assert bundle.name == "logs"


def test_a_member_can_be_opened_many_times_and_at_once(tmp_path: Path) -> None:
    write(tmp_path / "x.log.gz", gzip.compress(b"one\ntwo\n"))
    with open_bundle([tmp_path]) as bundle:
        (member,) = bundle.members
        with bundle.open(member) as left, bundle.open(member) as right:
            assert left.readline() == b"one\n"
            assert list(right) == [b"one\n", b"two\n"]
            assert left.read() == b"two\n"
            assert left.read() == b""


def test_closed_bundle_and_unknown_member_are_errors_of_the_caller(tmp_path: Path) -> None:
    write(tmp_path / "x.log")
    bundle = open_bundle([tmp_path])
    with pytest.raises(KeyError):
        bundle.open(Member("other.log", "", 0, None))
    bundle.close()
    with pytest.raises(ValueError, match="closed"):
        bundle.open(bundle.members[0])


def test_links_and_special_files_in_a_folder_are_refused(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    write(logs / "x.log")
    secret = write(tmp_path / "secret.txt", b"secret")
    (logs / "link.log").symlink_to(secret)
    (logs / "folder").symlink_to(tmp_path)
    os.mkfifo(logs / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(logs / "socket"))
        with open_bundle([logs]) as bundle:
            assert content(bundle) == {"x.log": b"line\n"}
            assert codes(bundle) == [
                ("member-refused", name) for name in ("folder", "link.log", "pipe", "socket")
            ]
            assert "link.log: it is a symbolic link" in bundle.warnings[1].message


def test_the_given_path_itself_may_be_a_link_or_hidden(tmp_path: Path) -> None:
    write(tmp_path / ".real" / "x.log", b"1")
    (tmp_path / "link").symlink_to(tmp_path / ".real")
    (tmp_path / "link.log").symlink_to(tmp_path / ".real" / "x.log")
    with open_bundle([tmp_path / "link"]) as bundle:
        assert (bundle.name, content(bundle)) == ("link", {"x.log": b"1"})
    with open_bundle([tmp_path / "link.log"]) as bundle:
        assert (bundle.name, content(bundle)) == ("link.log", {"link.log": b"1"})
    with open_bundle([tmp_path / ".real"]) as bundle:
        assert (bundle.name, content(bundle)) == (".real", {"x.log": b"1"})


def test_hidden_files_and_junk_are_counted_not_read(tmp_path: Path) -> None:
    for name in ("x.log", ".hidden", ".git/config", ".git/HEAD", "a/.DS_Store", "a/Thumbs.db"):
        write(tmp_path / name)
    write(tmp_path / "__MACOSX" / "x.log")
    with open_bundle([tmp_path]) as bundle:
        assert list(content(bundle)) == ["x.log"]
        assert bundle.skipped == 5
        assert bundle.warnings == ()


def test_control_characters_in_names_are_replaced(tmp_path: Path) -> None:
    evil = os.fsdecode(b"a\x1b[31m\n\xc2\x9b\xe2\x80\xae\xff.log")
    write(tmp_path / evil)
    write(tmp_path / ("long" + "x" * 200 + ".log"))
    with open_bundle([tmp_path]) as bundle:
        assert [member.path[:20] for member in bundle.members] == [
            "a\ufffd[31m\ufffd\ufffd\ufffd\ufffd.log",
            "long" + "x" * 16,
        ]


def test_standard_input_is_a_file_named_stdin() -> None:
    with open_bundle(["-"], stdin=io.BytesIO(b"a line\n")) as bundle:
        assert bundle.name == "stdin"
        assert bundle.members == (
            Member("stdin", hashlib.sha256(b"a line\n").hexdigest(), 7, None),
        )
        assert content(bundle) == {"stdin": b"a line\n"}


def test_standard_input_may_be_compressed() -> None:
    data = gzip.compress(b"a line\n")
    with open_bundle(["-", "-"], stdin=io.BytesIO(data)) as bundle:
        assert bundle.members[0].sha256 == hashlib.sha256(data).hexdigest()
        assert content(bundle) == {"stdin": b"a line\n"}


def test_standard_input_that_fails_keeps_what_was_read(tmp_path: Path) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(5)
            if not data:
                raise OSError(5, "Input/output error")
            return data

    with open_bundle(["-"], stdin=Failing(b"0123456789")) as bundle:
        assert content(bundle) == {"stdin": b"0123456789"}
        assert codes(bundle) == [("member-unreadable", "stdin")]
    with open_bundle(["-", write(tmp_path / "x")], stdin=Failing(b"")) as bundle:
        assert content(bundle) == {"x": b"line\n"}


def test_missing_standard_input_is_an_input_error() -> None:
    with pytest.raises(InputError) as caught:
        open_bundle(["-"])
    assert caught.value.problems[0].code == "stdin-missing"


def test_named_pipe_that_is_given_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"through the pipe",))
    writer.start()
    with open_bundle([pipe]) as bundle:
        assert content(bundle) == {"pipe": b"through the pipe"}
        assert bundle.members[0].modified is None
    writer.join()


def test_named_pipe_that_cannot_be_opened_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")

    def failing(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", failing)
    with pytest.raises(NoInputError) as caught:
        open_bundle([tmp_path / "pipe"])
    assert [problem.code for problem in caught.value.problems] == [
        "nothing-readable",
        "member-unreadable",
    ]


def test_all_paths_that_do_not_exist_are_named_at_once(tmp_path: Path) -> None:
    file = write(tmp_path / "x.log")
    paths: list[str | Path] = [tmp_path / "no\x1b[1m", file, file / "inside", "nul\0"]
    with pytest.raises(InputError) as caught:
        open_bundle(paths)
    assert [problem.code for problem in caught.value.problems] == ["path-not-found"] * 3
    assert "\x1b" not in str(caught.value)
    assert not isinstance(caught.value, NoInputError)


@pytest.mark.parametrize(
    ("given", "code"), [("x" * 300, "path-unreadable"), ("/dev/null", "path-not-a-file")]
)
def test_paths_that_are_no_files_are_input_errors(given: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        open_bundle([given])
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.where is not None
    assert problem.help


def test_given_path_without_permission_is_an_input_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "x.log")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError) as caught:
        open_bundle([tmp_path, tmp_path / "x.log"])
    assert [problem.code for problem in caught.value.problems] == ["path-unreadable"] * 2
