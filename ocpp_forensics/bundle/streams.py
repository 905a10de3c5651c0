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
from typing import NamedTuple

import pyarrow as pa

from ocpp_forensics.bundle.model import FAILURES, MIB, Damage

CHUNK = 128 * 1024
STEP = 4 * 1024  # what a decompressor is given and asked for at once, and so may lose by failing
_XZ_MEMORY = 256 * MIB

_Decoder = bz2.BZ2Decompressor | lzma.LZMADecompressor


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

    def chunks(self) -> Iterator[bytes]:
        """All bytes."""
        with Reader(self, CHUNK) as reader:
            yield from iter(partial(reader.read, CHUNK), b"")


class Reader(io.RawIOBase):
    """A source as a raw file that gives `step` bytes at most at once."""

    _own: io.FileIO | None = None

    def __init__(self, source: Source, step: int) -> None:
        self._source = source
        self._step = step
        self._at = 0
        if isinstance(source.file, Spool):
            self._file, self._lock = source.file.file, source.file.lock
        else:
            self._file, self._lock = io.FileIO(source.file, opener=_open_itself), Lock()
            self._own = self._file

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Goes there."""
        self._at = offset + (0, self._at, self._source.size)[whence]
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Reads at most one step."""
        want = min(len(buffer), self._step, self._source.size - self._at)
        if want <= 0:
            return 0
        with self._lock:
            self._file.seek(self._source.start + self._at)
            data = self._file.read(want)
        if not data:
            raise Damage(code="member-truncated", what="it became shorter while it was read")
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Closes the file, but not the spool."""
        if self._own is not None:
            self._own.close()
        super().close()


def _open_itself(path: str, flags: int) -> int:
    """Opens the file, never what a link in its place points to."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))


def unpacked(codec: str, source: Source, reader: Reader) -> Iterator[bytes]:
    """The decompressed content of a source, of which there is a reader."""
    if codec == "gzip":
        return iter(partial(gzip.GzipFile(fileobj=reader).read1, STEP), b"")
    if codec == "zstd":
        return _zstd(source, reader)
    xz = partial(lzma.LZMADecompressor, memlimit=_XZ_MEMORY)
    return _decoded(bz2.BZ2Decompressor if codec == "bzip2" else xz, reader)


def _decoded(new: Callable[[], _Decoder], reader: Reader) -> Iterator[bytes]:
    """All streams of a file; BZ2File and LZMAFile would take a damaged one for the end."""
    data = reader.read(STEP)
    while data:
        decoder = new()
        while not decoder.eof:
            if decoder.needs_input and not (data := data or reader.read(STEP)):
                raise EOFError
            if piece := decoder.decompress(data, STEP):
                yield piece
            data = b""
        data = decoder.unused_data.lstrip(b"\0")
        while not data and (more := reader.read(STEP)):
            data = more.lstrip(b"\0")


def _zstd(source: Source, reader: Reader) -> Iterator[bytes]:
    """All frames of a file; what a failing call of pyarrow loses is read again byte by byte."""
    steps = 0
    try:
        for piece in iter(partial(_arrow(reader).read, STEP), b""):
            steps += 1
            yield piece
    except FAILURES:
        stream = _arrow(Reader(source, STEP))
        for _ in range(steps):
            stream.read(STEP)
        yield from iter(partial(stream.read, 1), b"")  # and fails again


def _arrow(reader: Reader) -> pa.CompressedInputStream:
    return pa.CompressedInputStream(pa.PythonFile(reader, "r"), "zstd")
