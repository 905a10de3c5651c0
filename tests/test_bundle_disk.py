"""Files on disk that change, vanish or cannot be read; and bundles with nothing in them."""

import gzip
import io
import os
import tempfile
from pathlib import Path

import pytest

from ocpp_forensics.bundle import Bundle, open_bundle
from ocpp_forensics.bundle.model import Damage
from ocpp_forensics.bundle.sources import Spool
from ocpp_forensics.errors import NoInputError


def content(bundle: Bundle) -> dict[str, bytes]:
    return {member.path: bundle.open(member).read() for member in bundle.members}


def codes(bundle: Bundle) -> list[tuple[str, str]]:
    return [(warning.code, warning.path) for warning in bundle.warnings]


def refuse_to_open(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def fake(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if Path(path).name == name:
            raise PermissionError(13, "Permission denied")
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", fake)


def test_unreadable_file_in_a_folder_is_reported_and_the_rest_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.log.gz").write_bytes(b"a")
    (tmp_path / "b.log").write_bytes(b"b")
    refuse_to_open("a.log.gz", monkeypatch)
    with open_bundle([tmp_path]) as bundle:
        assert content(bundle) == {"b.log": b"b"}
        assert codes(bundle) == [("member-unreadable", "a.log.gz")]
        assert "Permission denied" in bundle.warnings[0].message


def test_unreadable_subfolder_is_reported_and_the_rest_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "b.log").write_bytes(b"b")
    real = os.scandir

    def fake(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", fake)
    with open_bundle([tmp_path]) as bundle:
        assert content(bundle) == {"b.log": b"b"}
        assert codes(bundle) == [("member-unreadable", "closed")]


def test_file_that_vanishes_while_collecting_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.log").write_bytes(b"a")
    (tmp_path / "b.log").write_bytes(b"b")
    real = Path.lstat

    def fake(path: Path) -> os.stat_result:
        if path.name == "a.log":
            raise FileNotFoundError(2, "No such file or directory")
        return real(path)

    monkeypatch.setattr(Path, "lstat", fake)
    with open_bundle([tmp_path]) as bundle:
        assert content(bundle) == {"b.log": b"b"}
        assert codes(bundle) == [("member-unreadable", "a.log")]


def test_file_that_grows_is_read_as_it_was_hashed(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\n")
    with open_bundle([path]) as bundle:
        path.write_bytes(b"one\ntwo\n")
        assert content(bundle) == {"a.log": b"one\n"}
        assert bundle.warnings == ()


def test_file_that_shrinks_or_vanishes_is_reported_once(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\ntwo\n")
    with open_bundle([path]) as bundle:
        path.write_bytes(b"one\n")
        assert content(bundle) == content(bundle) == {"a.log": b"one\n"}
        path.unlink()
        assert content(bundle) == {"a.log": b""}
        assert codes(bundle) == [("member-truncated", "a.log"), ("member-unreadable", "a.log")]


def test_link_put_in_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "a.log"
    path.parent.mkdir()
    path.write_bytes(b"one\n")
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret\n")
    with open_bundle([path.parent]) as bundle:
        path.unlink()
        path.symlink_to(secret)
        assert content(bundle) == {"a.log": b""}
        assert codes(bundle) == [("member-unreadable", "a.log")]


def test_large_file_is_hashed_and_read_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    real = io.FileIO.read

    class Watched(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(-1 if size is None else size)
            return real(self, size)

    path = tmp_path / "a.log"
    path.write_bytes(b"x" * 3_000_000)
    monkeypatch.setattr(
        "builtins.open", lambda file, mode, buffering, opener: Watched(file, mode, opener=opener)
    )
    with open_bundle([path]) as bundle, bundle.open(bundle.members[0]) as stream:
        assert sum(len(piece) for piece in stream) == 3_000_000
    assert 0 < max(asked) <= 1024 * 1024
    assert min(asked) >= 0


@pytest.mark.parametrize("paths", [[], ["folder"]])
def test_nothing_given_or_found_is_a_no_input_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: list[str]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / ".hidden").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoInputError) as caught:
        open_bundle(paths)
    (problem,) = caught.value.problems
    assert f"{len(paths)} hidden" in problem.message
    assert problem.help is not None
    assert ".zst" in problem.help


def test_no_input_error_tells_what_was_refused(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number:02}.7z").write_bytes(b"7z\xbc\xaf\x27\x1c....")
    with pytest.raises(NoInputError) as caught:
        open_bundle([tmp_path])
    summary, *details = caught.value.problems
    assert "30 refused or unreadable" in summary.message
    assert len(details) == 20
    assert details[0].code == "member-unreadable"
    assert "00.7z" in details[0].message


def test_empty_file_is_a_member(tmp_path: Path) -> None:
    (tmp_path / "empty.log").write_bytes(b"")
    with open_bundle([tmp_path]) as bundle:
        assert content(bundle) == {"empty.log": b""}
        assert bundle.warnings == ()


def test_full_temporary_folder_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(tempfile.SpooledTemporaryFile[bytes]):
        def write(self, data: bytes) -> int:  # type: ignore[override]
            if self.tell() >= 4:
                raise OSError(28, "No space left on device")
            return super().write(data)

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", Full)

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(4)

    with open_bundle(["-"], stdin=Slow(b"0123456789")) as bundle:
        assert content(bundle) == {"stdin": b"0123"}
        assert codes(bundle) == [("spool-full", "stdin")]
        assert "TMPDIR" in bundle.warnings[0].message


def test_spool_keeps_its_place_after_a_failed_write(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    spool = Spool()
    spool.append(b"one")
    with monkeypatch.context() as patch:
        patch.setattr(tempfile.SpooledTemporaryFile, "write", fail)
        with pytest.raises(Damage):
            spool.append(b"two")
    spool.append(b"three")
    assert spool.read(0, 100) == b"onethree"
    spool.close()


def test_bundle_gives_its_spool_back_when_it_is_closed_or_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed: list[Spool] = []
    real = Spool.close

    def close(spool: Spool) -> None:
        closed.append(spool)
        real(spool)

    monkeypatch.setattr(Spool, "close", close)
    bundle = open_bundle(["-"], stdin=io.BytesIO(gzip.compress(b"x")))
    stream = bundle.open(bundle.members[0])
    bundle.close()
    assert len(closed) == 1
    with pytest.raises(ValueError, match="closed"):
        stream.read()
    with pytest.raises(NoInputError):
        open_bundle([])
    assert len(closed) == 2
