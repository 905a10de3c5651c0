"""Enforces the limits of a bundle on streams of chunks."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from ocpp_forensics.bundle.feed import Counted
from ocpp_forensics.bundle.model import Damage, Limits, limit_reached


class Meter:
    """The account of one stream, shared by all readings of it.

    `counts` says whether its bytes count as unpacked; `charged` is the furthest position that was
    ever paid for.
    """

    __slots__ = ("charged", "counts")

    def __init__(self, *, counts: bool) -> None:
        self.counts = counts
        self.charged = 0


class Budget:
    """What was spent so far, and whether there is more to spend."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.limits = limits
        self._clock = clock
        self._since: float | None = None
        self._spent_seconds = 0.0
        self._total = 0
        self._members = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Counts the time spent inside the block."""
        since = self._since = self._clock()
        try:
            yield
        finally:
            self._since = None
            self._spent_seconds += self._clock() - since

    def admit(self) -> None:
        """Counts one more member; raises Damage when no member or no time is left."""
        self._check_time()
        if self._members >= self.limits.members:
            raise limit_reached(name="members", value=self.limits.members)
        self._members += 1

    def check_total(self) -> None:
        """Raises Damage when nothing more may be unpacked."""
        if self._total >= self.limits.total_bytes:
            raise limit_reached(name="total_bytes", value=self.limits.total_bytes)

    def timed(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same chunks, ending in Damage when time is up."""
        for chunk in chunks:
            self._check_time()
            yield chunk

    def metered(
        self, chunks: Iterable[bytes], meter: Meter, fed: Counted | None = None
    ) -> Iterator[bytes]:
        """The same chunks, ending in Damage exactly where a limit is reached.

        `fed` counts the compressed bytes that the chunks are made from.
        """
        position = 0
        for chunk in self.timed(chunks):
            room, reason = self._room(position, meter, fed)
            part = chunk[:room]
            position += len(part)
            self._charge(position, meter)
            if part:
                yield part
            if len(part) < len(chunk):
                raise reason

    def _room(self, position: int, meter: Meter, fed: Counted | None) -> tuple[int, Damage]:
        """How many bytes may follow after `position`, and what is wrong with more."""
        limits = self.limits
        rooms: list[tuple[int, str]] = []
        if meter.counts:
            unpaid = position - meter.charged
            rooms.append((limits.total_bytes - self._total - unpaid, "total_bytes"))
            rooms.append((limits.single_bytes - position, "single_bytes"))
        else:
            rooms.append((limits.total_bytes - position, "total_bytes"))
        if fed is not None:
            most = max(limits.ratio_floor_bytes, limits.ratio * fed.bytes)
            rooms.append((most - position, "ratio"))
        room, name = min(rooms)
        return max(room, 0), limit_reached(name, getattr(limits, name))

    def _charge(self, position: int, meter: Meter) -> None:
        if meter.counts and position > meter.charged:
            self._total += position - meter.charged
            meter.charged = position

    def _check_time(self) -> None:
        running = 0.0 if self._since is None else self._clock() - self._since
        if self._spent_seconds + running > self.limits.seconds:
            raise limit_reached(name="seconds", value=self.limits.seconds)
