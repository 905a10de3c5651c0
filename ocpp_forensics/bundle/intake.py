"""What a collection in progress shares: limits, spool, names taken, members kept and warnings."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from ocpp_forensics.bundle.budget import Budget, Meter
from ocpp_forensics.bundle.decode import Chunks, decoded
from ocpp_forensics.bundle.feed import Counted, Receipt, receive
from ocpp_forensics.bundle.model import BundleWarning, Damage, Limits, Member
from ocpp_forensics.bundle.names import Names
from ocpp_forensics.bundle.sources import Container, Slice, Source, Spool, TimedContainer


@dataclass(frozen=True, slots=True)
class Layered:
    """The decompressed content of a source; the compressions are given outermost first."""

    source: Source
    layers: tuple[str, ...]

    def chunks(self, fed: Counted) -> Iterator[bytes]:
        """The content; `fed` counts the compressed bytes on the way."""

        def start() -> Iterator[bytes]:
            return fed.count(self.source.chunks())

        stream: Chunks = start
        for kind in self.layers:
            stream = partial(decoded, kind, stream)
        return stream()


@dataclass(frozen=True, slots=True)
class Metered:
    """A source within the limits; `start` begins its bytes anew and counts what it reads."""

    start: Callable[[Counted], Iterator[bytes]]
    meter: Meter
    budget: Budget

    def chunks(self) -> Iterator[bytes]:
        """The bytes, as far as the limits allow."""
        fed = Counted()
        return self.budget.metered(self.start(fed), self.meter, fed)


@dataclass(frozen=True, slots=True)
class Found:
    """Something that may be a member or an archive.

    `container` is the source again when it can be read from anywhere; `receipt` is there when the
    bytes were hashed already.
    """

    path: str
    source: Source
    modified: datetime | None
    container: Container | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A member and its content."""

    member: Member
    content: Source


class Ledger:
    """The warnings of a bundle, each once, in the order in which they came up."""

    def __init__(self) -> None:
        self._warnings: dict[BundleWarning, None] = {}

    def note(self, path: str, damage: Damage) -> None:
        """Records what is wrong with the member or archive of that path."""
        message = f"{path}: {damage.what}; {damage.mend}."
        self._warnings[BundleWarning(damage.code, message, path)] = None

    @property
    def warnings(self) -> tuple[BundleWarning, ...]:
        """All warnings so far."""
        return tuple(self._warnings)


class Intake:
    """The state of a collection."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits = limits
        self.budget = Budget(limits, clock)
        self.spool = Spool()
        self.ledger = Ledger()
        self.entries: list[Entry] = []
        self.stopped = False
        self.names = Names()
        self._visited: set[Path] = set()
        self._skipped: set[str] = set()

    @property
    def skipped(self) -> int:
        """How many hidden or junk files and folders were left out."""
        return len(self._skipped)

    def admit(self, path: str) -> bool:
        """Whether one more file may be looked at; the first refusal is recorded and final."""
        if not self.stopped:
            try:
                self.budget.admit()
            except Damage as damage:
                self.ledger.note(path, damage)
                self.stopped = True
        return not self.stopped

    def skip(self, path: str) -> None:
        """Counts something that is left out silently."""
        self._skipped.add(path)

    def first_visit(self, path: Path) -> bool:
        """Whether a file on disk was not taken before."""
        new = path not in self._visited
        self._visited.add(path)
        return new

    def in_container(self, found: Found, container: Container) -> Found:
        """The same find with a container as its source, watched by the clock."""
        timed = TimedContainer(container, self.budget)
        return Found(found.path, timed, found.modified, timed, found.receipt)

    def within_limits(self, content: Layered, *, counts: bool) -> Source:
        """The content of a find; what is not compressed is within the limits already."""
        if not content.layers:
            return content.source
        return Metered(content.chunks, Meter(counts=counts), self.budget)

    def spooled(self, chunks: Iterable[bytes]) -> tuple[Slice, Receipt]:
        """Copies chunks to the spool."""
        start = self.spool.size
        receipt = receive(chunks, self.spool.append)
        return Slice(self.spool, start, receipt.size), receipt
