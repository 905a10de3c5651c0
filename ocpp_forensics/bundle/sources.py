"""Where the bytes of members are: a file on disk, or a slice of the spool."""

import os
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ocpp_forensics.bundle.budget import Budget
from ocpp_forensics.bundle.model import MIB, Damage, unreadable

_FIRST = 8 * 1024  # most files are only looked at, so the first read is small
_CHUNK = 128 * 1024
_IN_MEMORY = 32 * MIB


class Source(Protocol):
    """Bytes that can be read from their beginning any number of times."""

    def chunks(self) -> Iterator[bytes]:
        """The bytes; raises Damage where they end too early."""
        ...


class Container(Protocol):
    """Bytes that can be read from anywhere."""

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `stop`; raises Damage where they end too early."""
        ...


@dataclass(frozen=True, slots=True)
class DiskFile:
    """The first `size` bytes of a file on disk: what it held when it was found."""

    path: Path
    size: int

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `stop`."""
        left = (self.size if stop is None else min(stop, self.size)) - start
        try:
            with open(self.path, "rb", buffering=0, opener=_open_itself) as file:
                file.seek(start)
                step = _FIRST
                while left > 0 and (chunk := file.read(min(left, step))):
                    left -= len(chunk)
                    step = _CHUNK
                    yield chunk
        except OSError as error:
            raise unreadable(error.strerror) from error
        if left > 0:
            raise Damage(
                code="member-truncated",
                what="the file became shorter while it was read",
                mend="what was left is read; collect a copy that does not change",
            )


def _open_itself(path: str, flags: int) -> int:
    """Opens the file, never what a link in its place points to."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))


class Spool:
    """One anonymous temporary file that holds everything that had to be unpacked."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._lock = threading.Lock()
        self.size = 0

    def append(self, chunk: bytes) -> None:
        """Adds bytes at the end; raises Damage when there is no room for them."""
        try:
            with self._lock:
                self._file.seek(self.size)
                self._file.write(chunk)
        except OSError as error:
            raise Damage(
                code="spool-full",
                what=f"the temporary folder takes no more data ({error.strerror})",
                mend="what came before is kept; set TMPDIR to a folder with more room",
            ) from error
        self.size += len(chunk)

    def read(self, start: int, size: int) -> bytes:
        """Up to `size` bytes from `start`."""
        with self._lock:
            self._file.seek(start)
            return self._file.read(size)

    def close(self) -> None:
        """Gives the room back; reading fails from now on."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the spool."""

    spool: Spool
    start: int
    size: int

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `stop`."""
        at = start
        end = self.size if stop is None else min(stop, self.size)
        while at < end:
            chunk = self.spool.read(self.start + at, min(_CHUNK, end - at))
            at += len(chunk)
            yield chunk


@dataclass(frozen=True, slots=True)
class TimedContainer:
    """A container that stops giving bytes when time is up."""

    inner: Container
    budget: Budget

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self.inner.size

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `stop`."""
        return self.budget.timed(self.inner.chunks(start, stop))
