"""What a bundle holds, and the content of its members."""

import hashlib
import io
from typing import TYPE_CHECKING, BinaryIO, Self

from ocpp_forensics.bundle.intake import Found, Intake
from ocpp_forensics.bundle.model import FAILURES, BundleWarning, Member, damage_of
from ocpp_forensics.bundle.streams import CHUNK

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Bundle:
    """All files of one investigation.

    Reading may add warnings: a damaged member ends early, and `warnings` tells.
    """

    def __init__(self, name: str, intake: Intake) -> None:
        self._intake = intake
        self.name = name
        self.members: tuple[Member, ...] = tuple(
            intake.entries[path][0] for path in sorted(intake.entries)
        )

    @property
    def warnings(self) -> tuple[BundleWarning, ...]:
        """Everything that was found wrong so far, each once."""
        return tuple(self._intake.warnings)

    @property
    def skipped(self) -> int:
        """How many hidden or junk files and folders were left out."""
        return self._intake.skipped

    def open(self, member: Member) -> BinaryIO:
        """The decompressed content of a member, from its beginning.

        Raises:
            KeyError: the member is not of this bundle.
            ValueError: the bundle is closed.
        """
        self._intake.check_open()
        _, found = self._intake.entries[member.path]
        content = _Plain if found.codec is None else _Content
        return io.BufferedReader(content(self._intake, found), CHUNK)

    def close(self) -> None:
        """Gives temporary space back; open streams of members cannot be read any more."""
        self._intake.spool.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Content(io.RawIOBase):
    """The content of a find; it ends where it is damaged, which becomes a warning."""

    def __init__(self, intake: Intake, found: Found) -> None:
        self._intake = intake
        self._path = found.path
        self._chunks = intake.content(found)
        self._chunk = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._intake.check_open()
        try:
            with self._intake.running():
                return self._fill(memoryview(buffer))
        except FAILURES as error:
            self._intake.note(self._path, damage_of(error))
            return 0

    def _fill(self, room: memoryview) -> int:
        chunk = self._chunk or next(self._chunks, b"")
        size = min(len(room), len(chunk))
        room[:size] = chunk[:size]
        self._chunk = chunk[size:]
        return size


class _Plain(_Content):
    """The content of a find that is not compressed: any place of it can be gone to.

    Whoever reads all of it, from its beginning, has it hashed as well.
    """

    _file: io.RawIOBase | None = None

    def __init__(self, intake: Intake, found: Found) -> None:
        super().__init__(intake, found)
        self._source = found.source
        self._at = 0
        self._digest = hashlib.sha256()
        self._hashed = -1 if found.path in intake.digests else 0

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._source.size)[whence]
        return self._at

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()

    def _fill(self, room: memoryview) -> int:
        self._file = self._file or self._source.open(self._intake.check_time)
        self._file.seek(self._at)
        size = self._file.readinto(room) or 0
        if self._at == self._hashed:
            self._hash(room[:size])
        self._at += size
        return size

    def _hash(self, data: memoryview) -> None:
        self._digest.update(data)
        self._hashed += len(data)
        if self._hashed == self._source.size:
            self._intake.digests[self._path] = self._digest.hexdigest()
