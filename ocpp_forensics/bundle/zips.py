"""Reads zip archives in place: the central directory, and the data of each entry.

The standard library's zipfile is not used: it holds the whole directory in memory, raises many
kinds of errors on damaged archives and reads nothing at all without a directory.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from ocpp_forensics.bundle.decode import zip_decoded
from ocpp_forensics.bundle.feed import Counted, Feed
from ocpp_forensics.bundle.model import corrupt, truncated, utc_naive
from ocpp_forensics.bundle.sources import Container

LOCAL_SIGNATURE = b"PK\x03\x04"
ENTRY_SIGNATURE = b"PK\x01\x02"
LOCAL = struct.Struct("<4s5H3I2H")
_ENTRY = struct.Struct("<4s4B4H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_LOCATOR = struct.Struct("<4sIQI")
_END64 = struct.Struct("<4sQ2H2I4Q")
_FULL = 0xFFFFFFFF
_ENCRYPTED = 1
_HAS_END_MARK = 2
_UTF8 = 1 << 11
_FILETIME_1970 = 11_644_473_600


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One entry of a zip archive.

    `packed` bytes of compressed data follow the local header at `offset`; `crc` is None when it is
    not known before the data is read; `mode` holds the Unix file type and permissions, or 0.
    """

    name: str
    flags: int
    method: int
    crc: int | None
    packed: int
    size: int
    offset: int
    mode: int = 0
    modified: datetime | None = None

    @property
    def encrypted(self) -> bool:
        """Whether the data is encrypted."""
        return bool(self.flags & _ENCRYPTED)

    @property
    def end(self) -> int:
        """A position that its data reaches at least."""
        return self.offset + LOCAL.size + self.packed


def directory(container: Container) -> Iterator[ZipEntry]:
    """The entries of the central directory; raises Damage where there is none or it is broken."""
    start, stop, shift = _locate(container)
    feed = Feed(container.chunks(start, stop))
    while feed.position < stop - start:
        fields = feed.read(_ENTRY.size)
        if len(fields) < _ENTRY.size or not fields.startswith(ENTRY_SIGNATURE):
            raise corrupt(kind="zip", detail="its directory is broken")
        yield _entry(_ENTRY.unpack(fields), feed, shift)


def _entry(fields: tuple[int, ...], feed: Feed, shift: int) -> ZipEntry:
    """The entry with these fixed fields; its name and extra fields follow in the feed."""
    (_, _, _, _, _, flags, method, time, date, crc, packed, size, *rest) = fields
    name_size, extra_size, comment_size, _, _, attributes, offset = rest
    name = feed.read(name_size)
    extra = extra_fields(feed.read(extra_size))
    feed.read(comment_size)
    size, packed, offset = wide_sizes(extra, [size, packed, offset])
    return ZipEntry(
        name=text(name, flags),
        flags=flags,
        method=method,
        crc=crc,
        packed=packed,
        size=size,
        offset=offset + shift,
        mode=attributes >> 16,
        modified=timestamp(extra, date, time),
    )


def _locate(container: Container) -> tuple[int, int, int]:
    """Start and end of the central directory, and how far all offsets are shifted."""
    tail_at = max(0, container.size - _END.size - 0xFFFF)
    tail = b"".join(container.chunks(tail_at))
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise corrupt(kind="zip", detail="its directory is missing")
    _, _, _, _, _, size, offset, comment = _END.unpack_from(tail, at)
    stop = tail_at + at
    if at >= _LOCATOR.size and tail[at - _LOCATOR.size :].startswith(b"PK\x06\x07"):
        stop, size, offset = _locate64(container, stop - _LOCATOR.size)
    start = stop - size
    exact = at + _END.size + comment == len(tail)
    if start < offset or (start > offset and not exact):
        raise corrupt(kind="zip", detail="its directory is not where it should be")
    return start, stop, start - offset


def _locate64(container: Container, locator_at: int) -> tuple[int, int, int]:
    """End, size and offset of the central directory of a zip64 archive."""
    at = locator_at - _END64.size
    fields = b"".join(container.chunks(max(at, 0), locator_at))
    if len(fields) != _END64.size or not fields.startswith(b"PK\x06\x06"):
        raise corrupt(kind="zip", detail="its directory is not where it should be")
    *_, size, offset = _END64.unpack(fields)
    return at, size, offset


def text(name: bytes, flags: int) -> str:
    """The name of an entry; UTF-8 is tried first, as many writers forget to declare it."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("utf-8" if flags & _UTF8 else "cp437", "replace")


def extra_fields(data: bytes) -> dict[int, bytes]:
    """The extra fields by number, up to the first malformed one."""
    fields: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(data):
        number, size = struct.unpack_from("<2H", data, at)
        fields[number] = data[at + 4 : at + 4 + size]
        at += 4 + size
    return fields


def wide_sizes(extra: dict[int, bytes], values: list[int]) -> list[int]:
    """The values, those that do not fit in 32 bits replaced from the zip64 extra field."""
    data = extra.get(1, b"")
    wide = iter(struct.unpack(f"<{len(data) // 8}Q", data[: len(data) // 8 * 8]))
    return [next(wide, value) if value == _FULL else value for value in values]


def timestamp(extra: dict[int, bytes], date: int, time: int) -> datetime | None:
    """When the entry was modified: from the UTC fields where there are any, else the DOS time."""
    unix, ntfs = extra.get(0x5455, b""), extra.get(0x000A, b"")
    if len(unix) >= 5 and unix[0] & 1:
        return utc_naive(struct.unpack_from("<i", unix, 1)[0])
    if len(ntfs) >= 16 and ntfs[4:8] == b"\x01\x00\x18\x00":
        return utc_naive(struct.unpack_from("<Q", ntfs, 8)[0] / 10**7 - _FILETIME_1970)
    try:
        return datetime(
            1980 + (date >> 9),
            date >> 5 & 15,
            date & 31,
            time >> 11,
            time >> 5 & 63,
            (time & 31) * 2,
            tzinfo=UTC,
        ).replace(tzinfo=None)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class ZipData:
    """The content of one zip entry, read in place."""

    container: Container
    entry: ZipEntry

    def chunks(self, fed: Counted) -> Iterator[bytes]:
        """The decompressed bytes; raises Damage at the end when their checksum is wrong.

        `fed` counts the compressed bytes on the way.
        """
        entry = self.entry
        size = -1 if entry.flags & _HAS_END_MARK else entry.size
        crc = 0
        for chunk in zip_decoded(entry.method, lambda: fed.count(self._packed()), size):
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if entry.crc not in {None, crc}:
            raise corrupt(kind="zip", detail="its checksum is wrong")

    def _packed(self) -> Iterator[bytes]:
        """The compressed bytes."""
        entry = self.entry
        feed = Feed(self.container.chunks(entry.offset))
        header = feed.read(LOCAL.size)
        if len(header) < LOCAL.size or not header.startswith(LOCAL_SIGNATURE):
            raise corrupt(kind="zip", detail="its data is not where the directory says")
        *_, name_size, extra_size = LOCAL.unpack(header)
        feed.skip_to(LOCAL.size + name_size + extra_size)
        start = feed.position
        yield from feed.body(entry.packed)
        if feed.position - start < entry.packed:
            raise truncated(kind="zip")
