"""What is collected, within limits, and what is wrong with it."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from ocpp_forensics.bundle.model import FAILURES, BundleWarning, Damage, Limits, Member, damage_of
from ocpp_forensics.bundle.streams import STEP, Source, Spool, unpacked


@dataclass(frozen=True, slots=True)
class Found:
    """Something that may be a member or an archive.

    `received` are its hash and size, if known; `codec` is how it is compressed.
    """

    path: str
    source: Source
    modified: datetime | None
    received: tuple[str, int] | None = None
    codec: str | None = None


class Intake:
    """What a bundle holds, what it cost so far and what is wrong with it."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits = limits
        self.spool = Spool()
        self.entries: dict[str, tuple[Member, Found]] = {}
        self.digests: dict[str, str] = {}
        self.warnings: dict[BundleWarning, None] = {}
        self.skipped = 0
        self.visited: set[object] = set()
        self.stopped = False
        self._clock = clock
        self._deadline = 0.0
        self._left_seconds = limits.seconds
        self.left_bytes = limits.total_bytes
        self._left_members = limits.members
        self._paid: dict[object, int] = defaultdict(int)
        self._taken: dict[str, int] = {}

    def check_open(self) -> None:
        """Raises ValueError when the bundle is closed."""
        if self.spool.file.closed:
            message = "the bundle is closed"
            raise ValueError(message)

    def note(self, path: str, damage: Damage | None) -> None:
        """Records, once, what is wrong with the member or archive of that path, if anything."""
        if damage is not None:
            self.warnings[BundleWarning(damage.code, f"{path}: {damage.text}", path)] = None

    def claim(self, path: str) -> str:
        """The path itself, or the path with ' (2)', ' (3)' ... when it is taken."""
        claimed, count = path, self._taken.get(path, 1)
        while claimed in self._taken:
            count += 1
            claimed = f"{path} ({count})"
        self._taken[claimed] = 1
        self._taken[path] = count
        return claimed

    @contextmanager
    def running(self) -> Iterator[None]:
        """Counts the time spent inside the block."""
        self._deadline = self._clock() + self._left_seconds
        try:
            yield
        finally:
            self._left_seconds = self._deadline - self._clock()

    def broken(self, limit: str) -> Damage:
        """The damage that stands for a limit."""
        value = getattr(self.limits, limit)
        return Damage("limit-reached", f"the limit {limit} = {value} was reached")

    def check_time(self) -> None:
        """Raises Damage when time is up."""
        if self._clock() > self._deadline:
            raise self.broken(limit="seconds")

    def admit(self, path: str) -> bool:
        """Whether one more file may be looked at; the first refusal is recorded and final."""
        late = self._clock() > self._deadline
        if not self.stopped and (late or self._left_members <= 0):
            self.note(path, self.broken("seconds" if late else "members"))
            self.stopped = True
        self._left_members -= 1
        return not self.stopped

    def limited(
        self, chunks: Iterable[bytes], account: object, packed: Callable[[], int] | None = None
    ) -> Iterator[bytes]:
        """The chunks up to a limit, which is raised as Damage.

        They count as unpacked, once for all readings with the same account. `packed` tells how
        many compressed bytes they were made from so far.
        """
        position, limits = 0, self.limits
        for chunk in chunks:
            self.check_time()
            room = self.left_bytes + self._paid[account] - position
            rooms = [(room, "total_bytes"), (limits.single_bytes - position, "single_bytes")]
            if packed is not None:
                most = max(limits.ratio_floor_bytes, limits.ratio * packed())
                rooms.append((most - position, "ratio"))
            room, limit = min(rooms)
            part = chunk[: max(room, 0)]
            position += len(part)
            if position > self._paid[account]:
                self.left_bytes -= position - self._paid[account]
                self._paid[account] = position
            if part:
                yield part
            if len(part) < len(chunk):
                raise self.broken(limit)

    def content(self, found: Found) -> Iterator[bytes]:
        """What is in a find, decompressed; ends in one of FAILURES if it is damaged."""
        if found.codec is None:
            yield from found.source.chunks(self.check_time)
        else:
            file = found.source.open(self.check_time, STEP)
            chunks = unpacked(found.codec, found.source, file)
            yield from self.limited(chunks, found.source, file.tell)

    def head(self, found: Found) -> bytes | None:
        """The beginning of the content; None if that is damaged."""
        try:
            return next(self.content(found), b"")
        except FAILURES as error:
            self.note(found.path, damage_of(error))
            return None

    def receive(
        self, path: str, chunks: Iterator[bytes], store: Callable[[bytes], object]
    ) -> tuple[str, int] | None:
        """Hash and size of what `store` is given; None if a damage leaves nothing of it."""
        digest, size, whole = hashlib.sha256(), 0, True
        try:
            for chunk in chunks:
                store(chunk)
                digest.update(chunk)
                size += len(chunk)
        except FAILURES as error:
            self.note(path, damage_of(error))
            whole = False
        return (digest.hexdigest(), size) if whole or size else None

    def spooled(self, path: str, time: datetime | None, chunks: Iterator[bytes]) -> Found | None:
        """A copy of chunks in the spool; None if a damage leaves nothing of it."""
        start = self.spool.size
        received = self.receive(path, chunks, self.spool.append)
        if received is None:
            return None
        return Found(path, Source(self.spool, received[1], start), time, received)

    def keep(self, found: Found) -> None:
        """Makes the find a member, unless a damage leaves nothing of it.

        What is on disk as it will be read is hashed then.
        """
        received = found.received
        if received is None and found.codec is not None:
            received = self.receive(found.path, found.source.chunks(self.check_time), len)
            if received is None:
                return
        size = found.source.size
        if received is not None:
            self.digests[found.path], size = received
        member = Member(found.path, size, found.modified, partial(self.digest, found))
        self.entries[found.path] = member, found

    def digest(self, found: Found) -> str:
        """SHA-256 of a member as it was received, as far as it can be read."""
        if found.path not in self.digests:
            with self.running():
                chunks = found.source.chunks(self.check_time)
                received = self.receive(found.path, chunks, len)
            self.digests[found.path] = received[0] if received else hashlib.sha256().hexdigest()
        return self.digests[found.path]
