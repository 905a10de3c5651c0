"""The bundle as its users see it: members, warnings, and the content of each member."""

import io
from types import TracebackType
from typing import BinaryIO, Self

from ocpp_forensics.bundle.budget import Budget
from ocpp_forensics.bundle.feed import Tolerant
from ocpp_forensics.bundle.intake import Entry, Intake, Ledger
from ocpp_forensics.bundle.model import BundleWarning, Member

_BUFFER = 64 * 1024


class Bundle:
    """All files of one investigation.

    Reading may add warnings: a damaged member ends early, and `warnings` tells.
    """

    def __init__(self, name: str, intake: Intake) -> None:
        self._intake = intake
        self._entries = {entry.member.path: entry for entry in intake.entries}
        self._closed = False
        self.name = name
        self.members: tuple[Member, ...] = tuple(
            self._entries[path].member for path in sorted(self._entries)
        )

    @property
    def warnings(self) -> tuple[BundleWarning, ...]:
        """Everything that was found wrong so far, each once."""
        return self._intake.ledger.warnings

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
        if self._closed:
            message = "the bundle is closed"
            raise ValueError(message)
        content = _Content(self._entries[member.path], self._intake.budget, self._intake.ledger)
        return io.BufferedReader(content, _BUFFER)

    def close(self) -> None:
        """Gives temporary space back; open streams of members cannot be read any more."""
        self._closed = True
        self._intake.spool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _Content(io.RawIOBase):
    """The content of one member as a raw stream that ends calmly where it is damaged."""

    def __init__(self, entry: Entry, budget: Budget, ledger: Ledger) -> None:
        self._path = entry.member.path
        self._stream = Tolerant(entry.content.chunks())
        self._chunks = iter(self._stream)
        self._chunk = memoryview(b"")
        self._budget = budget
        self._ledger = ledger

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._chunk:
            self._chunk = memoryview(self._next())
        size = min(len(buffer), len(self._chunk))
        buffer[:size] = self._chunk[:size]
        self._chunk = self._chunk[size:]
        return size

    def _next(self) -> bytes:
        with self._budget.running():
            chunk = next(self._chunks, b"")
        if self._stream.damage is not None:
            self._ledger.note(self._path, self._stream.damage)
        return chunk
