"""Decompression of chunk streams that delivers everything before a damage.

Every function here yields non-empty chunks and ends either normally or by raising Damage.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from ocpp_forensics.bundle.feed import Feed
from ocpp_forensics.bundle.model import MIB, Damage, corrupt, truncated

Chunks = Callable[[], Iterator[bytes]]

CHUNK = 64 * 1024
_FINE = 4 * 1024  # what a damaged call of bz2 and xz may lose at most
_XZ_MEMORY = 256 * MIB
_ERRORS = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Codec:
    """How to decode one stream, the mark of a next one, and how much to decode per call."""

    kind: str
    new: Callable[[], _Decoder]
    magic: bytes
    step: int


class _Inflate:
    """zlib with the interface of bz2 and lzma, and without losing output to an error."""

    def __init__(self, window_bits: int) -> None:
        self._zlib = zlib.decompressobj(window_bits)
        self._error: zlib.error | None = None
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Decodes; an error is raised by the call after the one that delivers what precedes it."""
        if self._error is not None:
            raise self._error
        data = self._zlib.unconsumed_tail + data
        before = self._zlib.copy()
        try:
            piece = self._zlib.decompress(data, max_length)
        except zlib.error as error:
            self._error = error
            self.needs_input = False
            return _bytewise(before, data)
        self.needs_input = not self._zlib.unconsumed_tail and len(piece) < max_length
        return piece


def _bytewise(inflate: "zlib._Decompress", data: bytes) -> bytes:
    """What can be decoded from data that is known to be damaged."""
    held = bytearray()
    with suppress(zlib.error):  # the error is known already; the caller reports it
        for at in range(len(data)):  # pragma: no branch
            held += inflate.decompress(data[at : at + 1])
    return bytes(held)


def _new_xz() -> _Decoder:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


def _new_lzma() -> _Decoder:
    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_XZ_MEMORY)


_CODECS = {
    "gzip": _Codec("gzip", lambda: _Inflate(31), b"\x1f\x8b", CHUNK),
    "bz2": _Codec("bzip2", bz2.BZ2Decompressor, b"BZh", _FINE),
    "xz": _Codec("xz", _new_xz, b"\xfd7zXZ\x00", _FINE),
}
_ZIP_CODECS = {
    8: _Codec("deflate", lambda: _Inflate(-15), b"", CHUNK),
    12: _CODECS["bz2"],
    14: _Codec("lzma", _new_lzma, b"", _FINE),
    95: _CODECS["xz"],
}
ZIP_METHODS = frozenset({0, 93, *_ZIP_CODECS})


def decoded(kind: str, source: Chunks) -> Iterator[bytes]:
    """The content of a compressed file; `source` starts its bytes anew with each call."""
    if kind == "zstd":
        return _gathered(_zstd(source))
    return _gathered(_streams(_CODECS[kind], Feed(source())))


def zip_decoded(method: int, source: Chunks, size: int) -> Iterator[bytes]:
    """The content of a zip member; `size` is what lzma needs when it has no end mark, else -1."""
    if method == 0:
        return source()
    if method == 93:
        return _gathered(_zstd(source))
    chunks = _lzma_alone(source(), size) if method == 14 else source()
    return _gathered(_stream(_ZIP_CODECS[method], Feed(chunks)))


def _streams(codec: _Codec, feed: Feed) -> Iterator[bytes]:
    """All streams that follow one another, to the end."""
    yield from _stream(codec, feed)
    while _another(codec, feed):
        yield from _stream(codec, feed)


def _stream(codec: _Codec, feed: Feed) -> Iterator[bytes]:
    """One stream; what follows it is given back to the feed."""
    decoder = codec.new()
    while not decoder.eof:
        data = feed.take() if decoder.needs_input else b""
        if decoder.needs_input and not data:
            raise truncated(codec.kind)
        if piece := _decode(codec, decoder, data):
            yield piece
    feed.give_back(decoder.unused_data)


def _decode(codec: _Codec, decoder: _Decoder, data: bytes) -> bytes:
    try:
        return decoder.decompress(data, codec.step)
    except _ERRORS as error:
        raise corrupt(codec.kind, error) from error


def _another(codec: _Codec, feed: Feed) -> bool:
    """Whether another stream follows (after padding); raises Damage when something else does."""
    rest = b""
    while len(rest) < len(codec.magic) and (piece := feed.take()):
        rest = (rest + piece).lstrip(b"\0")
    feed.give_back(rest)
    if not rest or rest.startswith(codec.magic):
        return bool(rest)
    raise Damage(
        code="trailing-bytes",
        what=f"something that is not {codec.kind} data follows the {codec.kind} data",
        mend="it is left out; copy the file again if that is not expected",
    )


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks of a useful size."""
    held = bytearray()
    try:
        for piece in pieces:
            held += piece
            if len(held) >= CHUNK:
                yield bytes(held)
                held.clear()
    except Damage:
        if held:
            yield bytes(held)
        raise
    if held:
        yield bytes(held)


def _lzma_alone(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Turns the header of lzma data in a zip into that of an .lzma file."""
    feed = Feed(chunks)
    header = feed.read(9)
    if len(header) == 9:
        yield header[4:] + size.to_bytes(8, "little", signed=True)
    yield from feed.rest()


class _ArrowFile:
    """The file that pyarrow reads compressed bytes from, in pieces small enough to lose little."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._feed = Feed(chunks)
        self.damage: Damage | None = None
        self.closed = False

    def read(self, size: int) -> bytes:
        try:
            return self._feed.take(min(size, _FINE))
        except Damage as damage:
            self.damage = damage
            return b""

    def close(self) -> None:
        self.closed = True


def _zstd(source: Chunks) -> Iterator[bytes]:
    """All frames of zstd data.

    pyarrow loses what a failing call had decoded already, so after an error the data is decoded
    once more, and byte by byte from where the good calls ended.
    """
    done = 0
    try:
        for piece in _arrow(source(), _FINE, 0):
            done += len(piece)
            yield piece
    except Damage:
        yield from _arrow(source(), 1, done)  # ends in the same damage


def _arrow(chunks: Iterator[bytes], step: int, skip: int) -> Iterator[bytes]:
    """The content of zstd data after its first `skip` bytes, read `step` bytes at a time."""
    file = _ArrowFile(chunks)
    try:
        stream = pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd")
        while skip > 0 and (piece := stream.read(min(skip, _FINE))):
            skip -= len(piece)
        while piece := stream.read(step):
            yield piece
    except (OSError, pa.ArrowException) as error:
        damage = file.damage or _zstd_damage(error)
        raise damage from error
    if file.damage is not None:
        raise file.damage


def _zstd_damage(error: Exception) -> Damage:
    return truncated("zstd") if "Truncated" in str(error) else corrupt("zstd", error)
