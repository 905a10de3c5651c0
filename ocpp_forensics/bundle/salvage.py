"""Finds the entries of a zip archive whose central directory is missing or broken."""

import re
from collections.abc import Iterator

from ocpp_forensics.bundle.feed import Feed
from ocpp_forensics.bundle.sources import Container
from ocpp_forensics.bundle.zips import (
    ENTRY_SIGNATURE,
    LOCAL,
    LOCAL_SIGNATURE,
    ZipEntry,
    extra_fields,
    text,
    timestamp,
    wide_sizes,
)

_SIZES_FOLLOW = 1 << 3
_NEWEST_VERSION = 63
_LAST_METHOD = 99
_LOCAL = re.compile(re.escape(LOCAL_SIGNATURE))
_AFTER_STORED = re.compile(
    b"|".join(map(re.escape, (LOCAL_SIGNATURE, ENTRY_SIGNATURE, b"PK\x07\x08")))
)


def entries_without_directory(container: Container) -> Iterator[ZipEntry]:
    """The entries whose local headers can be found, in the order of their data."""
    at = _find(container, _LOCAL, 0)
    while at < container.size:
        entry, behind = _local_entry(container, at)
        if entry is not None:
            yield entry
        at = _find(container, _LOCAL, behind)


def _find(container: Container, pattern: re.Pattern[bytes], start: int) -> int:
    """Where the pattern (of 4 bytes) occurs next; the size of the container when nowhere."""
    held = b""
    at = start
    for chunk in container.chunks(start):
        held += chunk
        if match := pattern.search(held):
            return at + match.start()
        at += max(0, len(held) - 3)
        held = held[-3:]
    return container.size


def _local_entry(container: Container, at: int) -> tuple[ZipEntry | None, int]:
    """The entry of a local header (None when it only looks like one) and where to go on."""
    feed = Feed(container.chunks(at))
    fields = feed.read(LOCAL.size)
    if len(fields) < LOCAL.size:
        return None, container.size
    _, version, flags, method, time, date, crc, packed, size, name_size, extra_size = LOCAL.unpack(
        fields
    )
    name = text(feed.read(name_size), flags)
    if version & 0xFF > _NEWEST_VERSION or method > _LAST_METHOD or not name or "\0" in name:
        return None, at + 1
    extra = extra_fields(feed.read(extra_size))
    size, packed = wide_sizes(extra, [size, packed])
    data_at = at + feed.position
    behind = data_at + packed
    sizes_follow = bool(flags & _SIZES_FOLLOW)
    if sizes_follow and not packed:
        end = container.size if method else _find(container, _AFTER_STORED, data_at)
        packed, behind = end - data_at, data_at
    entry = ZipEntry(
        name=name,
        flags=flags,
        method=method,
        crc=None if sizes_follow else crc,
        packed=packed,
        size=size,
        offset=at,
        modified=timestamp(extra, date, time),
    )
    return entry, behind
