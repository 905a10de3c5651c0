"""Bytes on disk and in the spool, as files and as chunks; damage is raised behind what is whole."""

import bz2
import gzip
import io
import lzma
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from ocpp_forensics.bundle.model import MIB, Damage

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK = 128 * 1024
STEP = 4 * 1024  # what a decompressor is given and asked for at once, and so may lose by failing


class Spool:
    """One anonymous temporary file that holds everything that had to be unpacked."""

    def __init__(self) -> None:
        self.file = TemporaryFile(buffering=0)  # noqa: SIM115
        self.lock = Lock()
        self.size = 0

    def append(self, chunk: bytes) -> None:
        """Adds bytes at the end."""
        with self.lock:
            self.file.seek(self.size)
            while chunk:  # a full disk takes a part first
                chunk = chunk[self.file.write(chunk) :]
            self.size = self.file.tell()


class Source(NamedTuple):
    """`size` bytes from `start` of the spool, or of a file on disk as it was when found."""

    file: Path | Spool
    size: int
    start: int = 0

    def open(self, check: Callable[[], None], step: int = CHUNK) -> io.RawIOBase:
        """The bytes as a raw file that gives `step` of them at most at once, after a check."""
        return _Reader(self, check, step)

    def chunks(self, check: Callable[[], None]) -> Iterator[bytes]:
        """The bytes as chunks, with a check for each of them."""
        with self.open(check) as file:
            yield from iter(partial(file.read, CHUNK), b"")


class _Reader(io.RawIOBase):
    _own: io.FileIO | None = None

    def __init__(self, source: Source, check: Callable[[], None], step: int) -> None:
        self._source = source
        self._check = check
        self._step = step
        self._at = 0
        if isinstance(source.file, Spool):
            self._file, self._lock = source.file.file, source.file.lock
        else:
            self._file = self._own = io.FileIO(source.file, opener=_open_itself)
            self._lock = Lock()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._source.size)[whence]
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        room = memoryview(buffer)
        want = min(len(room), self._step, self._source.size - self._at)
        if want <= 0:
            return 0
        self._check()
        with self._lock:
            self._file.seek(self._source.start + self._at)
            data = self._file.read(want)
        if not data:
            raise Damage(code="member-truncated", what="it became shorter while it was read")
        room[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        if self._own is not None:
            self._own.close()
        super().close()


def _open_itself(path: str, flags: int) -> int:
    """Opens the file, never what a link in its place points to."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))


_DECODERS: dict[str, Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor]] = {
    "bzip2": bz2.BZ2Decompressor,
    "xz": partial(lzma.LZMADecompressor, memlimit=256 * MIB),
}


def unpacked(codec: str, source: Source, file: io.RawIOBase) -> Iterator[bytes]:
    """The decompressed content of a source that was opened as a file."""
    if codec == "gzip":
        buffered = io.BufferedReader(file, STEP)
        return iter(partial(gzip.GzipFile(fileobj=buffered).read1, STEP), b"")
    return _zstd(source, file) if codec == "zstd" else _decoded(codec, file)


def _decoded(codec: str, file: io.RawIOBase) -> Iterator[bytes]:
    """All streams of a file; BZ2File and LZMAFile would take a damaged one for the end."""
    data = file.read(STEP)
    while data:
        decoder = _DECODERS[codec]()
        while not decoder.eof:
            if decoder.needs_input and not (data := data or file.read(STEP)):
                raise EOFError
            yield decoder.decompress(data, STEP)
            data = b""
        data = decoder.unused_data.lstrip(b"\0")
        while not data and (more := file.read(STEP)):
            data = more.lstrip(b"\0")


def _zstd(source: Source, file: io.RawIOBase) -> Iterator[bytes]:
    """All frames of a file; what a failing call of pyarrow loses is read again byte by byte."""
    steps = 0
    try:
        for piece in iter(partial(_arrow(file).read, STEP), b""):
            steps += 1
            yield piece
    except (OSError, pa.ArrowException):
        stream = _arrow(source.open(lambda: None, STEP))
        for _ in range(steps):
            stream.read(STEP)
        yield from iter(partial(stream.read, 1), b"")  # and fails again


def _arrow(file: io.RawIOBase) -> pa.CompressedInputStream:
    return pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd")
