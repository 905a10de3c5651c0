"""Streams of byte chunks: read exact amounts from them, end them calmly, hash them."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ocpp_forensics.bundle.model import Damage


class Feed:
    """Reads given amounts from an iterator of chunks; `position` counts the bytes handed out."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""
        self._at = 0
        self.position = 0

    def take(self, most: int | None = None) -> bytes:
        """The next bytes, at most `most`, however many are at hand; empty only at the end."""
        if self._at >= len(self._held):
            self._held, self._at = next((chunk for chunk in self._chunks if chunk), b""), 0
        end = len(self._held) if most is None else self._at + most
        piece = self._held[self._at : end]
        self._at += len(piece)
        self.position += len(piece)
        return piece

    def give_back(self, data: bytes) -> None:
        """Puts bytes that were taken in front of the rest."""
        self._held, self._at = data + self._held[self._at :], 0
        self.position -= len(data)

    def body(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes in pieces; fewer when the end comes first."""
        while size > 0 and (piece := self.take(size)):
            size -= len(piece)
            yield piece

    def read(self, size: int) -> bytes:
        """The next `size` bytes at once; fewer when the end comes first."""
        return b"".join(self.body(size))

    def rest(self) -> Iterator[bytes]:
        """Everything that is left, in pieces."""
        while piece := self.take():
            yield piece

    def skip_to(self, position: int) -> None:
        """Drops bytes up to that position; stops at the end."""
        for _ in self.body(position - self.position):
            pass


class Tolerant:
    """Iterates over chunks until they end or are damaged; the damage is kept, not raised."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.damage: Damage | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._chunks
        except Damage as damage:
            self.damage = damage


class Counted:
    """Counts the bytes of the chunks that went through; a new run counts from 0 again."""

    def __init__(self) -> None:
        self.bytes = 0

    def count(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same chunks."""
        self.bytes = 0
        for chunk in chunks:
            self.bytes += len(chunk)
            yield chunk


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came out of a stream: hash and length of it, and the damage that ended it."""

    sha256: str
    size: int
    damage: Damage | None


def receive(chunks: Iterable[bytes], store: Callable[[bytes], None] | None = None) -> Receipt:
    """Reads a stream to its end, hashing it and handing each chunk to `store`."""
    calm = Tolerant(chunks if store is None else _stored(chunks, store))
    digest = hashlib.sha256()
    counted = Counted()
    for chunk in counted.count(calm):
        digest.update(chunk)
    return Receipt(digest.hexdigest(), counted.bytes, calm.damage)


def _stored(chunks: Iterable[bytes], store: Callable[[bytes], None]) -> Iterator[bytes]:
    for chunk in chunks:
        store(chunk)
        yield chunk


def first(chunks: Iterable[bytes], size: int) -> tuple[bytes, Damage | None]:
    """Up to `size` bytes from the beginning of a stream, and the damage that is met there."""
    calm = Tolerant(chunks)
    return Feed(iter(calm)).read(size), calm.damage
