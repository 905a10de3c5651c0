"""Reads tar archives from a stream: v7, ustar, GNU and pax; past damage where that is possible.

The standard library's tarfile is not used: it holds extended headers of any size in memory and
gives up at the first damage.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ocpp_forensics.bundle.feed import Feed, Tolerant
from ocpp_forensics.bundle.kinds import BLOCK, is_tar_header, tar_number
from ocpp_forensics.bundle.model import MIB, Damage, corrupt, truncated, utc_naive

_LONGEST_HEADER = MIB
_LONGEST_MAP = 256 * 1024
_SPECIAL = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a named pipe",
}
_PAX = (b"x", b"X")
_EXTENDED = (*_PAX, b"L", b"g", b"K")
_NO_MEMBER = (b"5", b"D", b"V")  # folders and the label of a volume


@dataclass(frozen=True, slots=True)
class TarEntry:
    """One entry that is a file or a link.

    `special` says what it is when it is not a file. `body` must be read before the next entry is
    asked for; `sparse` bodies come without their holes.
    """

    name: str
    size: int
    modified: datetime | None
    special: str | None
    sparse: bool
    body: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class _Header:
    name: bytes
    kind: bytes
    size: int
    modified: int | None
    extended: bool  # an old GNU sparse map goes on in the next block


def _parse(block: bytes) -> _Header | None:
    """The header in a block; None when it holds no valid one."""
    size = tar_number(block[124:136]) if is_tar_header(block) else None
    if size is None:
        return None
    name = block[:100].split(b"\0", 1)[0]
    if block[257:263] == b"ustar\0" and block[345]:
        name = block[345:500].split(b"\0", 1)[0] + b"/" + name
    kind = block[156:157]
    if name.endswith(b"/") and kind in {b"0", b"\0"}:
        kind = b"5"
    return _Header(name, kind, size, tar_number(block[136:148]), bool(block[482]))


def _pax(data: bytes) -> dict[str, str]:
    """The records of a pax header (length, key and value each), up to the first malformed one."""
    records: dict[str, str] = {}
    at = 0
    while at < len(data):
        digits = data[at : at + 10].split(b" ", 1)[0]
        length = int(digits) if digits.isdigit() else 0
        key, equals, value = data[at + len(digits) + 1 : at + length].partition(b"=")
        if not equals:
            break
        records[_text(key)] = _text(value.removesuffix(b"\n"))
        at += length
    return records


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


class TarReader:
    """Iterates over the entries of a tar archive; `damages` tells afterwards what was wrong."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._stream = Tolerant(chunks)
        self._feed = Feed(iter(self._stream))
        self._records: dict[str, str] = {}
        self._long_name: bytes | None = None
        self._ended = False
        self._lost = False
        self.damages: list[Damage] = []

    def __iter__(self) -> Iterator[TarEntry]:
        while block := self._feed.read(BLOCK):
            header = _parse(block)
            if header is None:
                self._gap(block)
            elif header.kind in _EXTENDED:
                self._extend(header)
            else:
                yield from self._entry(header)
        if self._stream.damage is not None:
            self.damages.append(self._stream.damage)
        elif not self._ended:
            self.damages.append(truncated("tar"))

    def _gap(self, block: bytes) -> None:
        """A block without header: the end mark, the rest of a cut archive, or damage."""
        if not block.strip(b"\0"):
            self._ended = True
        elif len(block) == BLOCK and not self._ended and not self._lost:
            self._lost = True
            self.damages.append(corrupt("tar", "a header is missing or invalid"))

    def _extend(self, header: _Header) -> None:
        """Keeps what an extended header says about the next entry."""
        end = self._feed.position + _padded(header.size)
        if header.size > _LONGEST_HEADER:
            self.damages.append(corrupt("tar", f"an extended header has {header.size} bytes"))
        elif header.kind == b"L":
            self._long_name = self._feed.read(header.size).split(b"\0", 1)[0]
        elif header.kind in _PAX:
            self._records = _pax(self._feed.read(header.size))
        self._feed.skip_to(end)

    def _entry(self, header: _Header) -> Iterator[TarEntry]:
        """The entry of a header, unless it is a folder; leaves the feed behind its data."""
        self._ended = self._lost = False
        records, long_name = self._records, self._long_name
        self._records, self._long_name = {}, None
        sparse = self._skip_blocks_of_map(header)
        size = self._size(header, records)
        end = self._feed.position + _padded(size)
        if records.get("GNU.sparse.major") == "1":
            size -= self._skip_map_in_data(size)
        name = records.get("GNU.sparse.name") or records.get("path")
        modified = _number(records.get("mtime")) or header.modified
        if header.kind not in _NO_MEMBER:
            yield TarEntry(
                name=name or _text(header.name if long_name is None else long_name),
                size=size,
                modified=None if modified is None else utc_naive(modified),
                special=_SPECIAL.get(header.kind),
                sparse=sparse or any(key.startswith("GNU.sparse.") for key in records),
                body=self._feed.body(size),
            )
        self._feed.skip_to(end)

    def _size(self, header: _Header, records: dict[str, str]) -> int:
        """Length of the data that follows; links and folders have none, whatever they say."""
        if header.kind in _SPECIAL or header.kind == b"5":
            return 0
        size = records.get("size", "")
        return int(size) if size.isdecimal() and len(size) < 20 else header.size

    def _skip_blocks_of_map(self, header: _Header) -> bool:
        """Skips the map of an old GNU sparse file; whether the file is one."""
        extended = header.kind == b"S" and header.extended
        while extended:
            block = self._feed.read(BLOCK)
            extended = len(block) == BLOCK and block[504] != 0
        return header.kind == b"S"

    def _skip_map_in_data(self, size: int) -> int:
        """Skips the map that pax puts in front of a sparse file's data; its length in bytes."""
        data = b""
        lines = 1
        while data.count(b"\n") < lines and len(data) + BLOCK <= min(size, _LONGEST_MAP):
            data += self._feed.read(BLOCK).ljust(BLOCK, b"\n")
            count = data.split(b"\n", 1)[0]
            lines = 1 + 2 * int(count) if count.isdigit() and len(count) < 10 else 1
        return len(data)
